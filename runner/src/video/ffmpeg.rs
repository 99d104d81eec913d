//! A video by ffmpeg, which gets raw pictures on its stdin.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::canvas::Canvas;
use super::error::{TICK_MS, VideoError};

/// The part of what ffmpeg says that an error shows, in bytes.
const SAID: u64 = 2_000;

/// The container of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// WebM with VP9.
    WebM,
    /// MP4 with H.264.
    Mp4,
}

impl Container {
    /// Returns the options of ffmpeg for it.
    fn options(self) -> &'static [&'static str] {
        match self {
            Self::WebM => &[
                "-c:v",
                "libvpx-vp9",
                "-crf",
                "32",
                "-b:v",
                "0",
                "-deadline",
                "good",
                "-cpu-used",
                "5",
                "-row-mt",
                "1",
                "-f",
                "webm",
            ],
            Self::Mp4 => &[
                "-c:v",
                "libx264",
                "-crf",
                "23",
                "-preset",
                "fast",
                "-movflags",
                "+faststart",
                "-f",
                "mp4",
            ],
        }
    }
}

/// Returns the ffmpeg in PATH, if there is one.
pub(super) fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let programs = std::env::split_paths(&path).map(|folder| folder.join("ffmpeg"));
    let is_program = |file: &PathBuf| {
        let facts = file.metadata();
        facts.is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
    };
    programs.into_iter().find(is_program)
}

/// An ffmpeg that encodes. If it is dropped before its end, it is killed.
#[derive(Debug)]
pub(super) struct Ffmpeg {
    child: Child,
    stdin: Option<ChildStdin>,
    said: File,
}

impl Ffmpeg {
    /// Starts ffmpeg, which writes into `file`.
    pub(super) fn start(
        program: &Path,
        container: Container,
        [width, height]: [u32; 2],
        file: &Path,
    ) -> Result<Self, VideoError> {
        // A file, since a pipe that nobody reads could stop it.
        let said = tempfile::tempfile()?;
        let rate = (1000 / TICK_MS).to_string();
        let started = Command::new(program)
            .args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y"])
            .args(["-f", "rawvideo", "-pixel_format", "rgb24"])
            .args(["-video_size", &format!("{width}x{height}")])
            .args(["-framerate", &rate, "-i", "pipe:0"])
            .args(["-pix_fmt", "yuv420p"])
            .args(container.options())
            // `file:` keeps a name from being the address of something else.
            .arg(format!("file:{}", file.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::from(said.try_clone()?))
            .spawn();
        let mut child = started.map_err(|error| VideoError::NotStarted {
            program: program.to_owned(),
            error,
        })?;
        let stdin = child.stdin.take();
        Ok(Self { child, stdin, said })
    }

    /// Adds a picture that is shown for some ticks.
    pub(super) fn add(&mut self, canvas: &Canvas, ticks: u64) -> Result<(), VideoError> {
        for _ in 0..ticks {
            let Some(stdin) = &mut self.stdin else {
                return Ok(());
            };
            match stdin.write_all(canvas.rgb()) {
                Ok(()) => {}
                // It has ended, and says why on stderr.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return self.end(),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), VideoError> {
        self.end()
    }

    /// Waits until it has ended.
    fn end(&mut self) -> Result<(), VideoError> {
        drop(self.stdin.take());
        let status = self.child.wait()?;
        match status.success() {
            true => Ok(()),
            false => Err(VideoError::Failed {
                status,
                said: self.what_it_said().unwrap_or_default(),
            }),
        }
    }

    fn what_it_said(&mut self) -> io::Result<String> {
        let length = self.said.seek(SeekFrom::End(0))?;
        self.said
            .seek(SeekFrom::Start(length.saturating_sub(SAID)))?;
        let mut said = Vec::new();
        (&self.said).take(SAID).read_to_end(&mut said)?;
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    }
}

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // One that has ended cannot be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
