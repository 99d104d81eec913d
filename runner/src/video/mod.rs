//! Draws a storyboard and makes a video of it: by ffmpeg, or as an animated PNG without any other program.
//!
//! ```text
//! storyboard --pictures, canvas--> drawn scenes --sink--> ffmpeg or animated PNG --> file
//! ```

mod apng;
mod canvas;
mod error;
mod ffmpeg;
mod layout;
mod pictures;
mod text;

use std::path::Path;

use reports::{Screen, Storyboard};

use apng::AnimatedPng;
use canvas::Canvas;
use error::TICK_MS;
use ffmpeg::Ffmpeg;
use layout::Layout;
use pictures::Pictures;

pub(crate) use error::VideoError;
pub(crate) use ffmpeg::Container;

/// The kind of a video file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VideoKind {
    /// An animated PNG. `qa` makes it by itself.
    AnimatedPng,
    /// A kind that ffmpeg makes.
    Ffmpeg(Container),
}

impl VideoKind {
    /// Returns the kind that a file name asks for by its extension; none if there is none.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        let extension = file.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "png" | "apng" => Some(Self::AnimatedPng),
            "webm" => Some(Self::Ffmpeg(Container::WebM)),
            "mp4" => Some(Self::Ffmpeg(Container::Mp4)),
            _ => None,
        }
    }
}

/// A video that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Made {
    /// Its length in milliseconds.
    pub ms: u64,
    /// The pictures that could not be read. A text is shown instead.
    pub missing: usize,
}

/// Makes a video of a storyboard. The pictures are in the folder of the run. An existing file is replaced when the new
/// one is complete.
///
/// # Errors
/// When no picture can be read, ffmpeg is needed and missing or fails, or the file cannot be written.
pub(crate) fn make_video(
    run: &Path,
    storyboard: &Storyboard,
    file: &Path,
    kind: VideoKind,
) -> Result<Made, VideoError> {
    let program = match kind {
        VideoKind::AnimatedPng => None,
        VideoKind::Ffmpeg(_) => Some(ffmpeg::program().ok_or(VideoError::NoFfmpeg)?),
    };
    let mut pictures = Pictures::of(run);
    pictures.need_one(storyboard)?;
    let layout = Layout::of(storyboard);
    let ticks = ticks(storyboard);
    let folder = file.parent().filter(|of| !of.as_os_str().is_empty());
    let draft = tempfile::Builder::new()
        .prefix(".video-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    let mut sink = match (kind, program) {
        (VideoKind::Ffmpeg(container), Some(program)) => Sink::Ffmpeg(Ffmpeg::start(
            &program,
            container,
            layout.size(),
            draft.path(),
        )?),
        (VideoKind::AnimatedPng | VideoKind::Ffmpeg(_), _) => {
            let count = ticks.iter().filter(|ticks| **ticks > 0).count();
            Sink::Png(Box::new(AnimatedPng::start(
                draft.reopen()?,
                layout.size(),
                count,
            )?))
        }
    };
    for (scene, ticks) in storyboard.scenes.iter().zip(&ticks) {
        if *ticks == 0 {
            continue;
        }
        let picture = match &scene.screen {
            Screen::Picture(picture) => Some(pictures.read(picture)),
            Screen::Nothing | Screen::Off => None,
        };
        sink.add(&layout.draw(scene, picture.as_ref()), *ticks)?;
    }
    sink.finish()?;
    draft.persist(file).map_err(|error| error.error)?;
    Ok(Made {
        ms: ticks.iter().sum::<u64>() * TICK_MS,
        missing: pictures.missing(),
    })
}

/// Returns the time of each scene in ticks. What is too short for a tick is added to the next.
fn ticks(storyboard: &Storyboard) -> Vec<u64> {
    let (mut until_ms, mut shown) = (0_u64, 0_u64);
    let each = storyboard.scenes.iter().map(|scene| {
        until_ms = until_ms.saturating_add(scene.ms);
        let ticks = (until_ms + TICK_MS / 2) / TICK_MS - shown;
        shown += ticks;
        ticks
    });
    each.collect()
}

/// The file to which drawn scenes go.
enum Sink {
    Png(Box<AnimatedPng>),
    Ffmpeg(Ffmpeg),
}

impl Sink {
    fn add(&mut self, canvas: &Canvas, ticks: u64) -> Result<(), VideoError> {
        match self {
            Self::Png(png) => png.add(canvas, ticks),
            Self::Ffmpeg(ffmpeg) => ffmpeg.add(canvas, ticks),
        }
    }

    fn finish(self) -> Result<(), VideoError> {
        match self {
            Self::Png(png) => png.finish(),
            Self::Ffmpeg(ffmpeg) => ffmpeg.finish(),
        }
    }
}

#[cfg(test)]
mod tests;
