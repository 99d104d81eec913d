//! Types characters that the layout has no key for.

use super::layout::Layout;
use super::tap::Tap;
use crate::yaml::Shape;

/// A way to type characters that the layout has no key for. The guest must be set up for it, so the project names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InputMethod {
    /// The compose key, followed by a sequence of X11. The guest's Menu key must be its compose key (option
    /// `compose:menu`).
    Compose,
    /// Control, Shift and U, followed by the character's number. GTK and `IBus` accept that.
    Unicode,
}

/// One line for each character: the character, and the sequence after the compose key.
const SEQUENCES: &str = include_str!("compose.txt");

impl InputMethod {
    pub(super) const NAMES: &'static [(&'static str, Self)] =
        &[("compose", Self::Compose), ("unicode", Self::Unicode)];
    pub(super) const SHAPE: Shape = Shape::Choice(&["compose", "unicode"]);

    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::Unicode => "unicode",
        }
    }

    /// Returns the taps that type a character, or `None` if this way cannot type it.
    pub(super) fn taps(self, layout: Layout, character: char) -> Option<Vec<Tap>> {
        if character.is_control() {
            return None;
        }
        match self {
            Self::Compose => {
                let mut lines = SEQUENCES.lines();
                let sequence = lines.find_map(|line| line.strip_prefix(character))?;
                let taps = sequence.trim_start().chars().map(|key| layout.taps(key));
                let taps = taps.collect::<Option<Vec<_>>>()?.concat();
                Some([vec![vec!["compose"]], taps].concat())
            }
            Self::Unicode => {
                let [u] = layout.taps('u')?.try_into().ok()?;
                let begin = ["ctrl", "shift"].into_iter().chain(u).collect();
                let number = format!("{:x} ", u32::from(character));
                let taps = number.chars().map(|key| layout.taps(key));
                let taps = taps.collect::<Option<Vec<_>>>()?.concat();
                Some([vec![begin], taps].concat())
            }
        }
    }
}
