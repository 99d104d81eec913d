//! The field `resets`: expected restarts of the machine.

use std::collections::BTreeMap;
use std::fmt;

use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// More restarts than this are a loop, which no step counts.
const MOST: u32 = 100;

/// The cause of a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResetKind {
    /// The guest restarts itself, on its own or on request.
    Guest,
    /// The machine's watchdog fires, because the guest hangs.
    Watchdog,
    /// The guest's kernel panics and restarts the machine.
    Panic,
    /// The machine's reset line: `power: reset`, `reboot: { by: reset }`.
    Host,
    /// `power: cut`.
    PowerCut,
}

impl ResetKind {
    /// All causes.
    pub const ALL: [Self; 5] = [
        Self::Guest,
        Self::Watchdog,
        Self::Panic,
        Self::Host,
        Self::PowerCut,
    ];

    /// Returns the name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Watchdog => "watchdog",
            Self::Panic => "panic",
            Self::Host => "host",
            Self::PowerCut => "power-cut",
        }
    }

    /// Returns a number of restarts in words: `3 resets by the guest`.
    pub fn counted(self, count: u32) -> String {
        let (one, many, by) = match self {
            Self::Guest => ("reset", "resets", " by the guest"),
            Self::Watchdog => ("reset", "resets", " by the watchdog"),
            Self::Panic => ("reset", "resets", " after a panic"),
            Self::Host => ("reset", "resets", " by the host"),
            Self::PowerCut => ("power cut", "power cuts", ""),
        };
        match count {
            0 => format!("no {one}{by}"),
            1 => format!("1 {one}{by}"),
            _ => format!("{count} {many}{by}"),
        }
    }
}

/// `resets`: the exact number of restarts during a step, for each cause that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resets(BTreeMap<ResetKind, u32>);

impl Resets {
    const FIELDS: &'static [Field] = &[
        Field::optional(
            "guest",
            Shape::Whole(0),
            "Resets by the guest itself; a number alone means these.",
        ),
        Field::optional("watchdog", Shape::Whole(0), "Resets by the watchdog."),
        Field::optional(
            "panic",
            Shape::Whole(0),
            "Panics of the guest's kernel, each with the reset that follows.",
        ),
        Field::optional(
            "host",
            Shape::Whole(0),
            "Resets by the reset line, which steps in the group ask for.",
        ),
        Field::optional(
            "power-cut",
            Shape::Whole(0),
            "Power cuts, which steps in the group make.",
        ),
    ];
    pub(crate) const SHAPE: Shape =
        Shape::OneOf(&[Shape::Whole(0), Shape::Fields(&[Self::FIELDS])]);

    /// Expects this number of restarts by the guest.
    pub fn by_guest(count: u32) -> Self {
        Self(BTreeMap::from([(ResetKind::Guest, count)]))
    }

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            return reader.whole(node, 0, MOST).map(Self::by_guest);
        };
        if entries.is_empty() {
            return reader.invalid(
                &node.at,
                "resets of no kind",
                "write how many, such as `resets: 2` or `resets: { watchdog: 1 }`",
            );
        }
        let fields = reader.fields(node, "`resets`", &[Self::FIELDS])?;
        let mut all = BTreeMap::new();
        let mut is_whole = true;
        for kind in ResetKind::ALL {
            match fields.may(kind.name(), reader, |r, n| r.whole(n, 0, MOST)) {
                Some(Some(count)) => {
                    all.insert(kind, count);
                }
                Some(None) => {}
                None => is_whole = false,
            }
        }
        // If the map is empty, its fields are misspelled, which is reported already.
        (is_whole && !all.is_empty()).then_some(Self(all))
    }

    /// Returns the number for a cause. Returns `None` if the cause is not named.
    pub fn of(&self, kind: ResetKind) -> Option<u32> {
        self.0.get(&kind).copied()
    }

    /// Returns the named causes with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (ResetKind, u32)> {
        self.0.iter().map(|(kind, count)| (*kind, *count))
    }

    /// Returns the total number.
    pub fn total(&self) -> u32 {
        self.0.values().sum()
    }
}

impl fmt::Display for Resets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.iter().map(|(kind, n)| kind.counted(n)).collect();
        f.write_str(&all.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_words() {
        for (kind, count, words) in [
            (ResetKind::Guest, 0, "no reset by the guest"),
            (ResetKind::Guest, 1, "1 reset by the guest"),
            (ResetKind::Watchdog, 2, "2 resets by the watchdog"),
            (ResetKind::PowerCut, 1, "1 power cut"),
            (ResetKind::PowerCut, 3, "3 power cuts"),
        ] {
            assert_eq!(kind.counted(count), words);
        }
        let both = Resets(BTreeMap::from([
            (ResetKind::Watchdog, 1),
            (ResetKind::Guest, 2),
        ]));
        assert_eq!(
            both.to_string(),
            "2 resets by the guest and 1 reset by the watchdog"
        );
        assert_eq!(both.total(), 3);
    }
}
