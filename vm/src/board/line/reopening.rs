//! A serial line that is opened again when it is lost.
//!
//! ```text
//!        open --> carrying --far end closes--> Lost --wait 0.2 s ... 5 s--> open --> Back --> carrying
//!                                                '--too long--> Gone: the reader gets the end
//! ```

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream, ReadBuf, duplex},
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{pace::Pace, spec::LineSpec, stream::LineStream};
use crate::board::{BoardFault, FaultKind, gap::Gap};

/// The first wait before a line is opened again. Each further one is twice as long, up to [`LAST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(200);

const LAST_WAIT: Duration = Duration::from_secs(5);

/// The time after which an open line counts as well. Some servers accept a connection and close it at once, because
/// another program has the line.
const STEADY: Duration = Duration::from_secs(2);

/// The bytes from the board that wait for the reader. When there are more, the board's end is not read.
const WAITING: usize = 256 << 10;

/// The news that nobody has read. Further ones are left out.
const MOST_NEWS: usize = 64;

/// A change of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LineNews {
    /// The line was lost, and is opened again. Bytes of the board may be missing.
    Lost(BoardFault),
    /// The line is open again.
    Back,
    /// The line could not be opened again in time. The reader gets its end.
    Gone(BoardFault),
}

/// Opens a line and keeps it open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReopeningLine {
    /// The source.
    pub(crate) spec: LineSpec,
    /// The time without an open line after which it is given up.
    pub(crate) give_up: Duration,
    /// The pace of writing.
    pub(crate) pace: Pace,
}

impl ReopeningLine {
    /// Opens the line. The stream stays the same when the line is lost: then its reader waits, and bytes that are
    /// written wait as well. A write ends when the source has taken all but the last few bytes. Dropping the reading
    /// half closes the line. The time in which the line is lost is noted as `gap`, before anybody is told.
    ///
    /// # Errors
    /// When the line cannot be opened the first time.
    pub(crate) async fn open(
        self,
        gap: &Gap,
    ) -> Result<(LineStream, mpsc::Receiver<LineNews>), BoardFault> {
        let first = self.spec.open().await?;
        let Self {
            spec,
            give_up,
            pace,
        } = self;
        let name = spec.name();
        let open = move || {
            let spec = spec.clone();
            async move { spec.open().await }
        };
        Ok(carried(open, first, name, give_up, pace, gap))
    }
}

/// Carries a line, and opens it again with `open`.
fn carried<F>(
    open: impl FnMut() -> F + Send + 'static,
    first: LineStream,
    name: String,
    give_up: Duration,
    pace: Pace,
    gap: &Gap,
) -> (LineStream, mpsc::Receiver<LineNews>)
where
    F: Future<Output = Result<LineStream, BoardFault>> + Send + 'static,
{
    let (output, read) = duplex(WAITING);
    // A write must not end long before the board has its bytes.
    let (write, input) = duplex(pace.at_once());
    let (news, receiver) = mpsc::channel(MOST_NEWS);
    let carrier = Carrier {
        open,
        name,
        give_up,
        pace,
        input,
        unsent: Vec::new(),
        output,
        news,
        gap: gap.clone(),
    };
    let task = tokio::spawn(carrier.carry(first));
    (LineStream::new(Held { read, task }, write), receiver)
}

/// The reading half. The line is closed with it.
struct Held {
    read: DuplexStream,
    task: JoinHandle<()>,
}

impl AsyncRead for Held {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.read).poll_read(context, buffer)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Carrier<O> {
    open: O,
    name: String,
    give_up: Duration,
    pace: Pace,
    /// The bytes for the board.
    input: DuplexStream,
    /// Those of them that were not sent before the line was lost.
    unsent: Vec<u8>,
    /// The bytes from the board.
    output: DuplexStream,
    news: mpsc::Sender<LineNews>,
    /// Whoever waits in vain for text asks it. It must be right before anybody can ask.
    gap: Gap,
}

impl<O, F> Carrier<O>
where
    O: FnMut() -> F,
    F: Future<Output = Result<LineStream, BoardFault>>,
{
    async fn carry(mut self, first: LineStream) {
        let mut line = first;
        // Since when it was not steady.
        let mut unsteady: Option<Instant> = None;
        let mut wait = FIRST_WAIT;
        loop {
            let opened = Instant::now();
            let fault = self.pass(&mut line).await;
            drop(line);
            if opened.elapsed() >= STEADY {
                (unsteady, wait) = (None, FIRST_WAIT);
            }
            let since = *unsteady.get_or_insert_with(Instant::now);
            self.gap.began(&fault.words);
            self.tell(LineNews::Lost(fault.clone()));
            match self.again(fault, since, &mut wait).await {
                Ok(opened) => line = opened,
                Err(fault) => return self.tell(LineNews::Gone(fault)),
            }
            self.gap.ended();
            self.tell(LineNews::Back);
        }
    }

    /// Opens the line again. The first try is after a wait.
    async fn again(
        &mut self,
        mut fault: BoardFault,
        since: Instant,
        wait: &mut Duration,
    ) -> Result<LineStream, BoardFault> {
        loop {
            let left = self.give_up.saturating_sub(since.elapsed());
            if left.is_zero() {
                let limit = self.give_up.as_secs();
                let words = format!("{fault}; for {limit} s it could not be opened again");
                return Err(BoardFault { words, ..fault });
            }
            sleep((*wait).min(left)).await;
            *wait = (*wait * 2).min(LAST_WAIT);
            match (self.open)().await {
                Ok(line) => return Ok(line),
                Err(next) => fault = next,
            }
        }
    }

    /// Passes bytes both ways until the line ends. Returns the reason.
    async fn pass(&mut self, line: &mut LineStream) -> BoardFault {
        let LineStream { read, write } = line;
        let reading = async {
            let mut bytes = vec![0; 64 << 10];
            loop {
                match read.read(&mut bytes).await {
                    Ok(0) => return None,
                    Ok(length) => {
                        // The reader has gone: this task ends with it.
                        if self.output.write_all(&bytes[..length]).await.is_err() {
                            return None;
                        }
                    }
                    Err(error) => return Some(error),
                }
            }
        };
        let writing = async {
            let mut bytes = [0; 4096];
            loop {
                self.pace.send(&mut self.unsent, write).await?;
                match self.input.read(&mut bytes).await? {
                    // Nothing more is written. The line may still be read.
                    0 => return std::future::pending::<io::Result<()>>().await,
                    length => self.unsent.extend_from_slice(&bytes[..length]),
                }
            }
        };
        let error = tokio::select! {
            error = reading => error,
            ended = writing => ended.err(),
        };
        self.lost(error)
    }

    fn lost(&self, error: Option<io::Error>) -> BoardFault {
        let Some(error) = error else {
            let words = format!("{} was closed by its other end", self.name);
            return BoardFault::new(FaultKind::Unreachable, words);
        };
        // A source may know better.
        match error.downcast::<BoardFault>() {
            Ok(fault) => fault,
            Err(error) => BoardFault::new(
                FaultKind::Unreachable,
                format!("{} was lost: {error}", self.name),
            ),
        }
    }

    fn tell(&self, news: LineNews) {
        // A receiver that does not read, or has gone, misses it.
        let _ = self.news.try_send(news);
    }
}

#[cfg(test)]
mod tests;
