//! The places of a lab, as `labgrid-client -v places` prints them.

use std::collections::BTreeMap;

use super::Owner;

/// A place that the coordinator knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownPlace {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    pub(super) tags: BTreeMap<String, String>,
    /// None if it is free.
    pub(super) holder: Option<Owner>,
    /// The reservation that it is kept for.
    pub(super) reservation: Option<String>,
}

impl KnownPlace {
    /// Reads the places. Lines that are not understood are left out. None if there is text, but no place.
    pub(super) fn parse(text: &str) -> Option<Vec<Self>> {
        let mut places: Vec<Self> = Vec::new();
        for line in text.lines() {
            let name = line
                .strip_prefix("Place '")
                .and_then(|rest| rest.strip_suffix("':"));
            if let Some(name) = name {
                places.push(Self {
                    name: name.to_owned(),
                    aliases: Vec::new(),
                    tags: BTreeMap::new(),
                    holder: None,
                    reservation: None,
                });
                continue;
            }
            let entry = line
                .strip_prefix("  ")
                .filter(|line| !line.starts_with(' '));
            if let (Some(place), Some((key, value))) = (
                places.last_mut(),
                entry.and_then(|line| line.split_once(": ")),
            ) {
                place.note(key, value);
            }
        }
        (!places.is_empty() || text.trim().is_empty()).then_some(places)
    }

    fn note(&mut self, key: &str, value: &str) {
        match key {
            "aliases" => self.aliases = value.split(", ").map(str::to_owned).collect(),
            "tags" => {
                let tags = value.split(", ").filter_map(|tag| tag.split_once('='));
                self.tags = tags
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .collect();
            }
            "acquired" => self.holder = Owner::parse(value),
            "reservation" => self.reservation = Some(value.to_owned()),
            _ => {}
        }
    }

    /// Returns true if this is its name, or one of its aliases.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// Returns true if it has all these tags.
    pub(super) fn has(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.iter()
            .all(|(key, value)| self.tags.get(key) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::labgrid::fake::recording;

    #[test]
    fn recorded_places_are_read() {
        let places = KnownPlace::parse(&recording("places-reserved")).unwrap();
        assert_eq!(places.len(), 2);
        let holder = Owner::parse("lab-host/qa-run1-123");
        assert_eq!((&*places[0].name, &places[0].holder), ("b1", &holder));
        assert_eq!(places[0].reservation.as_deref(), Some("UF7SYFUZGA"));
        let tags = |text: &[(&str, &str)]| -> BTreeMap<_, _> {
            text.iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        assert!(places[1].has(&tags(&[("board", "rock3b"), ("arch", "aarch64")])));
        assert!(!places[1].has(&tags(&[("board", "rock3b"), ("arch", "riscv64")])));
        let free = KnownPlace::parse(&recording("places-free")).unwrap();
        assert!(free.iter().all(|place| place.holder.is_none()));
    }

    #[test]
    fn other_text_is_no_place() {
        assert_eq!(KnownPlace::parse("\n"), Some(Vec::new()));
        assert_eq!(KnownPlace::parse("<html>502</html>"), None);
        let aliases =
            KnownPlace::parse("Place 'b1':\n  aliases: desk, x:y\n  matches:\n    a: b\n").unwrap();
        assert!(aliases[0].is_called("desk") && !aliases[0].is_called("b"));
    }
}
