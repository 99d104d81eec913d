//! Durations such as `1m30s`.

use std::time::Duration;

use super::templated::{FromText, Shown, not_a, show_no_secret};
use super::text::Text;
use crate::finding::{Diagnostic, Span};

/// The units, longest first, with their milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Longer than any test. Keeps sums of durations in range.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl FromText for Duration {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "a duration")?;
        let written = text.reveal().trim();
        match parse(written) {
            Some(duration) if duration <= LONGEST => Ok(duration),
            Some(_) => {
                Err(not_a("a duration", written, at).with_help("the longest is a week: `168h`"))
            }
            None if written.parse::<f64>().is_ok() => {
                Err(not_a("a duration", written, at)
                    .with_help(format!("add the unit: `{written}s`")))
            }
            None => Err(not_a("a duration", written, at)
                .with_help("write it like `500ms`, `60s`, `2m` or `1h30m`")),
        }
    }
}

impl Shown for Duration {
    fn shown(&self) -> String {
        show(*self)
    }
}

/// Reads a duration in the notation of scenarios, such as `90s` or `1h30m`, for the command line.
///
/// # Errors
/// The text is no duration, or longer than a week: the form that it must have.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let parsed = parse(text.trim()).filter(|duration| *duration <= LONGEST);
    parsed.ok_or_else(|| "a time like `500ms`, `60s`, `2m` or `1h30m`".to_owned())
}

/// Reads numbers with units. Each unit must be smaller than the one before: `1h30m`, `1.5s`.
fn parse(written: &str) -> Option<Duration> {
    let mut rest = written;
    let mut total = Duration::ZERO;
    let mut units = UNITS.as_slice();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number = &rest[..rest.find(|c: char| !c.is_ascii_digit() && c != '.')?];
        rest = &rest[number.len()..];
        let unit = &rest[..rest
            .find(|c: char| !c.is_ascii_lowercase())
            .unwrap_or(rest.len())];
        rest = &rest[unit.len()..];
        let index = units.iter().position(|(name, _)| *name == unit)?;
        let value: f64 = number.parse().ok()?;
        total = total.checked_add(
            Duration::try_from_secs_f64(value * units[index].1 as f64 / 1000.0).ok()?,
        )?;
        units = &units[index + 1..];
    }
    Some(total)
}

/// Returns a duration in the notation of scenarios: `1m30s`.
pub(crate) fn show(duration: Duration) -> String {
    let mut left = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut shown = String::new();
    for (name, millis) in UNITS {
        if left >= millis {
            shown.push_str(&format!("{}{name}", left / millis));
            left %= millis;
        }
    }
    if shown.is_empty() {
        "0s".to_owned()
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units_from_long_to_short() {
        for (written, millis) in [
            ("500ms", Some(500)),
            ("60s", Some(60_000)),
            ("2m", Some(120_000)),
            ("1h30m", Some(5_400_000)),
            ("1.5s", Some(1_500)),
            ("0s", Some(0)),
            ("1m1m", None),
            ("1s1m", None),
            ("60", None),
            ("s", None),
            ("", None),
            ("-1s", None),
            ("1 s", None),
            ("1.2.3s", None),
            ("99999999999999999999999h", None),
        ] {
            assert_eq!(parse(written).map(|d| d.as_millis()), millis, "{written}");
        }
    }

    #[test]
    fn a_shown_duration_reads_as_itself() {
        for millis in [0, 1, 999, 1_000, 61_001, 5_400_000, 86_400_000] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse(&show(duration)), Some(duration), "{}", show(duration));
        }
        assert_eq!(show(Duration::from_secs(90)), "1m30s");
    }
}
