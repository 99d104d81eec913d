//! The profile of one board, read from the files of this program.

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::spec::Arch;

/// The files, by the names of their boards.
const FILES: [(&str, &str); 5] = [
    ("lichee-rv", include_str!("lichee-rv.yaml")),
    ("mars-cm", include_str!("mars-cm.yaml")),
    ("nanopc-t3-plus", include_str!("nanopc-t3-plus.yaml")),
    ("rock-3b", include_str!("rock-3b.yaml")),
    ("visionfive", include_str!("visionfive.yaml")),
];

/// The known facts about a kind of board.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name, such as `rock-3b`.
    #[serde(skip)]
    pub name: String,
    /// The name of the maker and of the board, for people.
    pub title: String,
    /// The architecture.
    #[serde(deserialize_with = "architecture")]
    pub architecture: Fact<Arch>,
    /// The speed of the serial console in baud: 8 data bits, no parity, 1 stop bit.
    pub speed: Fact<u32>,
    /// The media from which it can start its firmware.
    pub firmware_from: Fact<Vec<Medium>>,
    /// The stages of a boot that say something on the serial line, in their order.
    pub stages: Fact<Vec<String>>,
    /// Examples of the lines with which it says that it restarted, the earliest first.
    pub restarts_with: Fact<Vec<String>>,
    /// The media to which an image is written.
    pub written_to: Fact<Vec<Medium>>,
}

/// A fact with its source.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact<T> {
    /// The fact.
    pub value: T,
    /// True if it was seen on such a board with this program. False if it was read.
    pub seen: bool,
    /// The place where it was seen or read, in words.
    pub source: String,
}

/// A medium of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// An SD card.
    Sd,
    /// The eMMC memory on the board.
    Emmc,
    /// The flash memory for firmware.
    SpiFlash,
}

/// The reason why there is no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// No board has this name.
    #[error("there is no profile of a board `{name}`; {}", advice(.nearest.as_deref()))]
    Unknown {
        /// The name.
        name: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// A file of this program is wrong. A test makes sure that none is.
    #[error("the profile of the board `{name}` cannot be read: {reason}")]
    Broken {
        /// The name.
        name: String,
        /// The reason.
        reason: String,
    },
}

fn advice(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("there are {}", Profile::names().join(", ")),
    }
}

impl Profile {
    /// Returns the names of all profiles, in alphabetical order.
    #[must_use]
    pub fn names() -> [&'static str; FILES.len()] {
        FILES.map(|(name, _)| name)
    }

    /// Returns the profile of a board.
    ///
    /// # Errors
    /// When there is none of this name. The error has the nearest name.
    pub fn named(name: &str) -> Result<Self, ProfileError> {
        let Some((name, text)) = FILES.iter().find(|(known, _)| *known == name) else {
            return Err(ProfileError::Unknown {
                name: name.to_owned(),
                nearest: nearest(name).map(str::to_owned),
            });
        };
        let read = serde_yaml::from_str::<Self>(text);
        let profile = read.map_err(|error| ProfileError::Broken {
            name: (*name).to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            name: (*name).to_owned(),
            ..profile
        })
    }
}

/// Returns the name that was probably meant: with few changes, or with a part of it.
fn nearest(name: &str) -> Option<&'static str> {
    let wanted = name.to_lowercase().replace(['_', ' '], "-");
    let distance = |known: &'static str| (strsim::osa_distance(&wanted, known), known);
    let (distance, known) = Profile::names().into_iter().map(distance).min()?;
    if distance <= wanted.chars().count().max(known.len()) / 3 {
        return Some(known);
    }
    // `radxa-rock-3b`, `mars`
    let is_part =
        |known: &&str| wanted.len() > 3 && (wanted.contains(*known) || known.contains(&wanted));
    Profile::names().into_iter().find(is_part)
}

fn architecture<'de, D: Deserializer<'de>>(from: D) -> Result<Fact<Arch>, D::Error> {
    let Fact {
        value,
        seen,
        source,
    } = Fact::<String>::deserialize(from)?;
    Ok(Fact {
        value: value.parse().map_err(D::Error::custom)?,
        seen,
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::signs::{Certainty, RestartWatch, SignSet};

    #[test]
    fn every_profile_can_be_read_and_says_where_its_facts_are_from() {
        for name in Profile::names() {
            let profile = Profile::named(name).unwrap();
            assert_eq!(profile.name, name);
            let sources = [
                &profile.architecture.source,
                &profile.speed.source,
                &profile.firmware_from.source,
                &profile.stages.source,
                &profile.restarts_with.source,
                &profile.written_to.source,
            ];
            assert!(
                sources.iter().all(|source| source.len() > 20),
                "{name}: {sources:?}"
            );
            assert!(
                !profile.written_to.value.contains(&Medium::SpiFlash),
                "{name}"
            );
        }
        let rock = Profile::named("rock-3b").unwrap();
        assert_eq!(
            (rock.architecture.value, rock.speed.value),
            (Arch::Aarch64, 1_500_000)
        );
        assert!(!rock.speed.seen);
        assert!(Profile::names().is_sorted());
    }

    #[test]
    fn the_watch_knows_each_line_with_which_a_board_says_that_it_restarted() {
        for name in Profile::names() {
            for line in Profile::named(name).unwrap().restarts_with.value {
                let mut watch = RestartWatch::new(SignSet::built_in());
                let text = format!("\r\n\r\n{line}\r\n");
                let seen = watch.take(text.as_bytes());
                assert_eq!(seen.len(), 1, "{name}: {line}");
                assert_eq!(seen[0].certainty, Certainty::Certain, "{name}: {line}");
            }
        }
    }

    #[test]
    fn an_unknown_board_is_told_with_the_nearest_name() {
        let told = |name| Profile::named(name).unwrap_err().to_string();
        let rows = [
            ("rock3b", "rock-3b"),
            ("Rock_3B", "rock-3b"),
            ("radxa-rock-3b", "rock-3b"),
            ("mars", "mars-cm"),
            ("vision-five", "visionfive"),
        ];
        for (name, near) in rows {
            let words = format!("there is no profile of a board `{name}`; did you mean `{near}`?");
            assert_eq!(told(name), words);
        }
        let all = "there are lichee-rv, mars-cm, nanopc-t3-plus, rock-3b, visionfive";
        assert_eq!(
            told("pc"),
            format!("there is no profile of a board `pc`; {all}")
        );
    }

    #[test]
    fn unknown_fields_and_wrong_values_are_refused() {
        let text = include_str!("rock-3b.yaml");
        for (from, to) in [
            ("title:", "colour: green\ntitle:"),
            ("seen: false", "seen: maybe"),
            ("seen: false", "sen: false"),
            ("aarch64", "arm"),
            ("spi-flash", "nvme"),
            ("1500000", "fast"),
        ] {
            assert!(text.contains(from), "{from}");
            let text = text.replacen(from, to, 1);
            assert!(serde_yaml::from_str::<Profile>(&text).is_err(), "{to}");
        }
    }
}
