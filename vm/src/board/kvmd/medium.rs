//! The virtual medium of a board: an image on the KVM, which the board sees as a USB drive.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::stream;
use reqwest::{Body, Method};
use serde_json::Value;
use tokio::{
    fs::File,
    io::AsyncReadExt,
    time::{Instant, sleep},
};

use super::connection::{Kvmd, LOOK};
use crate::board::{BoardFault, FaultKind};

/// The number of bytes that are read and sent at once.
const PIECE: usize = 256 << 10;

/// The longest time of a whole upload. What counts is that it goes on.
const ANY: Duration = Duration::from_secs(24 * 60 * 60);

impl Kvmd {
    /// Writes an image to the KVM under a name, in place of an earlier one of that name, and selects it. The medium is
    /// disconnected from the board then. A medium that is no CD-ROM can be written by the board.
    ///
    /// # Errors
    /// When the image cannot be read or is larger than the free space, or the KVM refuses.
    pub(crate) async fn write_medium(
        &self,
        image: &Path,
        name: &str,
        cdrom: bool,
    ) -> Result<(), BoardFault> {
        let unread = |error: std::io::Error| {
            let words = format!("the image {} cannot be read: {error}", image.display());
            BoardFault::new(FaultKind::Missing, words)
        };
        let file = File::open(image).await.map_err(unread)?;
        let size = file.metadata().await.map_err(unread)?.len();
        self.connect_medium(false).await?;
        let state = self.medium().await?;
        let known = state["storage"]["images"].get(name);
        let replaced = known.and_then(|known| known["size"].as_u64());
        self.check_space(&state, size, replaced.unwrap_or(0))?;
        let limit = self.api.limits.press;
        if known.is_some() {
            let query = [("image", name)];
            self.when_idle("/api/msd/remove", &query, limit).await?;
        }
        self.upload(file, name, size).await?;
        self.check_written(name, size).await?;
        let (cdrom, rw) = if cdrom { ("1", "0") } else { ("0", "1") };
        let query = [("image", name), ("cdrom", cdrom), ("rw", rw)];
        self.when_idle("/api/msd/set_params", &query, limit).await
    }

    /// Connects the selected medium to the board, or disconnects it.
    ///
    /// # Errors
    /// When the KVM has no virtual medium, or refuses.
    pub(crate) async fn connect_medium(&self, connected: bool) -> Result<(), BoardFault> {
        let state = self.medium().await?;
        if state["drive"]["connected"].as_bool() == Some(connected) {
            return Ok(());
        }
        let query = [("connected", if connected { "1" } else { "0" })];
        let limit = self.api.limits.press;
        self.when_idle("/api/msd/set_connected", &query, limit)
            .await
    }

    async fn medium(&self) -> Result<Value, BoardFault> {
        let state = self.api.get("/api/msd", &[]).await?;
        if state["enabled"].as_bool() == Some(false) || state["online"].as_bool() == Some(false) {
            let words = format!("{} has no virtual medium", self.api.name());
            return Err(BoardFault::new(FaultKind::Refused, words)
                .advice("see the drive in the web interface of the KVM"));
        }
        Ok(state)
    }

    /// Refuses an image that does not fit in place of one of `replaced` bytes.
    fn check_space(&self, state: &Value, size: u64, replaced: u64) -> Result<(), BoardFault> {
        let storage = &state["storage"];
        // Before version 4, there was one part only.
        let free = storage["parts"][""]["free"].as_u64();
        let Some(free) = free.or_else(|| storage["free"].as_u64()) else {
            return Ok(());
        };
        let free = free.saturating_add(replaced);
        if size <= free {
            return Ok(());
        }
        let words = format!(
            "the image is larger than the free space of {}: {size} bytes, {free} are free",
            self.api.name()
        );
        Err(BoardFault::new(FaultKind::Refused, words).advice("remove images from the KVM"))
    }

    async fn upload(&self, file: File, name: &str, size: u64) -> Result<(), BoardFault> {
        let sent = Arc::new(AtomicU64::new(0));
        let query = [("image", name), ("remove_incomplete", "1")];
        // The file can be read once only. That is enough: name and password have just been right.
        let body = Mutex::new(Some(body(file, sent.clone())));
        let complete = |request: reqwest::RequestBuilder| {
            let request = request.header("Content-Length", size.to_string());
            let body = body.lock().unwrap_or_else(PoisonError::into_inner).take();
            request.body(body.unwrap_or_default())
        };
        let path = "/api/msd/write";
        let work = async {
            let answer = self
                .api
                .send(Method::POST, path, &query, ANY, complete)
                .await?;
            self.api
                .result(path, answer, ANY)
                .await
                .map_err(BoardFault::from)
        };
        let answer = tokio::select! {
            answer = work => answer?,
            () = stalled(&sent, self.api.limits.upload) => {
                let words = format!(
                    "{} took nothing of the image for {:?}, after {} of {size} bytes",
                    self.api.name(),
                    self.api.limits.upload,
                    sent.load(Ordering::Relaxed)
                );
                return Err(BoardFault::new(FaultKind::TimedOut, words));
            }
        };
        match answer["image"]["written"].as_u64() {
            Some(written) if written != size => Err(self.incomplete(written, size)),
            Some(_) | None => Ok(()),
        }
    }

    /// Waits until the list of images has the new one. It comes a moment after the upload.
    async fn check_written(&self, name: &str, size: u64) -> Result<(), BoardFault> {
        let begun = Instant::now();
        loop {
            let state = self.medium().await?;
            let image = &state["storage"]["images"][name];
            let written = image["size"].as_u64().unwrap_or(0);
            if written == size && image["complete"].as_bool() != Some(false) {
                return Ok(());
            }
            if begun.elapsed() >= self.api.limits.http.answer {
                return Err(self.incomplete(written, size));
            }
            sleep(LOOK).await;
        }
    }

    fn incomplete(&self, written: u64, size: u64) -> BoardFault {
        let words = format!(
            "{} has {written} of the {size} bytes of the image after it was written",
            self.api.name()
        );
        BoardFault::new(FaultKind::Refused, words).advice("check the storage of the KVM")
    }
}

/// Returns the content of a file as a body. Counts in `sent` the bytes that were taken.
fn body(file: File, sent: Arc<AtomicU64>) -> Body {
    Body::wrap_stream(stream::try_unfold(file, move |mut file| {
        let sent = sent.clone();
        async move {
            let mut piece = Vec::with_capacity(PIECE);
            let length = file.read_buf(&mut piece).await?;
            sent.fetch_add(length as u64, Ordering::Relaxed);
            Ok::<_, std::io::Error>((length > 0).then_some((piece, file)))
        }
    }))
}

/// Returns when the number has not changed for so long.
async fn stalled(number: &AtomicU64, limit: Duration) {
    let mut before = None;
    loop {
        let now = number.load(Ordering::Relaxed);
        if before.replace(now) == Some(now) {
            return;
        }
        sleep(limit).await;
    }
}
