//! Mutated needle files and pictures: each is read or refused with an error, and nothing panics, hangs or takes much
//! memory.
//!
//! Deterministic, so that a failure is the same again. `QA_FUZZ_RUNS=1000000 cargo test --release -p qa-needles --test
//! mutation_fuzz -- --nocapture` runs longer; each test prints how many inputs it tried and how many of them were read.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::sync::Arc;

use needles::{Needle, Picture, PreparedFrame, PreparedNeedle, SearchRatio, find};

/// Inputs for each format, unless `QA_FUZZ_RUNS` says otherwise.
const RUNS: u64 = 20_000;

/// xorshift64*: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// What breaks readers: edges of number ranges, unclosed brackets, signs of other formats.
const TOKENS: [&[u8]; 20] = [
    b"-1",
    b"0",
    b"1e308",
    b"1e999",
    b"NaN",
    b"null",
    b"\"\"",
    b"[[[[[[[[",
    b"{\"a\":",
    b"4294967296",
    b"-2147483649",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"IDAT",
    b"IHDR",
    b"PLTE",
    b"tRNS",
    b"\x7f\xff\xff\xff",
    b"\xef\xbb\xbf",
    b"255\n",
];

fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let length = random.below(12).min(bytes.len() - at);
        match random.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = random.next() as u8,
            2 => drop(bytes.drain(at..at + length)),
            3 => drop(bytes.splice(at..at, TOKENS[random.below(TOKENS.len())].iter().copied())),
            4 => drop(bytes.splice(
                at..at + length,
                TOKENS[random.below(TOKENS.len())].iter().copied(),
            )),
            5 => {
                let part = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len() + 1);
                drop(bytes.splice(to..to, part));
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

fn fuzz(what: &str, seeds: &[Vec<u8>], mut is_read: impl FnMut(&[u8]) -> bool) {
    let runs = std::env::var("QA_FUZZ_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut read = 0_u64;
    for _ in 0..runs {
        read += u64::from(is_read(&mutated(seeds, &mut random)));
    }
    println!("{what}: {runs} inputs, {read} read, the others refused");
    // All read would mean that nothing was broken, none that nothing got past the first byte.
    assert!(read > 0 && read < runs);
}

fn needle_files() -> Vec<Vec<u8>> {
    let files = [
        r#"{"tags":["a","ENV-X-y"],"properties":["workaround"],"area":[
            {"xpos":3,"ypos":4,"width":9,"height":7,"type":"match","match":"90","margin":5,
            "click_point":{"xpos":1.5,"ypos":2,"id":"i"}}]}"#,
        r#"{"tags":[],"properties":[{"name":"workaround","value":"w"}],"area":[
            {"xpos":1,"ypos":1,"width":8,"height":8},
            {"xpos":5,"ypos":5,"width":6,"height":6,
            "qa":{"match":0,"margin":"screen","colour":true,"anchor":true,"text":{"regex":"a+"}}},
            {"xpos":2,"ypos":2,"width":3,"height":3,"type":"exclude"}]}"#,
    ];
    files.map(|file| file.as_bytes().to_vec()).to_vec()
}

#[test]
fn needle_files_are_read_and_searched_or_refused() {
    let picture = picture();
    let frame = PreparedFrame::new(picture.clone());
    fuzz("needle files", &needle_files(), |bytes| {
        let Ok(needle) = Needle::from_json("n", bytes) else {
            return false;
        };
        drop(needle.problems(picture.width(), picture.height()));
        let outcome = find(
            &PreparedNeedle::new(Arc::new(needle), &picture),
            &frame,
            SearchRatio::WIDE,
        );
        assert!(
            outcome
                .areas
                .iter()
                .all(|area| (0.0..=1.0).contains(&area.similarity.value()))
        );
        drop(outcome.click_point(None));
        true
    });
}

fn picture() -> Picture {
    let rgb = (0..24 * 18 * 3_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    Picture::from_rgb(24, 18, rgb).unwrap()
}

#[test]
fn pngs_are_read_or_refused() {
    let mut seeds = vec![picture().to_png()];
    for (color, depth, bytes) in [
        (png::ColorType::Grayscale, png::BitDepth::Sixteen, 8 * 8 * 2),
        (png::ColorType::Rgba, png::BitDepth::Sixteen, 8 * 8 * 8),
        (
            png::ColorType::GrayscaleAlpha,
            png::BitDepth::Eight,
            8 * 8 * 2,
        ),
        (png::ColorType::Indexed, png::BitDepth::Four, 8 * 4),
    ] {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 8, 8);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == png::ColorType::Indexed {
            encoder.set_palette(vec![7; 48]);
            encoder.set_trns(vec![0, 128]);
        }
        let data: Vec<u8> = (0..bytes).map(|i| i as u8).collect();
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&data)
            .unwrap();
        seeds.push(file);
    }
    fuzz("PNG", &seeds, |bytes| Picture::from_png(bytes).is_ok());
}

#[test]
fn ppms_are_read_or_refused() {
    let mut file = b"P6\n# made here\n24 18\n255\n".to_vec();
    file.extend_from_slice(picture().rgb());
    fuzz("PPM", &[file, b"P6 1 1 255\nabc".to_vec()], |bytes| {
        Picture::from_ppm(bytes).is_ok()
    });
}
