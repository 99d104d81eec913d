//! The client of QMP.

use std::{
    collections::HashMap,
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::net::UnixStream as StdUnixStream,
    },
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use qapi::qmp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, Interest},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{broadcast, mpsc, oneshot},
    time::timeout,
};

use super::{
    QmpError, RawEvent,
    lines::{LONGEST, Line, Lines},
    log::{Direction, QmpLog},
    message::Message,
};
use crate::own_gaps;

/// The longest time for an answer. QEMU answers in milliseconds; seconds are for hosts that swap.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most consecutive lines that are no messages. After that the connection is closed.
const MOST_GARBAGE: u32 = 1000;

/// The number of events that a slow receiver may be behind before it misses some.
const EVENTS_KEPT: usize = 1024;

/// A connection to QEMU. Cheap to clone. Every clone is the same connection.
///
/// Its futures can be dropped at any time. The command may or may not have been executed, and the connection goes on.
#[derive(Debug, Clone)]
pub struct Qmp {
    shared: Arc<Shared>,
}

/// Tells whether `qmp.log` may show a command's arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// The log may show them.
    Open,
    /// They hold a secret: the log shows `•••` instead.
    Secret,
}

/// The way in which a command is executed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) band: Band,
    pub(crate) trace: Trace,
    pub(crate) limit: Duration,
}

/// The order in which a command is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Band {
    /// After the commands before it.
    In,
    /// At once.
    Out,
}

/// The part of a command that `qmp.log` gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trace {
    /// Everything.
    Full,
    /// No arguments and no error text, which may repeat them.
    Redacted,
    /// Nothing unless it fails.
    FailuresOnly,
    /// Nothing, even if it fails.
    Nothing,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            band: Band::In,
            trace: Trace::Full,
            limit: PATIENCE,
        }
    }
}

impl From<Sensitivity> for Call {
    fn from(sensitivity: Sensitivity) -> Self {
        let trace = match sensitivity {
            Sensitivity::Open => Trace::Full,
            Sensitivity::Secret => Trace::Redacted,
        };
        Self {
            trace,
            ..Self::default()
        }
    }
}

#[derive(Debug)]
struct Shared {
    next_id: AtomicU64,
    // None once the connection has ended.
    pending: Mutex<Option<HashMap<u64, Pending>>>,
    outgoing: mpsc::Sender<Outgoing>,
    // Closed by the reader when the connection ends, so that receivers learn of it.
    events: Mutex<Option<broadcast::Sender<RawEvent>>>,
    log: QmpLog,
    /// The number of consecutive lines that were no messages.
    garbage: AtomicU32,
}

#[derive(Debug)]
struct Pending {
    command: String,
    trace: Trace,
    answer: oneshot::Sender<Result<Value, Refusal>>,
}

#[derive(Debug)]
struct Refusal {
    class: String,
    description: String,
}

#[derive(Debug)]
struct Outgoing {
    line: Vec<u8>,
    fd: Option<OwnedFd>,
}

impl Qmp {
    /// Takes the connection: waits for the greeting, and enables out-of-band execution if QEMU offers it. The events
    /// begin before the first command.
    pub(crate) async fn connect(
        socket: StdUnixStream,
        log: QmpLog,
    ) -> Result<(Self, broadcast::Receiver<RawEvent>), QmpError> {
        let unusable = |error: io::Error| QmpError::Unsendable {
            command: "qmp_capabilities".to_owned(),
            reason: error.to_string(),
        };
        socket.set_nonblocking(true).map_err(unusable)?;
        let (read, write) = UnixStream::from_std(socket).map_err(unusable)?.into_split();
        // Bounded: a command waits here while QEMU does not read.
        let (outgoing, queue) = mpsc::channel(64);
        let (events, receiver) = broadcast::channel(EVENTS_KEPT);
        let shared = Arc::new(Shared {
            next_id: AtomicU64::new(1),
            pending: Mutex::new(Some(HashMap::new())),
            outgoing,
            events: Mutex::new(Some(events)),
            log,
            garbage: AtomicU32::new(0),
        });
        let (greet, greeting) = oneshot::channel();
        tokio::spawn(write_lines(write, queue));
        tokio::spawn(read_lines(read, Arc::clone(&shared), greet));

        let closed = || QmpError::Closed {
            command: "greeting".to_owned(),
        };
        let oob = match timeout(PATIENCE, greeting).await {
            Ok(greeting) => greeting.map_err(|_| closed())?,
            Err(_) => {
                return Err(QmpError::TimedOut {
                    command: "greeting".to_owned(),
                    seconds: PATIENCE.as_secs(),
                });
            }
        };
        let connection = Self { shared };
        let enable = match oob {
            true => Some(vec![qmp::QMPCapability::oob]),
            false => Some(Vec::new()),
        };
        connection.execute(qmp::qmp_capabilities { enable }).await?;
        Ok((connection, receiver))
    }

