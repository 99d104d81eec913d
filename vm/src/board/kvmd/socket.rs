//! The WebSocket to a kvmd: kept open by a task, and opened again when it closes.
//!
//! ```text
//! closed --open--> open --closed, silent, broken--> closed: what waits for an answer fails
//!    '--refused: waits, at most 5 s, and tries again
//! ```
//!
//! kvmd handles the messages of a client one after the other, and answers `ping` with `pong`. So the `pong` to a `ping`
//! behind keys proves that kvmd took the keys.

use std::{collections::VecDeque, sync::Arc};

use futures_util::{SinkExt, StreamExt};
use reqwest::{Method, StatusCode, Upgraded};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, sleep},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        handshake::{client::generate_key, derive_accept_key},
        protocol::{Role, WebSocketConfig},
    },
};

use super::{api::Api, states::States};
use crate::{
    board::{BoardFault, FaultKind},
    own_gaps,
};

/// The most bytes of a message. The largest state is the list of images.
const MOST: usize = 4 << 20;

/// The path of the WebSocket.
const PATH: &str = "/api/ws";

/// The WebSocket to a kvmd. It is closed with this value.
#[derive(Debug)]
pub(super) struct Socket {
    orders: mpsc::Sender<Order>,
    line: watch::Receiver<Line>,
    states: watch::Receiver<States>,
    task: JoinHandle<()>,
}

/// The state of the WebSocket.
#[derive(Debug, Clone)]
pub(super) enum Line {
    Opening,
    Open,
    Closed(BoardFault),
}

/// Messages to send, in order.
#[derive(Debug)]
struct Order {
    messages: Vec<Value>,
    done: Done,
}

type Done = oneshot::Sender<Result<(), BoardFault>>;

/// A ping without an answer.
#[derive(Debug)]
struct Waiting {
    since: Instant,
    /// None if the ping only keeps the connection alive.
    done: Option<Done>,
}

impl Socket {
    /// Begins to open the WebSocket.
    pub(super) fn start(api: Api) -> Arc<Self> {
        let (orders, queue) = mpsc::channel(16);
        let (line_told, line) = watch::channel(Line::Opening);
        let (states_told, states) = watch::channel(States::default());
        let task = Task {
            api,
            queue,
            line: line_told,
            states: states_told,
        };
        Arc::new(Self {
            orders,
            line,
            states,
            task: tokio::spawn(task.run()),
        })
    }

    /// Returns a receiver of the newest states.
    pub(super) fn states(&self) -> watch::Receiver<States> {
        self.states.clone()
    }

    /// Returns the state of the WebSocket.
    pub(super) fn line(&self) -> Line {
        self.line.borrow().clone()
    }

    /// Waits until the first attempt to open the WebSocket has ended.
    ///
    /// # Errors
    /// When it could not be opened.
    pub(super) async fn first(&self) -> Result<(), BoardFault> {
        let mut line = self.line.clone();
        let ended = line.wait_for(|line| !matches!(line, Line::Opening)).await;
        match ended.as_deref() {
            Ok(Line::Closed(fault)) => Err(fault.clone()),
            Ok(Line::Open | Line::Opening) | Err(_) => Ok(()),
        }
    }

    /// Waits until the WebSocket is open.
    pub(super) async fn open(&self) {
        let mut line = self.line.clone();
        // The task ends with this value only.
        let _ = line.wait_for(|line| matches!(line, Line::Open)).await;
    }

