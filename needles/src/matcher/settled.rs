//! The stages that can decide a search, and how often each did.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The stage that decided the search for an area, the cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Settled {
    /// An earlier search covered this one, on this frame or on an earlier frame with the same pixels.
    Known,
    /// The frame has exactly the needle's pixels at the recorded place.
    Unchanged,
    /// The sum at the recorded place left nothing to search for.
    AtPlace,
    /// Groups of sixteen places were ruled out, until none was left.
    Groups,
    /// Few groups were left, so all their places were summed up.
    FewGroups,
    /// The places of the remaining groups were ruled out one by one.
    Places,
    /// The remaining places were summed up.
    Sums,
}

impl Settled {
    /// All stages, the cheapest first.
    pub const ALL: [Self; 7] = [
        Self::Known,
        Self::Unchanged,
        Self::AtPlace,
        Self::Groups,
        Self::FewGroups,
        Self::Places,
        Self::Sums,
    ];
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known => "known",
            Self::Unchanged => "unchanged",
            Self::AtPlace => "at the place",
            Self::Groups => "groups",
            Self::FewGroups => "few groups",
            Self::Places => "places",
            Self::Sums => "sums",
        })
    }
}

/// The number of searches that each stage decided. Any thread may count.
#[derive(Debug, Default)]
pub(crate) struct Counts([AtomicU64; Settled::ALL.len()]);

impl Counts {
    pub(crate) fn add(&self, settled: Settled) {
        // These are only counters, nothing else depends on their order.
        self.0[settled as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn all(&self) -> [(Settled, u64); Settled::ALL.len()] {
        Settled::ALL.map(|settled| {
            let count = &self.0[settled as usize];
            (settled, count.load(Ordering::Relaxed))
        })
    }
}
