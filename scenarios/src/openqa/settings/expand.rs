//! Replaces `%NAME%` in settings by the values of other settings.

use super::job::Settings;

/// Settings may name settings that name others; more rounds are a circle.
const MOST_ROUNDS: usize = 8;
/// A value that is longer has a circle in it.
const LONGEST: usize = 64 << 10;

/// Returns the settings with the values of others put in. A name that has no value stays.
pub(super) fn expand(settings: &Settings) -> Settings {
    let mut expanded = settings.clone();
    for _ in 0..MOST_ROUNDS {
        let next: Settings = (expanded.iter())
            .map(|(name, value)| (name.clone(), replaced(name, value, &expanded)))
            .collect();
        if next == expanded {
            break;
        }
        expanded = next;
    }
    expanded
}

fn replaced(own: &str, value: &str, settings: &Settings) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        let named = after.split_once('%').and_then(|(name, tail)| {
            let other = settings.get(name).filter(|_| name != own)?;
            Some((other, tail))
        });
        out.push_str(before);
        match named {
            Some((other, tail)) => {
                out.push_str(other);
                rest = tail;
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    match out.len() <= LONGEST {
        true => out,
        false => value.to_owned(),
    }
}
