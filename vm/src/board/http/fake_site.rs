//! A device with an HTTP address, for tests: answers each request as the test says.

use std::{net::SocketAddr, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::derive_accept_key, protocol::Role},
};

use super::{Tls, trust::provider};

/// A device that answers on loopback. It ends with its value.
pub(crate) struct FakeSite {
    address: SocketAddr,
    scheme: &'static str,
    task: JoinHandle<()>,
}

/// A certificate of a test. All have the same key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Certificate {
    SelfSigned,
    Expired,
}

/// A request as the device gets it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path and the query.
    pub(crate) path: String,
    /// The names are in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The reaction of the device to a request.
#[derive(Clone)]
pub(crate) enum Reply {
    Answer(Answer),
    /// Reads the request and never answers.
    Hang,
    /// Closes the connection.
    Close,
    /// Becomes a WebSocket, which the test serves.
    Upgrade(Arc<dyn Fn(Socket) -> JoinHandle<()> + Send + Sync>),
}

pub(crate) type Socket = WebSocketStream<Box<dyn Stream>>;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

#[derive(Clone)]
pub(crate) struct Answer {
    status: u16,
    content: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// The length that it announces. None means that the body goes on as long as the connection.
    length: Option<usize>,
    end: End,
}

/// The bytes behind the body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    NextRequest,
    Close,
    Hang,
}

impl Reply {
    pub(crate) fn new(status: u16, content: &str, body: &[u8]) -> Self {
        Self::Answer(Answer {
            status,
            content: content.to_owned(),
            headers: Vec::new(),
            body: body.to_vec(),
            length: Some(body.len()),
            end: End::NextRequest,
        })
    }

    pub(crate) fn ok(content: &str, body: &[u8]) -> Self {
        Self::new(200, content, body)
    }

    pub(crate) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::new(status, "application/json", value.to_string().as_bytes())
    }

    /// Announces `length` bytes, and closes the connection behind the body.
    pub(crate) fn cut(content: &str, body: &[u8], length: usize) -> Self {
        Self::ok(content, body).ends(Some(length), End::Close)
    }

    /// Announces `length` bytes, and sends nothing behind the body.
    pub(crate) fn stalls(content: &str, body: &[u8], length: usize) -> Self {
        Self::ok(content, body).ends(Some(length), End::Hang)
    }

    /// Sends the body without a length, and then nothing.
    pub(crate) fn stream(content: &str, body: &[u8]) -> Self {
        Self::ok(content, body).ends(None, End::Hang)
    }

    /// Sends the body without a length, and closes the connection.
    pub(crate) fn stream_that_ends(content: &str, body: &[u8]) -> Self {
        Self::ok(content, body).ends(None, End::Close)
    }

    fn ends(mut self, length: Option<usize>, end: End) -> Self {
        if let Self::Answer(answer) = &mut self {
            answer.length = length;
            answer.end = end;
        }
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer(answer) = &mut self {
            answer.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    async fn read(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<Self> {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let mut words = line.split_whitespace();
        let mut request = Self {
            method: words.next()?.to_owned(),
            path: words.next()?.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.ok()?;
            let Some((name, value)) = line.trim().split_once(':') else {
                break;
            };
            let value = value.trim().to_owned();
            request.headers.push((name.to_lowercase(), value));
        }
        let length = request.header("content-length");
        let length = length.map_or(0, |length| length.parse().unwrap());
        request.body.resize(length, 0);
        stream.read_exact(&mut request.body).await.ok()?;
        Some(request)
    }
}

impl Certificate {
    fn pem(self) -> &'static str {
        match self {
            Self::SelfSigned => include_str!("certificates/self_signed.pem"),
            Self::Expired => include_str!("certificates/expired.pem"),
        }
    }

    /// Returns the rule that trusts this certificate and what it signed, with the folder of its file.
    pub(crate) fn file(self) -> (tempfile::TempDir, Tls) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, self.pem()).unwrap();
        (folder, Tls::File(path))
    }

    fn acceptor(self) -> TlsAcceptor {
        acceptor(self.pem(), include_str!("certificates/key.pem"))
    }
}

/// Returns what a device with this certificate and key takes connections with.
pub(crate) fn acceptor(certificate: &str, key: &str) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

impl FakeSite {
    pub(crate) async fn http(answer: impl Fn(Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, answer).await
    }

    pub(crate) async fn https(
        certificate: Certificate,
        answer: impl Fn(Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(certificate.acceptor()), answer).await
    }

    async fn start(
        acceptor: Option<TlsAcceptor>,
        answer: impl Fn(Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let answer = Arc::new(answer);
        let task = tokio::spawn(async move {
            // All connections end with the site.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answer) = (acceptor.clone(), answer.clone());
                connections.spawn(async move {
                    if let Some(stream) = secured(acceptor, stream).await {
                        serve(stream, &*answer).await;
                    }
                });
            }
        });
        Self {
            address,
            scheme,
            task,
        }
    }

    /// Answers at a socket of this host.
    pub(crate) fn at_socket(
        path: &std::path::Path,
        answer: impl Fn(Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::UnixListener::bind(path).unwrap();
        let answer = Arc::new(answer);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answer.clone();
                connections.spawn(async move { serve(Box::new(stream), &*answer).await });
            }
        });
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            scheme: "http",
            task,
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }
}

impl Drop for FakeSite {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn secured(acceptor: Option<TlsAcceptor>, stream: TcpStream) -> Option<Box<dyn Stream>> {
    match acceptor {
        None => Some(Box::new(stream)),
        Some(acceptor) => Some(Box::new(acceptor.accept(stream).await.ok()?)),
    }
}

async fn serve(stream: Box<dyn Stream>, answer: &(dyn Fn(Request) -> Reply + Send + Sync)) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = Request::read(&mut stream).await {
        match answer(request.clone()) {
            Reply::Hang => std::future::pending().await,
            Reply::Close => return,
            Reply::Upgrade(serve) => {
                let key = request.header("sec-websocket-key").unwrap_or_default();
                let accepted = derive_accept_key(key.as_bytes());
                let head = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Accept: {accepted}\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).await.unwrap();
                let stream = stream.into_inner();
                let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
                // It ends with the connection.
                let _ended = Guard(serve(socket)).joined().await;
                return;
            }
            Reply::Answer(answer) => {
                if write(&mut stream, &answer).await.is_err() {
                    return;
                }
                match answer.end {
                    End::NextRequest => {}
                    End::Close => return,
                    End::Hang => std::future::pending().await,
                }
            }
        }
    }
}

/// Ends a task with its value.
struct Guard(JoinHandle<()>);

impl Guard {
    async fn joined(mut self) {
        // It may have been aborted.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), answer: &Answer) -> std::io::Result<()> {
    let mut head = format!(
        "HTTP/1.1 {} Reason\r\nContent-Type: {}\r\n",
        answer.status, answer.content
    );
    if let Some(length) = answer.length {
        head += &format!("Content-Length: {length}\r\n");
    }
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(b"\r\n").await?;
    stream.write_all(&answer.body).await?;
    stream.flush().await
}