    /// Executes a typed command.
    ///
    /// # Errors
    /// See [`QmpError`].
    pub async fn execute<C: qapi::Command>(&self, command: C) -> Result<C::Ok, QmpError> {
        self.ask(command, Call::default()).await
    }

    /// Executes a typed command in the way of `call`, and reads its answer as `A`.
    ///
    /// `A` need not be qapi's type of the answer. That type comes from the schema of one version of QEMU. It refuses an
    /// answer of another version if a required field is missing, or an enum has an unknown value. For such answers, `A`
    /// has only the fields that the caller uses.
    pub(crate) async fn ask<C: qapi::Command, A: DeserializeOwned>(
        &self,
        command: C,
        call: Call,
    ) -> Result<A, QmpError> {
        let answer = self.call(C::NAME, arguments(&command)?, call).await?;
        serde_json::from_value(answer).map_err(|error| QmpError::UnexpectedAnswer {
            command: C::NAME.to_owned(),
            reason: error.to_string(),
        })
    }

    /// Executes a command by name, for commands that the types do not cover.
    ///
    /// # Errors
    /// See [`QmpError`].
    pub async fn raw(
        &self,
        command: &str,
        arguments: Value,
        sensitivity: Sensitivity,
    ) -> Result<Value, QmpError> {
        self.call(command, arguments, sensitivity.into()).await
    }

    /// Executes a command out of band: it is answered even while another command runs. QEMU allows that for few
    /// commands.
    ///
    /// # Errors
    /// See [`QmpError`].
    pub async fn raw_oob(&self, command: &str, arguments: Value) -> Result<Value, QmpError> {
        let call = Call {
            band: Band::Out,
            ..Call::default()
        };
        self.call(command, arguments, call).await
    }

    /// Passes a file descriptor to QEMU under a name (`getfd`).
    ///
    /// # Errors
    /// See [`QmpError`].
    pub async fn pass_fd(&self, name: &str, fd: OwnedFd) -> Result<(), QmpError> {
        let command = qmp::getfd {
            fdname: name.to_owned(),
        };
        let arguments = arguments(&command)?;
        let sent = self.send("getfd", arguments, Some(fd), Call::default());
        sent.await.map(drop)
    }

    /// Returns why `qmp.log` is not complete, as a lowercase fragment. None if it is complete.
    pub(crate) fn lost_log(&self) -> Option<String> {
        self.shared.log.loss().told()
    }

