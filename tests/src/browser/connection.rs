//! The DevTools protocol: calls with their answers, and events, over a WebSocket.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// A connection to one page of a browser.
#[derive(Debug)]
pub(super) struct Connection {
    socket: WebSocketStream<TcpStream>,
    calls: u64,
    session: Option<String>,
    events: Vec<Value>,
}

impl Connection {
    /// Connects to a browser, and makes a page in it.
    pub(super) async fn open(address: &str) -> Self {
        let host = address.strip_prefix("ws://").unwrap();
        let (host, _) = host.split_once('/').unwrap();
        let stream = TcpStream::connect(host).await.unwrap();
        let (socket, _) = client_async(address, stream).await.unwrap();
        let mut connection = Self {
            socket,
            calls: 0,
            session: None,
            events: Vec::new(),
        };
        let made = connection
            .call("Target.createTarget", json!({"url": "about:blank"}))
            .await;
        let attach = json!({"targetId": made["targetId"], "flatten": true});
        let attached = connection.call("Target.attachToTarget", attach).await;
        connection.session = attached["sessionId"].as_str().map(str::to_owned);
        connection
    }

    /// Calls a method, and returns its result.
    pub(super) async fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        let mut call = json!({"id": id, "method": method, "params": params});
        if let Some(session) = &self.session {
            call["sessionId"] = session.as_str().into();
        }
        let call = Message::text(call.to_string());
        self.socket.send(call).await.unwrap();
        loop {
            let message = self.receive().await;
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    /// Waits for an event. One that has come already counts.
    pub(super) async fn wait_for(&mut self, event: &str) {
        while !self.events.iter().any(|seen| seen["method"] == event) {
            let message = self.receive().await;
            self.events.push(message);
        }
    }

    /// Forgets the events of this name.
    pub(super) fn forget(&mut self, event: &str) {
        self.events.retain(|seen| seen["method"] != event);
    }

    /// Returns the events so far.
    pub(super) fn events(&self) -> &[Value] {
        &self.events
    }

    async fn receive(&mut self) -> Value {
        loop {
            let message = self.socket.next().await.unwrap().unwrap();
            if let Message::Text(text) = message {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}
