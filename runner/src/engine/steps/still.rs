//! `still` and `changed`.

use std::time::Duration;

use needles::{ChangeLevel, Likeness, Picture};
use reports::{CauseKind, ChangedArea};
use scenarios::{Area, Changed, Still};

use crate::engine::bench::Bench;
use crate::engine::session::{Frames, LookTime};
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::millis::millis;

impl Bench<'_> {
    /// Waits until the screen has not changed for the time of the step.
    pub(super) async fn still(&mut self, still: &Still, wait: &Wait) -> Result<StepOutput, Stop> {
        let level = still.level.map_or(ChangeLevel::Still, ChangeLevel::Level);
        let ignored = rects(&still.ignore);
        let mut reference: Option<Picture> = None;
        let mut staying = wait.lasting(still.stays);
        let mut moved = Moved::Nothing;
        let mut frames = Frames::new(LookTime::Step(wait));
        loop {
            let has_stayed = staying.is_over();
            let shown = frames.next(self.session()?).await?;
            let picture = shown.as_ref().map(|shown| shown.frame.picture());
            match (&reference, picture) {
                (Some(old), Some(new)) if !Likeness::of(old, new, &ignored).is_changed(level) => {
                    if has_stayed && frames.is_fresh() {
                        return Ok(StepOutput::default());
                    }
                }
                (old, Some(new)) => {
                    if let Some(old) = old {
                        moved = Moved::between(old, new, &ignored);
                    }
                    reference = Some(new.clone());
                    staying = wait.lasting(still.stays);
                }
                // The display may have been off all the time: the time of stillness starts again.
                (_, None) if frames.is_fresh() => staying = wait.lasting(still.stays),
                (_, None) => {}
            }
            if frames.is_over() {
                return Err(self.not_still(still.stays, &moved, wait)?);
            }
            // A busy host may have captured nothing meanwhile: only a fresh frame proves it.
            match staying.is_over() {
                true => frames.capture_next(),
                false => frames.wake_at(staying.deadline()),
            }
        }
    }

    /// Returns the failure of a screen that did not stay the same, with the place of its last change.
    fn not_still(&mut self, stays: Duration, moved: &Moved, wait: &Wait) -> Result<Stop, Stop> {
        let stays = reports::human_duration(millis(stays));
        let message = format!(
            "the screen did not stay the same for {stays} within {}",
            wait.words()
        );
        let stop = Stop::failed(CauseKind::Deadline, message);
        if self.session()?.showing().is_none() {
            let session = self.session()?;
            return Ok(session.in_the_dark(stop.because(&session.why_dark())));
        }
        Ok(match moved {
            Moved::Nothing => stop.hint("a clock or a cursor can be left out with `ignore:`"),
            Moved::Size { from, to } => stop.because(&format!(
                "its size changed from {}x{} to {}x{}",
                from.0, from.1, to.0, to.1
            )),
            Moved::Inside(area) => {
                let ChangedArea {
                    x,
                    y,
                    width,
                    height,
                } = *area;
                stop.because(&format!(
                    "it last changed in the rectangle of {width}x{height} at {x},{y}"
                ))
                .hint(format!(
                    "a clock or a cursor can be left out: `ignore: {{ x: {x}, y: {y}, width: {width}, \
                    height: {height} }}`"
                ))
                .with_change(Some(*area))
            }
        })
    }

    /// Waits until the screen differs from the screen before the last input.
    pub(super) async fn changed(
        &mut self,
        changed: &Changed,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        let level = changed
            .level
            .map_or(ChangeLevel::Changed, ChangeLevel::Level);
        let ignored = rects(&changed.ignore);
        let mut reference = self.session()?.before_input().cloned();
        let mut frames = Frames::new(LookTime::Step(wait));
        loop {
            let shown = frames.next(self.session()?).await?;
            match (&reference, shown) {
                (Some(old), Some(shown)) => {
                    if Likeness::of(old, shown.frame.picture(), &ignored).is_changed(level) {
                        return Ok(StepOutput::default());
                    }
                }
                (None, Some(shown)) => reference = Some(shown.frame.picture().clone()),
                (_, None) => {}
            }
            if frames.is_over() {
                let message = format!("the screen did not change within {}", wait.words());
                let stop = Stop::failed(CauseKind::Deadline, message);
                let session = self.session()?;
                return Err(match session.showing() {
                    Some(_) => stop,
                    None => session.in_the_dark(stop.because(&session.why_dark())),
                });
            }
        }
    }
}

/// The last change of a screen that should be still.
enum Moved {
    /// No change was seen.
    Nothing,
    /// The size changed.
    Size { from: (u32, u32), to: (u32, u32) },
    /// The pixels in this rectangle changed.
    Inside(ChangedArea),
}

impl Moved {
    fn between(old: &Picture, new: &Picture, ignored: &[needles::Rect]) -> Self {
        let (from, to) = ((old.width(), old.height()), (new.width(), new.height()));
        if from != to {
            return Self::Size { from, to };
        }
        let area = needles::changed_rect(old, new, ignored).and_then(|rect| {
            Some(ChangedArea {
                x: u32::try_from(rect.x).ok()?,
                y: u32::try_from(rect.y).ok()?,
                width: rect.width,
                height: rect.height,
            })
        });
        area.map_or(Self::Nothing, Self::Inside)
    }
}

fn rects(areas: &[Area]) -> Vec<needles::Rect> {
    areas
        .iter()
        .filter_map(|area| {
            let x = i32::try_from(area.x).ok()?;
            let y = i32::try_from(area.y).ok()?;
            Some(needles::Rect::new(x, y, area.width, area.height))
        })
        .collect()
}
