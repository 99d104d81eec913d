//! A device with an HTTP address: sends requests, and says what went wrong.

use std::{error::Error, fmt, io, time::Duration};

use reqwest::{
    Client, RequestBuilder, Response, StatusCode, Url,
    header::{HeaderMap, LOCATION},
    redirect::Policy,
};

use super::{Tls, certificate, tls::shown};
use crate::{
    board::{BoardFault, FaultKind},
    own_gaps,
};

/// The most redirects of one request that are followed.
const MOST_REDIRECTS: usize = 5;

/// The time limits of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The longest time of a connection to be made.
    pub(crate) connection: Duration,
    /// The longest time of an answer.
    pub(crate) answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connection: Duration::from_secs(5),
            answer: Duration::from_secs(10),
        }
    }
}

/// A device with an HTTP address. Cheap to clone.
#[derive(Clone)]
pub(crate) struct HttpSite {
    client: Client,
    address: Url,
    name: String,
    tls: Tls,
    pub(crate) limits: Limits,
}

impl fmt::Debug for HttpSite {
    /// Shows no part of the address that can be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSite")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl HttpSite {
    /// Returns the device with this address. `what` says what it is: `the kvmd`. An address without a scheme gets
    /// that of HTTPS. Connects with the first request. Follows no redirect: a password must not go to another device.
    ///
    /// # Errors
    /// When the address is none, or the certificates to check with cannot be read.
    pub(crate) fn new(
        what: &str,
        address: &str,
        tls: &Tls,
        limits: Limits,
    ) -> Result<Self, BoardFault> {
        let builder = Client::builder().connect_timeout(limits.connection);
        Self::build(what, address, tls, limits, builder.redirect(Policy::none()))
    }

    /// Returns the device with this address, as [`new`](Self::new). Redirects are followed if they stay at the device:
    /// the password goes with them.
    ///
    /// # Errors
    /// See [`new`](Self::new).
    pub(crate) fn with_redirects(
        what: &str,
        address: &str,
        tls: &Tls,
        limits: Limits,
    ) -> Result<Self, BoardFault> {
        let builder = Client::builder().connect_timeout(limits.connection);
        let near = Policy::custom(|attempt| {
            let stays = (attempt.previous().last())
                .is_some_and(|last| last.origin() == attempt.url().origin());
            match stays && attempt.previous().len() <= MOST_REDIRECTS {
                true => attempt.follow(),
                false => attempt.stop(),
            }
        });
        Self::build(what, address, tls, limits, builder.redirect(near))
    }

    /// Returns the device behind this socket of this host.
    ///
    /// # Errors
    /// When no client can be made.
    pub(super) fn behind_socket(
        what: &str,
        socket: &std::path::Path,
        path: &str,
    ) -> Result<Self, BoardFault> {
        let builder = Client::builder()
            .unix_socket(socket)
            .redirect(Policy::none());
        let address = format!("http://localhost{path}");
        Self::build(what, &address, &Tls::System, Limits::default(), builder)
    }

    fn build(
        what: &str,
        address: &str,
        tls: &Tls,
        limits: Limits,
        builder: reqwest::ClientBuilder,
    ) -> Result<Self, BoardFault> {
        let address = parse(what, address)?;
        let name = format!("{what} at {}", without_secrets(&address));
        // A device is near. Proxies are for the outside.
        let builder = tls.set_up(builder.no_proxy(), address.scheme() == "https")?;
        let client = builder.build().map_err(|error| {
            let words = format!("{name} cannot be asked: {}", deepest(&error));
            BoardFault::new(FaultKind::Missing, words).advice(
                "install the package `ca-certificates`, or give the fingerprint of the device's certificate",
            )
        })?;
        Ok(Self {
            client,
            address,
            name,
            tls: tls.clone(),
            limits,
        })
    }

