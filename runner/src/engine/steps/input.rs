//! `press`, `hold`, `type`; and how input is sent.

use std::time::{Duration, Instant};

use reports::CauseKind;
use scenarios::{Hold, KeyCombo, PlannedStep, Press, Type};
use vm::{InputError, KeyName, Pace, Secrecy};

use crate::engine::attempt::Attempt;
use crate::engine::evidence::Held;
use crate::engine::steps::insist::Deed;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

/// How long a key of a combination stays down: long enough to be a press for every guest, far below key repeat.
const PRESS: Duration = Duration::from_millis(40);

/// Time between presses where a step does not say: what a person needs to see what a press did.
const BETWEEN_PRESSES: Duration = Duration::from_millis(1000);

impl Attempt<'_> {
    /// Sends input, and turns its failure into the machine's own reason where there is one.
    pub(super) async fn input<F>(&mut self, work: F) -> Result<(), Stop>
    where
        F: Future<Output = Result<(), InputError>>,
    {
        let session = self.session()?;
        session.note_input();
        match session.during(work).await? {
            Ok(()) => {
                session.end_deed();
                Ok(())
            }
            Err(
                error @ (InputError::UnknownCharacter { .. }
                | InputError::OffScreen { .. }
                | InputError::NoTablet),
            ) => Err(Stop::error(CauseKind::Scenario, chain(&error))),
            Err(error @ (InputError::Refused(_) | InputError::Gone)) => {
                let otherwise = Stop::error(CauseKind::Harness, chain(&error));
                Err(session.explain(otherwise).await)
            }
        }
    }

    pub(super) async fn press(&mut self, press: &Press, wait: &Wait) -> Result<Held, Stop> {
        let combos = press.keys.iter().map(keys).collect::<Result<Vec<_>, _>>()?;
        let every = press.every.unwrap_or(BETWEEN_PRESSES);
        let Some(until) = &press.until else {
            for turn in 0..press.repeat.unwrap_or(1) {
                if turn > 0 {
                    self.pause(every).await?;
                }
                self.press_all(&combos).await?;
            }
            return Ok(Held::default());
        };
        self.insist(&Deed::Press(&combos), until, every, press.repeat, wait)
            .await
    }

    pub(super) async fn press_all(&mut self, combos: &[Vec<KeyName>]) -> Result<(), Stop> {
        for combo in combos {
            let keyboard = self.session()?.machine().keyboard().clone();
            self.input(async move { keyboard.press(combo, PRESS).await })
                .await?;
        }
        Ok(())
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
        let keys = keys(&hold.keys)?;
        let keyboard = self.session()?.machine().keyboard().clone();
        if let Some(lasts) = hold.lasts {
            self.input(async { keyboard.press(&keys, lasts).await })
                .await?;
            return Ok(Held::default());
        }
        for key in &keys {
            self.input(keyboard.key_down(*key)).await?;
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

    pub(super) async fn type_text(&mut self, step: &Type) -> Result<Held, Stop> {
        let keyboard = self.session()?.machine().keyboard().clone();
        let pace = step.every.map_or_else(Pace::default, Pace);
        let secrecy = if step.text.is_secret() || step.secret {
            Secrecy::Secret
        } else {
            Secrecy::Open
        };
        let mut text = step.text.reveal().to_owned();
        if step.enter {
            text.push('\n');
        }
        self.input(async { keyboard.type_text(&text, pace, secrecy).await })
            .await?;
        Ok(Held::default())
    }
}

fn keys(combo: &KeyCombo) -> Result<Vec<KeyName>, Stop> {
    combo
        .keys()
        .iter()
        .map(|name| {
            name.parse().map_err(|error: vm::input::ParseKeyError| {
                Stop::error(CauseKind::Scenario, error.to_string())
            })
        })
        .collect()
}
