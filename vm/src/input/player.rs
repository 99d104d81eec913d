use serde_json::json;
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep,
};

use super::{
    InputError, Secrecy,
    plan::{Act, Button},
};
use crate::{
    qmp::{Qmp, QmpError, Sensitivity},
    screen::ScreenNudge,
};

/// Gives plans to the task that plays them. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Player {
    orders: mpsc::Sender<Order>,
}

#[derive(Debug)]
struct Order {
    what: What,
    secrecy: Secrecy,
    // Closed when nobody waits any more: then the rest is not played.
    done: oneshot::Sender<Result<(), InputError>>,
}

#[derive(Debug)]
enum What {
    Play(Vec<Act>),
    ReleaseAll,
}

impl Player {
    /// Starts the task; it ends when every handle is gone.
    pub(crate) fn start(qmp: Qmp, nudge: ScreenNudge) -> Self {
        let (orders, queue) = mpsc::channel(16);
        let task = PlayerTask {
            qmp,
            nudge,
            down: Vec::new(),
        };
        tokio::spawn(task.run(queue));
        Self { orders }
    }

    pub(super) async fn play(&self, acts: Vec<Act>, secrecy: Secrecy) -> Result<(), InputError> {
        self.order(What::Play(acts), secrecy).await
    }

    pub(super) async fn release_all(&self) -> Result<(), InputError> {
        self.order(What::ReleaseAll, Secrecy::Open).await
    }

    async fn order(&self, what: What, secrecy: Secrecy) -> Result<(), InputError> {
        let (done, answer) = oneshot::channel();
        let order = Order {
            what,
            secrecy,
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
    down: Vec<Held>,
}

impl PlayerTask {
    async fn run(mut self, mut queue: mpsc::Receiver<Order>) {
        while let Some(Order {
            what,
            secrecy,
            mut done,
        }) = queue.recv().await
        {
            let result = match what {
                What::Play(acts) => self.play(&acts, secrecy, &mut done).await,
                What::ReleaseAll => self.release(0, secrecy).await,
            };
            // Whoever asked may have gone.
            let _ = done.send(result);
        }
    }

    async fn play(
        &mut self,
        acts: &[Act],
        secrecy: Secrecy,
        done: &mut oneshot::Sender<Result<(), InputError>>,
    ) -> Result<(), InputError> {
        let held_before = self.down.len();
        for act in acts {
            let played = if done.is_closed() {
                Err(InputError::Gone)
            } else if let &Act::Pause(time) = act {
                tokio::select! {
                    () = sleep(time) => Ok(()),
                    () = done.closed() => Err(InputError::Gone),
                }
            } else {
                match self.send(act, secrecy).await {
                    // A machine that the press itself switched off or stopped takes no release: nothing holds the key any more.
                    Err(InputError::Refused(QmpError::Refused { .. })) if act.lets_go() => Ok(()),
                    sent => sent,
                }
            };
            if played.is_err() {
                // The first failure is the one to tell.
                let _ = self.release(held_before, secrecy).await;
                return played;
            }
        }
        Ok(())
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
        let Some(events) = act.events() else {
            return Ok(());
        };
        match *act {
            Act::Key { key, down } => self.note(Held::Key(key), down),
            Act::Button { button, down } => self.note(Held::Button(button), down),
            Act::Tap(_) | Act::Move { .. } | Act::Pause(_) => {}
        }
        let sensitivity = match secrecy {
            Secrecy::Open => Sensitivity::Open,
            Secrecy::Secret => Sensitivity::Secret,
        };
        let sent = self
            .qmp
            .raw("input-send-event", json!({"events": events}), sensitivity)
            .await;
        self.nudge.nudge();
        match sent {
            Ok(_) => Ok(()),
            Err(QmpError::Closed { .. }) => Err(InputError::Gone),
            Err(error) => Err(InputError::Refused(error)),
        }
    }

    fn note(&mut self, held: Held, down: bool) {
        self.down.retain(|other| *other != held);
        if down {
            self.down.push(held);
        }
    }
}
