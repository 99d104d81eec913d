//! The likely reason why a look found nothing, from what the screen shows. Each is said only with what was seen.

use needles::Picture;
use reports::human_duration;

/// The part of the pixels that may differ from the colour of an empty screen: a blinking cursor or a pointer.
const MARKS: f64 = 0.001;

/// The largest difference of a channel that counts as the same colour. Pictures of boards have noise.
const SAME: u8 = 8;

/// The time after which a screen that has not changed says something.
const STILL_MS: u64 = 30_000;

/// A screen that has changed within this time is busy.
const BUSY_MS: u64 = 2_000;

/// A look of this time is long enough for a screen to come to rest.
const LONG_MS: u64 = 10_000;

/// A screen on which a look found nothing, with its last action and its age.
#[derive(Debug)]
pub(in crate::engine) struct Screen<'s> {
    /// The picture.
    pub picture: &'s Picture,
    /// The last action with keyboard or pointer; none if there was none.
    pub action: Option<LastAction<'s>>,
    /// The time for which the screen has shown this picture, in milliseconds.
    pub still_ms: u64,
    /// The time for which it was looked at, in milliseconds.
    pub waited_ms: u64,
}

/// The last action with keyboard or pointer.
#[derive(Debug)]
pub(in crate::engine) struct LastAction<'s> {
    /// The action, as people write it.
    pub what: &'s str,
    /// The pixel that was pointed at.
    pub at: Option<[u32; 2]>,
    /// The time since then, in milliseconds.
    pub ago_ms: u64,
    /// True if the screen has changed since.
    pub has_changed: bool,
}

impl Screen<'_> {
    /// Returns the likely reason: a lowercase fragment. None if nothing of it stands out.
    pub(in crate::engine) fn likely_reason(&self) -> Option<String> {
        let empty = only_colour(self.picture).map(|colour| match colour {
            [0..=SAME, 0..=SAME, 0..=SAME] => "the screen is black".to_owned(),
            [red, green, blue] => {
                format!("the screen is #{red:02x}{green:02x}{blue:02x} all over")
            }
        });
        let unmoved = self.unmoved();
        match empty {
            Some(empty) => match unmoved.or_else(|| self.pace()) {
                Some(still) => Some(format!("{empty}, and {still}")),
                None => Some(empty),
            },
            None => unmoved,
        }
    }

    /// Returns that the screen did not react to the last action; none if it did, or if there was none.
    fn unmoved(&self) -> Option<String> {
        let action = self.action.as_ref().filter(|action| !action.has_changed)?;
        let place = action
            .at
            .map_or_else(String::new, |[x, y]| format!(" at {x},{y}"));
        Some(format!(
            "the screen has not changed since `{}`{place}, {} ago",
            action.what,
            human_duration(action.ago_ms)
        ))
    }

    /// Returns that the screen has not changed for long, or that it still changed. This says less than any other
    /// reason.
    pub(in crate::engine) fn pace(&self) -> Option<String> {
        match self.still_ms {
            STILL_MS.. => Some(format!(
                "the screen has not changed for {}",
                human_duration(self.still_ms)
            )),
            ..BUSY_MS if self.waited_ms >= LONG_MS => Some(
                "the screen still changed at the end: what is waited for may only be slow"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// Returns the colour that all pixels have, but for a few.
fn only_colour(picture: &Picture) -> Option<[u8; 3]> {
    let (pixels, []) = picture.rgb().as_chunks::<3>() else {
        return None;
    };
    // A pixel of the middle: marks are at edges and corners more often.
    let colour = *pixels.get(pixels.len() / 2 + picture.width() as usize / 2)?;
    let most = (pixels.len() as f64 * MARKS) as usize;
    let differs = |pixel: &&[u8; 3]| {
        let channels = pixel.iter().zip(colour);
        channels
            .into_iter()
            .any(|(one, other)| one.abs_diff(other) > SAME)
    };
    (pixels.iter().filter(differs).take(most + 1).count() <= most).then_some(colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(colour: [u8; 3], marks: usize) -> Picture {
        let mut rgb = colour.repeat(100 * 100);
        rgb[..marks * 3].fill(255);
        Picture::from_rgb(100, 100, rgb).expect("a picture")
    }

    fn reason(picture: &Picture, action: Option<LastAction<'_>>, still_ms: u64) -> Option<String> {
        let screen = Screen {
            picture,
            action,
            still_ms,
            waited_ms: 60_000,
        };
        screen.likely_reason().or_else(|| screen.pace())
    }

    fn click(has_changed: bool) -> Option<LastAction<'static>> {
        Some(LastAction {
            what: "click left",
            at: Some([472, 334]),
            ago_ms: 29_000,
            has_changed,
        })
    }

    #[test]
    fn an_empty_screen_is_told_with_its_colour_and_a_cursor_does_not_fill_it() {
        let black = picture([3, 0, 8], 8);
        assert_eq!(
            reason(&black, None, 5000).as_deref(),
            Some("the screen is black")
        );
        let blue = picture([0x24, 0x5a, 0x8c], 0);
        let told = reason(&blue, None, 5000);
        assert_eq!(told.as_deref(), Some("the screen is #245a8c all over"));
        assert_eq!(reason(&picture([0; 3], 60), None, 5000), None);
    }

    #[test]
    fn a_screen_that_did_not_react_is_told_with_the_action() {
        let screen = picture([0; 3], 600);
        let told = reason(&screen, click(false), 40_000);
        assert_eq!(
            told.as_deref(),
            Some("the screen has not changed since `click left` at 472,334, 29s ago")
        );
        assert_eq!(reason(&screen, click(true), 5000), None);
        let told = reason(&screen, click(true), 100);
        assert!(told.is_some_and(|told| told.contains("may only be slow")));
        let told = reason(&screen, click(true), 250_000);
        assert_eq!(
            told.as_deref(),
            Some("the screen has not changed for 4m 10s")
        );
        let told = reason(&picture([0; 3], 0), None, 31_000);
        assert_eq!(
            told.as_deref(),
            Some("the screen is black, and the screen has not changed for 31s")
        );
    }
}
