//! `click`, `move`, `drag`, `scroll`.
//!
//! A tablet's coordinates go from edge to edge of the screen, so the position of a pixel depends on the screen's size.
//! If the size changes before the pointer moves, the target is searched again.

use std::time::Duration;

use reports::{CauseKind, Wanted};
use scenarios::{Button, Click, Direction, Drag, Scroll, TagQuery, Target};
use vm::{Point, PointerButton, ScrollDirection};

use crate::engine::bench::Bench;
use crate::engine::look;
use crate::engine::screen_frame::ScreenFrame;
use crate::engine::session::{Frames, LookTime};
use crate::engine::step_output::StepOutput;
use crate::engine::steps::until::RepeatedAction;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;

/// The default time between two clicks, before scaling: an application needs it to react to a click.
const BETWEEN_CLICKS: Duration = Duration::from_secs(5);

/// The duration of the pointer's move in a drag. Guests do not recognize a drag if the pointer jumps.
const DRAG: Duration = Duration::from_millis(500);

/// The time between two captures before a click. The needle must be at the same place on both, because things that
/// still move must not be clicked.
const SETTLE: Duration = Duration::from_millis(80);

/// The longest time that a point may be off the screen. A guest that boots uses smaller screen sizes at first.
const ON_SCREEN: Duration = Duration::from_secs(10);

impl Bench<'_> {
    /// Finds the target on the present screen. Returns the point, and the evidence of the search.
    async fn place(&mut self, target: &Target, wait: &Wait) -> Result<(Point, StepOutput), Stop> {
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

    /// Waits until the screen is large enough for a pixel.
    async fn pixel(&mut self, x: u32, y: u32, wait: &Wait) -> Result<(Point, StepOutput), Stop> {
        let wait = wait.at_most(self.scale.apply(ON_SCREEN));
        let mut frames = Frames::new(LookTime::Step(&wait));
        loop {
            let shown = frames.next(self.session()?).await?;
            let size = shown.as_ref().map(ScreenFrame::size);
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
                return Ok((point, StepOutput::default()));
            }
            if frames.is_over() {
                return Err(match size {
                    Some((width, height)) => Stop::error(
                        CauseKind::Scenario,
                        format!("{x},{y} lies off the screen, which is {width}x{height}"),
                    ),
                    None => {
                        let session = self.session()?;
                        let (within, why) = (wait.words(), session.why_dark());
                        let message =
                            format!("there is nothing to point at within {within}: {why}");
                        session.in_the_dark(Stop::failed(CauseKind::Deadline, message))
                    }
                });
            }
        }
    }

    /// Waits until a needle is on the screen and does not move. Returns its click point, and the evidence.
    async fn click_point(
        &mut self,
        needle: &TagQuery,
        id: Option<&str>,
        wait: &Wait,
    ) -> Result<(Point, StepOutput), Stop> {
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
        let held = StepOutput {
            look: Some(look::report(
                &needle.to_string(),
                Wanted::Present,
                Some(&found.outcome),
                &[],
            )),
            frame: self.keep_frame().await?,
            ..StepOutput::default()
        };
        Ok((point, held))
    }

    pub(super) async fn click(&mut self, click: &Click, wait: &Wait) -> Result<StepOutput, Stop> {
        let held = self.click_once(click, wait).await?;
        let Some(until) = &click.until else {
            return Ok(held);
        };
        let every = (click.every).unwrap_or_else(|| self.scale.apply(BETWEEN_CLICKS));
        self.repeat_until(&RepeatedAction::Click(click), until, every, None, wait)
            .await
    }

    /// Waits for the target, and clicks it.
    pub(super) async fn click_once(
        &mut self,
        click: &Click,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        let (point, held) = self.place(&click.target, wait).await?;
        let pointer = self.session()?.machine().pointer().clone();
        let (button, count) = (pointer_button(click.button), click.count);
        let what = format!("click {}", click.button.name());
        let what = match count {
            1 => what,
            count => format!("{what} {count} times"),
        };
        self.note_action(&what, Some([point.x, point.y]));
        self.input(async {
            pointer.move_to(point).await?;
            pointer.click(button, count).await
        })
        .await?;
        Ok(held)
    }

    /// Moves the pointer to the bottom right corner, away from the target that was clicked.
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
        self.note_action("move away", Some([corner.x, corner.y]));
        self.input(async { pointer.move_to(corner).await }).await
    }

    /// Moves the pointer to a target.
    pub(super) async fn move_to(
        &mut self,
        target: &Target,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        let (point, held) = self.place(target, wait).await?;
        let pointer = self.session()?.machine().pointer().clone();
        self.note_action("move", Some([point.x, point.y]));
        self.input(async { pointer.move_to(point).await }).await?;
        Ok(held)
    }

    /// Drags from one target to another.
    pub(super) async fn drag(&mut self, drag: &Drag, wait: &Wait) -> Result<StepOutput, Stop> {
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
        self.note_action(&what, Some([from.x, from.y]));
        self.input(async { pointer.drag(from, to, button, DRAG).await })
            .await?;
        Ok(held)
    }

    /// Turns the wheel, at a target if there is one.
    pub(super) async fn scroll(
        &mut self,
        scroll: &Scroll,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        let direction = match scroll.direction {
            Direction::Up => ScrollDirection::Up,
            Direction::Down => ScrollDirection::Down,
            Direction::Left | Direction::Right => {
                return Err(Stop::error(
                    CauseKind::Scenario,
                    "QEMU's tablets cannot scroll sideways; scroll up or down",
                ));
            }
        };
        let held = match &scroll.target {
            Some(target) => self.move_to(target, wait).await?,
            None => StepOutput::default(),
        };
        let pointer = self.session()?.machine().pointer().clone();
        let notches = scroll.notches;
        self.note_action(
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
