//! The requests to a kvmd: name and password, the form of its answers, and what it says when it refuses.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

use super::{
    KvmdSpec,
    spec::KvmdLimits,
    totp::{Period, Totp},
};
use crate::board::{BoardFault, FaultKind, http::HttpSite, picture::first_words};

/// The most bytes of an answer.
const MOST: usize = 4 << 20;

/// The requests to a kvmd. Cheap to clone.
#[derive(Clone)]
pub(super) struct Api {
    site: HttpSite,
    login: Arc<Login>,
    pub(super) limits: KvmdLimits,
}

struct Login {
    user: String,
    password: String,
    totp: Option<Totp>,
    clock: fn() -> SystemTime,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Api").field(&self.site).finish()
    }
}

/// The reason why a request was not carried out.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It is busy with an earlier request.
    Busy(BoardFault),
    /// It has not what was asked for: there is no picture, for instance.
    Unavailable(BoardFault),
    /// Anything else.
    Other(BoardFault),
}

impl From<BoardFault> for Refusal {
    fn from(fault: BoardFault) -> Self {
        Self::Other(fault)
    }
}

impl From<Refusal> for BoardFault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Busy(fault) | Refusal::Unavailable(fault) | Refusal::Other(fault) => fault,
        }
    }
}

impl Api {
    /// Returns the requests to a kvmd. Sends none.
    ///
    /// # Errors
    /// When the address, the rule for certificates, or the secret is wrong.
    pub(super) fn new(
        spec: &KvmdSpec,
        limits: KvmdLimits,
        clock: fn() -> SystemTime,
    ) -> Result<Self, BoardFault> {
        let site = HttpSite::new("the kvmd", &spec.address, &spec.tls, limits.http)?;
        let totp = spec.totp.as_deref().map(Totp::parse).transpose();
        let totp = totp.map_err(|error| {
            let words = format!("{} cannot be asked: {error}", site.name());
            BoardFault::new(FaultKind::Denied, words).advice(
                "give the secret that the KVM printed when it was set up, not the six digits",
            )
        })?;
        // Other characters cannot be sent, and the library would say so with the password in its words.
        let is_sendable = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !is_sendable(&spec.user) || !is_sendable(&spec.password) {
            let words = format!(
                "the name or the password for {} has characters that HTTP cannot send",
                site.name()
            );
            return Err(BoardFault::new(FaultKind::Denied, words));
        }
        let login = Login {
            user: spec.user.clone(),
            password: spec.password.clone(),
            totp,
            clock,
        };
        Ok(Self {
            site,
            login: Arc::new(login),
            limits,
        })
    }

    /// Returns the name of the kvmd for messages.
    pub(super) fn name(&self) -> &str {
        self.site.name()
    }

    pub(super) fn site(&self) -> &HttpSite {
        &self.site
    }

    /// Reads something.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Refusal> {
        let limit = self.limits.http.answer;
        self.ask(Method::GET, path, query, limit).await
    }

    /// Does something. The answer comes when it is done, at most after `limit`.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub(super) async fn post(
        &self,
        path: &str,
        query: &[(&str, &str)],
        limit: Duration,
    ) -> Result<Value, Refusal> {
        self.ask(Method::POST, path, query, limit).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        limit: Duration,
    ) -> Result<Value, Refusal> {
        let plain = |request: RequestBuilder| request;
        let answer = self.send(method, path, query, limit, plain).await?;
        self.result(path, answer, limit).await
    }

    /// Sends a request, with everything that `complete` adds to it. `complete` is called again if the digits of the
    /// two-factor authentication were too old.
    ///
    /// # Errors
    /// When no answer comes in time, or name and password are wrong.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        limit: Duration,
        complete: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, BoardFault> {
        let url = self.site.url(path, query);
        let request = |period| {
            let request = self.site.client().request(method.clone(), url.clone());
            let password = self.login.password(period);
            let request = request
                .header("X-KVMD-User", &self.login.user)
                .header("X-KVMD-Passwd", password);
            complete(request)
        };
        let period = Period::at((self.login.clock)());
        let mut answer = self.site.send(request(period), limit).await?;
        if answer.status() == StatusCode::FORBIDDEN
            && self.login.totp.is_some()
            && let Some(next) = period.next_at_edge((self.login.clock)())
        {
            answer = self.site.send(request(next), limit).await?;
        }
        match answer.status() {
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                let advice = match self.login.totp {
                    Some(_) => {
                        "check the name, the password, the secret of the two-factor authentication, and that the \
                        clocks of the KVM and of this host agree"
                    }
                    None => {
                        "check the name and the password; if the KVM asks for six digits, give the secret of its \
                        two-factor authentication"
                    }
                };
                Err(self.site.denied(status).advice(advice))
            }
            _ => Ok(answer),
        }
    }

    /// Reads the answer to a request: `{"ok": true, "result": {...}}`.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub(super) async fn result(
        &self,
        path: &str,
        answer: Response,
        limit: Duration,
    ) -> Result<Value, Refusal> {
        let status = answer.status();
        let body = self.site.body(answer, MOST, limit).await?;
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let is_ok = answer["ok"].as_bool();
        if status.is_success() && is_ok == Some(true) {
            return Ok(answer["result"].take());
        }
        let told = answer["result"]["error_msg"].as_str();
        let said = match (told, is_ok) {
            (Some(told), _) => first_words(told),
            (None, Some(_)) => "it gives no reason".to_owned(),
            (None, None) => first_words(&String::from_utf8_lossy(&body)),
        };
        Err(self.refusal(path, status, is_ok.is_some(), &said))
    }

    /// Returns the words for an answer that is no result. `is_own` says whether it has the form of kvmd's answers.
    fn refusal(&self, path: &str, status: StatusCode, is_own: bool, said: &str) -> Refusal {
        let name = self.name();
        let words = format!("{name} refused {path}: {} {said}", status.as_u16());
        let refused = BoardFault::new(FaultKind::Refused, words.trim_end());
        let strange = || {
            let words = format!(
                "the answer of {name} to {path} is not one of kvmd: {} {said}",
                status.as_u16()
            );
            BoardFault::new(FaultKind::NotUnderstood, words.trim_end())
        };
        match status {
            StatusCode::CONFLICT => Refusal::Busy(refused),
            StatusCode::SERVICE_UNAVAILABLE => Refusal::Unavailable(refused),
            // The web server in front of kvmd says so when kvmd does not run.
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT if !is_own => {
                let words = format!("{name} has a web server, but kvmd behind it does not answer");
                BoardFault::new(FaultKind::Unreachable, words)
                    .advice("see `systemctl status kvmd` on the KVM")
                    .into()
            }
            StatusCode::NOT_FOUND => strange()
                .advice("check that the address is that of a KVM with PiKVM's kvmd")
                .into(),
            status if is_own || status.is_server_error() => {
                refused.advice("see `journalctl -u kvmd` on the KVM").into()
            }
            _ => strange()
                .advice("check that the address is that of a KVM with PiKVM's kvmd")
                .into(),
        }
    }
}

impl Login {
    /// Returns the password with the digits of a period.
    fn password(&self, period: Period) -> String {
        let digits = self.totp.as_ref().map(|totp| totp.digits(period));
        format!("{}{}", self.password, digits.unwrap_or_default())
    }
}
