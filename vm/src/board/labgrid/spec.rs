//! The description of a place of a labgrid lab.

use std::{collections::BTreeMap, fmt, path::PathBuf};

/// A place of a labgrid lab, and the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabgridSpec {
    /// The address of the coordinator, `HOST:PORT`. None for that of the environment file, of `LG_COORDINATOR`, or
    /// `127.0.0.1:20408`.
    pub coordinator: Option<String>,
    /// The place.
    pub place: Place,
    /// The environment file of the site, with its drivers and strategies. None if labgrid chooses the drivers.
    pub environment: Option<PathBuf>,
    /// A state of the strategy of the site. Needs `environment`.
    pub state: Option<String>,
    /// The name of the resource of the serial line. None if the place has only one.
    pub serial: Option<String>,
    /// The partition that images are written to with fastboot. None if they are written to a medium.
    pub fastboot: Option<String>,
    /// The program `labgrid-client`.
    pub program: PathBuf,
}

/// The way to choose a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The place of this name, or with this alias.
    Named(String),
    /// Any place with all these tags.
    Tagged(BTreeMap<String, String>),
}

impl Place {
    /// Returns the tags as arguments: `board=rpi4`.
    pub(super) fn filters(tags: &BTreeMap<String, String>) -> Vec<String> {
        tags.iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "the place `{name}`"),
            Self::Tagged(tags) => write!(
                f,
                "a place with the tags `{}`",
                Self::filters(tags).join(" ")
            ),
        }
    }
}
