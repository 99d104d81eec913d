//! A screen whose pictures come from an HTTP address: one picture an answer, or a stream of them.

use std::{fmt, time::Instant};

use reqwest::{Response, StatusCode, header::CONTENT_TYPE};

use super::{
    HttpSite, Limits, Tls,
    capture_device::Capture,
    feed::{Feed, Origin},
    parts::Parts,
};
use crate::{
    CaptureError, Frame,
    board::{
        BoardFault, FaultKind,
        picture::{MOST_BYTES, NewestPicture, first_words},
    },
    screen::{PictureSource, Taken},
};

/// The header with which ustreamer says that its picture is a notice of its own: there is no signal.
const ONLINE: &str = "x-ustreamer-online";

/// The most bytes of a message of the device that are read.
const MOST_WORDS: usize = 64 << 10;

/// An HTTP address that gives pictures.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpPictureSpec {
    /// The address. It gives a JPEG or PNG picture, or a stream of JPEG pictures (`multipart/x-mixed-replace`).
    pub address: String,
    /// The name for HTTP's basic authentication.
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The rule for the certificate.
    pub tls: Tls,
}

impl fmt::Debug for HttpPictureSpec {
    /// Leaves out the address, too: for some cameras it contains the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpPictureSpec")
            .field("user", &self.user)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// A screen whose pictures come from an HTTP address.
#[derive(Debug)]
pub(crate) struct HttpScreen {
    source: Source,
    feed: Option<Feed>,
    newest: NewestPicture,
    limits: Limits,
}

#[derive(Debug)]
enum Source {
    Address(Box<Camera>),
    Device(Box<Capture>),
}

/// A device that gives pictures over HTTP.
#[derive(Clone)]
pub(super) struct Camera {
    site: HttpSite,
    user: Option<String>,
    password: Option<String>,
}

impl fmt::Debug for Camera {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Camera").field(&self.site).finish()
    }
}

/// The answer of a device.
#[derive(Debug)]
pub(super) enum Given {
    Picture(Vec<u8>),
    Stream(Feed),
}

impl HttpScreen {
    /// Connects to a device. Proves that it lets us in. A device without a signal is no error: it may come.
    ///
    /// # Errors
    /// When the device cannot be reached, or refuses.
    pub(crate) async fn connect(spec: &HttpPictureSpec) -> Result<Self, BoardFault> {
        Self::connect_within(spec, Limits::default()).await
    }

    async fn connect_within(spec: &HttpPictureSpec, limits: Limits) -> Result<Self, BoardFault> {
        let site = HttpSite::new("the camera", &spec.address, &spec.tls, limits)?;
        let camera = Camera {
            site,
            user: spec.user.clone(),
            password: spec.password.clone(),
        };
        let answer = camera.ask().await?;
        let status = answer.status();
        let feed = match camera.given(answer).await {
            Ok(Given::Stream(feed)) => Some(feed),
            Ok(Given::Picture(_)) => None,
            Err(_) if status.is_server_error() || status.is_success() => None,
            Err(fault) => return Err(fault),
        };
        Ok(Self {
            source: Source::Address(Box::new(camera)),
            feed,
            newest: NewestPicture::default(),
            limits,
        })
    }

    /// Returns the screen of a device of this host. `feed` is its stream, if there is one already.
    pub(super) fn of_device(capture: Capture, feed: Option<Feed>, limits: Limits) -> Self {
        Self {
            source: Source::Device(Box::new(capture)),
            feed,
            newest: NewestPicture::default(),
            limits,
        }
    }

    fn name(&self) -> String {
        match &self.source {
            Source::Address(camera) => camera.site.name().to_owned(),
            Source::Device(capture) => capture.name(),
        }
    }

