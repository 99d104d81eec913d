//! `press`, `hold`, `type`; and how input is sent.

use std::time::Duration;
use tokio::time::Instant;

use reports::CauseKind;
use scenarios::{Hold, PlannedStep, Press, Still, Tap, Type, Untyped};
use vm::{Arrival, InputError, KeyName, Pace, Secrecy};

use crate::engine::attempt::Attempt;
use crate::engine::evidence::Held;
use crate::engine::steps::until::RepeatedAction;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

/// How long a key of a combination stays down: long enough to be a press for every guest, far below key repeat.
const PRESS: Duration = Duration::from_millis(40);

/// The longest time that a repeated press waits for room in the keyboard: firmware that does not look yet has
/// some keys waiting there.
const ROOM: Duration = Duration::from_millis(250);

/// Time between presses where a step does not say: what a person needs to see what a press did.
const BETWEEN_PRESSES: Duration = Duration::from_millis(1000);

impl Attempt<'_> {
    /// Sends input, and turns its failure into the machine's own reason where there is one.
    pub(super) async fn input<F, T>(&mut self, work: F) -> Result<T, Stop>
    where
        F: Future<Output = Result<T, InputError>>,
    {
        let session = self.session()?;
        session.note_input();
        match session.during(work).await? {
            Ok(done) => {
                session.end_deed();
                Ok(done)
            }
            Err(error @ (InputError::OffScreen { .. } | InputError::Lacking(_))) => {
                Err(Stop::error(CauseKind::Scenario, chain(&error)))
            }
            Err(error @ InputError::NotTaken { .. }) => {
                let stop = Stop::failed(CauseKind::Deadline, chain(&error));
                Err(stop.hint(
                    "the guest hangs, or has no driver for this keyboard: the machine may have another `input:`; \
                     look at the last picture of its screen",
                ))
            }
            Err(error @ InputError::Lost { .. }) => {
                let stop = Stop::error(CauseKind::Scenario, chain(&error));
                Err(stop.hint("wait until the guest is ready for keys: `see` what it shows then"))
            }
            Err(error @ (InputError::Refused(_) | InputError::Gone)) => {
                let otherwise = Stop::error(CauseKind::Harness, chain(&error));
                Err(session.explain(otherwise).await)
            }
        }
    }

    pub(super) async fn press(&mut self, press: &Press, wait: &Wait) -> Result<Held, Stop> {
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
            return Ok(Held::default());
        };
        let action = RepeatedAction::Press {
            taps: &taps,
            names: &names,
        };
        self.repeat_until(&action, until, every, press.repeat, wait)
            .await
    }

    async fn press_all(&mut self, taps: &[Vec<KeyName>], names: &str) -> Result<(), Stop> {
        self.acts(names, None);
        for tap in taps {
            let keyboard = self.session()?.machine().keyboard().clone();
            let arrival = self
                .input(async move { keyboard.press(tap, PRESS).await })
                .await?;
            self.arrived(arrival);
        }
        Ok(())
    }

    /// Presses keys that are pressed again anyway: those that the guest does not take are no failure.
    pub(super) async fn press_again(
        &mut self,
        taps: &[Vec<KeyName>],
        names: &str,
    ) -> Result<(), Stop> {
        self.acts(names, None);
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
            self.arrived(arrival);
        }
        Ok(())
    }

    /// Waits until the screen has not changed for so long, where a step asks for that.
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

    /// Lets time pass, in which everything that ends a wait still does.
    pub(super) async fn pause(&mut self, time: Duration) -> Result<(), Stop> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.session()?.wake(Some(until)).await?;
        }
        Ok(())
    }

    pub(super) async fn hold(&mut self, hold: &Hold, steps: &[PlannedStep]) -> Result<Held, Stop> {
        let chord = self
            .keyboard
            .chord(&hold.keys)
            .map_err(|error| untyped(&error))?;
        let keys = tap(&chord)?;
        let keyboard = self.session()?.machine().keyboard().clone();
        self.acts(&format!("hold {}", hold.keys), None);
        if let Some(lasts) = hold.lasts {
            let arrival = self
                .input(async { keyboard.press(&keys, lasts).await })
                .await?;
            self.arrived(arrival);
            return Ok(Held::default());
        }
        for key in &keys {
            let arrival = self.input(keyboard.key_down(*key)).await?;
            self.arrived(arrival);
        }
        let result = self.steps(steps).await;
        // Whatever came of the steps, no key may stay down.
        for key in keys.iter().rev() {
            let released = self.input(keyboard.key_up(*key)).await;
            if result.is_ok() {
                released?;
            }
        }
        result.map(|()| Held::default())
    }

    pub(super) async fn type_text(&mut self, step: &Type, wait: &Wait) -> Result<Held, Stop> {
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
        self.acts(&shown, None);
        let keyboard = self.session()?.machine().keyboard().clone();
        let pace = Pace(step.every);
        let arrival = self
            .input(async { keyboard.type_taps(&taps, pace, secrecy).await })
            .await?;
        self.arrived(arrival);
        self.say_unknown(arrival);
        Ok(Held::default())
    }

    /// Says, once in an attempt, that nothing tells whether what is typed arrives.
    fn say_unknown(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Taken => {}
            Arrival::Waiting => self.note("the guest has not taken all of what was typed yet"),
            Arrival::Unknown if self.types_blindly => {}
            Arrival::Unknown => {
                self.types_blindly = true;
                self.note(
                    "what was typed is not known to have arrived: this keyboard does not tell; `every:` in a step \
                    slows typing down",
                );
            }
        }
    }
}

/// The keys of a tap.
fn tap(tap: &Tap) -> Result<Vec<KeyName>, Stop> {
    let key = |name: &&str| {
        name.parse().map_err(|error: vm::input::ParseKeyError| {
            Stop::error(CauseKind::Scenario, error.to_string())
        })
    };
    tap.iter().map(key).collect()
}

fn untyped(error: &Untyped) -> Stop {
    Stop::error(CauseKind::Scenario, error.to_string()).hint(error.help())
}
