//! Splits the bytes of a connection into lines.

/// The longest line that is read. QEMU's longest answers (`query-qmp-schema`) have some 200 KiB.
pub(crate) const LONGEST: usize = 10 << 20;

/// Splits a stream of bytes into lines, in whatever pieces they arrive.
#[derive(Debug)]
pub(crate) struct Lines {
    begun: Vec<u8>,
    limit: usize,
    skipping: bool,
}

/// A result of [`Lines`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// A line without its end.
    Whole(&'a [u8]),
    /// A line longer than the limit. Its bytes were dropped.
    TooLong,
}

impl Lines {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            begun: Vec::new(),
            limit,
            skipping: false,
        }
    }

    /// Takes the next bytes, and passes each line that they complete to `each`.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut each: impl FnMut(Line<'_>)) {
        while let Some(end) = bytes.iter().position(|&byte| byte == b'\n') {
            let (head, rest) = (&bytes[..end], &bytes[end + 1..]);
            if self.skipping || self.begun.len() + head.len() > self.limit {
                each(Line::TooLong);
            } else if self.begun.is_empty() {
                each(Line::Whole(trimmed(head)));
            } else {
                self.begun.extend_from_slice(head);
                each(Line::Whole(trimmed(&self.begun)));
            }
            self.begun.clear();
            self.skipping = false;
            bytes = rest;
        }
        if self.skipping || self.begun.len() + bytes.len() > self.limit {
            self.skipping = true;
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(bytes);
        }
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(limit: usize, chunks: &[&[u8]]) -> Vec<Option<Vec<u8>>> {
        let mut found = Vec::new();
        let mut lines = Lines::new(limit);
        for chunk in chunks {
            lines.push(chunk, |line| {
                found.push(match line {
                    Line::Whole(line) => Some(line.to_vec()),
                    Line::TooLong => None,
                });
            });
        }
        found
    }

    #[test]
    fn a_line_is_whole_however_it_is_split() {
        assert_eq!(
            lines(9, &[b"a", b"b\r", b"\ncd\nef"]),
            [Some(b"ab".to_vec()), Some(b"cd".to_vec())]
        );
    }

    #[test]
    fn a_line_over_the_limit_is_dropped_and_the_next_one_is_read() {
        assert_eq!(lines(3, &[b"abcd\nxyz\n"]), [None, Some(b"xyz".to_vec())]);
        assert_eq!(
            lines(3, &[b"ab", b"cd", b"ef\nxyz\n"]),
            [None, Some(b"xyz".to_vec())]
        );
    }

    #[test]
    fn memory_is_not_kept_for_a_line_that_is_dropped() {
        let mut lines = Lines::new(16);
        for _ in 0..100 {
            lines.push(&[b'x'; 16], |_| ());
        }
        assert!(lines.begun.capacity() <= 32);
    }

    proptest! {
        #[test]
        fn splitting_is_the_same_for_any_chunks(
            bytes in proptest::collection::vec(any::<u8>(), 0..200), size in 1..20_usize,
        ) {
            let whole = lines(1000, &[&bytes]);
            let chunks: Vec<_> = bytes.chunks(size).collect();
            prop_assert_eq!(lines(1000, &chunks), whole);
        }
    }
}
