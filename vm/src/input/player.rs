//! The task that plays plans of input, one after the other.

use std::time::Duration;

use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep},
};

use super::{
    Arrival, InputError, KeyName, Secrecy,
    plan::Act,
    sink::{Button, InputSink, Queue},
};
use crate::{
    machine::{ControlErrorKind, Starvation},
    screen::ScreenNudge,
};

/// The shortest and the longest time between two questions to the device. The time grows from question to question.
const LOOK: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(8)];

/// Passes plans to the task that plays them. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Player {
    orders: mpsc::Sender<Order>,
}

#[derive(Debug)]
struct Order {
    what: What,
    secrecy: Secrecy,
    /// The longest time that the guest may take no key before that is an error.
    patience: Duration,
    // Closed when the caller waits no more: then the rest is not played.
    done: Done,
}

pub(super) type Done = oneshot::Sender<Result<Arrival, InputError>>;

#[derive(Debug)]
enum What {
    Play(Vec<Act>),
    ReleaseAll,
}

impl Player {
    /// Starts the task. It ends when every handle is dropped.
    pub(crate) fn start(sink: impl InputSink, nudge: ScreenNudge, starvation: Starvation) -> Self {
        let (orders, queue) = mpsc::channel(16);
        let task = PlayerTask {
            sink,
            nudge,
            starvation,
            down: Vec::new(),
            told: None,
        };
        tokio::spawn(task.run(queue));
        Self { orders }
    }

    pub(super) async fn play(
        &self,
        acts: Vec<Act>,
        secrecy: Secrecy,
        patience: Duration,
    ) -> Result<Arrival, InputError> {
        self.order(What::Play(acts), secrecy, patience).await
    }

    pub(super) async fn release_all(&self) -> Result<(), InputError> {
        let order = self.order(What::ReleaseAll, Secrecy::Open, Duration::ZERO);
        order.await.map(drop)
    }

    async fn order(
        &self,
        what: What,
        secrecy: Secrecy,
        patience: Duration,
    ) -> Result<Arrival, InputError> {
        let (done, answer) = oneshot::channel();
        let order = Order {
            what,
            secrecy,
            patience,
            done,
        };
        self.orders
            .send(order)
            .await
            .map_err(|_| InputError::Gone)?;
        answer.await.map_err(|_| InputError::Gone)?
    }
}

/// A pressed key or button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Key(KeyName),
    Button(Button),
}

impl Held {
    fn up(self) -> Act {
        match self {
            Self::Key(key) => Act::Key { key, down: false },
            Self::Button(button) => Act::Button {
                button,
                down: false,
            },
        }
    }
}

/// The task that plays plans, one after the other.
pub(super) struct PlayerTask<S> {
    pub(super) sink: S,
    nudge: ScreenNudge,
    starvation: Starvation,
    down: Vec<Held>,
    /// The last state of the device's queue. None if the device does not tell.
    pub(super) told: Option<Queue>,
}

/// The settings for playing a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) secrecy: Secrecy,
    /// The longest time that the guest may take no key before that is an error.
    pub(super) patience: Duration,
}

/// The progress of a plan, in combinations of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) typed: usize,
    pub(super) all: usize,
}

impl<S: InputSink> PlayerTask<S> {
    async fn run(mut self, mut queue: mpsc::Receiver<Order>) {
        while let Some(Order {
            what,
            secrecy,
            patience,
            mut done,
        }) = queue.recv().await
        {
            let result = match what {
                What::Play(acts) => {
                    // Boxed: it is large, and the task lives as long as the machine.
                    Box::pin(self.play(&acts, secrecy, patience, &mut done)).await
                }
                What::ReleaseAll => self.release(0, secrecy).await.map(|()| Arrival::Unknown),
            };
            // The caller may have gone.
            let _ = done.send(result);
        }
    }

    async fn play(
        &mut self,
        acts: &[Act],
        secrecy: Secrecy,
        patience: Duration,
        done: &mut Done,
    ) -> Result<Arrival, InputError> {
        let held_before = self.down.len();
        let manner = Manner { secrecy, patience };
        let mut arrival = Arrival::Unknown;
        let mut progress = Progress {
            typed: 0,
            all: acts.iter().map(Act::combinations).sum(),
        };
        // Losses of an earlier plan do not count for this one.
        self.sink.lost();
        for act in acts {
            let played = match act {
                Act::Text { taps, pace } => {
                    let typed = self.type_text(taps, *pace, manner, &mut progress, done);
                    typed.await.map(|()| None)
                }
                act => {
                    let played = self.play_act(act, manner, progress, done).await;
                    progress.typed += act.combinations();
                    played
                }
            };
            match played {
                Ok(now) => arrival = now.unwrap_or(arrival),
                Err(error) => {
                    // The first failure is reported.
                    let _ = self.release(held_before, manner.secrecy).await;
                    return Err(error);
                }
            }
        }
        Ok(arrival)
    }

    /// Does one act that is no text. For an act that only waits, returns the progress of the keys.
    async fn play_act(
        &mut self,
        act: &Act,
        manner: Manner,
        progress: Progress,
        done: &mut Done,
    ) -> Result<Option<Arrival>, InputError> {
        let arrival = tokio::select! {
            biased;
            () = done.closed() => return Err(InputError::Gone),
            ready = self.prepare(act, manner, progress) => ready?,
        };
        // A command that was sent is not cancelled: otherwise the state of the key would be unknown.
        self.deliver(act, manner.secrecy).await?;
        Ok(arrival)
    }

