//! The screen and the input of a VNC server, as the machine sees them.

use tokio::sync::{mpsc, oneshot};

use super::{connection::Request, fault::lost, look::Shot};
use crate::{
    CaptureError, Frame,
    board::BoardFault,
    input::{InputError, InputEvent, InputSink, Secrecy},
    screen::{Picture, PictureSource, Taken},
};

/// The screen of a VNC server. The pictures come from the connection task.
#[derive(Debug)]
pub(crate) struct VncScreen {
    source: String,
    requests: mpsc::Sender<Request>,
    shot: Option<Shot>,
}

/// The keyboard and the pointer of a VNC server. The events go to the connection task.
#[derive(Debug)]
pub(crate) struct VncInput {
    source: String,
    requests: mpsc::Sender<Request>,
}

impl VncScreen {
    pub(super) fn new(source: String, requests: mpsc::Sender<Request>) -> Self {
        Self {
            source,
            requests,
            shot: None,
        }
    }
}

impl VncInput {
    pub(super) fn new(source: String, requests: mpsc::Sender<Request>) -> Self {
        Self { source, requests }
    }
}

impl PictureSource for VncScreen {
    async fn take(&mut self, _last: Option<&Frame>) -> Result<Taken<'_>, CaptureError> {
        let shot = asked(&self.source, &self.requests, Request::Picture).await?;
        let shot = self.shot.insert(shot);
        Ok(Taken::Picture(Picture {
            width: shot.width,
            height: shot.height,
            rgb: &shot.rgb,
        }))
    }
}

impl InputSink for VncInput {
    async fn send(&mut self, events: &[InputEvent], _secrecy: Secrecy) -> Result<(), InputError> {
        let request = |answer| Request::Input(events.to_vec(), answer);
        Ok(asked(&self.source, &self.requests, request).await?)
    }
}

/// Asks the connection task. It answers each request within a time limit.
async fn asked<T>(
    source: &str,
    requests: &mpsc::Sender<Request>,
    request: impl FnOnce(oneshot::Sender<Result<T, BoardFault>>) -> Request,
) -> Result<T, BoardFault> {
    let (answer, answered) = oneshot::channel();
    let ended = || lost(source, "its task has ended");
    requests.send(request(answer)).await.map_err(|_| ended())?;
    answered.await.map_err(|_| ended())?
}
