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
    /// None where nobody counted.
    left_out: Option<u64>,
}

impl Output {
    /// All that was written.
    #[must_use]
    pub fn whole(bytes: Vec<u8>) -> Self {
        Self {
            kept: bytes,
            gap: None,
        }
    }

    /// Returns an output of which `left_out` bytes are missing between the two parts; none where nobody counted them.
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

    /// Returns whether something is left out.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.gap.is_some()
    }

    /// Returns how many bytes are left out; none where nothing is, or nobody counted.
    #[must_use]
    pub fn left_out(&self) -> Option<u64> {
        self.gap.and_then(|gap| gap.left_out)
    }

    /// Every byte that was kept.
    #[must_use]
    pub fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// The bytes before and after what is left out. Where nothing is, all are before.
    #[must_use]
    pub fn parts(&self) -> (&[u8], &[u8]) {
        self.kept
            .split_at(self.gap.map_or(self.kept.len(), |gap| gap.at))
    }
}