    /// Waits for the condition of an act. For an act that only waits, returns the progress of the keys.
    async fn prepare(
        &mut self,
        act: &Act,
        manner: Manner,
        progress: Progress,
    ) -> Result<Option<Arrival>, InputError> {
        match act {
            Act::Pause(time) => sleep(*time).await,
            Act::Taken(limit) => return self.taken(*limit).await.map(Some),
            Act::Taps(_) | Act::Key { .. } => self.make_room(&act.keys(), manner, progress).await?,
            // A text waits for room tap by tap.
            Act::Text { .. } | Act::Button { .. } | Act::Move { .. } => {}
        }
        Ok(None)
    }

    pub(super) async fn deliver(&mut self, act: &Act, secrecy: Secrecy) -> Result<(), InputError> {
        match self.send(act, secrecy).await {
            // A machine that the press itself switched off or stopped takes no release. Nothing holds the key any more.
            Err(InputError::Refused(error))
                if error.kind == ControlErrorKind::Refused && act.lets_go() =>
            {
                Ok(())
            }
            sent => sent,
        }
    }

    /// Waits until the device has room for keys. For a virtio keyboard, also waits until the guest has taken those
    /// before them.
    pub(super) async fn make_room(
        &mut self,
        keys: &[KeyName],
        manner: Manner,
        progress: Progress,
    ) -> Result<(), InputError> {
        let need = self.sink.cost(keys);
        let one_by_one = self.sink.takes_one_after_the_other();
        let has_room = |queue: Queue| match one_by_one {
            true => queue.waiting == 0 && queue.room >= need,
            // Keys that need more room than the device has are sent when its queue is empty.
            false => queue.room >= need || queue.waiting == 0,
        };
        if self.wait_for(has_room, manner.patience).await? {
            return Ok(());
        }
        self.sink.give_up();
        Err(InputError::NotTaken {
            typed: progress.typed,
            all: progress.all,
            seconds: manner.patience.as_secs(),
        })
    }

    /// Waits until the guest has taken everything, at most for this long.
    async fn taken(&mut self, limit: Duration) -> Result<Arrival, InputError> {
        let taken = self.wait_for(|queue| queue.waiting == 0, limit).await?;
        let lost = self.sink.lost();
        if lost > 0 {
            return Err(InputError::Lost { places: lost });
        }
        Ok(match (self.told, taken) {
            (None, _) => Arrival::Unknown,
            (Some(_), true) => Arrival::Taken,
            (Some(_), false) => Arrival::Waiting,
        })
    }

    /// Waits until the device's queue is as asked. If the device does not tell, returns at once. Returns false if the
    /// guest has taken nothing for `patience`, not counting the time in which the host kept the machine waiting.
    async fn wait_for(
        &mut self,
        is_right: impl Fn(Queue) -> bool,
        patience: Duration,
    ) -> Result<bool, InputError> {
        let mut look = LOOK[0];
        let mut since = (Instant::now(), self.starvation.total());
        let mut waited = None;
        loop {
            self.told = self.sink.queue().await?;
            let Some(queue) = self.told else {
                return Ok(true);
            };
            if is_right(queue) {
                return Ok(true);
            }
            if waited.replace(queue.waiting) != Some(queue.waiting) {
                since = (Instant::now(), self.starvation.total());
            }
            let starved = self.starvation.total().saturating_sub(since.1);
            if since.0.elapsed() >= patience + starved {
                return Ok(false);
            }
            sleep(look).await;
            look = (look * 2).min(LOOK[1]);
        }
    }

    /// Releases what is pressed, newest first, except for the first `keep`.
    async fn release(&mut self, keep: usize, secrecy: Secrecy) -> Result<(), InputError> {
        let mut result = Ok(());
        let surplus: Vec<_> = self.down.iter().skip(keep).rev().copied().collect();
        for held in surplus {
            let released = self.send(&held.up(), secrecy).await;
            result = result.and(released);
        }
        self.down.truncate(keep);
        result
    }

    async fn send(&mut self, act: &Act, secrecy: Secrecy) -> Result<(), InputError> {
        let act = &self.without_held(act);
        let Some(events) = act.events() else {
            return Ok(());
        };
        match *act {
            Act::Key { key, down } => self.note(Held::Key(key), down),
            Act::Button { button, down } => self.note(Held::Button(button), down),
            Act::Taps(_) | Act::Text { .. } | Act::Move { .. } | Act::Pause(_) | Act::Taken(_) => {}
        }
        let sent = self.sink.send(&events, secrecy).await;
        self.nudge.nudge();
        sent
    }

    /// Returns taps without the keys that are held anyway: those cannot be pressed, and must not be released.
    fn without_held(&self, act: &Act) -> Act {
        let Act::Taps(taps) = act else {
            return act.clone();
        };
        let is_free = |key: &&KeyName| !self.down.contains(&Held::Key(**key));
        let taps = taps.iter();
        Act::Taps(
            taps.map(|keys| keys.iter().filter(is_free).copied().collect())
                .collect(),
        )
    }

    fn note(&mut self, held: Held, down: bool) {
        self.down.retain(|other| *other != held);
        if down {
            self.down.push(held);
        }
    }
}
