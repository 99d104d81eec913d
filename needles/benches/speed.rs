//! CPU time of single searches on a drawn desktop: at its place, moved, absent, in the margin, on the whole
//! screen and on a 4K screen.
//!
//! `make bench` or `cargo bench -p qa-needles --bench speed`. Beside ours stands the plain formula, every place summed
//! up in full, and where `/usr/bin/python3` has `cv2` (Debian: `python3-opencv`), OpenCV on one thread doing what
//! os-autoinst does: gray and blur of the window, then `matchTemplate`. Every time includes the preparation of the
//! frame, none the reading of files.
#![expect(clippy::unwrap_used, reason = "what fails here ends the benchmark")]

mod opencv;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use needles::{
    Area, Colour, Margin, Needle, Picture, PreparedFrame, PreparedNeedle, Rect, SearchRatio, find,
};

use opencv::Search;

/// The least time of so many runs counts: what other programs on the machine take isn't ours.
const RUNS: usize = 7;

/// Above so many products of places and pixels the plain formula takes minutes.
const MOST_PLAIN: u64 = 40_000_000_000;

struct Case {
    name: &'static str,
    screen: Picture,
    picture: Picture,
    area: Rect,
    margin: i32,
}

fn main() {
    let desktop = desktop(1024, 768, 0, 0);
    let four_k = self::desktop(3840, 2160, 0, 0);
    let button = Rect::new(300, 212, 85, 30);
    let panel = Rect::new(280, 200, 300, 100);
    let case = |name, screen: &Picture, picture: &Picture, area, margin| Case {
        name,
        screen: screen.clone(),
        picture: picture.clone(),
        area,
        margin,
    };
    let noisy = noisy(&desktop);
    let moved = self::desktop(1024, 768, 37, -21);
    let absent = without(&desktop, Rect::new(200, 130, 500, 260));
    let absent_4k = without(&four_k, Rect::new(200, 130, 500, 260));
    let cases = [
        case("at its place, 85x30", &desktop, &desktop, button, 50),
        case("at its place, noise, 85x30", &noisy, &desktop, button, 50),
        case("moved, 85x30", &moved, &desktop, button, 50),
        case("absent, 85x30", &absent, &desktop, button, 50),
        case("at its place, noise, 300x100", &noisy, &desktop, panel, 50),
        case("moved, 300x100", &moved, &desktop, panel, 50),
        case("absent, 300x100", &absent, &desktop, panel, 50),
        case("whole screen, moved, 85x30", &moved, &desktop, button, 4096),
        case(
            "whole screen, absent, 85x30",
            &absent,
            &desktop,
            button,
            4096,
        ),
        case(
            "whole screen, absent, 300x100",
            &absent,
            &desktop,
            panel,
            4096,
        ),
        case("4K, at its place, 85x30", &four_k, &four_k, button, 50),
        case("4K, absent, 85x30", &absent_4k, &four_k, button, 50),
        case(
            "4K whole screen, absent, 85x30",
            &absent_4k,
            &four_k,
            button,
            4096,
        ),
    ];
    let opencv = opencv(&cases);
    if let Err(why) = &opencv {
        println!("OpenCV is not compared: {why}");
    }
    println!(
        "{:<32} {:>9} {:>11} {:>8} {:>11} {:>8}",
        "case (ms of CPU)", "ours", "plain", "ratio", "OpenCV", "ratio"
    );
    for (index, case) in cases.iter().enumerate() {
        let ours = ours(case);
        let plain = plain(case);
        let column = |other: Option<f64>| match other {
            Some(other) => format!("{other:>11.3} {:>7.0}x", other / ours),
            None => format!("{:>11} {:>8}", "-", "-"),
        };
        let opencv = opencv.as_ref().ok().map(|times| times[index]);
        println!(
            "{:<32} {ours:>9.4} {} {}",
            case.name,
            column(plain),
            column(opencv)
        );
    }
}

/// Windows with text on a shaded ground; what lies on it is moved by some pixels.
fn desktop(width: u32, height: u32, dx: i32, dy: i32) -> Picture {
    let ground = (0..height).flat_map(|y| {
        (0..width).flat_map(move |x| {
            [
                (x * 90 / width) as u8 + 30,
                (y * 90 / height) as u8 + 60,
                140,
            ]
        })
    });
    let mut shapes = Vec::new();
    let gray = |level: u8| Colour::new(level, level, level);
    for (x, y, w, h) in [
        (120, 90, 620, 420),
        (60, 560, 380, 180),
        (700, 540, 300, 200),
        (1400, 300, 1200, 900),
    ] {
        shapes.push((Rect::new(x + dx, y + dy, w, h), gray(240)));
        shapes.push((Rect::new(x + dx, y + dy, w, 28), gray(70)));
        let mut state = (x * 31 + y) as u32 | 1;
        for line in 0..(h as i32 - 50) / 22 {
            for letter in 0..(w as i32 - 40) / 9 {
                state ^= state << 13;
                state ^= state >> 17;
                state ^= state << 5;
                for (bit, (lx, ly, lw, lh)) in
                    [(0, 0, 2, 11), (5, 0, 2, 11), (0, 0, 7, 2), (0, 9, 7, 2)]
                        .into_iter()
                        .enumerate()
                {
                    if state >> (bit * 2) & 3 == 1 {
                        let (left, top) = (x + dx + 20 + letter * 9, y + dy + 42 + line * 22);
                        shapes.push((Rect::new(left + lx, top + ly, lw, lh), gray(30)));
                    }
                }
            }
        }
    }
    Picture::from_rgb(width, height, ground.collect())
        .unwrap()
        .with_filled(&shapes)
}

