//! Reads a stream of pictures all the time, and keeps the newest one. So a picture is never older than it seems: no
//! old one waits in a buffer on the way.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Response;
use tokio::{io::AsyncReadExt, net::unix::pipe, sync::watch, task::JoinHandle};

use super::{
    HttpSite,
    parts::{Part, Parts, PartsError},
};
use crate::{
    board::{BoardFault, FaultKind, command::Program},
    own_gaps,
};

/// A stream of pictures that is read by a task. The task ends with this value.
#[derive(Debug)]
pub(super) struct Feed {
    news: watch::Receiver<News>,
    task: JoinHandle<()>,
    name: String,
}

/// The place that a stream comes from.
#[derive(Debug)]
pub(super) enum Origin {
    /// The answer of a device.
    Answer(Box<(HttpSite, Response)>),
    /// The output of a program, which ends with the feed.
    Output(Box<Program>, pipe::Receiver),
}

#[derive(Debug, Clone)]
enum News {
    Nothing,
    Part(Arc<Part>),
    Ended(BoardFault),
}

impl Feed {
    /// Begins to read. `name` is that of the source, for messages.
    pub(super) fn start(name: &str, mut origin: Origin, mut parts: Parts) -> Self {
        let (told, news) = watch::channel(News::Nothing);
        let owned = name.to_owned();
        let task = tokio::spawn(async move {
            let fault = loop {
                let bytes = match origin.next().await {
                    Ok(bytes) => bytes,
                    Err(end) => break origin.fault(&owned, end).await,
                };
                match parts.push(&bytes, Instant::now()) {
                    Ok(None) => {}
                    Ok(Some(part)) => drop(told.send_replace(News::Part(Arc::new(part)))),
                    Err(error) => break not_understood(&owned, error),
                }
            };
            told.send_replace(News::Ended(fault));
        });
        let name = name.to_owned();
        Self { news, task, name }
    }

    /// Returns the newest part that began after `called`. Waits for it.
    ///
    /// # Errors
    /// When the stream has ended, or no such part is whole within `limit`.
    pub(super) async fn after(
        &mut self,
        called: Instant,
        limit: Duration,
    ) -> Result<Arc<Part>, BoardFault> {
        let is_right = |news: &News| match news {
            News::Nothing => false,
            News::Part(part) => part.began >= called,
            News::Ended(_) => true,
        };
        let ended = || {
            let words = format!("{} sends no more pictures", self.name);
            BoardFault::new(FaultKind::Unreachable, words)
        };
        let mut news = self.news.clone();
        let waited = own_gaps::within(limit, news.wait_for(is_right)).await;
        match waited.map(|found| found.map(|found| found.clone())) {
            Some(Ok(News::Part(part))) => Ok(part),
            Some(Ok(News::Ended(fault))) => Err(fault),
            Some(Ok(News::Nothing) | Err(_)) => Err(ended()),
            None => {
                let words = format!("{} sent no whole picture within {limit:?}", self.name);
                Err(BoardFault::new(FaultKind::TimedOut, words))
            }
        }
    }

    /// Returns true if no more parts come.
    pub(super) fn has_ended(&self) -> bool {
        self.task.is_finished() || matches!(*self.news.borrow(), News::Ended(_))
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The reason why a stream ended.
#[derive(Debug)]
enum EndOfStream {
    Regular,
    Broken(reqwest::Error),
    Unread(io::Error),
}

impl Origin {
    async fn next(&mut self) -> Result<Vec<u8>, EndOfStream> {
        match self {
            Self::Answer(answer) => match answer.1.chunk().await {
                Ok(Some(bytes)) => Ok(bytes.to_vec()),
                Ok(None) => Err(EndOfStream::Regular),
                Err(error) => Err(EndOfStream::Broken(error)),
            },
            Self::Output(_, stdout) => {
                let mut bytes = Vec::with_capacity(64 << 10);
                match stdout.read_buf(&mut bytes).await {
                    Ok(0) => Err(EndOfStream::Regular),
                    Ok(_) => Ok(bytes),
                    Err(error) => Err(EndOfStream::Unread(error)),
                }
            }
        }
    }

    async fn fault(&mut self, name: &str, end: EndOfStream) -> BoardFault {
        let reason = match end {
            EndOfStream::Regular => "the stream ended".to_owned(),
            EndOfStream::Unread(error) => error.to_string(),
            EndOfStream::Broken(error) => match self {
                Self::Answer(answer) => return answer.0.broken(&error),
                Self::Output(..) => "the stream broke".to_owned(),
            },
        };
        match self {
            Self::Answer(..) => {
                let words = format!("{name} sends no more pictures: {reason}");
                BoardFault::new(FaultKind::Unreachable, words)
            }
            Self::Output(program, _) => {
                let said = program.last_words().await;
                let words = format!("{name} ended: {said}");
                BoardFault::new(FaultKind::Refused, words)
                    .advice("check that the device exists, and that no other program uses it")
            }
        }
    }
}

fn not_understood(name: &str, error: PartsError) -> BoardFault {
    let words = format!("the stream of {name} cannot be read: {error}");
    BoardFault::new(FaultKind::NotUnderstood, words)
}

#[cfg(test)]
impl Feed {
    /// Returns a receiver that changes with each part, and at the end.
    pub(super) fn news(&self) -> watch::Receiver<impl Sized + use<>> {
        self.news.clone()
    }
}
