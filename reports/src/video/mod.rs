//! The storyboard of a video: which screen is shown for how long, with which words. Somebody else draws it.
//!
//! ```text
//! film, steps, inputs --moments--> what was to be seen --pace--> scenes with the time that each is shown
//! ```

mod moments;
mod pace;
mod scene;
mod view;

use std::collections::BTreeSet;

use crate::log::FilmPicture;
use crate::plain_text::plain_line;
use crate::run::{Attempt, Scenario, Shot};
use moments::moments;
use pace::pace;
pub use scene::{Caption, Point, Scene, Screen, Storyboard};
use view::View;

/// The time for which the result is shown at the end, in milliseconds.
const ENDING_MS: u64 = 3_000;

/// A scenario of which no video can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoVideo {
    /// It was never begun.
    #[error("no attempt at it was begun")]
    NoAttempt,
    /// The log names no picture.
    #[error("the event log names no picture of the screen")]
    NoPicture,
}

/// Returns the storyboard of a scenario: of the attempt that decided its verdict. If the scenario has several machines,
/// it is the one of the step that decided, if this has pictures.
///
/// # Errors
/// When there is nothing to show.
pub fn storyboard(scenario: &Scenario) -> Result<Storyboard, NoVideo> {
    let attempt = scenario.deciding_attempt().or(scenario.last_attempt());
    let attempt = attempt.ok_or(NoVideo::NoAttempt)?;
    let has_picture = |shots: &[Shot]| shots.iter().any(|shot| shot.picture.is_some());
    let is_film = has_picture(&attempt.film);
    let mut shots = match is_film {
        true => attempt.film.clone(),
        false => shots_of_steps(attempt),
    };
    let shown = shots.iter().filter(|shot| shot.picture.is_some());
    let machines: BTreeSet<Option<&str>> = shown.map(|shot| shot.machine.as_deref()).collect();
    let decisive = attempt.decisive_step().map(|step| step.machine.as_deref());
    let first = *machines.first().ok_or(NoVideo::NoPicture)?;
    let machine = decisive.filter(|of| machines.contains(of)).unwrap_or(first);
    let others = machines.iter().filter(|other| **other != machine);
    let others: Vec<String> = others.flatten().map(|name| plain_line(name)).collect();
    let machine = machine.map(str::to_owned);
    shots.retain(|shot| shot.machine == machine);
    shots.sort_by_key(|shot| shot.shown_ms);
    let view = View::of(attempt, shots, machine.as_deref());
    let mut scenes = pace(&view, &moments(&view));
    scenes.push(ending(&view, scenario, attempt));
    Ok(Storyboard {
        scenes,
        machine: machine.as_deref().map(plain_line),
        others,
        attempt: attempt.number,
        is_film,
    })
}

/// The last scene: the screen at the end, and the result.
fn ending(view: &View<'_>, scenario: &Scenario, attempt: &Attempt) -> Scene {
    let result = format!("{} {}", scenario.info.name, attempt.verdict.word());
    let text = match &attempt.cause {
        Some(cause) => format!("{result}: {}", cause.message),
        None => result,
    };
    let text = plain_line(&text);
    Scene {
        ms: ENDING_MS,
        caption: match (attempt.held(), attempt.did_not_hold()) {
            (true, _) => Caption::Held(text),
            (_, true) => Caption::Broke(text),
            (false, false) => Caption::Other(text),
        },
        input: None,
        point: None,
        ..view.scene_at(view.to_ms)
    }
}

/// Returns the picture of each step, for a log without a film.
fn shots_of_steps(attempt: &Attempt) -> Vec<Shot> {
    let steps = attempt.steps().filter_map(|step| {
        let frame = step.evidence.frame.as_ref()?;
        let at = step.started_ms.saturating_add(step.duration_ms);
        Some((step.machine.clone(), at, frame))
    });
    let end = attempt.started_ms.saturating_add(attempt.duration_ms);
    let last = attempt.last_frame.iter().map(|frame| (None, end, frame));
    let has_names = attempt.steps().any(|step| step.machine.is_some());
    // With several machines, nobody knows of which one the last picture is.
    let last = last.filter(|_| !has_names);
    let shots = steps.chain(last).map(|(machine, shown_ms, frame)| Shot {
        machine,
        shown_ms,
        frame: Some(frame.generation),
        picture: Some(FilmPicture {
            file: frame.file.clone(),
            width: frame.width,
            height: frame.height,
            part: None,
        }),
    });
    shots.collect()
}
