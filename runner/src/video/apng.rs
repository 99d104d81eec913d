//! An animated PNG. Browsers show it like a picture, and other viewers show its first frame.

use std::fs::File;
use std::io::BufWriter;

use needles::{Picture, Rect, changed_rect};
use png::{BitDepth, ColorType, Encoder, Writer};

use super::canvas::Canvas;
use super::error::{TICK_MS, VideoError};

/// An animated PNG that is being written.
pub(super) struct AnimatedPng {
    writer: Writer<BufWriter<File>>,
    last: Option<Picture>,
}

impl AnimatedPng {
    /// Begins a file with this many frames. The number must be right.
    pub(super) fn start(
        file: File,
        [width, height]: [u32; 2],
        frames: usize,
    ) -> Result<Self, VideoError> {
        let mut encoder = Encoder::new(BufWriter::new(file), width, height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        // 0: it begins again at its end.
        encoder.set_animated(u32::try_from(frames).unwrap_or(u32::MAX), 0)?;
        Ok(Self {
            writer: encoder.write_header()?,
            last: None,
        })
    }

    /// Adds a frame: only the part that differs from the one before.
    pub(super) fn add(&mut self, canvas: &Canvas, ticks: u64) -> Result<(), VideoError> {
        let (width, height) = canvas.size();
        let picture = Picture::from_rgb(width, height, canvas.rgb().to_vec())
            .map_err(std::io::Error::other)?;
        let ms = u16::try_from(ticks.saturating_mul(TICK_MS)).unwrap_or(u16::MAX);
        let part = self.last.as_ref().map(|last| {
            // Every frame needs at least a pixel.
            changed_rect(&picture, last, &[]).unwrap_or(Rect {
                x: 0,
                y: 0,
                width: 1,
                height: 1,
            })
        });
        self.writer.set_frame_delay(ms, 1000)?;
        match part {
            None => self.writer.write_image_data(picture.rgb())?,
            Some(part) => {
                let cut = picture.crop(part).map_err(std::io::Error::other)?;
                let [x, y] = [part.x, part.y].map(|side| u32::try_from(side).unwrap_or(0));
                // The place is set first to where any size has room.
                self.writer.set_frame_position(0, 0)?;
                self.writer.set_frame_dimension(cut.width(), cut.height())?;
                self.writer.set_frame_position(x, y)?;
                self.writer.write_image_data(cut.rgb())?;
            }
        }
        self.last = Some(picture);
        Ok(())
    }

    pub(super) fn finish(self) -> Result<(), VideoError> {
        // The end of the file is written here. Errors of the buffer would be lost when it is dropped.
        self.writer.finish()?;
        Ok(())
    }
}
