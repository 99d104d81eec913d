//! Looks for the values of secrets in files.
//!
//! A value is found as it is, as JSON, HTML and base64 write it, and on a serial console also where its echo is
//! interrupted by line ends or escape sequences.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::bytes::{Regex, RegexBuilder};

use super::known_secrets::{KnownSecret, KnownSecrets};

/// The bytes that may interrupt an echo on a serial console.
const CUT: &str = r"(?:[\r\n\x00\x07\x08]|\x1b\[[0-9;?]*[@-~])*";

/// The longest value that is looked for with interruptions, in characters.
const LONGEST_BROKEN: usize = 200;

/// The largest regular expression in bytes. One secret takes some KiB.
const LARGEST: usize = 64 << 20;

/// The shortest part of a value in base64 that is looked for: a shorter one is found by chance.
const SHORTEST_BASE64: usize = 8;

/// A secret that was found. It never has the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundSecret {
    /// The name of the secret.
    pub(crate) secret: String,
    /// The file, relative to the folder of the run.
    pub(crate) file: String,
    /// The line, from 1; none in the name of the file.
    pub(crate) line: Option<usize>,
}

impl FoundSecret {
    /// Returns file and line: `s/serial0.log:12`.
    pub(crate) fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => format!("{} (its name)", self.file),
        }
    }
}

/// Looks for the values of secrets.
pub(super) struct Search {
    patterns: Vec<Pattern>,
}

/// A secret, and how it is found.
struct Pattern {
    name: String,
    /// In any file.
    plain: Regex,
    /// In the log of a serial console.
    broken: Regex,
}

impl Search {
    /// Makes a search for all values that are known.
    ///
    /// # Errors
    /// When a value is too long to look for. The error does not have the value.
    pub(super) fn of(secrets: &KnownSecrets) -> Result<Self, String> {
        let patterns = secrets.known().iter().map(|secret| {
            Pattern::of(secret)
                .ok_or_else(|| format!("the value of secret `{}` is too long", secret.name))
        });
        Ok(Self {
            patterns: patterns.collect::<Result<_, _>>()?,
        })
    }

    /// Returns the first place of each secret in a file and in its name.
    pub(super) fn in_file(&self, file: &str, bytes: &[u8]) -> Vec<FoundSecret> {
        let name = file.rsplit('/').next().unwrap_or(file);
        let is_serial = name.starts_with("serial") && name.ends_with(".log");
        let found = self.patterns.iter().filter_map(|pattern| {
            let regex = match is_serial {
                true => &pattern.broken,
                false => &pattern.plain,
            };
            let line = regex.find(bytes).map(|found| {
                let before = &bytes[..found.start()];
                before.iter().filter(|byte| **byte == b'\n').count() + 1
            });
            if line.is_none() && !pattern.plain.is_match(file.as_bytes()) {
                return None;
            }
            Some(FoundSecret {
                secret: pattern.name.clone(),
                file: file.to_owned(),
                line,
            })
        });
        found.collect()
    }
}

impl Pattern {
    fn of(secret: &KnownSecret) -> Option<Self> {
        let mut forms = vec![secret.line.clone()];
        forms.extend(as_json(&secret.line));
        forms.push(as_html(&secret.line));
        forms.extend(in_base64(&secret.line));
        let mut plain: Vec<String> = forms.iter().map(|form| regex::escape(form)).collect();
        plain.sort();
        plain.dedup();
        let plain = plain.join("|");
        let broken = match secret.line.chars().count() {
            0..=LONGEST_BROKEN => format!("{plain}|{}", with_cuts(&secret.line)),
            _ => plain.clone(),
        };
        Some(Self {
            name: secret.name.clone(),
            plain: regex(&plain)?,
            broken: regex(&broken)?,
        })
    }
}

fn regex(pattern: &str) -> Option<Regex> {
    let built = RegexBuilder::new(pattern).size_limit(LARGEST).build();
    built.ok()
}

