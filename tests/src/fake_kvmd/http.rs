//! Requests and answers of HTTP, as far as a KVM needs them.

use std::io::{self, BufRead, Read, Write};

use serde_json::{Value, json};

/// A request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    /// The number of bytes of the body. The body itself is not kept: an image may be large.
    pub(super) length: u64,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content: &'static str,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Reads a request with its body. None if there is no other one.
    pub(super) fn read(stream: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut request = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query
                .split('&')
                .filter_map(|field| field.split_once('='))
                .map(|(name, value)| (name.to_owned(), plain(value)))
                .collect(),
            headers: Vec::new(),
            length: 0,
        };
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else {
                break;
            };
            let value = value.trim().to_owned();
            request.headers.push((name.to_lowercase(), value));
        }
        let length = request.header("content-length");
        let length = length.map_or(0, |length| length.parse().unwrap());
        request.length = io::copy(&mut stream.take(length), &mut io::sink())?;
        Ok(Some(request))
    }

    /// Returns a field of the query.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns a header by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Returns a field without its percent signs.
fn plain(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

impl Answer {
    /// A result in the form of kvmd.
    pub(super) fn ok(result: &Value) -> Self {
        Self::json(200, &json!({"ok": true, "result": result}))
    }

    /// A refusal in the form of kvmd.
    pub(super) fn refused(status: u16, error: &str, words: &str) -> Self {
        let result = json!({"error": error, "error_msg": words});
        Self::json(status, &json!({"ok": false, "result": result}))
    }

    fn json(status: u16, value: &Value) -> Self {
        Self {
            status,
            content: "application/json",
            body: value.to_string().into_bytes(),
        }
    }

    pub(super) fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        let head = format!(
            "HTTP/1.1 {} Reason\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            self.status,
            self.content,
            self.body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&self.body)?;
        stream.flush()
    }
}
