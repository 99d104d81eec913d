//! The task that keeps the connection to a VNC server, and makes it again when it was lost.

use std::{future::Future, pin::pin, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

use super::{
    VncSpec, fault,
    hands::Hands,
    look::Answer,
    open::{Opened, open},
    session::{End, serve},
};
use crate::{
    board::{BoardFault, FaultKind},
    input::InputEvent,
};

/// The pause before the first try to connect again.
const SHORTEST: Duration = Duration::from_millis(200);

/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(5);

/// The request of a handle.
pub(super) enum Request {
    /// A picture that was asked for after this request.
    Picture(Answer),
    /// These events, at once and in order.
    Input(Vec<InputEvent>, oneshot::Sender<Result<(), BoardFault>>),
}

/// Keeps the connection until all handles are dropped.
pub(super) async fn keep(spec: VncSpec, first: Opened, mut requests: mpsc::Receiver<Request>) {
    let source = fault::source(&spec.address);
    let mut hands = Hands::default();
    let mut pause = SHORTEST;
    let mut opened = first;
    loop {
        let fault = match serve(opened, &source, &mut hands, &mut requests).await {
            End::Unwanted => return,
            End::Lost { fault, worked } => {
                if worked {
                    pause = SHORTEST;
                }
                fault
            }
        };
        hands.let_go();
        opened = match again(&spec, fault, &mut pause, &mut requests).await {
            Some(opened) => opened,
            None => return,
        };
    }
}

/// Connects again. None if nobody wants it any more.
async fn again(
    spec: &VncSpec,
    mut fault: BoardFault,
    pause: &mut Duration,
    requests: &mut mpsc::Receiver<Request>,
) -> Option<Opened> {
    loop {
        refusing(sleep(*pause), &fault, requests).await?;
        *pause = (*pause * 2).min(LONGEST);
        match refusing(open(spec), &fault, requests).await? {
            Ok(opened) => return Some(opened),
            Err(next) => {
                // Some servers turn a host away that tries wrong passwords quickly.
                if next.kind == FaultKind::Denied {
                    *pause = LONGEST;
                }
                fault = next;
            }
        }
    }
}

/// Does some work, and refuses all requests meanwhile. None if nobody wants anything any more.
async fn refusing<T>(
    work: impl Future<Output = T>,
    fault: &BoardFault,
    requests: &mut mpsc::Receiver<Request>,
) -> Option<T> {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Some(done),
            request = requests.recv() => match request? {
                // The callers may have gone.
                Request::Picture(answer) => drop(answer.send(Err(fault.clone()))),
                Request::Input(_, answer) => drop(answer.send(Err(fault.clone()))),
            },
        }
    }
}
