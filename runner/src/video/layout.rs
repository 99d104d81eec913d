//! The places of screen and words in a video, and the drawing of a scene.
//!
//! ```text
//! +---------------------------------+
//! |             screen              |   a ring where the pointer acts; a mark where time is left out
//! +---------------------------------+
//! | the step, on two lines          |
//! | keys and clicks           clock |
//! +---------------------------------+
//! ```

use image::RgbImage;
use image::imageops::{self, FilterType};
use needles::Picture;
use reports::{Caption, Scene, Screen, Storyboard};

use super::canvas::{Canvas, Ink};
use super::text;

/// Larger screens are made smaller, since no ticket shows them whole.
const MOST: [u32; 2] = [1920, 1200];

/// The smallest screen of a video: words need room.
const LEAST: [u32; 2] = [640, 200];

/// The width of a video for each step by which letters are enlarged.
const WIDTH_OF_SCALE: u32 = 640;

/// The free space around words in pixels, before it is enlarged.
const MARGIN: u32 = 8;

/// The lines of the caption.
const LINES: u32 = 2;

const BEHIND: Ink = [0, 0, 0];
const BAR: Ink = [30, 34, 42];
const PLAIN: Ink = [230, 230, 230];
const FAINT: Ink = [160, 166, 178];
const GOOD: Ink = [126, 211, 133];
const BAD: Ink = [255, 112, 102];
const KEYS: Ink = [255, 213, 79];
const RING: Ink = [229, 57, 53];
const WHITE: Ink = [255, 255, 255];

/// The places of screen and words in a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    /// The room of the screen.
    screen: [u32; 2],
    /// The factor by which letters are enlarged.
    scale: u32,
}

/// The place of a picture in the room of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    left: u32,
    top: u32,
    /// Pixels of the video for each pixel of the picture.
    factor: f64,
}

impl Layout {
    /// Returns the layout in which every screen of the storyboard has room.
    pub(super) fn of(storyboard: &Storyboard) -> Self {
        let sizes = storyboard
            .scenes
            .iter()
            .filter_map(|scene| match &scene.screen {
                Screen::Picture(picture) => Some([picture.width, picture.height]),
                Screen::Nothing | Screen::Off => None,
            });
        let largest = sizes.fold(LEAST, |[width, height], [w, h]| {
            [width.max(w), height.max(h)]
        });
        let factor = fit(largest, MOST).min(1.0);
        // Most video formats need even numbers.
        let [width, height] = largest.map(|side| scaled(side, factor).next_multiple_of(2));
        Self {
            screen: [width, height],
            scale: (width / WIDTH_OF_SCALE).clamp(1, 3),
        }
    }

    /// Returns width and height of the video in pixels.
    pub(super) fn size(&self) -> [u32; 2] {
        let [width, height] = self.screen;
        [width, height + self.bar()]
    }

    fn margin(&self) -> u32 {
        MARGIN * self.scale
    }

    /// The height of a line of text.
    fn line(&self) -> u32 {
        (text::HEIGHT + 2) * self.scale
    }

    fn bar(&self) -> u32 {
        (LINES + 1) * self.line() + 2 * self.margin()
    }

    /// Draws a scene. `picture` is that of its screen; an error says why it cannot be read.
    pub(super) fn draw(&self, scene: &Scene, picture: Option<&Result<Picture, String>>) -> Canvas {
        let [width, height] = self.size();
        let mut canvas = Canvas::new(width, height, BEHIND);
        match (picture, &scene.screen) {
            (Some(Ok(picture)), _) => self.show(&mut canvas, scene, picture),
            (Some(Err(reason)), _) => self.say(&mut canvas, reason),
            (None, Screen::Nothing) => self.say(&mut canvas, "no picture yet"),
            (None, Screen::Off | Screen::Picture(_)) => {
                self.say(&mut canvas, "the machine shows no picture");
            }
        }
        self.words(&mut canvas, scene);
        if let Some(later) = &scene.later {
            self.mark(&mut canvas, later);
        }
        canvas
    }

    fn show(&self, canvas: &mut Canvas, scene: &Scene, picture: &Picture) {
        let place = self.place([picture.width(), picture.height()]);
        let at = [place.left, place.top];
        match place.factor < 1.0 {
            true => canvas.paste(at, &smaller(picture, place.factor), 1),
            // A whole number, so that letters on the screen stay sharp.
            false => canvas.paste(at, picture, place.factor as u32),
        }
        if let Some(point) = scene.point {
            let on = |begin: u32, at: u32| i64::from(begin) + (f64::from(at) * place.factor) as i64;
            let center = [on(place.left, point.x), on(place.top, point.y)];
            let size = i64::from(self.scale) * 4;
            canvas.ring(center, 3 * size - size / 2, 4 * size + size / 2, WHITE);
            canvas.ring(center, 3 * size, 4 * size, RING);
        }
    }

