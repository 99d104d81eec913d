//! Drawing and writing of videos.

use std::{fs, io};

use image::AnimationDecoder;
use image::codecs::png::PngDecoder;
use needles::Picture;
use reports::{Caption, FilmPart, FilmPicture, Point, Scene};

use super::*;

fn scene(ms: u64, screen: Screen) -> Scene {
    Scene {
        ms,
        screen,
        caption: Caption::Goes("3.1 type •••".to_owned()),
        input: None,
        point: None,
        later: None,
        clock: "5s".to_owned(),
    }
}

fn board(scenes: Vec<Scene>) -> Storyboard {
    Storyboard {
        scenes,
        machine: None,
        others: Vec::new(),
        attempt: 1,
        is_film: true,
    }
}

fn picture(file: &str, width: u32, height: u32) -> FilmPicture {
    FilmPicture {
        file: file.to_owned(),
        width,
        height,
        part: None,
    }
}

/// Writes a picture of one colour.
fn write(folder: &Path, file: &str, width: u32, height: u32, ink: [u8; 3]) {
    let pixels = (width * height) as usize;
    let picture = Picture::from_rgb(width, height, ink.repeat(pixels)).expect("a picture");
    fs::write(folder.join(file), picture.to_png()).expect("a file");
}

/// Returns each frame of an animated PNG with the time that it is shown, in milliseconds.
fn frames(file: &Path) -> Vec<(image::RgbaImage, u64)> {
    let bytes = fs::read(file).expect("a file");
    let decoder = PngDecoder::new(io::Cursor::new(bytes)).expect("a PNG");
    let frames = decoder.apng().expect("an animation").into_frames();
    let frames = frames.map(|frame| {
        let frame = frame.expect("a frame");
        let (ms, parts) = frame.delay().numer_denom_ms();
        (frame.into_buffer(), u64::from(ms / parts))
    });
    frames.collect()
}

#[test]
fn screens_of_different_sizes_and_parts_and_missing_pictures_are_in_one_video() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "large.png", 1000, 600, [0, 0, 200]);
    write(dir.path(), "small.png", 320, 200, [0, 200, 0]);
    write(dir.path(), "part.png", 10, 20, [200, 0, 0]);
    let part = FilmPicture {
        part: Some(FilmPart {
            area: reports::ChangedArea {
                x: 100,
                y: 50,
                width: 10,
                height: 20,
            },
            base: "large.png".to_owned(),
        }),
        ..picture("part.png", 1000, 600)
    };
    let clicked = Scene {
        input: Some("click left".to_owned()),
        point: Some(Point { x: 160, y: 100 }),
        later: Some("12s later".to_owned()),
        ..scene(300, Screen::Picture(picture("small.png", 320, 200)))
    };
    let board = board(vec![
        scene(500, Screen::Nothing),
        scene(20, Screen::Off),
        scene(480, Screen::Picture(picture("large.png", 1000, 600))),
        scene(1000, Screen::Picture(part)),
        clicked,
        scene(200, Screen::Picture(picture("gone.png", 1000, 600))),
        scene(200, Screen::Picture(picture("../secret.png", 1000, 600))),
    ]);
    let file = dir.path().join("out.png");
    let made = make_video(dir.path(), &board, &file, VideoKind::AnimatedPng).expect("a video");
    assert_eq!(
        made,
        Made {
            ms: 2700,
            missing: 2
        }
    );
    let frames = frames(&file);
    let times: Vec<u64> = frames.iter().map(|(_, ms)| *ms).collect();
    assert_eq!(
        times,
        [500, 500, 1000, 300, 200, 200],
        "the short one is left out"
    );
    let pixel = |frame: usize, x, y| {
        let [red, green, blue, _] = frames[frame].0.get_pixel(x, y).0;
        [red, green, blue]
    };
    assert_eq!(frames[0].0.dimensions().0, 1000);
    assert_eq!(pixel(1, 0, 0), [0, 0, 200]);
    assert_eq!(
        (pixel(2, 100, 50), pixel(2, 110, 50)),
        ([200, 0, 0], [0, 0, 200])
    );
    // 320x200 three times as large, in the middle: 960x600 at 20,0.
    assert_eq!(
        (pixel(3, 19, 300), pixel(3, 20, 300)),
        ([0, 0, 0], [0, 200, 0])
    );
    // The ring around the middle of it.
    assert_eq!(pixel(3, 500 + 14, 300), [229, 57, 53]);
    let words = frames[0]
        .0
        .enumerate_pixels()
        .filter(|(_, y, pixel)| *y > 600 && pixel.0[0] > 200);
    assert!(words.count() > 100, "the caption is there");
}

#[test]
fn a_large_screen_is_made_smaller_and_even() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "a.png", 3841, 2161, [9, 9, 9]);
    let board = board(vec![scene(
        100,
        Screen::Picture(picture("a.png", 3841, 2161)),
    )]);
    let file = dir.path().join("out.png");
    make_video(dir.path(), &board, &file, VideoKind::AnimatedPng).expect("a video");
    let (width, height) = frames(&file)[0].0.dimensions();
    assert!(width <= 1920 && width.is_multiple_of(2) && height.is_multiple_of(2));
}

#[test]
fn a_log_that_lies_about_sizes_makes_no_huge_video() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "a.png", 8, 8, [9, 9, 9]);
    for (width, height) in [(u32::MAX, u32::MAX), (0, 0), (u32::MAX, 1)] {
        let lies = Scene {
            point: Some(Point {
                x: u32::MAX,
                y: u32::MAX,
            }),
            ..scene(100, Screen::Picture(picture("a.png", width, height)))
        };
        let file = dir.path().join("out.png");
        make_video(
            dir.path(),
            &board(vec![lies]),
            &file,
            VideoKind::AnimatedPng,
        )
        .expect("a video");
        let (width, height) = frames(&file)[0].0.dimensions();
        assert!(width <= 1920 && height <= 1500, "{width}x{height}");
    }
}

#[test]
fn the_kind_is_that_of_the_extension() {
    for (name, kind) in [
        ("a.png", Some(VideoKind::AnimatedPng)),
        ("a.APNG", Some(VideoKind::AnimatedPng)),
        ("a.webm", Some(VideoKind::Ffmpeg(Container::WebM))),
        ("a.mp4", Some(VideoKind::Ffmpeg(Container::Mp4))),
        ("a.gif", None),
        ("webm", None),
    ] {
        assert_eq!(VideoKind::of(Path::new(name)), kind, "{name}");
    }
}
