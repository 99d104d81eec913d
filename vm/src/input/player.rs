use std::time::Duration;

use serde_json::json;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep, sleep_until},
};

use super::{
    Arrival, InputError, Intake, Pace, Secrecy,
    intake::Queue,
    plan::{Act, Button},
};
use crate::{
    Starvation,
    qmp::{Qmp, QmpError, Sensitivity},
    screen::ScreenNudge,
};

/// From tap to tap where the device tells that the guest has taken the one before. The driver has it then, and hands it to programs, for
/// which Linux keeps 64 events each: a desktop that is not given a processor for a tenth of a second still gets all.
const GAP: Duration = Duration::from_millis(10);

/// From tap to tap where nothing tells: some 16 characters a second, which an emulated guest under load takes without losing one.
const BLIND_GAP: Duration = Duration::from_millis(60);

/// The least time from tap to tap where nothing tells, whatever a step says: PS/2 keyboards have room for five taps.
const LEAST_BLIND_GAP: Duration = Duration::from_millis(20);

/// A USB keyboard that tells nothing for so long is typed on blindly from then on. A real Debian console took keys of which the reports told
/// nothing, so that they prove no fault of the guest.
const USB_PATIENCE: Duration = Duration::from_secs(3);

/// How often the device is asked: first at once, then less and less often.
const LOOK: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(8)];

/// Gives plans to the task that plays them. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Player {
    orders: mpsc::Sender<Order>,
}

#[derive(Debug)]
struct Order {
    what: What,
    secrecy: Secrecy,
    /// How long the guest may take nothing before that is an error.
    patience: Duration,
    // Closed when nobody waits any more: then the rest is not played.
    done: Done,
}

type Done = oneshot::Sender<Result<Arrival, InputError>>;

#[derive(Debug)]
enum What {
    Play(Vec<Act>),
    ReleaseAll,
}

