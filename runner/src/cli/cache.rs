//! The command line of `qa cache`, as it was typed.

use std::time::Duration;

use clap::Subcommand;

use super::format::Format;

/// `qa cache ...`
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// List the checkpoints that runs can start from
    #[command(after_help = "Examples:\n  qa cache list\n  qa cache list --format json")]
    List {
        /// Output format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Remove checkpoints: damaged ones, then the least recently used
    ///
    /// Checkpoints that a running qa uses are kept, and those from which they were made, too. Disks that killed runs of
    /// this project left in their folders are removed. With --older-than and --all, images that were unpacked into the
    /// cache more than a day ago are removed, too.
    #[command(
        after_help = "Examples:\n  qa cache prune --limit 5G\n  qa cache prune --older-than 7d\n  qa cache prune --all"
    )]
    Prune {
        /// Keep at most this much on disk, such as 500M or 20G [default: QA_CACHE_LIMIT, else 20G]
        #[arg(long, value_name = "SIZE", value_parser = parse_size, conflicts_with = "all")]
        limit: Option<u64>,
        /// Also remove what was not used for this time, such as 12h or 7d
        #[arg(long, value_name = "AGE", value_parser = parse_age)]
        older_than: Option<Duration>,
        /// Remove everything that is not in use
        #[arg(long)]
        all: bool,
    },
    /// Read every byte of every checkpoint, and remove damaged ones; the exit status is 3 if there was one
    #[command(after_help = "Example:\n  qa cache verify")]
    Verify,
}

/// Parses a size with a unit of powers of 1024, such as `20G`, `1.5GiB` or `500M`. Without a unit, it is in bytes.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let units = [("T", 4), ("G", 3), ("M", 2), ("K", 1), ("", 0)];
    parse(text, |unit| {
        let unit = unit.to_ascii_uppercase();
        let unit = unit
            .strip_suffix("IB")
            .or(unit.strip_suffix('B'))
            .unwrap_or(&unit)
            .to_owned();
        let (_, power) = units.iter().find(|(name, _)| *name == unit)?;
        Some(1024_f64.powi(*power))
    })
    .map(|bytes| bytes as u64)
    .ok_or_else(|| "a size like `500M` or `20G`".to_owned())
}

/// Parses an age with a unit: `90s`, `30m`, `12h`, `7d`, `2w`.
fn parse_age(text: &str) -> Result<Duration, String> {
    parse(text, |unit| match unit {
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3_600.0),
        "d" => Some(86_400.0),
        "w" => Some(604_800.0),
        _ => None,
    })
    .map(|seconds| Duration::from_secs(seconds as u64))
    .ok_or_else(|| "an age like `12h` or `7d`".to_owned())
}

/// Parses a number with a unit and multiplies both. Returns none if it is not such a number, or too large to be exact.
fn parse(text: &str, unit: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    const LARGEST: f64 = (1_u64 << 53) as f64;
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let number: f64 = text[..digits].parse().ok()?;
    let value = number * unit(text[digits..].trim_start())?;
    (value <= LARGEST).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_1024() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("1K", 1 << 10),
            ("500M", 500 << 20),
            ("20G", 20 << 30),
            ("20 GiB", 20 << 30),
            ("1.5g", 3 << 29),
            ("2T", 2 << 40),
            ("7b", 7),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for bad in [
            "",
            "G",
            "-1G",
            "1X",
            "1GG",
            "1..5G",
            "nan",
            "inf",
            "9999999999T",
            "é",
        ] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ages_have_a_unit() {
        for (text, seconds) in [
            ("90s", 90),
            ("30m", 1_800),
            ("12h", 43_200),
            ("7d", 604_800),
            ("1.5d", 129_600),
            ("2w", 1_209_600),
        ] {
            assert_eq!(parse_age(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for bad in ["", "7", "d", "-1d", "7 years", "99999999999999999999d"] {
            assert!(parse_age(bad).is_err(), "{bad}");
        }
    }
}
