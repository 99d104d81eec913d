//! A kvmd of a test. It does what the real one does, unless the test says otherwise.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::{broadcast, mpsc};
use tokio_tungstenite::tungstenite::Message;

use super::{Kvmd, KvmdSpec, spec::KvmdLimits};
use crate::board::{
    BoardFault,
    http::{
        Tls,
        fake_site::{FakeSite, Reply, Request, Socket},
    },
    picture::tests::jpeg,
};

pub(super) const PASSWORD: &str = "correct horse";

type Rule = Box<dyn Fn(&Request) -> Option<Reply> + Send>;

/// A kvmd on loopback.
pub(super) struct FakeKvmd {
    site: FakeSite,
    inside: Arc<Inside>,
    /// The messages that came over the WebSocket, without pings.
    pub(super) heard: mpsc::UnboundedReceiver<Value>,
}

struct Inside {
    rule: Mutex<Rule>,
    told: Mutex<States>,
    /// Tells events to all WebSockets. Null closes them.
    events: broadcast::Sender<Value>,
    heard: mpsc::UnboundedSender<Value>,
    requests: Mutex<Vec<String>>,
}

/// The states of the devices.
struct States {
    hid: Value,
    atx: Value,
    msd: Value,
    answers_pings: bool,
    /// False if a new WebSocket is told nothing until a state changes.
    begins_with_states: bool,
}

impl FakeKvmd {
    pub(super) async fn start() -> Self {
        let (heard_told, heard) = mpsc::unbounded_channel();
        let (events, _) = broadcast::channel(16);
        let states = States {
            hid: json!({"online": true, "keyboard": {"online": true}, "mouse": {"online": true, "absolute": true}}),
            atx: json!({"enabled": true, "busy": false, "leds": {"power": false, "hdd": false}}),
            msd: json!({
                "enabled": true, "online": true, "busy": false,
                "drive": {"image": null, "connected": false, "cdrom": false, "rw": false},
                "storage": {"images": {}, "parts": {"": {"size": 1000, "free": 600, "writable": true}}},
            }),
            answers_pings: true,
            begins_with_states: true,
        };
        let inside = Arc::new(Inside {
            rule: Mutex::new(Box::new(|_| None)),
            told: Mutex::new(states),
            events,
            heard: heard_told,
            requests: Mutex::default(),
        });
        let answering = inside.clone();
        let site = FakeSite::http(move |request| answering.answer(&request)).await;
        Self {
            site,
            inside,
            heard,
        }
    }

    /// Answers requests with this rule first.
    pub(super) fn rule(&self, rule: impl Fn(&Request) -> Option<Reply> + Send + 'static) {
        *locked(&self.inside.rule) = Box::new(rule);
    }

    /// Answers requests to this path so.
    pub(super) fn on(&self, path: &'static str, reply: Reply) {
        self.rule(move |request| request.path.starts_with(path).then(|| reply.clone()));
    }

    pub(super) fn spec(&self) -> KvmdSpec {
        KvmdSpec {
            address: self.site.address(),
            user: "admin".to_owned(),
            password: PASSWORD.to_owned(),
            totp: None,
            tls: Tls::System,
        }
    }

    pub(super) async fn connect(&self) -> Result<Kvmd, BoardFault> {
        self.connect_within(KvmdLimits::default()).await
    }

    pub(super) async fn connect_within(&self, limits: KvmdLimits) -> Result<Kvmd, BoardFault> {
        Kvmd::connect_within(&self.spec(), limits, std::time::SystemTime::now).await
    }

    /// Changes a state, and tells it.
    pub(super) fn tell(&self, kind: &str, change: Value) {
        let mut states = locked(&self.inside.told);
        let state = match kind {
            "hid" => &mut states.hid,
            "atx" => &mut states.atx,
            "msd" => &mut states.msd,
            _ => panic!("no state {kind}"),
        };
        for (name, value) in change.as_object().unwrap() {
            state[name] = value.clone();
        }
        self.inside.tell(kind, &change);
    }

    /// Closes all WebSockets.
    pub(super) fn close(&self) {
        // There may be none.
        let _ = self.inside.events.send(Value::Null);
    }

    pub(super) fn begin_without_states(&self) {
        locked(&self.inside.told).begins_with_states = false;
    }

    pub(super) fn answer_no_pings(&self) {
        locked(&self.inside.told).answers_pings = false;
    }

    /// Returns the requests that were made, without those of the beginning.
    pub(super) fn requests(&self) -> Vec<String> {
        let requests = locked(&self.inside.requests);
        let known = ["/api/auth/check", "/api/info?fields=system", "/api/ws"];
        let is_other = |request: &&String| !known.iter().any(|known| request.ends_with(known));
        requests.iter().filter(is_other).cloned().collect()
    }