    /// Sends messages when the WebSocket is open. Returns when kvmd has taken them.
    ///
    /// # Errors
    /// When the WebSocket closed before. Then some of them may have been taken.
    pub(super) async fn send(&self, messages: Vec<Value>) -> Result<(), BoardFault> {
        let (done, answer) = oneshot::channel();
        let order = Order { messages, done };
        let gone = || {
            BoardFault::new(
                FaultKind::Unreachable,
                "the connection to the kvmd has ended",
            )
        };
        self.orders.send(order).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Task {
    api: Api,
    queue: mpsc::Receiver<Order>,
    line: watch::Sender<Line>,
    states: watch::Sender<States>,
}

type Stream = WebSocketStream<Upgraded>;

impl Task {
    async fn run(mut self) {
        let [shortest, longest] = self.api.limits.again;
        let mut pause = shortest;
        loop {
            let fault = match open(&self.api).await {
                Ok(mut stream) => {
                    pause = shortest;
                    // Those of the connection before may be old.
                    self.states.send_replace(States::default());
                    self.line.send_replace(Line::Open);
                    let mut waiting = VecDeque::new();
                    let fault = self.serve(&mut stream, &mut waiting).await;
                    for done in waiting.into_iter().filter_map(|ping: Waiting| ping.done) {
                        // The caller may have gone.
                        let _ = done.send(Err(fault.clone()));
                    }
                    fault
                }
                Err(fault) => fault,
            };
            self.line.send_replace(Line::Closed(fault));
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// Reads and writes until the WebSocket closes. Returns the reason.
    async fn serve(&mut self, stream: &mut Stream, waiting: &mut VecDeque<Waiting>) -> BoardFault {
        let mut beat = interval(self.api.limits.ping);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = stream.next() => {
                    if let Err(fault) = self.heard(message, waiting) {
                        return fault;
                    }
                }
                order = self.queue.recv() => {
                    // Without a queue there is nobody who would see the end.
                    let Some(order) = order else { return self.closed("it is not used any more") };
                    // Nobody waits for it any more: it must not be carried out late.
                    if order.done.is_closed() {
                        continue;
                    }
                    waiting.push_back(Waiting { since: Instant::now(), done: Some(order.done) });
                    if let Err(fault) = self.say(stream, &order.messages).await {
                        return fault;
                    }
                }
                _ = beat.tick() => {
                    let oldest = waiting.front().map(|ping| ping.since);
                    if oldest.is_some_and(|since| since.elapsed() > self.api.limits.pong) {
                        let words = format!("{} does not answer on its WebSocket", self.api.name());
                        return BoardFault::new(FaultKind::TimedOut, words);
                    }
                    waiting.push_back(Waiting { since: Instant::now(), done: None });
                    if let Err(fault) = self.say(stream, &[]).await {
                        return fault;
                    }
                }
            }
        }
    }

    /// Sends messages and a ping in one go: a key must not be held because its release is late.
    async fn say(&self, stream: &mut Stream, messages: &[Value]) -> Result<(), BoardFault> {
        let ping = json!({"event_type": "ping", "event": {}});
        let sending = async {
            for message in messages.iter().chain([&ping]) {
                stream.feed(Message::text(message.to_string())).await?;
            }
            stream.flush().await
        };
        match own_gaps::within(self.api.limits.pong, sending).await {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(self.closed(&words_of(&error))),
            None => {
                let words = format!("{} takes nothing on its WebSocket", self.api.name());
                Err(BoardFault::new(FaultKind::TimedOut, words))
            }
        }
    }

    /// Takes a message. An error means that the WebSocket is closed.
    fn heard(
        &self,
        message: Option<Result<Message, tungstenite::Error>>,
        waiting: &mut VecDeque<Waiting>,
    ) -> Result<(), BoardFault> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Close(_))) | None => return Err(self.closed("the KVM closed it")),
            Some(Err(error)) => return Err(self.closed(&words_of(&error))),
            // The library answers pings of the protocol itself.
            Some(Ok(_)) => return Ok(()),
        };
        // A message that is not understood is one of a newer version.
        let message: Value = serde_json::from_str(&text).unwrap_or_default();
        match message["event_type"].as_str() {
            Some("pong") => {
                if let Some(done) = waiting.pop_front().and_then(|ping| ping.done) {
                    // The caller may have gone.
                    let _ = done.send(Ok(()));
                }
            }
            Some(kind) => {
                self.states
                    .send_if_modified(|states| states.take(kind, &message["event"]));
            }
            None => {}
        }
        Ok(())
    }

    fn closed(&self, reason: &str) -> BoardFault {
        let words = format!("the WebSocket of {} is closed: {reason}", self.api.name());
        BoardFault::new(FaultKind::Unreachable, words)
    }
}

fn words_of(error: &tungstenite::Error) -> String {
    error.to_string()
}

/// Opens the WebSocket.
async fn open(api: &Api) -> Result<Stream, BoardFault> {
    let key = generate_key();
    let limit = api.limits.http.answer;
    let answer = api
        .send(Method::GET, PATH, &[], limit, |request| {
            request
                .header("Connection", "Upgrade")
                .header("Upgrade", "websocket")
                .header("Sec-WebSocket-Version", "13")
                .header("Sec-WebSocket-Key", &key)
        })
        .await?;
    let fault = |reason: String| {
        let words = format!("{} opened no WebSocket: {reason}", api.name());
        BoardFault::new(FaultKind::NotUnderstood, words)
            .advice("if there is a proxy in front of the KVM, it must pass WebSockets on")
    };
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        let status = answer.status();
        // A fault of kvmd has its own words.
        api.result(PATH, answer, limit).await?;
        return Err(fault(format!("it answered {status}")));
    }
    let accepted = answer.headers().get("Sec-WebSocket-Accept");
    if accepted.map(|accepted| accepted.as_bytes())
        != Some(derive_accept_key(key.as_bytes()).as_bytes())
    {
        return Err(fault("its answer belongs to another request".to_owned()));
    }
    let upgraded = own_gaps::within(limit, answer.upgrade()).await;
    let upgraded = upgraded.ok_or_else(|| fault("it did not go on in time".to_owned()))?;
    let upgraded = upgraded.map_err(|error| fault(error.without_url().to_string()))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(MOST))
        .max_frame_size(Some(MOST));
    Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await)
}
