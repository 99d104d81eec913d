//! The screen of a board, by snapshots of a kvmd.

use std::sync::Arc;

use reqwest::Method;

use super::{
    api::{Api, Refusal},
    socket::{Line, Socket},
};
use crate::{
    CaptureError, Frame,
    board::{
        BoardFault, FaultKind,
        picture::{MOST_BYTES, NewestPicture},
    },
    own_gaps,
    screen::{PictureSource, Taken},
};

const PATH: &str = "/api/streamer/snapshot";

/// The screen of a board.
#[derive(Debug)]
pub(crate) struct KvmdScreen {
    api: Api,
    socket: Arc<Socket>,
    newest: NewestPicture,
}

impl KvmdScreen {
    pub(super) fn new(api: Api, socket: Arc<Socket>) -> Self {
        Self {
            api,
            socket,
            newest: NewestPicture::default(),
        }
    }

    async fn snapshot(&self) -> Result<Vec<u8>, BoardFault> {
        let limit = self.api.limits.http.answer;
        // One limit for all: a picture that comes in drops is late as well.
        let snapshot = async {
            let plain = |request| request;
            let answer = self.api.send(Method::GET, PATH, &[], limit, plain).await?;
            if answer.status().is_success() {
                return self.api.site().body(answer, MOST_BYTES, limit).await;
            }
            match self.api.result(PATH, answer, limit).await {
                Err(Refusal::Unavailable(_)) => Err(self.no_picture()),
                Err(refusal) => Err(refusal.into()),
                Ok(_) => Err(self.no_picture()),
            }
        };
        own_gaps::within(limit, snapshot).await.unwrap_or_else(|| {
            let words = format!("{} gave no picture within {limit:?}", self.api.name());
            Err(BoardFault::new(FaultKind::TimedOut, words)
                .advice("check if the KVM is overloaded, and the network between it and this host"))
        })
    }

    /// Returns the fault of a streamer whose picture stands still.
    fn frozen(&self) -> BoardFault {
        let words = format!(
            "{} has a signal, and captures no pictures: its picture stands still",
            self.api.name()
        );
        BoardFault::new(FaultKind::Refused, words)
            .advice("restart the streamer of the KVM, and look at its log")
    }

    /// Returns the reason why there is no picture.
    fn no_picture(&self) -> BoardFault {
        let name = self.api.name();
        let has_no_signal = self.socket.states().borrow().has_no_signal();
        match self.socket.line() {
            Line::Closed(fault) if !has_no_signal => {
                // The streamer runs only while a client is connected.
                let words = format!("{name} has no picture, since its streamer is off: {fault}");
                BoardFault { words, ..fault }
            }
            Line::Closed(_) | Line::Open | Line::Opening => {
                let words = format!("{name} has no signal from the board");
                BoardFault::new(FaultKind::NoSignal, words)
                    .advice("check that the board is on, and the cable of its screen")
            }
        }
    }
}

impl PictureSource for KvmdScreen {
    async fn take(&mut self, _last: Option<&Frame>) -> Result<Taken<'_>, CaptureError> {
        if self.socket.states().borrow().is_frozen() {
            return Err(self.frozen().into());
        }
        let bytes = self.snapshot().await?;
        let read = self.newest.read(bytes).await;
        let decoded = read.map_err(|error| error.fault(self.api.name()))?;
        Ok(Taken::Picture(decoded.picture()))
    }
}
