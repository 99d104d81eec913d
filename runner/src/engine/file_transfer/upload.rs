//! Writes a file in the guest, piece by piece.

use vm::GuestOutput;

use super::TransferError;
use super::shell_call::{ShellCall, Sum, output_of};
use crate::guest_way::GuestWay;

const SCRIPT: &str = include_str!("put.sh");

/// The sizes of pieces in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pieces {
    /// The size of the first one, whose answer says if the guest has `base64`.
    pub(super) first: usize,
    /// The size of the others.
    pub(super) next: usize,
    /// True if bytes that are no text are longer than base64 on their way.
    pub(super) packs: bool,
}

impl Pieces {
    pub(super) fn over(way: GuestWay) -> Self {
        match way {
            // As JSON, in which the agent takes lines of up to 64 MiB.
            GuestWay::Agent => Self {
                first: 1 << 20,
                next: 1 << 20,
                packs: false,
            },
            // A byte takes up to seven characters, and a shell keeps the whole piece in a variable.
            GuestWay::Serial => Self {
                first: 2 << 10,
                next: 64 << 10,
                packs: true,
            },
        }
    }
}

/// A file on its way into the guest.
#[derive(Debug)]
pub(in crate::engine) struct Upload<'a> {
    to: &'a str,
    mode: Option<String>,
    content: &'a [u8],
    pieces: Pieces,
    has_base64: bool,
    /// The number of bytes in the guest.
    sent: usize,
    /// The number of bytes in the call under way.
    under_way: usize,
    is_done: bool,
}

impl<'a> Upload<'a> {
    /// Makes the upload of a content to a file of the guest, with these permissions.
    pub(in crate::engine) fn new(
        to: &'a str,
        mode: Option<String>,
        content: &'a [u8],
        way: GuestWay,
    ) -> Self {
        Self::in_pieces(to, mode, content, Pieces::over(way))
    }

    /// Lets every byte travel as it is written, so that logs find a secret in it.
    pub(in crate::engine) fn unpacked(mut self) -> Self {
        self.pieces.packs = false;
        self
    }

    pub(super) fn in_pieces(
        to: &'a str,
        mode: Option<String>,
        content: &'a [u8],
        pieces: Pieces,
    ) -> Self {
        Self {
            to,
            mode,
            content,
            pieces,
            has_base64: false,
            sent: 0,
            under_way: 0,
            is_done: false,
        }
    }

    /// Returns the next command to run; none if the file is complete in the guest.
    pub(in crate::engine) fn next_call(&mut self) -> Option<ShellCall> {
        if self.is_done {
            return None;
        }
        let size = match self.sent {
            0 => self.pieces.first,
            _ => self.pieces.next,
        };
        let rest = &self.content[self.sent..];
        let piece = &rest[..size.min(rest.len())];
        self.under_way = piece.len();
        let packs = self.pieces.packs && self.has_base64;
        let flag = |is: bool| if is { "1" } else { "" };
        Some(ShellCall::new(
            SCRIPT,
            &[
                ("t", self.to),
                ("m", self.mode.as_deref().unwrap_or_default()),
                ("f", flag(self.sent == 0)),
                ("l", flag(piece.len() == rest.len())),
                ("p", flag(packs)),
            ],
            match packs {
                true => to_base64(piece),
                false => piece.to_vec(),
            },
        ))
    }

    /// Takes the answer to the last command.
    ///
    /// # Errors
    /// The guest refused, or has another content than was sent.
    pub(in crate::engine) fn take(&mut self, answer: &GuestOutput) -> Result<(), TransferError> {
        let text = String::from_utf8_lossy(output_of(answer)?).into_owned();
        self.has_base64 |= text.lines().any(|line| line == "base64");
        self.sent += self.under_way;
        if self.sent < self.content.len() {
            return Ok(());
        }
        let sum = text.lines().find_map(Sum::read);
        let sum = sum.ok_or_else(|| TransferError::Nonsense(text.trim().to_owned()))?;
        self.is_done = true;
        match sum == Sum::of(self.content) {
            true => Ok(()),
            false => Err(TransferError::Differs {
                has: sum.size,
                written: self.content.len() as u64,
            }),
        }
    }
}

/// Returns bytes in base64, on one line.
pub(super) fn to_base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4 + 1);
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            text.push(match place <= three.len() {
                true => DIGITS[(bits >> shift & 63) as usize],
                false => b'=',
            });
        }
    }
    text.push(b'\n');
    text
}