    /// Returns a receiver of every event from now on, unknown ones included. The channel closes when the connection
    /// ends.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<RawEvent> {
        match lock(&self.shared.events).as_ref() {
            Some(events) => events.subscribe(),
            // Its sender is dropped at once: the receiver sees a closed channel.
            None => broadcast::channel(1).1,
        }
    }

    pub(crate) async fn call(
        &self,
        command: &str,
        arguments: Value,
        call: Call,
    ) -> Result<Value, QmpError> {
        self.send(command, arguments, None, call).await
    }

    async fn send(
        &self,
        command: &str,
        arguments: Value,
        fd: Option<OwnedFd>,
        call: Call,
    ) -> Result<Value, QmpError> {
        let closed = || QmpError::Closed {
            command: command.to_owned(),
        };
        let answer = async {
            // The place in the queue first. From here on nothing waits until the command is on its way. So dropping
            // this future leaves either nothing, or a command whose answer is dropped.
            let place = self.shared.outgoing.reserve().await.map_err(|_| closed())?;
            let id = self.shared.next_id.fetch_add(1, Ordering::Relaxed);
            let (line, shown) = written(command, arguments, id, call)?;
            let (answer, answered) = oneshot::channel();
            lock(&self.shared.pending)
                .as_mut()
                .ok_or_else(closed)?
                .insert(
                    id,
                    Pending {
                        command: command.to_owned(),
                        trace: call.trace,
                        answer,
                    },
                );
            if !matches!(call.trace, Trace::FailuresOnly | Trace::Nothing) {
                self.shared.log.write(Direction::ToQemu, shown);
            }
            place.send(Outgoing { line, fd });
            answered.await.map_err(|_| closed())
        };
        match own_gaps::within(call.limit, answer).await {
            Some(Ok(Ok(value))) => Ok(value),
            Some(Ok(Err(Refusal { class, description }))) => Err(QmpError::Refused {
                command: command.to_owned(),
                class,
                description,
            }),
            Some(Err(error)) => Err(error),
            None => Err(QmpError::TimedOut {
                command: command.to_owned(),
                seconds: call.limit.as_secs(),
            }),
        }
    }
}

/// Returns the arguments of a command; null if it has none.
fn arguments<C: qapi::Command>(command: &C) -> Result<Value, QmpError> {
    let arguments = serde_json::to_value(command).map_err(|error| QmpError::Unsendable {
        command: C::NAME.to_owned(),
        reason: error.to_string(),
    })?;
    let is_empty = arguments.as_object().is_some_and(serde_json::Map::is_empty);
    Ok(if is_empty { Value::Null } else { arguments })
}

/// Returns the line for QEMU, and the line for the log.
fn written(
    command: &str,
    arguments: Value,
    id: u64,
    call: Call,
) -> Result<(Vec<u8>, String), QmpError> {
    let verb = match call.band {
        Band::In => "execute",
        Band::Out => "exec-oob",
    };
    let message = |arguments: Value| {
        let message = match arguments {
            Value::Null => json!({verb: command, "id": id}),
            arguments => json!({"arguments": arguments, verb: command, "id": id}),
        };
        serde_json::to_string(&message).map_err(|error| QmpError::Unsendable {
            command: command.to_owned(),
            reason: error.to_string(),
        })
    };
    let shown = match call.trace {
        Trace::Full | Trace::FailuresOnly | Trace::Nothing => None,
        Trace::Redacted => Some(message(json!("•••"))?),
    };
    let line = message(arguments)?;
    let mut bytes = line.clone().into_bytes();
    bytes.push(b'\n');
    Ok((bytes, shown.unwrap_or(line)))
}

async fn write_lines(stream: OwnedWriteHalf, mut queue: mpsc::Receiver<Outgoing>) {
    while let Some(outgoing) = queue.recv().await {
        if write_line(&stream, outgoing).await.is_err() {
            // QEMU is gone. The reader notices that too, and wakes all waiters.
            return;
        }
    }
}

async fn write_line(stream: &OwnedWriteHalf, Outgoing { line, fd }: Outgoing) -> io::Result<()> {
    let mut rest = &line[..];
    let mut fd = fd;
    while !rest.is_empty() {
        let written = stream
            .as_ref()
            .async_io(Interest::WRITABLE, || {
                send_some(stream.as_ref(), rest, fd.as_ref())
            })
            .await?;
        rest = &rest[written..];
        // It was sent with the first bytes.
        fd = None;
    }
    Ok(())
}

fn send_some(stream: &UnixStream, bytes: &[u8], fd: Option<&OwnedFd>) -> io::Result<usize> {
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};

    let fds = fd.map(|fd| [fd.as_fd()]);
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if let Some(fds) = &fds {
        ancillary.push(SendAncillaryMessage::ScmRights(fds));
    }
    // No SIGPIPE: the end of QEMU is an error like others.
    let written = sendmsg(
        stream,
        &[io::IoSlice::new(bytes)],
        &mut ancillary,
        SendFlags::NOSIGNAL,
    )?;
    Ok(written)
}

