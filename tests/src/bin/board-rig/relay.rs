//! The relay: a small HTTP server that labgrid's power driver `rest` speaks to.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::{faults::Faults, power::Power};

/// The longest time of a request.
const LIMIT: Duration = Duration::from_secs(10);

/// Answers requests for ever.
pub(crate) async fn serve(listener: TcpListener, power: Arc<Power>, faults: Arc<Faults>) {
    while let Ok((client, _)) = listener.accept().await {
        let (power, faults) = (Arc::clone(&power), Arc::clone(&faults));
        tokio::spawn(async move {
            // A client that goes away, or sends nonsense, gets no answer.
            let _ = timeout(LIMIT, answer(client, &power, &faults)).await;
        });
    }
}

async fn answer(mut client: TcpStream, power: &Power, faults: &Faults) -> io::Result<()> {
    let Some((line, body)) = request(&mut client).await? else {
        return Ok(());
    };
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let (status, text) = match (method, path) {
        ("GET", "/relay/0") if faults.relay_is_silent() => return std::future::pending().await,
        ("GET", "/relay/0") => ("200 OK", u8::from(power.is_on().await).to_string()),
        ("PUT", "/relay/0") if faults.relay_lies() => ("200 OK", body),
        ("PUT", "/relay/0") => {
            match body.trim() {
                "1" => power.on().await?,
                _ => power.off().await,
            }
            ("200 OK", body)
        }
        ("PUT", "/fault") => match faults.set(body.trim()) {
            Ok(()) => ("200 OK", String::new()),
            Err(error) => ("400 Bad Request", error),
        },
        _ => ("404 Not Found", String::new()),
    };
    let length = text.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    client.write_all(head.as_bytes()).await?;
    client.write_all(text.as_bytes()).await
}

/// Reads the first line and the body of a request. None if the client went away.
async fn request(client: &mut TcpStream) -> io::Result<Option<(String, String)>> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                let first = head.lines().next().unwrap_or_default();
                return Ok(Some((first.to_owned(), body.to_owned())));
            }
        }
        let mut part = [0; 1024];
        match client.read(&mut part).await? {
            0 => return Ok(None),
            length => bytes.extend_from_slice(&part[..length]),
        }
        if bytes.len() > 64 << 10 {
            return Ok(None);
        }
    }
}
