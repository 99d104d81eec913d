//! The limits of the folder of results.

use super::size::read_mib;
use crate::finding::Span;
use crate::yaml::{Field, Node, Reader, Shape};

/// The limits of the folder of results. At least one is set.
#[derive(Debug, Clone, PartialEq)]
pub struct Retention {
    /// Runs that are younger than this number of days stay.
    pub keep_days: Option<u32>,
    /// This number of runs stays: the newest ones.
    pub keep_runs: Option<u32>,
    /// All runs together take at most this many MiB.
    pub max_size_mib: Option<u64>,
    /// Its place in the file.
    pub at: Span,
}

impl Retention {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional(
            "keep_days",
            Shape::Whole(1),
            "The runs of the last days stay: this number of days.",
        ),
        Field::optional(
            "keep_runs",
            Shape::Whole(1),
            "The newest runs stay: this number of them.",
        ),
        Field::optional(
            "max_size",
            Shape::Text,
            "All runs together take at most this much on disk, such as `50G`.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`results`", &[Self::FIELDS])?;
        let keep_days = fields.may("keep_days", reader, |r, n| r.whole(n, 1, 100_000));
        let keep_runs = fields.may("keep_runs", reader, |r, n| r.whole(n, 1, 1_000_000));
        let max_size = fields.may("max_size", reader, read_mib);
        let read = Self {
            keep_days: keep_days?,
            keep_runs: keep_runs?,
            max_size_mib: max_size?,
            at: node.at.clone(),
        };
        if read.keep_days.is_none() && read.keep_runs.is_none() && read.max_size_mib.is_none() {
            return reader.invalid(
                &node.at,
                "`results` has no limit",
                "write at least one of `keep_days`, `keep_runs` and `max_size`, or leave `results` out",
            );
        }
        Some(read)
    }
}