    /// Returns the name of the device for messages. It has no secrets in it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the address itself, with `path` behind it if that is not empty.
    pub(crate) fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.address.clone();
        if !path.is_empty() {
            let before = url.path().trim_end_matches('/').to_owned();
            url.set_path(&format!("{before}{path}"));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a request, and returns the answer when its head is here.
    ///
    /// # Errors
    /// When there is no answer within `limit`, or it is a redirect that is not followed.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<Response, BoardFault> {
        let Some(sent) = own_gaps::within(limit, request.send()).await else {
            return Err(self.late(limit));
        };
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => return Err(self.not_reached(&error).await),
        };
        if answer.status().is_redirection() {
            return Err(self.redirected(answer.headers()));
        }
        Ok(answer)
    }

    /// Reads the body of an answer.
    ///
    /// # Errors
    /// When it is not whole within `limit`, or has more than `most` bytes.
    pub(crate) async fn body(
        &self,
        mut answer: Response,
        most: usize,
        limit: Duration,
    ) -> Result<Vec<u8>, BoardFault> {
        let reading = async {
            let mut body = Vec::new();
            while let Some(piece) = answer.chunk().await? {
                if body.len() + piece.len() > most {
                    return Ok(None);
                }
                body.extend_from_slice(&piece);
            }
            Ok(Some(body))
        };
        match own_gaps::within(limit, reading).await {
            None => Err(self.late(limit)),
            Some(Err(error)) => Err(self.broken(&error)),
            Some(Ok(None)) => {
                let words = format!("the answer of {} has more than {most} bytes", self.name);
                Err(BoardFault::new(FaultKind::NotUnderstood, words))
            }
            Some(Ok(Some(body))) => Ok(body),
        }
    }

    /// Returns the fault of a device that refuses a name and a password.
    pub(crate) fn denied(&self, status: StatusCode) -> BoardFault {
        let words = match status {
            StatusCode::UNAUTHORIZED => format!("{} asks for a name and a password", self.name),
            _ => format!("{} refused the name or the password", self.name),
        };
        BoardFault::new(FaultKind::Denied, words)
    }

    fn late(&self, limit: Duration) -> BoardFault {
        let words = format!("{} did not answer within {limit:?}", self.name);
        BoardFault::new(FaultKind::TimedOut, words)
            .advice("check if the device is overloaded, and the network between it and this host")
    }

    /// Returns the fault of an answer that ended in the middle.
    pub(crate) fn broken(&self, error: &reqwest::Error) -> BoardFault {
        let words = format!(
            "the connection to {} ended in the middle of an answer: {}",
            self.name,
            deepest(error)
        );
        BoardFault::new(FaultKind::Unreachable, words)
    }

    fn redirected(&self, headers: &HeaderMap) -> BoardFault {
        let to = headers.get(LOCATION).and_then(|to| to.to_str().ok());
        let to = to.and_then(|to| self.address.join(to).ok());
        let to = to.map_or_else(|| "nowhere".to_owned(), |to| without_secrets(&to));
        let words = format!("{} sends its callers on to {to}", self.name);
        BoardFault::new(FaultKind::Refused, words).advice(
            "write the address that it sends to: a password is not sent on to another address",
        )
    }

    async fn not_reached(&self, error: &reqwest::Error) -> BoardFault {
        if let Some(reason) = certificate_reason(error) {
            return self.distrusted(&reason).await;
        }
        let reason = deepest(error);
        let words = format!("{} cannot be reached: {reason}", self.name);
        let advice = match error.is_connect() || error.is_timeout() {
            true => "check the address, that the device is switched on, and the network",
            false => "the device closed the connection: look at its own log",
        };
        BoardFault::new(FaultKind::Unreachable, words).advice(advice)
    }

    async fn distrusted(&self, reason: &str) -> BoardFault {
        let host = self.address.host_str().unwrap_or_default();
        // The host of an address is a number in brackets if it is one of IPv6.
        let host = host.trim_matches(['[', ']']);
        let port = self.address.port_or_known_default().unwrap_or(443);
        let found = certificate::look(host, port).await.map(|sum| shown(&sum));
        let (words, advice) = match (&self.tls, found) {
            (Tls::Fingerprint(expected), Some(found)) => (
                format!(
                    "{} has another certificate: expected {}, found {found}",
                    self.name,
                    shown(expected)
                ),
                "if the certificate was changed on purpose, write the new fingerprint".to_owned(),
            ),
            (_, Some(found)) => (
                format!("the certificate of {} is not trusted: {reason}", self.name),
                format!(
                    "if the device is the right one, pin its certificate with `certificate: {found}`"
                ),
            ),
            (_, None) => (
                format!("the certificate of {} is not trusted: {reason}", self.name),
                "pin the fingerprint of its certificate with `certificate: sha256:...`".to_owned(),
            ),
        };
        BoardFault::new(FaultKind::Denied, words).advice(advice)
    }
}

fn parse(what: &str, address: &str) -> Result<Url, BoardFault> {
    let address = address.trim();
    let full = match address.contains("://") {
        true => address.to_owned(),
        false => format!("https://{address}"),
    };
    let url = Url::parse(&full).map_err(|error| error.to_string());
    match url {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(url),
        refused => {
            let reason = refused.err();
            let reason = reason.unwrap_or_else(|| "it is not one of HTTP or HTTPS".to_owned());
            let words = format!("the address of {what} is wrong: {reason}");
            Err(BoardFault::new(FaultKind::Refused, words).advice("write it like https://kvm7"))
        }
    }
}

/// Returns an address without name, password and query.
fn without_secrets(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}"));
    let path = url.path().trim_end_matches('/');
    format!(
        "{}://{host}{}{path}",
        url.scheme(),
        port.unwrap_or_default()
    )
}

/// Returns the words of the first cause. Those of the library itself may contain the address.
fn deepest(error: &reqwest::Error) -> String {
    let mut deepest: &dyn Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    match deepest.downcast_ref::<reqwest::Error>() {
        Some(own) if own.is_timeout() => "no connection in time".to_owned(),
        Some(_) => "the request failed".to_owned(),
        None => deepest.to_string(),
    }
}

/// Returns the reason if a certificate was refused.
fn certificate_reason(error: &reqwest::Error) -> Option<String> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(reason)) = error.downcast_ref() {
            return Some(words_of(reason));
        }
        // An I/O error hides the error in it from `source`.
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn words_of(reason: &rustls::CertificateError) -> String {
    use rustls::CertificateError as Reason;
    match reason {
        Reason::Expired | Reason::ExpiredContext { .. } => "it has expired".to_owned(),
        Reason::NotValidYet | Reason::NotValidYetContext { .. } => {
            "it is not valid yet; check the clock of this host".to_owned()
        }
        Reason::UnknownIssuer => "it is signed by nobody that this host trusts".to_owned(),
        Reason::NotValidForName | Reason::NotValidForNameContext { .. } => {
            "it is one for another name".to_owned()
        }
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests;