    pub(super) fn msd(&self) -> Value {
        locked(&self.inside.told).msd.clone()
    }
}

fn locked<T>(value: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ok(result: &Value) -> Reply {
    Reply::json(200, &json!({"ok": true, "result": result}))
}

pub(super) fn refused(status: u16, words: &str) -> Reply {
    let result = json!({"error": "Error", "error_msg": words});
    Reply::json(status, &json!({"ok": false, "result": result}))
}

impl Inside {
    fn answer(self: &Arc<Self>, request: &Request) -> Reply {
        let line = format!("{} {}", request.method, request.path);
        locked(&self.requests).push(line);
        if let Some(reply) = locked(&self.rule)(request) {
            return reply;
        }
        match (
            request.header("x-kvmd-user"),
            request.header("x-kvmd-passwd"),
        ) {
            (None, _) => return refused(401, "Unauthorized"),
            (Some("admin"), Some(PASSWORD)) => {}
            _ => return refused(403, "Forbidden"),
        }
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let field = |name: &str| {
            let fields = query.split('&').filter_map(|field| field.split_once('='));
            fields
                .filter(|(known, _)| *known == name)
                .map(|(_, value)| value.to_owned())
                .next()
                .unwrap_or_default()
        };
        let mut states = locked(&self.told);
        match path {
            "/api/auth/check" | "/api/atx/click" => ok(&json!({})),
            "/api/info" => ok(&json!({"system": {"kvmd": {"version": "4.82"}}})),
            "/api/streamer/snapshot" => Reply::ok("image/jpeg", &jpeg(64, 48)),
            "/api/atx" => ok(&states.atx),
            "/api/atx/power" => {
                let action = field("action");
                if action != "reset_hard" {
                    states.atx["leds"]["power"] = (action == "on").into();
                }
                ok(&json!({"processing": true}))
            }
            "/api/hid" => ok(&states.hid),
            "/api/hid/reset" => {
                states.hid["keyboard"]["online"] = true.into();
                self.tell("hid", &json!({"keyboard": {"online": true}}));
                ok(&json!({}))
            }
            "/api/msd" => ok(&states.msd),
            "/api/msd/set_connected" => {
                states.msd["drive"]["connected"] = (field("connected") == "1").into();
                ok(&json!({}))
            }
            "/api/msd/set_params" => {
                let drive = &mut states.msd["drive"];
                drive["image"] = json!({"name": field("image")});
                drive["cdrom"] = (field("cdrom") == "1").into();
                drive["rw"] = (field("rw") == "1").into();
                ok(&json!({}))
            }
            "/api/msd/remove" => {
                let images = states.msd["storage"]["images"].as_object_mut().unwrap();
                images.remove(&field("image")).unwrap();
                ok(&json!({}))
            }
            "/api/msd/write" => {
                let (name, size) = (field("image"), request.body.len());
                let images = &mut states.msd["storage"]["images"];
                assert!(images.get(&name).is_none(), "it exists");
                images[&name] = json!({"size": size, "complete": true});
                ok(&json!({"image": {"name": name, "size": size, "written": size}}))
            }
            "/api/ws" => {
                let inside = self.clone();
                Reply::Upgrade(Arc::new(move |socket| {
                    tokio::spawn(inside.clone().serve(socket))
                }))
            }
            _ => Reply::new(404, "text/plain", b"404: Not Found"),
        }
    }

    fn tell(&self, kind: &str, event: &Value) {
        // There may be no WebSocket.
        let _ = self
            .events
            .send(json!({"event_type": kind, "event": event}));
    }

    async fn serve(self: Arc<Self>, mut socket: Socket) {
        let mut events = self.events.subscribe();
        let first = {
            let told = locked(&self.told);
            let states = json!({"event_type": "hid", "event": told.hid});
            let begin = json!({"event_type": "loop", "event": {"version": {}}});
            [Some(begin), told.begins_with_states.then_some(states)]
        };
        for event in first.into_iter().flatten() {
            socket.send(Message::text(event.to_string())).await.unwrap();
        }
        loop {
            let answer = tokio::select! {
                event = events.recv() => match event {
                    Ok(Value::Null) | Err(_) => return,
                    Ok(event) => Some(event),
                },
                message = socket.next() => {
                    let Some(Ok(message)) = message else { return };
                    let Ok(text) = message.to_text() else { return };
                    let message: Value = serde_json::from_str(text).unwrap_or_default();
                    if message["event_type"] == "ping" {
                        let answers = locked(&self.told).answers_pings;
                        answers.then(|| json!({"event_type": "pong", "event": {}}))
                    } else {
                        // The test may have ended.
                        let _ = self.heard.send(message);
                        None
                    }
                }
            };
            if let Some(answer) = answer
                && socket
                    .send(Message::text(answer.to_string()))
                    .await
                    .is_err()
            {
                return;
            }
        }
    }
}
