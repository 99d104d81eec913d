//! Requests to a Redfish service, and what its answers mean.

use std::{fmt, time::Duration};

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, header};
use serde_json::Value;

use super::RedfishSpec;
use crate::board::{
    BoardFault, FaultKind,
    http::{HttpSite, Limits},
};

/// The time limits. Management controllers are slow.
const LIMITS: Limits = Limits {
    connection: Duration::from_secs(10),
    answer: Duration::from_secs(30),
};

/// The largest answer, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;

/// The longest part of a service's own words that is repeated, in characters.
const LONGEST: usize = 200;

/// The root of a service, if its address has no path.
const ROOT: &str = "/redfish/v1/";

/// A client of one service.
pub(super) struct Client {
    site: HttpSite,
    /// The path of the root, with `/` at its end.
    root: String,
    user: Option<String>,
    password: Option<String>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("site", &self.site)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// The answer of a service about one resource.
#[derive(Debug)]
pub(super) struct Resource {
    /// Its path on the service.
    pub(super) path: String,
    pub(super) json: Value,
}

impl Client {
    pub(super) fn new(spec: &RedfishSpec) -> Result<Self, BoardFault> {
        let base = base(&spec.address)?;
        // The root itself is no news in messages.
        let address = base.join("/").unwrap_or_else(|_| base.clone());
        let (what, tls) = ("the Redfish service", &spec.tls);
        // Some services redirect a path without `/` at its end to the one with it.
        let site = HttpSite::with_redirects(what, address.as_str(), tls, LIMITS)?;
        Ok(Self {
            site,
            root: base.path().to_owned(),
            user: spec.user.clone(),
            password: spec.password.clone(),
        })
    }

    /// Returns the name of the service in messages.
    pub(super) fn source(&self) -> &str {
        self.site.name()
    }

    /// Returns the path of the root.
    pub(super) fn root(&self) -> &str {
        &self.root
    }

    pub(super) async fn get(&self, path: &str) -> Result<Resource, BoardFault> {
        let response = self.ask(Method::GET, path, |request| request).await?;
        let body = self.body(response).await?;
        let json: Value = serde_json::from_slice(&body)
            .map_err(|error| self.strange(path, &format!("no JSON: {error}")))?;
        if !json.is_object() {
            return Err(self.strange(path, "no object of JSON"));
        }
        Ok(Resource {
            path: path.to_owned(),
            json,
        })
    }

    /// Carries out an action.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<(), BoardFault> {
        let asked = self.ask(Method::POST, path, |request| request.json(body));
        asked.await.map(drop)
    }

    /// Returns the path that a link leads to: `{"@odata.id": "/redfish/v1/Systems"}`. A link to elsewhere is none: the
    /// password must not go there.
    pub(super) fn link<'a>(&self, value: &'a Value) -> Result<&'a str, BoardFault> {
        self.path(&value["@odata.id"])
    }

    /// Returns a path of this service.
    pub(super) fn path<'a>(&self, value: &'a Value) -> Result<&'a str, BoardFault> {
        value
            .as_str()
            .filter(|path| path.starts_with('/') && !path.starts_with("//"))
            .ok_or_else(|| self.strange(self.root(), "no path where one was expected"))
    }

    /// The fault of an answer that was not understood.
    pub(super) fn strange(&self, path: &str, what: &str) -> BoardFault {
        BoardFault::new(
            FaultKind::NotUnderstood,
            format!("{} answers {path} with {what}", self.source()),
        )
        .advice("check that the address is that of a Redfish service")
    }

    /// The fault of a service that cannot do what is wanted.
    pub(super) fn unable(&self, what: &str) -> BoardFault {
        BoardFault::new(FaultKind::Refused, format!("{} {what}", self.source()))
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, BoardFault> {
        let url = self.site.url("", &[]).join(path);
        let url = url.map_err(|_| self.strange(path, "no path where one was expected"))?;
        let what = format!("{method} {path}");
        let mut request = self
            .site
            .client()
            .request(method, url)
            .header(header::ACCEPT, "application/json");
        if let Some(user) = &self.user {
            request = request.basic_auth(user, self.password.as_ref());
        }
        let response = self.site.send(fill(request), LIMITS.answer).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let said = match self.body(response).await {
            Ok(body) => said(&body),
            Err(_) => None,
        };
        Err(self.refused(&what, status, said))
    }

    async fn body(&self, response: Response) -> Result<Vec<u8>, BoardFault> {
        self.site.body(response, LARGEST, LIMITS.answer).await
    }

    fn refused(&self, what: &str, status: StatusCode, said: Option<String>) -> BoardFault {
        let said = said.map(|words| format!(": `{words}`")).unwrap_or_default();
        let words = format!(
            "{} answers {what} with HTTP {}{said}",
            self.source(),
            status.as_u16()
        );
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                BoardFault::new(FaultKind::Denied, words)
                    .advice("check the user name and the password, and what this user may do")
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => {
                BoardFault::new(FaultKind::TimedOut, words)
            }
            _ => BoardFault::new(FaultKind::Refused, words),
        }
    }
}

/// Returns the address of a service's root, with `/` at its end.
fn base(address: &str) -> Result<Url, BoardFault> {
    let full = if address.contains("://") {
        address.to_owned()
    } else {
        format!("https://{address}")
    };
    // The address itself may have a password in it.
    let wrong = || {
        BoardFault::new(
            FaultKind::Unreachable,
            "the address of the Redfish service is none",
        )
        .advice("write it as `https://bmc`, with the user name and the password apart from it")
    };
    let mut url = Url::parse(&full).map_err(|_| wrong())?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.has_host();
    if !is_plain || !matches!(url.scheme(), "http" | "https") {
        return Err(wrong());
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = match url.path() {
        "" | "/" => ROOT.to_owned(),
        path => format!("{}/", path.trim_end_matches('/')),
    };
    url.set_path(&path);
    Ok(url)
}

/// Returns the words of an error in the form of Redfish.
fn said(body: &[u8]) -> Option<String> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let error = &json["error"];
    let message = error["@Message.ExtendedInfo"][0]["Message"]
        .as_str()
        .or_else(|| error["message"].as_str())?;
    Some(printable(message))
}

fn printable(words: &str) -> String {
    let line = words
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char });
    line.take(LONGEST).collect::<String>().trim().to_owned()
}
