//! The pictures of a film: which are kept, in which files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use needles::{Picture, Rect, changed_rect};
use reports::{ChangedArea, Event, FilmPart, FilmPicture};
use vm::{Frame, ScreenState};

use crate::millis::millis;
use crate::recorder::Recorder;

/// The shortest time between two shots of a film that was never thinned.
const GAP: Duration = Duration::from_millis(100);

/// The number of shots from which on the film is thinned.
const MOST_SHOTS: usize = 2000;

/// The number of bytes of its files from which on it is thinned.
const MOST_BYTES: u64 = 32 << 20;

/// The number of pictures that are remembered: a blinking cursor shows the same two again and again.
const REMEMBERED: usize = 8;

/// The pictures of a film.
#[derive(Debug)]
pub(super) struct Reel {
    /// The folder of the run.
    run: PathBuf,
    /// The folder of the film, relative to that of the run.
    folder: String,
    /// The number of the next file.
    next: u32,
    gap: Duration,
    /// The screen of the last shot: the number of its frame, or none without a picture.
    last: Option<Option<u64>>,
    /// The last whole picture.
    base: Option<Kept>,
    /// The pictures that were kept last.
    recent: VecDeque<Kept>,
    /// The files of each shot.
    shots: Vec<Vec<String>>,
    /// The size of each file.
    bytes: BTreeMap<String, u64>,
    /// True if a file could not be written. Nothing more is kept then.
    is_broken: bool,
    most: Most,
}

/// The limits of a film.
#[derive(Debug, Clone, Copy)]
struct Most {
    shots: usize,
    bytes: u64,
}

/// A picture that is in a file.
#[derive(Debug, Clone)]
struct Kept {
    /// Its place on the screen and the file of the whole picture around it; none for a whole picture.
    part: Option<(Rect, String)>,
    picture: Picture,
    file: String,
}

impl Default for Reel {
    fn default() -> Self {
        Self {
            is_broken: true,
            ..Self::new(Path::new(""), "")
        }
    }
}

impl Reel {
    /// Makes a reel without pictures.
    pub(super) fn new(run: &Path, attempt_folder: &str) -> Self {
        Self {
            run: run.to_owned(),
            folder: format!("{attempt_folder}/film"),
            next: 1,
            gap: GAP,
            last: None,
            base: None,
            recent: VecDeque::new(),
            shots: Vec::new(),
            bytes: BTreeMap::new(),
            is_broken: false,
            most: Most {
                shots: MOST_SHOTS,
                bytes: MOST_BYTES,
            },
        }
    }

    /// Returns the shortest time between two shots.
    pub(super) fn gap(&self) -> Duration {
        self.gap
    }

    /// Begins with another machine, whose frames have numbers of their own.
    pub(super) fn begin(&mut self) {
        self.last = None;
    }

    /// Keeps the screen as it is, unless the last shot shows it.
    pub(super) async fn take(&mut self, state: &ScreenState, recorder: &Recorder) {
        let frame = match state {
            ScreenState::Starting => return,
            ScreenState::Shown(frame) => Some(frame),
            ScreenState::Unavailable { .. } => None,
        };
        let number = frame.map(|frame| frame.generation);
        // A machine that has not shown anything yet is no shot.
        let is_known = self.last == Some(number) || (self.last.is_none() && number.is_none());
        if self.is_broken || is_known {
            return;
        }
        let picture = match frame {
            None => None,
            Some(frame) => match self.keep(frame).await {
                Ok(kept) => kept,
                Err(error) => {
                    self.is_broken = true;
                    recorder.record(Event::EvidenceLost {
                        what: "the rest of the film".to_owned(),
                        reason: error.to_string(),
                    });
                    return;
                }
            },
        };
        self.last = Some(number);
        let files = picture.iter().flat_map(FilmPicture::files);
        self.shots.push(files.map(str::to_owned).collect());
        let age = frame.map_or(0, |frame| millis(frame.captured.elapsed()));
        recorder.record(Event::Shot {
            frame: number,
            shown_ms: recorder.elapsed_ms().saturating_sub(age),
            picture,
        });
        while self.is_too_long() {
            self.thin(recorder);
        }
    }

