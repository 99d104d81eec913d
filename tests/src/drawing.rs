use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

/// A drawn screen: badges on a plain ground. Equal screens are equal to the pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    width: u32,
    height: u32,
    badges: Vec<Badge>,
}

/// A small pattern that stands for a word: as different from every other word's as two random pictures are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// The word.
    pub word: String,
    /// Left edge in pixels.
    pub x: u32,
    /// Upper edge in pixels.
    pub y: u32,
}

impl Badge {
    /// Pixels across.
    pub const WIDTH: u32 = 48;
    /// Pixels down.
    pub const HEIGHT: u32 = 32;
    const CELL: u32 = 4;

    /// The badge of a word where [`Screen::of`] shows it.
    #[must_use]
    pub fn of(word: &str) -> Self {
        Self {
            word: word.to_owned(),
            x: 16,
            y: 16,
        }
    }

    /// The middle, in pixels.
    #[must_use]
    pub fn middle(&self) -> (u32, u32) {
        (self.x + Self::WIDTH / 2, self.y + Self::HEIGHT / 2)
    }

    /// Left, top, width, height.
    #[must_use]
    pub fn rect(&self) -> [u32; 4] {
        [self.x, self.y, Self::WIDTH, Self::HEIGHT]
    }

    /// A needle's JSON that has this badge as its area and the word as its tag.
    #[must_use]
    pub fn needle(&self) -> Value {
        json!({
            "area": [{"xpos": self.x, "ypos": self.y, "width": Self::WIDTH, "height": Self::HEIGHT, "type": "match"}],
            "properties": [],
            "tags": [self.word],
        })
    }

    fn draw(&self, picture: &mut RgbImage) {
        // FNV-1a over the word, then a linear congruence a cell: any bits that differ from word to word do.
        let mut bits = self
            .word
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        for cell_y in 0..Self::HEIGHT / Self::CELL {
            for cell_x in 0..Self::WIDTH / Self::CELL {
                bits = bits
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let colour = if bits >> 63 == 1 {
                    Rgb([235, 235, 225])
                } else {
                    Rgb([25, 60, 110])
                };
                for y in 0..Self::CELL {
                    for x in 0..Self::CELL {
                        picture.put_pixel(
                            self.x + cell_x * Self::CELL + x,
                            self.y + cell_y * Self::CELL + y,
                            colour,
                        );
                    }
                }
            }
        }
    }
}

impl Screen {
    /// Nothing but the ground, 160 x 120.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            width: 160,
            height: 120,
            badges: Vec::new(),
        }
    }

    /// Nothing but the ground, of another size.
    ///
    /// # Panics
    /// When it has no pixels.
    #[must_use]
    pub fn sized(width: u32, height: u32) -> Self {
        assert!(width > 0 && height > 0, "a screen has pixels");
        Self {
            width,
            height,
            badges: Vec::new(),
        }
    }

    /// The badge of one word, at its usual place.
    #[must_use]
    pub fn of(word: &str) -> Self {
        let Badge { word, x, y } = Badge::of(word);
        Self::empty().badge(&word, x, y)
    }

    /// The same screen with a badge more.
    ///
    /// # Panics
    /// When it does not lie on the screen.
    #[must_use]
    pub fn badge(mut self, word: &str, x: u32, y: u32) -> Self {
        assert!(
            x + Badge::WIDTH <= self.width && y + Badge::HEIGHT <= self.height,
            "`{word}` lies off the screen"
        );
        self.badges.push(Badge {
            word: word.to_owned(),
            x,
            y,
        });
        self
    }

    /// Width and height in pixels.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn picture(&self) -> RgbImage {
        let mut picture = RgbImage::from_pixel(self.width, self.height, Rgb([90, 90, 95]));
        for badge in &self.badges {
            badge.draw(&mut picture);
        }
        picture
    }

    /// The picture as QEMU writes captures.
    #[must_use]
    pub fn ppm(&self) -> Vec<u8> {
        let header = format!("P6\n{} {}\n255\n", self.width, self.height);
        [header.as_bytes(), self.picture().as_raw()].concat()
    }

    /// The picture as needles have it.
    ///
    /// # Panics
    /// Never: memory takes every picture.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        self.picture()
            .write_to(&mut bytes, ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    }
}
