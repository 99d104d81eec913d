//! The screens that a look kept.

use std::path::Path;

use reports::{KeptScreen, Run};

use crate::commands::report::shown;

/// A screen that a look kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct Screen {
    /// Its picture, as people name it.
    pub(in crate::commands) path: String,
    /// In pixels.
    pub(in crate::commands) width: u32,
    /// In pixels.
    pub(in crate::commands) height: u32,
    /// Milliseconds from the beginning of the run.
    pub(in crate::commands) after_ms: u64,
    /// True if the person marked it.
    pub(in crate::commands) is_marked: bool,
}

/// Returns the screens of a look, in their order. A screen that was kept and then marked is one.
pub(super) fn of(run: &Run, folder: &Path) -> Vec<Screen> {
    let mut screens: Vec<Screen> = Vec::new();
    let attempts = run.scenarios.iter().flat_map(|scenario| &scenario.attempts);
    let steps = attempts.flat_map(|attempt| attempt.steps());
    for step in steps {
        let (Some(kept), Some(frame)) = (KeptScreen::of_verb(&step.verb), &step.evidence.frame)
        else {
            continue;
        };
        let screen = Screen {
            path: shown(&folder.join(&frame.file)),
            width: frame.width,
            height: frame.height,
            after_ms: step.started_ms,
            is_marked: kept == KeptScreen::Marked,
        };
        match screens.last_mut() {
            Some(last) if last.path == screen.path => last.is_marked |= screen.is_marked,
            _ => screens.push(screen),
        }
    }
    screens
}