async fn read_lines(mut stream: OwnedReadHalf, shared: Arc<Shared>, greet: oneshot::Sender<bool>) {
    let mut lines = Lines::new(LONGEST);
    let mut buffer = vec![0; 16 << 10];
    let mut greet = Some(greet);
    // A read that fails ends the connection.
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        lines.push(&buffer[..length], |line| shared.take(line, &mut greet));
        if shared.garbage.load(Ordering::Relaxed) > MOST_GARBAGE {
            let remark =
                format!("given up: more than {MOST_GARBAGE} lines in a row are no messages");
            shared.log.write(Direction::Remark, remark);
            break;
        }
    }
    shared.log.write(Direction::Remark, "the connection ended");
    // Dropping the senders wakes every waiter.
    lock(&shared.pending).take();
    lock(&shared.events).take();
}

impl Shared {
    fn take(&self, line: Line<'_>, greet: &mut Option<oneshot::Sender<bool>>) {
        let line = match line {
            Line::Whole(line) => line,
            Line::TooLong => {
                let remark = format!("skipped a line of more than {LONGEST} bytes");
                return self.log.write(Direction::Remark, remark);
            }
        };
        let text = String::from_utf8_lossy(line);
        let message = Message::parse(line);
        match &message {
            Ok(_) => self.garbage.store(0, Ordering::Relaxed),
            Err(_) => drop(self.garbage.fetch_add(1, Ordering::Relaxed)),
        }
        match message {
            Ok(Message::Greeting { oob, .. }) => {
                self.log.write(Direction::FromQemu, text);
                if let Some(greet) = greet.take() {
                    // No one waits for it if connecting was given up.
                    let _ = greet.send(oob);
                }
            }
            Ok(Message::Event(event)) => {
                self.log.write(Direction::FromQemu, text);
                if let Some(events) = lock(&self.events).as_ref() {
                    // An error means that nobody listens.
                    drop(events.send(event));
                }
            }
            Ok(Message::Return { id, value }) => {
                let pending = self.pending(id);
                let is_quiet = |pending: &Pending| {
                    matches!(pending.trace, Trace::FailuresOnly | Trace::Nothing)
                };
                if !pending.as_ref().is_some_and(is_quiet) {
                    self.log.write(Direction::FromQemu, text);
                }
                Self::answer(pending, Ok(value));
            }
            Ok(Message::Error {
                id,
                class,
                description,
            }) => {
                let pending = self.pending(id);
                match pending
                    .as_ref()
                    .map(|pending| (pending.trace, &pending.command))
                {
                    Some((Trace::Redacted, _)) => {
                        self.log.write(Direction::FromQemu, "{\"error\": \"•••\"}")
                    }
                    Some((Trace::FailuresOnly, command)) => {
                        self.log
                            .write(Direction::FromQemu, format_args!("{text} (to `{command}`)"));
                    }
                    Some((Trace::Nothing, _)) => {}
                    Some((Trace::Full, _)) | None => self.log.write(Direction::FromQemu, text),
                }
                Self::answer(pending, Err(Refusal { class, description }));
            }
            Err(reason) => {
                let start: String = text.chars().take(200).collect();
                self.log.write(
                    Direction::Remark,
                    format_args!("skipped a line ({reason}): {start:?}"),
                );
            }
        }
    }

    fn pending(&self, id: Option<u64>) -> Option<Pending> {
        lock(&self.pending).as_mut()?.remove(&id?)
    }

    fn answer(pending: Option<Pending>, answer: Result<Value, Refusal>) {
        if let Some(pending) = pending {
            // The caller may have gone, and its answer is dropped.
            drop(pending.answer.send(answer));
        }
    }
}

/// The data behind these locks is changed in one step each: a panic of another holder cannot have left it half changed.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
