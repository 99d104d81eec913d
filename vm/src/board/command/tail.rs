//! The end of the output of a program.

use std::collections::VecDeque;

/// The most bytes that are kept.
const MOST: usize = 1 << 20;

/// The last bytes that a program wrote, at most 1 MiB.
#[derive(Debug, Default)]
pub(crate) struct Tail(VecDeque<u8>);

impl Tail {
    /// Appends bytes. Forgets the oldest ones if there are too many.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(MOST)..];
        let over = (self.0.len() + bytes.len()).saturating_sub(MOST);
        self.0.drain(..over);
        self.0.extend(bytes);
    }

    /// Returns the bytes as text. Bytes that are no text become replacement characters.
    pub(crate) fn text(&self) -> String {
        let (front, back) = self.0.as_slices();
        String::from_utf8_lossy(&[front, back].concat()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_kept_and_the_beginning_is_forgotten() {
        let mut tail = Tail::default();
        tail.push(b"first");
        tail.push(&vec![b'x'; MOST - 4]);
        tail.push(b"last");
        let text = tail.text();
        assert_eq!(text.len(), MOST);
        assert!(text.starts_with("xx") && text.ends_with("xlast"));
        tail.push(&vec![b'y'; 3 * MOST]);
        assert_eq!(tail.text().len(), MOST);
    }
}
