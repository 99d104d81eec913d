//! The name and version of the operating system of this host.

use std::fs;

/// The description of the operating system in `/etc/os-release`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OsRelease {
    /// The name, such as `debian`. Empty if unknown.
    pub id: String,
    /// The version, such as `12`. Empty if there is none.
    pub version_id: String,
    /// The code name, such as `bookworm`. Empty if there is none.
    pub codename: String,
    /// The name for people, such as `Debian GNU/Linux 12 (bookworm)`.
    pub pretty_name: String,
    /// The distributions that it is made from, such as `debian`.
    pub like: Vec<String>,
}

impl OsRelease {
    /// Reads the file of this host. Without the file, returns an unknown Linux.
    #[must_use]
    pub fn of_host() -> Self {
        let text = fs::read_to_string("/etc/os-release")
            .or_else(|_| fs::read_to_string("/usr/lib/os-release"));
        Self::parse(&text.unwrap_or_default())
    }

    /// Reads the text of such a file: `NAME=value` lines, with values quoted as in a shell. Other lines are skipped.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut release = Self {
            pretty_name: "Linux".to_owned(),
            ..Self::default()
        };
        for (name, value) in text.lines().filter_map(|line| line.trim().split_once('=')) {
            let value = unquoted(value);
            match name {
                "ID" => release.id = value,
                "VERSION_ID" => release.version_id = value,
                "VERSION_CODENAME" => release.codename = value,
                "PRETTY_NAME" => release.pretty_name = value,
                "ID_LIKE" => {
                    release.like = value.split_whitespace().map(str::to_owned).collect();
                }
                _ => {}
            }
        }
        release
    }

    /// Returns true if it is the distribution `id`, or made from it.
    #[must_use]
    pub fn is_of(&self, id: &str) -> bool {
        self.id == id || self.like.iter().any(|like| like == id)
    }

    /// Returns true if it is the distribution `id` itself, of a version before `major`. A release without a version is
    /// newer than any.
    pub(super) fn is_before(&self, id: &str, major: u32) -> bool {
        let (number, _) = self
            .version_id
            .split_once('.')
            .unwrap_or((&self.version_id, ""));
        self.id == id && number.parse::<u32>().is_ok_and(|number| number < major)
    }
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(inner) = value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
        {
            let mut text = String::new();
            let mut characters = inner.chars();
            while let Some(c) = characters.next() {
                match c {
                    '\\' if quote == '"' => text.extend(characters.next()),
                    c => text.push(c),
                }
            }
            return text;
        }
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_and_a_derivative_are_read() {
        let debian = OsRelease::parse(
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nID=debian\n",
        );
        assert_eq!(debian.pretty_name, "Debian GNU/Linux 12 (bookworm)");
        assert_eq!(
            (debian.version_id.as_str(), debian.codename.as_str()),
            ("12", "bookworm")
        );
        assert!(debian.is_of("debian") && !debian.is_of("fedora"));

        let mint = OsRelease::parse("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n");
        assert!(mint.is_of("linuxmint") && mint.is_of("debian"));
    }

    #[test]
    fn quotes_are_read_as_a_shell_does() {
        let rows = [
            ("plain", "plain"),
            ("\"a b\"", "a b"),
            ("'a\\b'", "a\\b"),
            (r#""a \"b\" \$c""#, "a \"b\" $c"),
            ("\"open", "\"open"),
            ("\"", "\""),
        ];
        for (value, expected) in rows {
            let release = OsRelease::parse(&format!("PRETTY_NAME={value}"));
            assert_eq!(release.pretty_name, expected, "{value}");
        }
    }

    #[test]
    fn nothing_known_is_still_a_linux() {
        let unknown = OsRelease::parse("# comment\nbroken line\n");
        assert_eq!(unknown.pretty_name, "Linux");
        assert_eq!((unknown.id.as_str(), unknown.like.len()), ("", 0));
    }
}
