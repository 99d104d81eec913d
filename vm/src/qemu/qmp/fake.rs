//! A QMP server in this process, which writes bytes to a socket pair as the test says.

use std::os::unix::net::UnixStream as StdUnixStream;

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
};

use super::{Qmp, QmpLog, RawEvent};

pub(crate) const GREETING: &str = concat!(
    r#"{"QMP": {"version": {"qemu": {"micro": 2, "minor": 0, "major": 10}, "package": ""}, "#,
    r#""capabilities": ["oob"]}}"#,
);

/// The server's end of a connection.
pub(crate) struct FakeQemu {
    stream: BufReader<UnixStream>,
}

impl FakeQemu {
    /// Returns a pair of ends, before the greeting.
    pub(crate) fn pair() -> (StdUnixStream, Self) {
        let (client, server) = StdUnixStream::pair().unwrap();
        server.set_nonblocking(true).unwrap();
        let stream = BufReader::new(UnixStream::from_std(server).unwrap());
        (client, Self { stream })
    }

    /// Returns a client and a server after their negotiation.
    pub(crate) async fn connected() -> (Qmp, tokio::sync::broadcast::Receiver<RawEvent>, Self) {
        Self::connected_with(QmpLog::nowhere()).await
    }

    pub(crate) async fn connected_with(
        log: QmpLog,
    ) -> (Qmp, tokio::sync::broadcast::Receiver<RawEvent>, Self) {
        let (client, mut server) = Self::pair();
        let negotiation = async {
            server.say(&format!("{GREETING}\r\n")).await;
            server.answer("qmp_capabilities", "{}").await;
        };
        let (connected, ()) = tokio::join!(Qmp::connect(client, log), negotiation);
        let (qmp, events) = connected.unwrap();
        (qmp, events, server)
    }

    /// Sends text without changes.
    pub(crate) async fn say(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Returns the next command as JSON. Null if the client has gone.
    pub(crate) async fn heard(&mut self) -> Value {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await.unwrap() == 0 {
            return Value::Null;
        }
        serde_json::from_str(&line).unwrap()
    }

    /// Expects a command and answers it. Returns the command.
    pub(crate) async fn answer(&mut self, command: &str, answer: &str) -> Value {
        let heard = self.heard().await;
        assert_eq!(heard["execute"], command, "unexpected command: {heard}");
        self.say(&format!(
            "{{\"return\": {answer}, \"id\": {}}}\n",
            heard["id"]
        ))
        .await;
        heard
    }

    pub(crate) fn socket(&self) -> &UnixStream {
        self.stream.get_ref()
    }
}