impl Player {
    /// Starts the task; it ends when every handle is gone.
    pub(crate) fn start(
        qmp: Qmp,
        nudge: ScreenNudge,
        intake: Intake,
        starvation: Starvation,
    ) -> Self {
        let (orders, queue) = mpsc::channel(16);
        let task = PlayerTask {
            qmp,
            nudge,
            intake,
            starvation,
            down: Vec::new(),
            last_tap: None,
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

/// A key or button that is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Key(super::KeyName),
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

struct PlayerTask {
    qmp: Qmp,
    nudge: ScreenNudge,
    intake: Intake,
    starvation: Starvation,
    down: Vec<Held>,
    /// When a key was sent last.
    last_tap: Option<Instant>,
    /// What the device told last; none where it tells nothing.
    told: Option<Queue>,
}

/// How far a plan has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Progress {
    typed: usize,
    all: usize,
}

impl PlayerTask {
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
                    // Boxed: it holds what it waits for, and the task lives as long as the machine.
                    Box::pin(self.play(&acts, secrecy, patience, &mut done)).await
                }
                What::ReleaseAll => self.release(0, secrecy).await.map(|()| Arrival::Unknown),
            };
            // Whoever asked may have gone.
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
        let mut arrival = Arrival::Unknown;
        let mut progress = Progress {
            typed: 0,
            all: acts.iter().filter(|act| !act.keys().is_empty()).count(),
        };
        // What an earlier plan lost is not this one's.
        self.intake.lost();
        for act in acts {
            let ready = tokio::select! {
                biased;
                () = done.closed() => Err(InputError::Gone),
                ready = self.prepare(act, patience, progress) => ready,
            };
            // What is on its way is not broken off: nobody would know whether a key is down.
            let played = match ready {
                Ok(now) => {
                    arrival = now.unwrap_or(arrival);
                    self.deliver(act, secrecy).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = played {
                // The first failure is the one to tell.
                let _ = self.release(held_before, secrecy).await;
                return Err(error);
            }
            progress.typed += usize::from(!act.keys().is_empty());
        }
        Ok(arrival)
    }

    /// Waits for what must be before an act; of one that only waits, says how far keys have come.
    async fn prepare(
        &mut self,
        act: &Act,
        patience: Duration,
        progress: Progress,
    ) -> Result<Option<Arrival>, InputError> {
        match act {
            Act::Pause(time) => sleep(*time).await,
            Act::Gap(pace) => {
                if let Some(last) = self.last_tap {
                    sleep_until(last + self.gap(*pace)).await;
                }
            }
            Act::Taken(limit) => return self.taken(*limit).await.map(Some),
            Act::Tap(_) | Act::Key { .. } => self.make_room(act, patience, progress).await?,
            Act::Button { .. } | Act::Move { .. } => {}
        }
        Ok(None)
    }

    async fn deliver(&mut self, act: &Act, secrecy: Secrecy) -> Result<(), InputError> {
        match self.send(act, secrecy).await {
            // A machine that the press itself switched off or stopped takes no release: nothing holds the key any more.
            Err(InputError::Refused(QmpError::Refused { .. })) if act.lets_go() => Ok(()),
            sent => sent,
        }
    }

    /// The time from tap to tap: as the step says, but no less than what the device takes.
    fn gap(&self, pace: Pace) -> Duration {
        match (self.told, pace.0) {
            (Some(_), asked) => asked.unwrap_or_default().max(GAP),
            (None, Some(asked)) => asked.max(LEAST_BLIND_GAP),
            (None, None) => BLIND_GAP,
        }
    }

    /// Waits until the device has room for the keys, and a virtio keyboard's guest has taken those before them.
    async fn make_room(
        &mut self,
        act: &Act,
        patience: Duration,
        progress: Progress,
    ) -> Result<(), InputError> {
        let need = self.intake.cost(&act.keys());
        let one_by_one = matches!(self.intake, Intake::Virtio { .. });
        let has_room = |queue: Queue| match one_by_one {
            true => queue.waiting == 0 && queue.room >= need,
            // Keys that need more than there ever is are sent when nothing waits.
            false => queue.room >= need || queue.waiting == 0,
        };
        let is_usb = matches!(self.intake, Intake::Usb(_));
        let limit = if is_usb {
            patience.min(USB_PATIENCE)
        } else {
            patience
        };
        if self.wait_for(has_room, limit).await? {
            return Ok(());
        }
        if is_usb {
            self.intake = Intake::Silent;
            self.told = None;
            return Ok(());
        }
        self.intake.give_up();
        Err(InputError::NotTaken {
            typed: progress.typed,
            all: progress.all,
            seconds: patience.as_secs(),
        })
    }

    /// Waits until the guest has taken everything, so long at most.
    async fn taken(&mut self, limit: Duration) -> Result<Arrival, InputError> {
        let taken = self.wait_for(|queue| queue.waiting == 0, limit).await?;
        let lost = self.intake.lost();
        if lost > 0 {
            return Err(InputError::Lost { places: lost });
        }
        Ok(match (self.told, taken) {
            (None, _) => Arrival::Unknown,
            (Some(_), true) => Arrival::Taken,
            (Some(_), false) => Arrival::Waiting,
        })
    }

    /// Waits until the device's queue is as asked; where nothing tells, it is. Whether it was before the guest had taken nothing for
    /// `patience`, not counting what the host has kept the machine waiting.
    async fn wait_for(
        &mut self,
        is_right: impl Fn(Queue) -> bool,
        patience: Duration,
    ) -> Result<bool, InputError> {
        let mut look = LOOK[0];
        let mut since = (Instant::now(), self.starvation.total());
        let mut waited = None;
        loop {
            self.told = self.intake.queue(&self.qmp).await.map_err(refused)?;
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

    /// Lets go what is down, newest first, except the first `keep`.
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
            Act::Tap(_) | Act::Move { .. } | Act::Pause(_) | Act::Gap(_) | Act::Taken(_) => {}
        }
        let sensitivity = match secrecy {
            Secrecy::Open => Sensitivity::Open,
            Secrecy::Secret => Sensitivity::Secret,
        };
        let keys = act.keys();
        if !keys.is_empty() {
            self.last_tap = Some(Instant::now());
            self.intake.sent(&keys);
        }
        let sent = self
            .qmp
            .raw("input-send-event", json!({"events": events}), sensitivity)
            .await;
        self.nudge.nudge();
        sent.map(drop).map_err(refused)
    }

    /// A tap without the keys that are held anyway: they cannot go down, and must not go up.
    fn without_held(&self, act: &Act) -> Act {
        let Act::Tap(keys) = act else {
            return act.clone();
        };
        let is_free = |key: &&super::KeyName| !self.down.contains(&Held::Key(**key));
        Act::Tap(keys.iter().filter(is_free).copied().collect())
    }

    fn note(&mut self, held: Held, down: bool) {
        self.down.retain(|other| *other != held);
        if down {
            self.down.push(held);
        }
    }
}

fn refused(error: QmpError) -> InputError {
    match error {
        QmpError::Closed { .. } => InputError::Gone,
        error => InputError::Refused(error),
    }
}
