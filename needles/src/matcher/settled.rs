use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// By what the search for an area came to its end, the cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Settled {
    /// An earlier search had seen all that this one asked for, on this frame or on one before with the same pixels
    /// there.
    Known,
    /// The frame has the very pixels of the needle at the recorded place.
    Unchanged,
    /// Nothing was left to look for once the recorded place was summed up.
    AtPlace,
    /// All other places were ruled out in groups of sixteen.
    Groups,
    /// So few groups were left that their places were summed up.
    FewGroups,
    /// The places of the groups that were left were ruled out one by one.
    Places,
    /// What was left was summed up.
    Sums,
}

impl Settled {
    /// All of them, the cheapest first.
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

/// How many searches each stage has settled; any thread may count.
#[derive(Debug, Default)]
pub(crate) struct Counts([AtomicU64; Settled::ALL.len()]);

impl Counts {
    pub(crate) fn add(&self, settled: Settled) {
        // Numbers alone: nothing else depends on their order.
        self.0[settled as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn all(&self) -> [(Settled, u64); Settled::ALL.len()] {
        Settled::ALL.map(|settled| {
            let count = &self.0[settled as usize];
            (settled, count.load(Ordering::Relaxed))
        })
    }
}
