//! Tests which pictures a film keeps.

use std::sync::Arc;

use reports::Event;
use tempfile::TempDir;
use tokio::time::Instant;

use super::*;
use crate::feed::Feed;

/// A reel in a folder of its own, and the log of its events.
struct Rig {
    folder: TempDir,
    feed: Feed,
    recorder: Recorder,
    reel: Reel,
    generation: u64,
}

impl Rig {
    fn new(shots: usize, bytes: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let feed = Feed::new();
        let mut reel = Reel::new(folder.path(), "s");
        reel.most = Most { shots, bytes };
        Self {
            recorder: Recorder::new(feed.clone(), "host", Vec::new()),
            folder,
            feed,
            reel,
            generation: 0,
        }
    }

    /// The screen shows this picture of 16 by 8 pixels.
    async fn shows(&mut self, picture: &[u8]) {
        self.generation += 1;
        let frame = Frame {
            generation: self.generation,
            captured: Instant::now(),
            width: 16,
            height: 8,
            rgb: Arc::from(picture),
            changed: None,
        };
        self.reel
            .take(&ScreenState::Shown(frame), &self.recorder)
            .await;
    }

    fn events(&self) -> Vec<Event> {
        let entries = self.feed.entries();
        entries.iter().map(|entry| entry.event.clone()).collect()
    }

    /// Each shot: the number of its frame, its file, and the place of its part.
    fn shots(&self) -> Vec<(Option<u64>, String, Option<[u32; 4]>)> {
        let shots = self.events().into_iter().filter_map(|event| match event {
            Event::Shot { frame, picture, .. } => {
                let file = picture
                    .as_ref()
                    .map_or_else(String::new, |shown| shown.file.clone());
                let part = picture.and_then(|shown| shown.part).map(|part| {
                    let area = part.area;
                    [area.x, area.y, area.width, area.height]
                });
                Some((frame, file, part))
            }
            _ => None,
        });
        shots.collect()
    }

    fn files(&self) -> Vec<String> {
        let folder = std::fs::read_dir(self.folder.path().join("s/film"));
        let names = folder.expect("the film").filter_map(|file| {
            let name = file.ok()?.file_name();
            Some(name.to_string_lossy().into_owned())
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

/// A black picture with white pixels in this row.
fn row(row: usize, pixels: std::ops::Range<usize>) -> Vec<u8> {
    let mut rgb = vec![0; 16 * 8 * 3];
    rgb[(row * 16 + pixels.start) * 3..(row * 16 + pixels.end) * 3].fill(255);
    rgb
}

#[tokio::test]
async fn a_small_change_is_a_part_of_the_picture_before_and_a_large_one_a_picture() {
    let mut rig = Rig::new(100, 1 << 20);
    let black = vec![0; 16 * 8 * 3];
    rig.shows(&black).await;
    rig.shows(&row(2, 3..7)).await;
    rig.shows(&vec![255; 16 * 8 * 3]).await;
    let shots = rig.shots();
    let places: Vec<_> = shots.iter().map(|(_, _, part)| *part).collect();
    assert_eq!(places, [None, Some([3, 2, 4, 1]), None]);
    assert_eq!(rig.files(), ["0001.png", "0002.png", "0003.png"]);
    let part = std::fs::read(rig.folder.path().join("s/film/0002.png")).expect("a file");
    let part = Picture::from_png(&part).expect("a picture");
    assert_eq!((part.width(), part.height()), (4, 1));
}

#[tokio::test]
async fn a_blinking_cursor_needs_two_files() {
    let mut rig = Rig::new(100, 1 << 20);
    let black = vec![0; 16 * 8 * 3];
    for _ in 0..10 {
        rig.shows(&black).await;
        rig.shows(&row(0, 0..1)).await;
    }
    assert_eq!(rig.shots().len(), 20);
    assert_eq!(rig.files().len(), 2);
}

#[tokio::test]
async fn a_screen_without_a_picture_is_a_shot_of_its_own() {
    let mut rig = Rig::new(100, 1 << 20);
    let dark = ScreenState::Unavailable {
        reason: vm::CaptureError::Gone,
        last: None,
    };
    rig.reel.take(&ScreenState::Starting, &rig.recorder).await;
    rig.reel.take(&dark, &rig.recorder).await;
    assert_eq!(rig.shots(), [], "it has not shown anything yet");
    rig.shows(&row(0, 0..1)).await;
    rig.reel.take(&dark, &rig.recorder).await;
    rig.reel.take(&dark, &rig.recorder).await;
    let frames: Vec<_> = rig.shots().into_iter().map(|(frame, ..)| frame).collect();
    assert_eq!(frames, [Some(1), None]);
}

#[tokio::test]
async fn a_long_film_is_thinned_evenly_and_each_shot_that_is_left_has_its_files() {
    for (shots, bytes) in [(40, 1 << 20), (usize::MAX, 4000)] {
        let mut rig = Rig::new(shots, bytes);
        for number in 0..300_usize {
            rig.shows(&row(number % 8, 0..1 + number % 13)).await;
        }
        let thinned = rig
            .events()
            .iter()
            .any(|event| matches!(event, Event::FilmThinned { .. }));
        assert!(thinned);
        let mut fold = reports::Fold::default();
        rig.feed.entries().iter().for_each(|entry| fold.take(entry));
        let run = fold.run(reports::OpenEnd::CutShort);
        let film = &run.scenarios[0].attempts[0].film;
        assert!(
            film.len() > 8 && film.len() <= shots.min(300),
            "{}",
            film.len()
        );
        for file in film
            .iter()
            .filter_map(|shot| shot.picture.as_ref())
            .flat_map(FilmPicture::files)
        {
            assert!(rig.folder.path().join(file).exists(), "{file}");
        }
        assert_eq!(film.len(), rig.reel.shots.len());
        assert!(rig.reel.gap() > GAP);
        let frames: Vec<u64> = film.iter().filter_map(|shot| shot.frame).collect();
        assert!(frames.is_sorted() && frames[0] == 1, "{frames:?}");
    }
}

#[tokio::test]
async fn a_film_that_cannot_be_written_is_told_once() {
    let mut rig = Rig::new(100, 1 << 20);
    rig.shows(&row(0, 0..1)).await;
    std::fs::remove_dir_all(rig.folder.path().join("s")).expect("the folder");
    std::fs::write(rig.folder.path().join("s"), "").expect("a file in its place");
    for number in 1..5 {
        rig.shows(&row(number, 0..9)).await;
    }
    let lost = rig
        .events()
        .into_iter()
        .filter(|event| matches!(event, Event::EvidenceLost { .. }));
    assert_eq!(lost.count(), 1);
    assert_eq!(rig.shots().len(), 1);
}