    /// Returns the bytes of a picture that began now or later.
    async fn bytes(&mut self) -> Result<Vec<u8>, BoardFault> {
        let called = Instant::now();
        if self.feed.as_ref().is_some_and(Feed::has_ended) {
            self.feed = None;
        }
        let feed = match self.feed.take() {
            Some(feed) => feed,
            None => match self.given().await? {
                Given::Picture(bytes) => return Ok(bytes),
                Given::Stream(feed) => feed,
            },
        };
        // It stays in this value while it is waited for: the caller may leave at any time.
        let feed = self.feed.insert(feed);
        let part = feed.after(called, self.limits.answer).await?;
        check_online(&self.name(), |name| {
            let found = part.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        })?;
        Ok(part.bytes.clone())
    }

    async fn given(&mut self) -> Result<Given, BoardFault> {
        match &mut self.source {
            Source::Address(camera) => camera.given(camera.ask().await?).await,
            Source::Device(capture) => capture.given().await,
        }
    }
}

impl PictureSource for HttpScreen {
    async fn take(&mut self, _last: Option<&Frame>) -> Result<Taken<'_>, CaptureError> {
        let bytes = self.bytes().await?;
        let name = self.name();
        let read = self.newest.read(bytes).await;
        let decoded = read.map_err(|error| error.fault(&name))?;
        Ok(Taken::Picture(decoded.picture()))
    }
}

impl Camera {
    /// Returns a device that lets everybody in.
    pub(super) fn open(site: HttpSite) -> Self {
        Self {
            site,
            user: None,
            password: None,
        }
    }

    pub(super) async fn ask(&self) -> Result<Response, BoardFault> {
        let mut request = self.site.client().get(self.site.url("", &[]));
        if let Some(user) = &self.user {
            request = request.basic_auth(user, self.password.as_ref());
        }
        self.site.send(request, self.site.limits.answer).await
    }

    /// Reads an answer: a picture, or the beginning of a stream.
    pub(super) async fn given(&self, answer: Response) -> Result<Given, BoardFault> {
        let (site, limit) = (&self.site, self.site.limits.answer);
        let status = answer.status();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(site.denied(status).advice(
                "give the right name and password; only HTTP's basic authentication is used",
            ));
        }
        if !status.is_success() {
            let body = site.body(answer, MOST_WORDS, limit).await;
            let said = first_words(&String::from_utf8_lossy(&body.unwrap_or_default()));
            return Err(refused(site.name(), status, &said));
        }
        check_online(site.name(), |name| {
            let value = answer.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        })?;
        let content = answer.headers().get(CONTENT_TYPE);
        let content = content.and_then(|content| content.to_str().ok());
        if let Some(parts) = content.and_then(Parts::of_content) {
            let origin = Origin::Answer(Box::new((site.clone(), answer)));
            return Ok(Given::Stream(Feed::start(site.name(), origin, parts)));
        }
        // The content decides, not its type: many devices give a wrong one.
        let bytes = site.body(answer, MOST_BYTES, limit).await?;
        Ok(Given::Picture(bytes))
    }
}

fn refused(name: &str, status: StatusCode, said: &str) -> BoardFault {
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let words = format!("{name} has no signal: {status}");
        return BoardFault::new(FaultKind::NoSignal, words);
    }
    let words = format!("{name} gives no picture: {status} {said}");
    let fault = BoardFault::new(FaultKind::Refused, words.trim_end());
    match status {
        StatusCode::NOT_FOUND => fault.advice("check the path of the address"),
        _ => fault,
    }
}

/// Refuses a notice of ustreamer in place of a picture.
fn check_online(name: &str, header: impl FnOnce(&str) -> Option<String>) -> Result<(), BoardFault> {
    match header(ONLINE) {
        Some(value) if value.eq_ignore_ascii_case("false") => {
            let words = format!("{name} has no signal");
            Err(BoardFault::new(FaultKind::NoSignal, words)
                .advice("check that the board is on, and the cable of its screen"))
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
impl HttpScreen {
    /// Forgets the stream, so that the next picture asks for one.
    pub(super) fn drop_feed(&mut self) {
        self.feed = None;
    }
}

#[cfg(test)]
mod tests;
