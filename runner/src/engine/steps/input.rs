//! `press`, `hold`, `type`, and the sending of all input.

use std::time::Duration;
use tokio::time::Instant;

use reports::CauseKind;
use scenarios::{Hold, Press, Still, Tap, Type, Untyped};
use vm::{Arrival, InputError, KeyName, Pace, Secrecy};

use crate::engine::bench::Bench;
use crate::engine::step_output::StepOutput;
use crate::engine::steps::until::RepeatedAction;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

/// The time that the keys of a combination stay down: long enough for every guest, far below key repeat.
const PRESS: Duration = Duration::from_millis(40);

/// The longest time that a repeated press waits for room in the keyboard's queue. Firmware that does not read keys yet
/// leaves the queue full.
const ROOM: Duration = Duration::from_millis(250);

/// The default time between two presses: a person needs it to see the effect of a press.
const BETWEEN_PRESSES: Duration = Duration::from_millis(1000);

impl Bench<'_> {
    /// Sends input. A failure is turned into the machine's own reason, if there is one.
    pub(super) async fn input<F, T>(&mut self, work: F) -> Result<T, Stop>
    where
        F: Future<Output = Result<T, InputError>>,
    {
        let session = self.session()?;
        session.note_input().await;
        match session.during(work).await? {
            Ok(done) => {
                session.end_action();
                Ok(done)
            }
            Err(InputError::Lacking(lack)) => Err(Stop::missing(lack.to_string())),
            Err(error @ InputError::OffScreen { .. }) => {
                Err(Stop::error(CauseKind::Scenario, chain(&error)))
            }
            Err(error @ InputError::NotTaken { .. }) => {
                let stop = Stop::failed(CauseKind::Deadline, chain(&error));
                Err(stop.hint(
                    "the guest hangs, or has no driver for this keyboard; look at the last picture of its screen, or \
                    give the machine another `input:`",
                ))
            }
            Err(error @ InputError::Lost { .. }) => {
                let stop = Stop::error(CauseKind::Scenario, chain(&error));
                Err(stop.hint("wait until the guest reads keys: add a `see` step for the screen that it shows then"))
            }
            Err(error @ (InputError::Refused(_) | InputError::Gone)) => {
                let otherwise = Stop::error(CauseKind::Harness, chain(&error));
                Err(session.explain(otherwise).await)
            }
        }
    }

    /// Presses key combinations, once, several times, or until a needle is on the screen.
    pub(super) async fn press(&mut self, press: &Press, wait: &Wait) -> Result<StepOutput, Stop> {
        let mut taps = Vec::new();
        let mut names = Vec::new();
        for combo in &press.keys {
            let keys = self
                .keyboard
                .combo(combo)
                .map_err(|error| untyped(&error))?;
            taps.extend(keys.iter().map(tap).collect::<Result<Vec<_>, _>>()?);
            names.push(combo.to_string());
        }
        self.rest(press.when_still, wait).await?;
        let names = format!("press {}", names.join(", "));
        let every = press.every.unwrap_or(BETWEEN_PRESSES);
        let Some(until) = &press.until else {
            for turn in 0..press.repeat.unwrap_or(1) {
                if turn > 0 {
                    self.pause(every).await?;
                }
                self.press_all(&taps, &names).await?;
            }
            return Ok(StepOutput::default());
        };
        let action = RepeatedAction::Press {
            taps: &taps,
            names: &names,
        };
        self.repeat_until(&action, until, every, press.repeat, wait)
            .await
    }

    /// Presses key combinations, one after the other.
    async fn press_all(&mut self, taps: &[Vec<KeyName>], names: &str) -> Result<(), Stop> {
        self.note_action(names, None);
        for tap in taps {
            let keyboard = self.session()?.machine().keyboard().clone();
            let arrival = self
                .input(async move { keyboard.press(tap, PRESS).await })
                .await?;
            self.note_arrival(arrival);
        }
        Ok(())
    }

    /// Presses key combinations of a repeated press. A key that the guest does not take is no failure, because it will
    /// be pressed again.
    pub(super) async fn press_again(
        &mut self,
        taps: &[Vec<KeyName>],
        names: &str,
    ) -> Result<(), Stop> {
        self.note_action(names, None);
        for tap in taps {
            let keyboard = self.session()?.machine().keyboard().clone();
            let pressed = async move {
                match keyboard.press_patiently(tap, PRESS, ROOM).await {
                    Err(InputError::NotTaken { .. } | InputError::Lost { .. }) => {
                        Ok(Arrival::Waiting)
                    }
                    pressed => pressed,
                }
            };
            let arrival = self.input(pressed).await?;
            self.note_arrival(arrival);
        }
        Ok(())
    }

    /// Waits until the screen has not changed for this time, if a step has `when_still`.
    async fn rest(&mut self, still: Option<Duration>, wait: &Wait) -> Result<(), Stop> {
        let Some(stays) = still else {
            return Ok(());
        };
        let still = Still {
            stays,
            level: None,
            ignore: Vec::new(),
        };
        self.still(&still, wait).await.map(drop)
    }

    /// Waits for a time. Everything that ends a wait ends this one, too.
    pub(super) async fn pause(&mut self, time: Duration) -> Result<(), Stop> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.session()?.wake(Some(until)).await?;
        }
        Ok(())
    }

    /// Presses the keys of a `hold` step. Returns the keys that stay down while its inner steps run.
    pub(super) async fn hold(&mut self, hold: &Hold) -> Result<Vec<KeyName>, Stop> {
        let chord = self
            .keyboard
            .chord(&hold.keys)
            .map_err(|error| untyped(&error))?;
        let keys = tap(&chord)?;
        let keyboard = self.session()?.machine().keyboard().clone();
        self.note_action(&format!("hold {}", hold.keys), None);
        if let Some(lasts) = hold.lasts {
            let arrival = self
                .input(async { keyboard.press(&keys, lasts).await })
                .await?;
            self.note_arrival(arrival);
            return Ok(Vec::new());
        }
        for key in &keys {
            let arrival = self.input(keyboard.key_down(*key)).await?;
            self.note_arrival(arrival);
        }
        Ok(keys)
    }

    /// Releases keys, the last one first.
    ///
    /// # Errors
    /// The first failure; the other keys are released all the same.
    pub(super) async fn release(&mut self, keys: &[KeyName]) -> Result<(), Stop> {
        let mut result = Ok(());
        for key in keys.iter().rev() {
            let keyboard = self.session()?.machine().keyboard().clone();
            let released = self.input(keyboard.key_up(*key)).await;
            result = result.and(released.map(drop));
        }
        result
    }

    /// Types a text.
    pub(super) async fn type_text(&mut self, step: &Type, wait: &Wait) -> Result<StepOutput, Stop> {
        let secrecy = if step.text.is_secret() || step.secret {
            Secrecy::Secret
        } else {
            Secrecy::Open
        };
        if secrecy == Secrecy::Secret {
            self.session()?.conceal(step.text.reveal());
        }
        let mut text = step.text.reveal().to_owned();
        if step.enter {
            text.push('\n');
        }
        let characters = self.keyboard.text(&text).map_err(|error| match secrecy {
            Secrecy::Open => untyped(&error),
            Secrecy::Secret => {
                Stop::error(CauseKind::Scenario, error.words(true)).hint(error.help())
            }
        })?;
        let taps = characters.concat();
        let taps = taps.iter().map(tap).collect::<Result<Vec<_>, _>>()?;
        self.rest(step.when_still, wait).await?;
        let shown = match secrecy {
            Secrecy::Open => format!("type {text:?}"),
            Secrecy::Secret => format!("type {}", scenarios::MASK),
        };
        self.note_action(&shown, None);
        let keyboard = self.session()?.machine().keyboard().clone();
        let pace = Pace(step.every);
        let arrival = self
            .input(async { keyboard.type_taps(&taps, pace, secrecy).await })
            .await?;
        self.note_arrival(arrival);
        self.note_unconfirmed_typing(arrival);
        Ok(StepOutput::default())
    }

    /// Notes if the guest has not taken the text yet. Notes once in an attempt if the keyboard cannot tell.
    fn note_unconfirmed_typing(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Taken => {}
            Arrival::Waiting => self.note("the guest has not read all of the typed text yet"),
            Arrival::Unknown if self.noted_unconfirmed_typing => {}
            Arrival::Unknown => {
                self.noted_unconfirmed_typing = true;
                self.note(
                    "this keyboard does not report whether typed text arrives in the guest; if text is lost, `every:` \
                    in the step slows typing down",
                );
            }
        }
    }
}

/// Returns the keys of a tap, for the machine.
fn tap(tap: &Tap) -> Result<Vec<KeyName>, Stop> {
    let key = |name: &&str| {
        name.parse().map_err(|error: vm::input::ParseKeyError| {
            Stop::error(CauseKind::Scenario, error.to_string())
        })
    };
    tap.iter().map(key).collect()
}

/// Returns the error for a character or key that the keyboard layout cannot type.
fn untyped(error: &Untyped) -> Stop {
    Stop::error(CauseKind::Scenario, error.to_string()).hint(error.help())
}
