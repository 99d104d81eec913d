//! The tables of keyboard layouts.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::dead_key;
use super::tap::Tap;
use crate::yaml::Shape;

/// The characters that the keys of a keyboard type. The tables are those of the X Keyboard Extension's layouts of the
/// same names, which Wayland and most text consoles use, too. They have the characters with Shift and AltGr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// United States.
    #[default]
    Us,
    /// United Kingdom.
    Gb,
    /// Germany.
    De,
    /// France.
    Fr,
    /// Spain.
    Es,
}

/// The keys that are held in the four columns of a table.
const HELD: [&[&str]; 4] = [&[], &["shift"], &["alt_r"], &["shift", "alt_r"]];

/// Characters whose keys are the same in every layout.
const FIXED: [(char, &str); 3] = [(' ', "spc"), ('\n', "ret"), ('\t', "tab")];

/// The taps for each character.
type Taps = BTreeMap<char, Vec<Tap>>;

impl Layout {
    pub(super) const NAMES: &'static [(&'static str, Self)] = &[
        ("us", Self::Us),
        ("gb", Self::Gb),
        ("uk", Self::Gb),
        ("de", Self::De),
        ("fr", Self::Fr),
        ("es", Self::Es),
    ];
    pub(super) const SHAPE: Shape = Shape::Choice(&["us", "gb", "uk", "de", "fr", "es"]);

    /// Returns the name, which is that of the X Keyboard Extension.
    pub fn name(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Gb => "gb",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
        }
    }

    /// Returns the table. A line has the name of a key and its characters: alone, with Shift, with AltGr and with both.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Us => include_str!("us.txt"),
            Self::Gb => include_str!("gb.txt"),
            Self::De => include_str!("de.txt"),
            Self::Fr => include_str!("fr.txt"),
            Self::Es => include_str!("es.txt"),
        }
    }

    /// Returns the taps that type a character: one, or a dead key and another one. Returns `None` if no keys type it.
    pub(super) fn taps(self, character: char) -> Option<Vec<Tap>> {
        static READ: [OnceLock<Taps>; 5] = [const { OnceLock::new() }; 5];
        let taps = READ[self as usize].get_or_init(|| read(self.table()));
        taps.get(&character).cloned()
    }
}

/// Reads a table. If a character can be typed in several ways, takes the one with fewer keys.
fn read(table: &'static str) -> Taps {
    let mut taps: Taps = FIXED
        .iter()
        .map(|(character, key)| (*character, vec![vec![*key]]))
        .collect();
    let mut dead = Vec::new();
    for (column, held) in HELD.iter().enumerate() {
        for line in table.lines() {
            let mut words = line.split(' ');
            let (Some(key), Some(typed)) = (words.next(), words.nth(column)) else {
                continue;
            };
            let tap: Tap = held.iter().copied().chain([key]).collect();
            let mut characters = typed.chars();
            match (characters.next(), characters.next()) {
                (Some(character), None) => {
                    taps.entry(character).or_insert_with(|| vec![tap]);
                }
                _ => dead.push((typed, tap)),
            }
        }
    }
    for (name, tap) in dead {
        for (base, result) in dead_key::results(name) {
            let base = match base {
                dead_key::Base::Itself => Some(tap.clone()),
                dead_key::Base::Character(base) => match taps.get(&base).map(Vec::as_slice) {
                    Some([one]) => Some(one.clone()),
                    _ => None,
                },
            };
            if let Some(base) = base {
                taps.entry(result)
                    .or_insert_with(|| vec![tap.clone(), base]);
            }
        }
    }
    taps
}