fn with_cuts(line: &str) -> String {
    let each = line
        .chars()
        .map(|c| regex::escape(c.encode_utf8(&mut [0; 4])));
    each.collect::<Vec<_>>().join(CUT)
}

/// Returns the text as a string of JSON, without its quotes.
fn as_json(line: &str) -> Option<String> {
    let quoted = serde_json::to_string(line).ok()?;
    let inside = quoted.strip_prefix('"')?.strip_suffix('"')?;
    Some(inside.to_owned())
}

/// Returns the text as reports write it in HTML.
fn as_html(line: &str) -> String {
    let mut html = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => html.push_str(&format!("&#{};", u32::from(c))),
            c => html.push(c),
        }
    }
    html
}

/// Returns the part of the text in base64 that does not depend on what is around it, for each of its three places.
fn in_base64(line: &str) -> Vec<String> {
    let bytes = line.as_bytes();
    let whole = (0..3_usize).filter_map(|skipped| {
        let rest = bytes.get(skipped..)?;
        let whole = rest.len() / 3 * 3;
        Some(STANDARD.encode(&rest[..whole]))
    });
    whole.filter(|text| text.len() >= SHORTEST_BASE64).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn search(values: &[&str]) -> Search {
        let mut secrets = KnownSecrets::default();
        for value in values {
            secrets.know("password", value);
        }
        Search::of(&secrets).unwrap_or_else(|error| panic!("{error}"))
    }

    fn places(search: &Search, file: &str, text: &str) -> Vec<String> {
        let found = search.in_file(file, text.as_bytes());
        found.iter().map(FoundSecret::place).collect()
    }

    #[test]
    fn a_secret_is_found_in_every_form_and_its_line_is_told() {
        let search = search(&["hun<\"ter>2"]);
        for text in [
            "a\nb hun<\"ter>2 c",
            "{}\n{\"t\":\"hun<\\\"ter>2\"}",
            "\nhun&#60;&#34;ter&#62;2",
            "\nQWxpY2U6aHVuPCJ0ZXI+Mg==", // Alice:...
        ] {
            assert_eq!(places(&search, "s/x.txt", text), ["s/x.txt:2"], "{text}");
        }
        assert!(places(&search, "s/x.txt", "hunter2 hun ter").is_empty());
        let named = places(&search, "s/files/hun<\"ter>2", "");
        assert_eq!(named, ["s/files/hun<\"ter>2 (its name)"]);
    }

    #[test]
    fn an_echo_that_is_interrupted_is_found_on_a_serial_console_only() {
        let search = search(&["hunter2"]);
        let echo = "x\r\nhun\x1b[1;32mt\r\ner2";
        assert_eq!(places(&search, "s/serial0.log", echo), ["s/serial0.log:2"]);
        assert!(places(&search, "s/qmp.log", echo).is_empty());
    }

    #[test]
    fn each_line_of_a_value_is_looked_for_and_short_ones_are_named() {
        let mut secrets = KnownSecrets::default();
        secrets.know("key", "-----BEGIN-----\nabc123\n");
        secrets.know("pin", "12");
        assert_eq!(secrets.unknown().len(), 1);
        let search = Search::of(&secrets).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(places(&search, "a.txt", "12 abc123"), ["a.txt:1"]);
    }

    proptest! {
        #[test]
        fn a_secret_is_found_wherever_it_stands(
            secret in "[ -~äß語]{3,20}", before in any::<Vec<u8>>(), after in any::<Vec<u8>>()
        ) {
            prop_assume!(secret.trim().len() >= 3);
            let search = search(&[&secret]);
            let encoded = STANDARD.encode([before.as_slice(), secret.trim().as_bytes(), &after].concat());
            let bytes = [before.as_slice(), secret.as_bytes(), &after].concat();
            prop_assert_eq!(search.in_file("f", &bytes).len(), 1);
            if secret.trim().len() >= 8 {
                prop_assert_eq!(search.in_file("f", encoded.as_bytes()).len(), 1);
            }
        }
    }
}
