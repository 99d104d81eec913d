//! A Redfish service for tests, over HTTP or HTTPS.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use super::{Redfish, RedfishSpec};
use crate::board::{Tls, http::fake_site::acceptor};

pub(super) struct FakeBmc {
    pub(super) address: String,
    pub(super) state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

/// The state and the behaviour of the service.
pub(super) struct State {
    pub(super) systems: Vec<&'static str>,
    /// The power that is shown.
    pub(super) power: Value,
    /// The power that is shown at the next looks, one after the other.
    pub(super) next_powers: VecDeque<Value>,
    pub(super) resets: Vec<&'static str>,
    /// The service takes requests and does nothing.
    pub(super) lies: bool,
    /// The answers to the next requests, in place of the right ones: status and body.
    pub(super) instead: VecDeque<(u16, String)>,
    /// Changes that were asked for: method, path and body.
    pub(super) changes: Vec<String>,
    /// The service says nothing any more.
    pub(super) is_silent: bool,
}

impl FakeBmc {
    /// Starts a service over HTTP.
    pub(super) async fn new() -> Self {
        Self::start(None).await
    }

    /// Starts a service over HTTPS with this certificate.
    pub(super) async fn with_certificate(pem: &str) -> Self {
        Self::start(Some(acceptor(pem, include_str!("certificates/server.key")))).await
    }

    async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let state = Arc::new(Mutex::new(State::new()));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                match &tls {
                    None => serve(stream, &shared).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            serve(stream, &shared).await;
                        }
                    }
                }
            }
        });
        Self {
            address: format!("{scheme}://127.0.0.1:{port}"),
            state,
            task,
        }
    }

    pub(super) fn spec(&self) -> RedfishSpec {
        RedfishSpec {
            address: self.address.clone(),
            user: Some("admin".to_owned()),
            password: Some("sesame".to_owned()),
            system: None,
            tls: Tls::System,
            limit: Duration::from_secs(10),
        }
    }

    /// Returns a control that looks often.
    pub(super) fn redfish(&self) -> Redfish {
        quick(Redfish::new(&self.spec()).unwrap())
    }

    /// Returns a control that loses its patience soon.
    pub(super) fn impatient(&self) -> Redfish {
        let limit = Duration::from_millis(20);
        Redfish {
            limit,
            ..self.redfish()
        }
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    pub(super) fn changes(&self) -> Vec<String> {
        self.state.lock().unwrap().changes.clone()
    }
}

impl Drop for FakeBmc {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn quick(redfish: Redfish) -> Redfish {
    Redfish {
        pause: Duration::from_millis(1),
        ..redfish
    }
}

/// Answers one request.
async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, state: &Mutex<State>) {
    let mut stream = BufStream::new(stream);
    let (mut head, mut length, mut is_admin) = (String::new(), 0, false);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let lower = line.to_lowercase();
        if let Some(digits) = lower.strip_prefix("content-length:") {
            length = digits.trim().parse().unwrap();
        }
        // admin:sesame
        is_admin |= line.trim().ends_with("Basic YWRtaW46c2VzYW1l");
        if head.is_empty() {
            head = line;
        } else if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let body = String::from_utf8(body).unwrap();
    let (is_silent, (status, answer)) = {
        let mut state = state.lock().unwrap();
        let answer = state.answer(method, path, &body, is_admin);
        (state.is_silent, answer)
    };
    if is_silent {
        std::future::pending::<()>().await;
    }
    let head = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nETag: \"7\"\r\nContent-Length: {}\r\n\r\n",
        answer.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.flush().await;
}

impl State {
    fn new() -> Self {
        Self {
            systems: vec!["1"],
            power: json!("Off"),
            next_powers: VecDeque::new(),
            resets: vec!["On", "ForceOff", "ForceRestart", "PushPowerButton"],
            lies: false,
            instead: VecDeque::new(),
            changes: Vec::new(),
            is_silent: false,
        }
    }

    fn answer(&mut self, method: &str, path: &str, body: &str, is_admin: bool) -> (u16, String) {
        if let Some(instead) = self.instead.pop_front() {
            return instead;
        }
        if !is_admin {
            return (401, error("who are you?"));
        }
        if method == "GET" {
            return match self.thing(path) {
                Some(thing) => (200, thing.to_string()),
                None => (404, "<html>no such page</html>".to_owned()),
            };
        }
        self.changes.push(format!("{method} {path} {body}"));
        if !self.lies {
            let body: Value = serde_json::from_str(body).unwrap();
            self.carry_out(&body);
        }
        (204, String::new())
    }

    fn thing(&mut self, path: &str) -> Option<Value> {
        Some(match path {
            "/redfish/v1/" => json!({ "Systems": { "@odata.id": "/redfish/v1/Systems" } }),
            "/redfish/v1/Systems" => {
                let member = |id| json!({ "@odata.id": format!("/redfish/v1/Systems/{id}") });
                json!({ "Members": self.systems.iter().map(member).collect::<Vec<_>>() })
            }
            _ => {
                let id = path.strip_prefix("/redfish/v1/Systems/")?;
                self.systems.contains(&id).then(|| self.system(path))?
            }
        })
    }

    fn system(&mut self, path: &str) -> Value {
        let power = self.power.clone();
        if let Some(next) = self.next_powers.pop_front() {
            self.power = next;
        }
        json!({
            "PowerState": power,
            "Actions": { "#ComputerSystem.Reset": {
                "target": format!("{path}/Actions/ComputerSystem.Reset"),
                "ResetType@Redfish.AllowableValues": self.resets,
            } },
        })
    }

    fn carry_out(&mut self, body: &Value) {
        if let Some(kind) = body["ResetType"].as_str() {
            let powers: &[&str] = match kind {
                "On" => &["PoweringOn", "On"],
                "ForceOff" => &["PoweringOff", "Off"],
                _ => &[],
            };
            self.next_powers = powers.iter().map(|power| json!(power)).collect();
        }
    }
}

/// An error in the form of Redfish.
pub(super) fn error(words: &str) -> String {
    json!({ "error": { "message": "general", "@Message.ExtendedInfo": [{ "Message": words }] } })
        .to_string()
}
