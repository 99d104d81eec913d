//! The changes that a picture suffers on its way from a board to this program.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use needles::Picture;

/// The colours of a JPEG picture: at full size, or halved in both directions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Colours {
    Full,
    Halved,
}

/// One change of a picture.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Distortion {
    /// Stored as JPEG of this quality, and read again.
    Jpeg(u8, Colours),
    /// Moved right and down by so many pixels. The border is repeated.
    Shift(u32),
    /// Made 1280 x 720, and back to its size, with bilinear filters.
    Scaled,
    /// YUYV of limited range (BT.601): each two pixels of a row share their colour.
    Yuyv,
}

impl Distortion {
    /// Returns the changed picture. It has the size of the original.
    pub(crate) fn of(self, picture: &Picture) -> Picture {
        match self {
            Self::Jpeg(quality, colours) => jpeg(picture, quality, colours),
            Self::Shift(by) => shifted(picture, by),
            Self::Scaled => resized(
                &resized(picture, 1280, 720),
                picture.width(),
                picture.height(),
            ),
            Self::Yuyv => yuyv(picture),
        }
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Jpeg(quality, Colours::Full) => format!("JPEG {quality}, 4:4:4"),
            Self::Jpeg(quality, Colours::Halved) => format!("JPEG {quality}, 4:2:0"),
            Self::Shift(1) => "moved by 1 pixel".to_owned(),
            Self::Shift(by) => format!("moved by {by} pixels"),
            Self::Scaled => "scaled to 1280 x 720 and back".to_owned(),
            Self::Yuyv => "YUYV 4:2:2".to_owned(),
        }
    }
}

fn jpeg(picture: &Picture, quality: u8, colours: Colours) -> Picture {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(match colours {
        Colours::Full => SamplingFactor::F_1_1,
        Colours::Halved => SamplingFactor::F_2_2,
    });
    let side = |length: u32| u16::try_from(length).unwrap();
    let (width, height) = (side(picture.width()), side(picture.height()));
    encoder
        .encode(picture.rgb(), width, height, ColorType::Rgb)
        .unwrap();
    let read = image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).unwrap();
    Picture::from_rgb(
        picture.width(),
        picture.height(),
        read.into_rgb8().into_raw(),
    )
    .unwrap()
}

fn shifted(picture: &Picture, by: u32) -> Picture {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let by = by as usize;
    let mut rgb = Vec::with_capacity(picture.rgb().len());
    for y in 0..height {
        let row = &picture.rgb()[y.saturating_sub(by) * width * 3..][..width * 3];
        for _ in 0..by {
            rgb.extend_from_slice(&row[..3]);
        }
        rgb.extend_from_slice(&row[..(width - by) * 3]);
    }
    Picture::from_rgb(picture.width(), picture.height(), rgb).unwrap()
}

/// Bilinear as a scaler chip does it: of the two nearest pixels in each direction, whatever the scale.
fn resized(picture: &Picture, width: u32, height: u32) -> Picture {
    let at = |to: u32, new: u32, old: u32| {
        let place = (f64::from(to) + 0.5) * f64::from(old) / f64::from(new) - 0.5;
        let place = place.clamp(0.0, f64::from(old - 1));
        let first = place as u32;
        (first, (first + 1).min(old - 1), place - f64::from(first))
    };
    let level = |x: u32, y: u32, c: u32| {
        let index = (y * picture.width() + x) * 3 + c;
        f64::from(picture.rgb()[index as usize])
    };
    let mut rgb = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        let (top, bottom, down) = at(y, height, picture.height());
        for x in 0..width {
            let (left, right, across) = at(x, width, picture.width());
            for c in 0..3 {
                let row = |y| level(left, y, c) * (1.0 - across) + level(right, y, c) * across;
                let mixed = row(top) * (1.0 - down) + row(bottom) * down;
                rgb.push(mixed.round() as u8);
            }
        }
    }
    Picture::from_rgb(width, height, rgb).unwrap()
}

fn yuyv(picture: &Picture) -> Picture {
    let mut rgb = Vec::with_capacity(picture.rgb().len());
    for row in picture.rgb().chunks_exact(picture.width() as usize * 3) {
        for pair in row.chunks(6) {
            let pixels: Vec<[f64; 3]> = pair.chunks_exact(3).map(to_yuv).collect();
            let count = pixels.len() as f64;
            let shared =
                |c: usize| (pixels.iter().map(|pixel| pixel[c]).sum::<f64>() / count).round();
            let (u, v) = (shared(1), shared(2));
            for pixel in &pixels {
                rgb.extend(to_rgb(pixel[0].round(), u, v));
            }
        }
    }
    Picture::from_rgb(picture.width(), picture.height(), rgb).unwrap()
}

fn to_yuv(pixel: &[u8]) -> [f64; 3] {
    let [r, g, b] = [0, 1, 2].map(|c| f64::from(pixel[c]));
    let luma = 0.299 * r + 0.587 * g + 0.114 * b;
    [
        16.0 + luma * 219.0 / 255.0,
        128.0 + (b - luma) / 1.772 * 224.0 / 255.0,
        128.0 + (r - luma) / 1.402 * 224.0 / 255.0,
    ]
}

fn to_rgb(y: f64, u: f64, v: f64) -> [u8; 3] {
    let luma = (y - 16.0) * 255.0 / 219.0;
    let blue = (u - 128.0) * 1.772 * 255.0 / 224.0;
    let red = (v - 128.0) * 1.402 * 255.0 / 224.0;
    let green = -(0.114 * blue + 0.299 * red) / 0.587;
    [luma + red, luma + green, luma + blue].map(|level| level.round().clamp(0.0, 255.0) as u8)
}
