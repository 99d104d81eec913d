//! `press`, `hold`, `type`, `click`, `move`, `drag`, `scroll`.

use std::time::{Duration, Instant};

use reports::{CauseKind, Wanted};
use scenarios::{
    Button, Click, Direction, Drag, Hold, KeyCombo, PlannedStep, Press, Scroll, Target, Type,
};
use vm::{InputError, KeyName, Pace, Point, PointerButton, ScrollDirection, Secrecy};

use crate::engine::attempt::{Attempt, Held};
use crate::engine::look;
use crate::engine::steps::insist::Deed;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

/// How long a key of a combination stays down: long enough to be a press for every guest, far below key repeat.
const PRESS: Duration = Duration::from_millis(40);

/// Time between presses where a step does not say: what a person needs to see what a press did.
const BETWEEN_PRESSES: Duration = Duration::from_millis(1000);

/// Time between clicks where a step does not say, before scaling: what an application needs to show that it was clicked.
const BETWEEN_CLICKS: Duration = Duration::from_secs(5);

/// Time over which a drag moves: guests take a pointer that jumps for no drag at all.
const DRAG: Duration = Duration::from_millis(500);

/// Before a click, the needle must be at the same place on two captures so far apart: things that still move are not
/// clicked.
const SETTLE: Duration = Duration::from_millis(80);

impl Attempt<'_> {
    /// Sends input, and turns its failure into the machine's own reason where there is one.
    async fn input<F>(&mut self, work: F) -> Result<(), Stop>
    where
        F: Future<Output = Result<(), InputError>>,
    {
        let session = self.session()?;
        session.note_input();
        match session.during(work).await? {
            Ok(()) => Ok(()),
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
    async fn pause(&mut self, time: Duration) -> Result<(), Stop> {
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
        let pace = step.every.map_or_else(Pace::default, |every| Pace {
            hold: every / 2,
            gap: every / 2,
        });
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

    /// A place on the screen, and what was looked for to find it.
    async fn place(&mut self, target: &Target, wait: &Wait) -> Result<(Point, Held), Stop> {
        match target {
            Target::At { x, y } => {
                let Some(shown) = self.session()?.fresh().await? else {
                    return Err(Stop::missing("the machine shows no screen to point at"));
                };
                let picture = shown.frame.picture();
                let point = Point {
                    x: *x,
                    y: *y,
                    width: picture.width(),
                    height: picture.height(),
                };
                Ok((point, Held::default()))
            }
            Target::Needle { needle, point } => {
                let mut found = self.find(needle, wait).await?;
                loop {
                    self.pause(SETTLE).await?;
                    let again = self.find(needle, wait).await?;
                    let settled = again.outcome.areas == found.outcome.areas;
                    found = again;
                    if settled || wait.is_over() {
                        break;
                    }
                }
                let id = point.as_ref().map(scenarios::Text::reveal);
                let at = found
                    .outcome
                    .click_point(id)
                    .map_err(|error| Stop::error(CauseKind::Scenario, chain(&error)))?;
                let picture = found.shown.frame.picture();
                let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y)) else {
                    return Err(Stop::error(
                        CauseKind::Scenario,
                        format!(
                            "the click point of `{}` lies off the screen",
                            found.outcome.needle.name()
                        ),
                    ));
                };
                let point = Point {
                    x: x.min(picture.width().saturating_sub(1)),
                    y: y.min(picture.height().saturating_sub(1)),
                    width: picture.width(),
                    height: picture.height(),
                };
                self.last_seen = Some(std::sync::Arc::clone(&found.outcome.needle));
                let held = Held {
                    look: Some(look::report(
                        &needle.to_string(),
                        Wanted::Present,
                        Some(&found.outcome),
                        &[],
                    )),
                    frame: self.keep_frame().await?,
                    ..Held::default()
                };
                Ok((point, held))
            }
        }
    }

    pub(super) async fn click(&mut self, click: &Click, wait: &Wait) -> Result<Held, Stop> {
        let held = self.click_once(click, wait).await?;
        let Some(until) = &click.until else {
            return Ok(held);
        };
        let every = (click.every).unwrap_or_else(|| self.scale.apply(BETWEEN_CLICKS));
        self.insist(&Deed::Click(click), until, every, None, wait)
            .await
    }

    /// Waits for the target, and clicks it.
    pub(super) async fn click_once(&mut self, click: &Click, wait: &Wait) -> Result<Held, Stop> {
        let (point, held) = self.place(&click.target, wait).await?;
        let pointer = self.session()?.machine().pointer().clone();
        let (button, count) = (pointer_button(click.button), click.count);
        self.input(async {
            pointer.move_to(point).await?;
            pointer.click(button, count).await
        })
        .await?;
        Ok(held)
    }

    pub(super) async fn move_to(&mut self, target: &Target, wait: &Wait) -> Result<Held, Stop> {
        let (point, held) = self.place(target, wait).await?;
        let pointer = self.session()?.machine().pointer().clone();
        self.input(async { pointer.move_to(point).await }).await?;
        Ok(held)
    }

    pub(super) async fn drag(&mut self, drag: &Drag, wait: &Wait) -> Result<Held, Stop> {
        let (from, held) = self.place(&drag.from, wait).await?;
        let (to, _) = self.place(&drag.to, wait).await?;
        let pointer = self.session()?.machine().pointer().clone();
        let button = pointer_button(drag.button);
        self.input(async { pointer.drag(from, to, button, DRAG).await })
            .await?;
        Ok(held)
    }

    pub(super) async fn scroll(&mut self, scroll: &Scroll, wait: &Wait) -> Result<Held, Stop> {
        let direction = match scroll.direction {
            Direction::Up => ScrollDirection::Up,
            Direction::Down => ScrollDirection::Down,
            Direction::Left | Direction::Right => {
                return Err(Stop::error(
                    CauseKind::Scenario,
                    "QEMU's tablets have no wheel to the side; scroll up or down",
                ));
            }
        };
        let held = match &scroll.target {
            Some(target) => self.move_to(target, wait).await?,
            None => Held::default(),
        };
        let pointer = self.session()?.machine().pointer().clone();
        let notches = scroll.notches;
        self.input(async { pointer.scroll(direction, notches).await })
            .await?;
        Ok(held)
    }
}

fn pointer_button(button: Button) -> PointerButton {
    match button {
        Button::Left => PointerButton::Left,
        Button::Middle => PointerButton::Middle,
        Button::Right => PointerButton::Right,
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
