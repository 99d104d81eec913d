use super::layout::Layout;
use super::tap::Tap;
use crate::yaml::Shape;

/// The way to type a character that no key of the layout types. The guest must be set up for it, so the project says
/// which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Beyond {
    /// The compose key, then a sequence of X11: the guest's Menu key is its compose key (the option `compose:menu`).
    Compose,
    /// Control, Shift and U, then the character's number: GTK and `IBus` take that.
    Unicode,
}

/// A line for each character: itself, and what is typed after the compose key.
const SEQUENCES: &str = include_str!("compose.txt");

impl Beyond {
    pub(super) const NAMES: &'static [(&'static str, Self)] =
        &[("compose", Self::Compose), ("unicode", Self::Unicode)];
    pub(super) const SHAPE: Shape = Shape::Choice(&["compose", "unicode"]);

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::Unicode => "unicode",
        }
    }

    /// The taps that type a character; none where it cannot.
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
