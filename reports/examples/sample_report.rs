//! Writes the reports of a made-up run into a folder, for work on the templates:
//! `cargo run -p qa-reports --example sample_report -- failed-look /tmp/sample`
//!
//! With a number at the end, the run has its first scenario that many times, to see how quick a large page is.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a tool for developers of this crate; what fails here is to be seen"
)]

#[path = "../tests/reports/sample/mod.rs"]
#[expect(unused_imports, dead_code, reason = "shared with the tests")]
mod sample;

use std::fs;
use std::path::Path;

use image::{Rgb, RgbImage};
use reports::{Event, Evidence, Run};

fn main() {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_else(|| "failed-look".to_owned());
    let folder = args.next().unwrap_or_else(|| "/tmp/sample".to_owned());
    assert!(
        sample::RUNS.contains(&name.as_str()),
        "one of {:?}",
        sample::RUNS
    );
    let folder = Path::new(&folder);
    let entries = sample::log_of(&name);
    for entry in &entries {
        match &entry.event {
            Event::StepFinished { evidence, .. } => pictures(folder, evidence),
            Event::ScenarioFinished {
                last_frame: Some(frame),
                ..
            } => {
                save(folder, &frame.file, &desktop(frame.generation, 0));
            }
            _ => {}
        }
    }
    let mut run = Run::of(&entries);
    if let Some(times) = args.next() {
        repeat(&mut run, times.parse().expect("a number"));
    }
    fs::create_dir_all(folder).expect("a folder");
    fs::write(
        folder.join("report.html"),
        reports::html(&run, &reports::Earlier::default()).expect("a page"),
    )
    .expect("written");
    fs::write(
        folder.join("junit.xml"),
        reports::junit(&run, &folder.to_string_lossy()),
    )
    .expect("written");
}

/// Makes a run of many scenarios: the first one under other names, for many reasons.
fn repeat(run: &mut Run, times: usize) {
    let first = run.scenarios[0].clone();
    run.scenarios = vec![first; times];
    for (number, scenario) in run.scenarios.iter_mut().enumerate() {
        scenario.info.name = format!("{}-{number}", scenario.info.name);
        scenario.info.image = format!("image-{}", number % 7);
        if let Some(cause) = &mut scenario.cause {
            cause.message = format!("{} ({})", cause.message, number % 97);
        }
    }
}

fn pictures(folder: &Path, evidence: &Evidence) {
    if let Some(frame) = &evidence.frame {
        save(folder, &frame.file, &desktop(frame.generation, 0));
    }
    for candidate in evidence.look.iter().flat_map(|look| &look.candidates) {
        if let Some(picture) = &candidate.picture {
            save(folder, picture, &desktop(90, 14));
        }
    }
}

fn save(folder: &Path, file: &str, picture: &RgbImage) {
    if file.contains(':') {
        return; // Of the hostile run, which must not write outside of the folder.
    }
    let path = folder.join(file);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    picture.save(path).expect("a picture");
}

/// Something like a desktop: a bar, a search field, windows, a dock. `shift` moves the parts that needles look for.
fn desktop(seed: u64, shift: u32) -> RgbImage {
    let tone = u8::try_from(seed % 60).unwrap_or(0);
    let mut picture = RgbImage::from_fn(1024, 768, |x, y| {
        let light = u8::try_from((x + y) / 16).unwrap_or(255);
        Rgb([30 + light / 3, 40 + light / 2, 90 + tone + light / 3])
    });
    fill(&mut picture, (0, 0, 1024, 30), [16, 16, 18]);
    words(&mut picture, (460, 10), 9, [235, 235, 235]);
    fill(&mut picture, (404 - shift, 45, 244, 36), [60, 62, 70]);
    words(&mut picture, (424 - shift, 58), 14, [200, 200, 205]);
    for (index, colour) in [[250, 250, 250], [245, 245, 240]].iter().enumerate() {
        let left = 150 + u32::try_from(index).unwrap_or(0) * 380;
        fill(&mut picture, (left, 130, 340, 480), *colour);
        fill(&mut picture, (left, 130, 340, 36), [226, 226, 224]);
        for row in 0..14 {
            words(
                &mut picture,
                (left + 24, 190 + row * 28),
                16 - row % 5,
                [110, 112, 118],
            );
        }
    }
    fill(&mut picture, (314 - shift, 695, 424, 64), [40, 42, 48]);
    for icon in 0..7_u8 {
        let left = 330 - shift + u32::from(icon) * 58;
        fill(
            &mut picture,
            (left, 703, 46, 46),
            [70 + icon * 24, 200 - icon * 18, 120 + icon * 10],
        );
    }
    picture
}

fn fill(picture: &mut RgbImage, (left, top, width, height): (u32, u32, u32, u32), colour: [u8; 3]) {
    for y in top..(top + height).min(768) {
        for x in left..(left + width).min(1024) {
            picture.put_pixel(x, y, Rgb(colour));
        }
    }
}

/// Strokes that look like a line of small text.
fn words(picture: &mut RgbImage, (left, top): (u32, u32), letters: u32, colour: [u8; 3]) {
    for letter in 0..letters {
        if letter % 6 != 5 {
            fill(picture, (left + letter * 14, top, 9, 2), colour);
            fill(picture, (left + letter * 14, top, 2, 10), colour);
            fill(
                picture,
                (left + letter * 14, top + 8, 9 - letter % 4, 2),
                colour,
            );
        }
    }
}
