//! The output of a command, whole or with a gap.

/// A stream of a command's output: all of it, or its beginning and its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    // The beginning and, from `gap` on, the end.
    kept: Vec<u8>,
    gap: Option<Gap>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gap {
    at: usize,
    /// None if the number is not known.
    left_out: Option<u64>,
}

impl Output {
    /// Returns an output that is complete.
    #[must_use]
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self {
            kept: bytes,
            gap: None,
        }
    }

    /// Returns an output of which `left_out` bytes are missing between the two parts. None if their number is not
    /// known.
    #[must_use]
    pub fn cut(head: Vec<u8>, left_out: Option<u64>, tail: Vec<u8>) -> Self {
        let at = head.len();
        let mut kept = head;
        kept.extend(tail);
        Self {
            kept,
            gap: Some(Gap { at, left_out }),
        }
    }

    /// Returns true if bytes are missing.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.gap.is_some()
    }

    /// Returns the number of missing bytes. None if none are missing, or their number is not known.
    #[must_use]
    pub fn left_out(&self) -> Option<u64> {
        self.gap.and_then(|gap| gap.left_out)
    }

    /// Returns every byte that was kept.
    #[must_use]
    pub fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// Returns the bytes before and behind the gap. Without a gap, all bytes are before it.
    #[must_use]
    pub fn parts(&self) -> (&[u8], &[u8]) {
        self.kept
            .split_at(self.gap.map_or(self.kept.len(), |gap| gap.at))
    }
}
