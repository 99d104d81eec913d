//! Reads a file of the guest, piece by piece.

use vm::GuestOutput;

use super::TransferError;
use super::shell_call::{ShellCall, Sum, output_of};
use crate::guest_way::GuestWay;

const SCRIPT: &str = include_str!("get.sh");

/// The number of times that a file is read from its beginning, because it changes meanwhile.
const TRIES: u32 = 3;

/// The question that the last command asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// The first piece.
    First,
    /// The checksum and the size of the whole file.
    Sum,
    /// The piece that follows.
    Next,
    /// Nothing: the file is here.
    Nothing,
}

/// A file on its way out of the guest.
#[derive(Debug)]
pub(in crate::engine) struct Download<'a> {
    file: &'a str,
    piece: usize,
    most: u64,
    asked: Asked,
    got: Vec<u8>,
    /// The file as it was when its checksum was taken.
    whole: Sum,
    tries: u32,
}

impl<'a> Download<'a> {
    /// Makes the download of a file of the guest, of at most `most` bytes.
    pub(in crate::engine) fn new(file: &'a str, way: GuestWay, most: u64) -> Self {
        let piece = match way {
            GuestWay::Agent => 1 << 20,
            // Half of the output that the shell of a serial line sends whole.
            GuestWay::Serial => 64 << 10,
        };
        Self::in_pieces(file, piece, most)
    }

    pub(super) fn in_pieces(file: &'a str, piece: usize, most: u64) -> Self {
        Self {
            file,
            piece: usize::try_from(most).map_or(piece, |most| piece.min(most)),
            most,
            asked: Asked::First,
            got: Vec::new(),
            whole: Sum::of(b""),
            tries: 1,
        }
    }

    /// Returns the next command to run; none if the file is complete.
    pub(in crate::engine) fn next_call(&self) -> Option<ShellCall> {
        let here = self.got.len() as u64;
        let (size, sum) = match self.asked {
            Asked::First => (self.piece as u64, ""),
            Asked::Sum => (self.most + 1, "1"),
            Asked::Next => ((self.whole.size - here).min(self.piece as u64), ""),
            Asked::Nothing => return None,
        };
        let (place, size) = (here.to_string(), size.to_string());
        Some(ShellCall::new(
            SCRIPT,
            &[("t", self.file), ("n", &place), ("c", &size), ("s", sum)],
            Vec::new(),
        ))
    }

    /// Takes the answer to the last command.
    ///
    /// # Errors
    /// The guest refused, or the file is too large or changes all the time.
    pub(in crate::engine) fn take(&mut self, answer: &GuestOutput) -> Result<(), TransferError> {
        let output = output_of(answer)?;
        match self.asked {
            Asked::First => {
                self.got = output.to_vec();
                // A short piece is all of the file, so it needs no checksum of the guest: both ways have their own.
                self.asked = match self.got.len() < self.piece {
                    true => Asked::Nothing,
                    false => Asked::Sum,
                };
            }
            Asked::Sum => {
                self.whole = self.sum_in(output)?;
                return self.go_on();
            }
            // The file has become shorter.
            Asked::Next if output.is_empty() => return self.begin_again(),
            Asked::Next => {
                self.got.extend_from_slice(output);
                return self.go_on();
            }
            Asked::Nothing => {}
        }
        Ok(())
    }

    /// Decides what to ask next, if the size of the whole file is known.
    fn go_on(&mut self) -> Result<(), TransferError> {
        if (self.got.len() as u64) < self.whole.size {
            self.asked = Asked::Next;
            return Ok(());
        }
        if Sum::of(&self.got) != self.whole {
            return self.begin_again();
        }
        self.asked = Asked::Nothing;
        Ok(())
    }

    /// Reads the file from its beginning, because it has changed.
    fn begin_again(&mut self) -> Result<(), TransferError> {
        if self.tries == TRIES {
            return Err(TransferError::Changes);
        }
        self.tries += 1;
        self.got.clear();
        self.asked = Asked::First;
        Ok(())
    }

    /// Reads the answer with the checksum, and refuses a file that is too large.
    fn sum_in(&self, output: &[u8]) -> Result<Sum, TransferError> {
        let text = String::from_utf8_lossy(output);
        let mut lines = text.lines();
        let sum = lines.next().and_then(Sum::read);
        let sum = sum.ok_or_else(|| TransferError::Nonsense(text.trim().to_owned()))?;
        if sum.size <= self.most {
            return Ok(sum);
        }
        // Mode, links, owner, group, size.
        let size = lines
            .next()
            .and_then(|line| line.split_whitespace().nth(4)?.parse().ok());
        Err(TransferError::TooLarge {
            size: size.filter(|size| *size > self.most),
            most: self.most,
        })
    }

    /// Returns the file.
    pub(in crate::engine) fn into_bytes(self) -> Vec<u8> {
        self.got
    }
}