    /// Keeps a frame; none if it is no picture.
    async fn keep(&mut self, frame: &Frame) -> io::Result<Option<FilmPicture>> {
        let rgb = std::sync::Arc::clone(&frame.rgb);
        let Ok(screen) = Picture::from_shared(frame.width, frame.height, rgb) else {
            return Ok(None);
        };
        let (part, picture) = self.part(&screen);
        let known = self.recent.iter().find(|kept| {
            let place = kept.part.as_ref().map(|(rect, base)| (rect, base));
            place == part.as_ref().map(|(rect, base)| (rect, base)) && kept.picture == picture
        });
        let kept = match known {
            Some(kept) => kept.clone(),
            None => {
                let file = self.write(picture.clone()).await?;
                let kept = Kept {
                    part,
                    picture,
                    file,
                };
                self.recent.push_front(kept.clone());
                self.recent.truncate(REMEMBERED);
                kept
            }
        };
        if kept.part.is_none() {
            self.base = Some(kept.clone());
        }
        Ok(Some(FilmPicture {
            file: kept.file,
            width: frame.width,
            height: frame.height,
            part: kept.part.map(|(rect, base)| FilmPart {
                area: area(rect),
                base,
            }),
        }))
    }

    /// Returns the part of the screen to keep, with its place. All of it if there is no whole picture before it, or if
    /// more than half of it has changed since.
    fn part(&self, screen: &Picture) -> (Option<(Rect, String)>, Picture) {
        let (width, height) = (screen.width(), screen.height());
        let base = self
            .base
            .as_ref()
            .filter(|base| (base.picture.width(), base.picture.height()) == (width, height));
        let whole = (None, screen.clone());
        let Some(base) = base else {
            return whole;
        };
        let Some(rect) = changed_rect(screen, &base.picture, &[]) else {
            return (None, base.picture.clone());
        };
        let pixels = u64::from(rect.width) * u64::from(rect.height);
        if pixels * 2 > u64::from(width) * u64::from(height) {
            return whole;
        }
        match screen.crop(rect) {
            Ok(part) => (Some((rect, base.file.clone())), part),
            Err(_) => whole,
        }
    }

    /// Writes a picture. Returns its file, relative to the folder of the run.
    async fn write(&mut self, picture: Picture) -> io::Result<String> {
        let file = format!("{}/{:04}.png", self.folder, self.next);
        self.next += 1;
        let path = self.run.join(&file);
        // Encoding takes milliseconds, which is too long for the tasks that react to the machine.
        let written = tokio::task::spawn_blocking(move || -> io::Result<u64> {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let png = picture.to_png();
            std::fs::write(path, &png)?;
            Ok(png.len() as u64)
        });
        let size = written.await.map_err(io::Error::other)??;
        self.bytes.insert(file.clone(), size);
        Ok(file)
    }

    fn is_too_long(&self) -> bool {
        let bytes: u64 = self.bytes.values().sum();
        self.shots.len() > 2 && (self.shots.len() > self.most.shots || bytes > self.most.bytes)
    }

    /// Drops every second shot, and the files that no other shot needs. From now on, shots are rarer.
    fn thin(&mut self, recorder: &Recorder) {
        let mut number = 0_usize;
        self.shots.retain(|_| {
            number += 1;
            number % 2 == 1
        });
        self.gap = (self.gap * 2).min(Duration::from_secs(10));
        recorder.record(Event::FilmThinned {
            left: self.shots.len(),
        });
        let mut needed: BTreeSet<&str> = self.shots.iter().flatten().map(String::as_str).collect();
        needed.extend(self.base.iter().map(|base| base.file.as_str()));
        let gone: Vec<String> = self
            .bytes
            .keys()
            .filter(|file| !needed.contains(file.as_str()))
            .cloned()
            .collect();
        for file in gone {
            // One that stays is in nobody's way.
            let _ = std::fs::remove_file(self.run.join(&file));
            self.bytes.remove(&file);
            self.recent.retain(|kept| kept.file != file);
        }
    }
}

fn area(rect: Rect) -> ChangedArea {
    ChangedArea {
        x: u32::try_from(rect.x).unwrap_or(0),
        y: u32::try_from(rect.y).unwrap_or(0),
        width: rect.width,
        height: rect.height,
    }
}

#[cfg(test)]
mod tests;
