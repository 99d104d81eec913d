//! `click`, `move`, `drag`, `scroll`.
//!
//! A tablet counts from edge to edge, whatever the size of the screen: where a pixel is on it depends on the size. So a
//! place that was found is looked for again when the screen has another size by the time the pointer would go there.

use std::time::Duration;

use reports::{CauseKind, Wanted};
use scenarios::{Button, Click, Direction, Drag, Scroll, TagQuery, Target};
use vm::{Point, PointerButton, ScrollDirection};

use crate::engine::bench::Bench;
use crate::engine::held::Held;
use crate::engine::look;
use crate::engine::session::{Frames, LookTime};
use crate::engine::shown::Shown;
use crate::engine::steps::until::RepeatedAction;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

/// Time between clicks where a step does not say, before scaling: what an application needs to show that it was
/// clicked.
const BETWEEN_CLICKS: Duration = Duration::from_secs(5);

/// Time over which a drag moves: guests take a pointer that jumps for no drag at all.
const DRAG: Duration = Duration::from_millis(500);

/// Before a click, the needle must be at the same place on two captures so far apart: things that still move are not
/// clicked.
const SETTLE: Duration = Duration::from_millis(80);

/// How long a point may lie off the screen: a guest that starts shows smaller ones before its own.
const ON_SCREEN: Duration = Duration::from_secs(10);

impl Bench<'_> {
    /// A place on the screen as it is now, and what was looked for to find it.
    async fn place(&mut self, target: &Target, wait: &Wait) -> Result<(Point, Held), Stop> {
        loop {
            let (point, held) = match target {
                Target::At { x, y } => self.pixel(*x, *y, wait).await?,
                Target::Needle { needle, point } => {
                    let id = point.as_ref().map(scenarios::Text::reveal);
                    self.click_point(needle, id, wait).await?
                }
            };
            let now = self.session()?.showing();
            let fits = now.is_some_and(|now| now.size() == (point.width, point.height));
            if fits || wait.is_over() {
                return Ok((point, held));
            }
        }
    }

    /// A pixel, as soon as the screen has it.
    async fn pixel(&mut self, x: u32, y: u32, wait: &Wait) -> Result<(Point, Held), Stop> {
        let wait = wait.at_most(self.scale.apply(ON_SCREEN));
        let mut frames = Frames::new(LookTime::Step(&wait));
        loop {
            let shown = frames.next(self.session()?).await?;
            let size = shown.as_ref().map(Shown::size);
            if let Some((width, height)) = size
                && x < width
                && y < height
            {
                let point = Point {
                    x,
                    y,
                    width,
                    height,
                };
                return Ok((point, Held::default()));
            }
            if frames.is_over() {
                return Err(match size {
                    Some((width, height)) => Stop::error(
                        CauseKind::Scenario,
                        format!("{x},{y} lies off the screen, which is {width}x{height}"),
                    ),
                    None => Stop::failed(
                        CauseKind::Deadline,
                        format!(
                            "there is nothing to point at within {}: {}",
                            wait.words(),
                            self.session()?.why_dark()
                        ),
                    ),
                });
            }
        }
    }

    /// The click point of a needle that is on the screen and does not move.
    async fn click_point(
        &mut self,
        needle: &TagQuery,
        id: Option<&str>,
        wait: &Wait,
    ) -> Result<(Point, Held), Stop> {
        let mut found = self.find(needle, wait).await?;
        loop {
            self.pause(SETTLE).await?;
            let again = self.find(needle, wait).await?;
            let settled = again.outcome.areas == found.outcome.areas
                && again.shown.size() == found.shown.size();
            found = again;
            if settled || wait.is_over() {
                break;
            }
        }
        let at = found
            .outcome
            .click_point(id)
            .map_err(|error| Stop::error(CauseKind::Scenario, chain(&error)))?;
        let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y)) else {
            return Err(Stop::error(
                CauseKind::Scenario,
                format!(
                    "the click point of `{}` lies off the screen",
                    found.outcome.needle.name()
                ),
            ));
        };
        let (width, height) = found.shown.size();
        let point = Point {
            x: x.min(width.saturating_sub(1)),
            y: y.min(height.saturating_sub(1)),
            width,
            height,
        };
        self.matched(&found.outcome.needle);
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

    pub(super) async fn click(&mut self, click: &Click, wait: &Wait) -> Result<Held, Stop> {
        let held = self.click_once(click, wait).await?;
        let Some(until) = &click.until else {
            return Ok(held);
        };
        let every = (click.every).unwrap_or_else(|| self.scale.apply(BETWEEN_CLICKS));
        self.repeat_until(&RepeatedAction::Click(click), until, every, None, wait)
            .await
    }

    /// Waits for the target, and clicks it.
    pub(super) async fn click_once(&mut self, click: &Click, wait: &Wait) -> Result<Held, Stop> {
        let (point, held) = self.place(&click.target, wait).await?;
        let pointer = self.session()?.machine().pointer().clone();
        let (button, count) = (pointer_button(click.button), click.count);
        let what = format!("click {}", click.button.name());
        let what = match count {
            1 => what,
            count => format!("{what} {count} times"),
        };
        self.acts(&what, Some([point.x, point.y]));
        self.input(async {
            pointer.move_to(point).await?;
            pointer.click(button, count).await
        })
        .await?;
        Ok(held)
    }

    /// Moves the pointer away from what was clicked, into the corner where it is least in the way.
    pub(super) async fn move_off(&mut self) -> Result<(), Stop> {
        let Some(shown) = self.session()?.showing() else {
            return Ok(());
        };
        let (width, height) = shown.size();
        let corner = Point {
            x: width.saturating_sub(1),
            y: height.saturating_sub(1),
            width,
            height,
        };
        let pointer = self.session()?.machine().pointer().clone();
        self.acts("move away", Some([corner.x, corner.y]));
        self.input(async { pointer.move_to(corner).await }).await
    }

    pub(super) async fn move_to(&mut self, target: &Target, wait: &Wait) -> Result<Held, Stop> {
        let (point, held) = self.place(target, wait).await?;
        let pointer = self.session()?.machine().pointer().clone();
        self.acts("move", Some([point.x, point.y]));
        self.input(async { pointer.move_to(point).await }).await?;
        Ok(held)
    }

    pub(super) async fn drag(&mut self, drag: &Drag, wait: &Wait) -> Result<Held, Stop> {
        let (from, to, held) = loop {
            let (from, held) = self.place(&drag.from, wait).await?;
            let (to, _) = self.place(&drag.to, wait).await?;
            let same_screen = (from.width, from.height) == (to.width, to.height);
            if same_screen || wait.is_over() {
                break (from, to, held);
            }
        };
        let pointer = self.session()?.machine().pointer().clone();
        let button = pointer_button(drag.button);
        let what = format!("drag {} to {},{}", drag.button.name(), to.x, to.y);
        self.acts(&what, Some([from.x, from.y]));
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
        self.acts(
            &format!("scroll {} {notches}", scroll.direction.name()),
            None,
        );
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