    /// Returns the place of a picture of this size: in the middle, as large as possible.
    fn place(&self, size: [u32; 2]) -> Place {
        let factor = fit(size, self.screen);
        let factor = match factor < 1.0 {
            true => factor,
            false => factor.floor(),
        };
        let [left, top] = [0, 1].map(|side| {
            let own = scaled(size[side], factor);
            self.screen[side].saturating_sub(own) / 2
        });
        Place { left, top, factor }
    }

    /// Writes a text into the middle of the screen.
    fn say(&self, canvas: &mut Canvas, what: &str) {
        let [width, height] = self.screen;
        let room = (width - 2 * self.margin()) / self.scale;
        let lines = text::wrap(what, room, 4);
        let top = (i64::from(height) - i64::from(self.line()) * lines.len() as i64) / 2;
        for (line, y) in lines.iter().zip((top..).step_by(self.line() as usize)) {
            let left = i64::from(width.saturating_sub(text::width(line) * self.scale) / 2);
            text::draw(canvas, [left, y], line, self.scale, FAINT);
        }
    }

    fn words(&self, canvas: &mut Canvas, scene: &Scene) {
        let ([width, _], [_, top]) = (self.size(), self.screen);
        canvas.fill([0, i64::from(top)], [width, self.bar()], BAR);
        let left = i64::from(self.margin());
        let room = (width - 2 * self.margin()) / self.scale;
        let mut y = i64::from(top + self.margin());
        let ink = match &scene.caption {
            Caption::Goes(_) | Caption::Other(_) => PLAIN,
            Caption::Held(_) => GOOD,
            Caption::Broke(_) => BAD,
        };
        let caption = text::wrap(scene.caption.text(), room, LINES as usize);
        for line in &caption {
            text::draw(canvas, [left, y], line, self.scale, ink);
            y += i64::from(self.line());
        }
        let y = i64::from(top + self.margin() + LINES * self.line());
        let clock = text::width(&scene.clock);
        let right = i64::from(width) - left - i64::from(clock * self.scale);
        text::draw(canvas, [right, y], &scene.clock, self.scale, FAINT);
        let room = room.saturating_sub(clock + 2 * MARGIN);
        let input = scene.input.as_deref().unwrap_or_default();
        for line in text::wrap(input, room, 1) {
            text::draw(canvas, [left, y], &line, self.scale, KEYS);
        }
    }

    /// Marks that time is left out, in the upper right corner.
    fn mark(&self, canvas: &mut Canvas, what: &str) {
        let [width, _] = self.screen;
        let room = (width - 4 * self.margin()) / self.scale;
        for line in text::wrap(what, room, 1) {
            let own = text::width(&line) * self.scale + 2 * self.margin();
            let left = i64::from(width.saturating_sub(own + self.margin()));
            let top = i64::from(self.margin());
            let size = [own, self.line() + self.margin()];
            canvas.fill([left, top], size, KEYS);
            let inside = [
                left + i64::from(self.margin()),
                top + i64::from(self.margin() / 2 + self.scale),
            ];
            text::draw(canvas, inside, &line, self.scale, BEHIND);
        }
    }
}

/// Returns the largest factor by which a picture of this size still has room.
fn fit([width, height]: [u32; 2], [room_x, room_y]: [u32; 2]) -> f64 {
    let factor = |side: u32, room: u32| f64::from(room) / f64::from(side.max(1));
    factor(width, room_x).min(factor(height, room_y))
}

fn scaled(side: u32, factor: f64) -> u32 {
    ((f64::from(side) * factor) as u32).max(1)
}

fn smaller(picture: &Picture, factor: f64) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let small = RgbImage::from_raw(width, height, picture.rgb().to_vec()).map(|whole| {
        let [width, height] = [width, height].map(|side| scaled(side, factor));
        imageops::resize(&whole, width, height, FilterType::Triangle)
    });
    let small = small.and_then(|small| {
        let (width, height) = small.dimensions();
        Picture::from_rgb(width, height, small.into_raw()).ok()
    });
    small.unwrap_or_else(|| picture.clone())
}
