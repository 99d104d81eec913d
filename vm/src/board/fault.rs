//! The faults of the sources that a board is made of.

use std::fmt;

use crate::{
    CaptureError,
    input::InputError,
    machine::{ControlError, ControlErrorKind},
};

/// The reason why a source of a board did not do something. A fault is never the fault of the system under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardFault {
    /// The kind, for decisions.
    pub kind: FaultKind,
    /// The message for people: a sentence without capital and without full stop, that names the source.
    pub words: String,
    /// The next thing to do, for people. None if there is no advice.
    pub advice: Option<String>,
}

/// A kind of [`BoardFault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// A program that the source needs is not on this host, or is too old.
    Missing,
    /// The source cannot be reached: no such host, the connection was refused or closed.
    Unreachable,
    /// The source refused the name, the password or the certificate.
    Denied,
    /// Another person or run has the board.
    Held,
    /// The source is there, and refused.
    Refused,
    /// The source is there, and has no part for this: no switch, no multiplexer.
    NoResource,
    /// The source is there, and gets no picture from the board.
    NoSignal,
    /// The source did not answer in time.
    TimedOut,
    /// The answer of the source was not understood.
    NotUnderstood,
}

impl BoardFault {
    /// Makes a fault without advice.
    pub(crate) fn new(kind: FaultKind, words: impl Into<String>) -> Self {
        Self {
            kind,
            words: words.into(),
            advice: None,
        }
    }

    /// Adds the next thing to do.
    pub(crate) fn advice(self, advice: impl Into<String>) -> Self {
        Self {
            advice: Some(advice.into()),
            ..self
        }
    }
}

impl fmt::Display for BoardFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for BoardFault {}

impl From<BoardFault> for ControlError {
    fn from(fault: BoardFault) -> Self {
        let kind = match fault.kind {
            FaultKind::Missing
            | FaultKind::Denied
            | FaultKind::Held
            | FaultKind::Refused
            | FaultKind::NoResource
            | FaultKind::NoSignal => ControlErrorKind::Refused,
            FaultKind::Unreachable => ControlErrorKind::Gone,
            FaultKind::TimedOut => ControlErrorKind::Silent,
            FaultKind::NotUnderstood => ControlErrorKind::NotUnderstood,
        };
        Self {
            kind,
            words: match fault.advice {
                Some(advice) => format!("{}; {advice}", fault.words),
                None => fault.words,
            },
        }
    }
}

impl From<BoardFault> for CaptureError {
    /// A picture that does not come now may come later: a fault of a screen is never the end of the machine.
    fn from(fault: BoardFault) -> Self {
        match fault.kind {
            // The board may be the reason.
            FaultKind::NoSignal => Self::Refused {
                reason: fault.words,
            },
            FaultKind::Missing
            | FaultKind::Unreachable
            | FaultKind::Denied
            | FaultKind::Held
            | FaultKind::Refused
            | FaultKind::NoResource
            | FaultKind::TimedOut
            | FaultKind::NotUnderstood => Self::Broken {
                reason: fault.words,
                advice: fault.advice,
            },
        }
    }
}

impl From<BoardFault> for InputError {
    fn from(fault: BoardFault) -> Self {
        Self::Refused(fault.into())
    }
}