fn noisy(picture: &Picture) -> Picture {
    let mut state = 1_u32;
    let rgb = picture.rgb().iter().map(|level| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        level.saturating_add((state >> 30) as u8).saturating_sub(2)
    });
    Picture::from_rgb(picture.width(), picture.height(), rgb.collect()).unwrap()
}

fn without(picture: &Picture, rect: Rect) -> Picture {
    picture.with_filled(&[(rect, Colour::new(250, 250, 250))])
}

fn least(mut run: impl FnMut()) -> f64 {
    let time = |_| {
        let start = cpu_time();
        run();
        cpu_time() - start
    };
    (0..RUNS).map(time).min().unwrap().as_secs_f64() * 1000.0
}

fn ours(case: &Case) -> f64 {
    let mut area = Area::matching(case.area);
    area.margin = Margin::Pixels(case.margin);
    let needle = Arc::new(Needle::new("n", vec![], vec![area]).unwrap());
    // Once a needle, however many frames it is looked for on.
    let needle = PreparedNeedle::new(needle, &case.picture);
    least(|| {
        let frame = PreparedFrame::new(case.screen.clone());
        black_box(find(&needle, &frame, SearchRatio::MARGIN));
    })
}

/// The formula without any thought: gray and blur of the screen, then every place in full.
fn plain(case: &Case) -> Option<f64> {
    let (width, height) = (case.screen.width() as i64, case.screen.height() as i64);
    let area = case.area;
    let (w, h) = (i64::from(area.width), i64::from(area.height));
    let range = |at: i32, length: i64, whole: i64| {
        let from = (i64::from(at) - i64::from(case.margin)).max(0);
        from..=(i64::from(at) + i64::from(case.margin)).min(whole - length)
    };
    let (xs, ys) = (range(area.x, w, width), range(area.y, h, height));
    let places = (xs.end() - xs.start() + 1) * (ys.end() - ys.start() + 1);
    if (places * w * h) as u64 > MOST_PLAIN {
        return None;
    }
    let template = blurred(&case.picture);
    let start = cpu_time();
    let screen = blurred(&case.screen);
    let mut best = u64::MAX;
    for y in ys {
        for x in xs.clone() {
            let mut sum = 0_u64;
            for v in 0..h {
                let a = &screen[((y + v) * width + x) as usize..][..w as usize];
                let b = &template[((i64::from(area.y) + v) * i64::from(case.picture.width())
                    + i64::from(area.x)) as usize..][..w as usize];
                sum += a
                    .iter()
                    .zip(b)
                    .map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2))
                    .sum::<u64>();
            }
            best = best.min(sum);
        }
    }
    black_box(best);
    Some((cpu_time() - start).as_secs_f64() * 1000.0)
}

fn blurred(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let level = |pixel: &[u8]| {
        (3735 * u32::from(pixel[2])
            + 19235 * u32::from(pixel[1])
            + 9798 * u32::from(pixel[0])
            + 16384)
            >> 15
    };
    let gray: Vec<u32> = picture.rgb().chunks_exact(3).map(level).collect();
    let mirror = |at: usize, step: isize, length: usize| match at.checked_add_signed(step) {
        Some(at) if at < length => at,
        Some(_) => length - 2,
        None => 1,
    };
    let mut out = Vec::with_capacity(gray.len());
    for y in 0..height {
        for x in 0..width {
            let mut sum = 8;
            for (dy, wy) in [(-1, 1), (0, 2), (1, 1)] {
                for (dx, wx) in [(-1, 1), (0, 2), (1, 1)] {
                    sum += wx * wy * gray[mirror(y, dy, height) * width + mirror(x, dx, width)];
                }
            }
            out.push((sum >> 4) as u8);
        }
    }
    out
}

/// OpenCV's time for each case in ms, or why there is none.
fn opencv(cases: &[Case]) -> Result<Vec<f64>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let search = |(index, case): (usize, &Case)| {
        let file = |kind: &str, picture: &Picture| {
            let path = folder.path().join(format!("{kind}-{index}.png"));
            std::fs::write(&path, picture.to_png()).unwrap();
            path
        };
        Search {
            screen: file("screen", &case.screen),
            needle: file("needle", &case.picture),
            area: case.area,
            margin: case.margin.into(),
        }
    };
    let searches: Vec<Search> = cases.iter().enumerate().map(search).collect();
    opencv::times(&searches)
}

/// Of this thread.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
