//! The pictures of a film, read from the folder of a run.

use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use needles::{Picture, Rect};
use reports::{FilmPicture, Screen, Storyboard};

use super::error::VideoError;

/// The number of whole pictures that are remembered: parts of the film lie over one of the last.
const REMEMBERED: usize = 4;

/// The largest file of a picture in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// Reads the pictures of a film.
#[derive(Debug)]
pub(super) struct Pictures {
    run: PathBuf,
    recent: VecDeque<(String, Picture)>,
    missing: BTreeSet<String>,
}

impl Pictures {
    /// Reads from the folder of a run.
    pub(super) fn of(run: &Path) -> Self {
        Self {
            run: run.to_owned(),
            recent: VecDeque::new(),
            missing: BTreeSet::new(),
        }
    }

    /// Returns the number of different pictures that could not be read.
    pub(super) fn missing(&self) -> usize {
        self.missing.len()
    }

    /// Checks that at least one picture can be read.
    ///
    /// # Errors
    /// When none can.
    pub(super) fn need_one(&mut self, storyboard: &Storyboard) -> Result<(), VideoError> {
        let mut first = None;
        let mut tried = BTreeSet::new();
        for scene in &storyboard.scenes {
            let Screen::Picture(picture) = &scene.screen else {
                continue;
            };
            if !tried.insert(&picture.file) {
                continue;
            }
            match self.read(picture) {
                Ok(_) => return Ok(()),
                Err(reason) => {
                    first.get_or_insert((picture.file.clone(), reason));
                }
            }
        }
        match first {
            Some((file, reason)) => Err(VideoError::NoPicture { file, reason }),
            // Nothing but a machine without a picture.
            None => Ok(()),
        }
    }

    /// Returns the whole screen; an error for people if a file of it cannot be read.
    pub(super) fn read(&mut self, film: &FilmPicture) -> Result<Picture, String> {
        let Some(part) = &film.part else {
            return self.file(&film.file);
        };
        let base = self.file(&part.base)?;
        let cut = self.file(&film.file)?;
        Ok(laid_over(&base, &cut, part.area.x, part.area.y))
    }

    fn file(&mut self, file: &str) -> Result<Picture, String> {
        if let Some((_, known)) = self.recent.iter().find(|(name, _)| name == file) {
            return Ok(known.clone());
        }
        let picture = self.decoded(file).inspect_err(|_| {
            self.missing.insert(file.to_owned());
        })?;
        self.recent.push_front((file.to_owned(), picture.clone()));
        self.recent.truncate(REMEMBERED);
        Ok(picture)
    }

    fn decoded(&self, file: &str) -> Result<Picture, String> {
        // The log may be from a stranger.
        let is_inside = |part: Component<'_>| matches!(part, Component::Normal(_));
        if file.is_empty() || !Path::new(file).components().all(is_inside) {
            return Err("a picture is not in the folder of the run".to_owned());
        }
        let unread = |error: &dyn std::fmt::Display| format!("a picture cannot be read: {error}");
        let opened = File::open(self.run.join(file)).map_err(|error| unread(&error))?;
        let mut bytes = Vec::new();
        let read = opened.take(MOST_BYTES).read_to_end(&mut bytes);
        read.map_err(|error| unread(&error))?;
        Picture::from_png(&bytes).map_err(|error| unread(&error))
    }
}

/// Returns a picture with another one over it. What would be outside is left out.
fn laid_over(base: &Picture, part: &Picture, x: u32, y: u32) -> Picture {
    let (width, height) = (base.width(), base.height());
    let room = Rect {
        x: 0,
        y: 0,
        width: part.width().min(width.saturating_sub(x)),
        height: part.height().min(height.saturating_sub(y)),
    };
    if room.width == 0 || room.height == 0 {
        return base.clone();
    }
    let mut rgb = base.rgb().to_vec();
    let bytes = 3 * room.width as usize;
    let rows = part.rgb().chunks_exact(3 * part.width() as usize);
    for (row, pixels) in (y as usize..).zip(rows.take(room.height as usize)) {
        let begin = 3 * (row * width as usize + x as usize);
        rgb[begin..begin + bytes].copy_from_slice(&pixels[..bytes]);
    }
    Picture::from_rgb(width, height, rgb).unwrap_or_else(|_| base.clone())
}
