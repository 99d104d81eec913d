//! `qa report --video`: the film of one scenario as a video.

use std::path::Path;

use reports::{Scenario, storyboard};

use super::export::Source;
use crate::commands::context::Context;
use crate::commands::print::print;
use crate::failure::{Failure, chain};
use crate::video::{VideoError, VideoKind, make_video};

/// Writes the video of a scenario.
pub(super) fn video(
    context: &Context,
    source: Source<'_>,
    scenario: &Scenario,
    file: &Path,
) -> Result<(), Failure> {
    let kind = VideoKind::of(file).ok_or_else(|| {
        Failure::usage(format!(
            "`{}` does not say which kind of video it is",
            file.display()
        ))
        .hint("end its name in .png for an animated PNG, or in .webm or .mp4")
    })?;
    let name = &scenario.info.name;
    let board = storyboard(scenario).map_err(|error| {
        Failure::usage(format!("there is no video of `{name}`: {error}"))
            .hint("`report.html` has all that is known of it")
    })?;
    if !board.is_film {
        context.say(&format!(
            "the log has no film of `{name}`: the video has one picture for each step"
        ));
    }
    if !board.others.is_empty() {
        context.say(&format!(
            "the video shows machine `{}`; it does not show {}",
            board.machine.as_deref().unwrap_or_default(),
            board.others.join(", ")
        ));
    }
    let made = make_video(source.folder, &board, file, kind).map_err(|error| {
        let failure = Failure::error(format!("`{}`: {}", file.display(), chain(&error)));
        match error {
            VideoError::NoFfmpeg => failure
                .hint("install the package `ffmpeg`, or name a file that ends in .png")
                .hint("an animated PNG needs no other program, and browsers show it"),
            VideoError::Failed { .. } => failure.hint("try another ending: .webm, .mp4 or .png"),
            VideoError::NoPicture { .. }
            | VideoError::NotStarted { .. }
            | VideoError::Write(_)
            | VideoError::Encode(_) => failure,
        }
    })?;
    if made.missing > 0 {
        context.say(&format!(
            "{} pictures of the film cannot be read; a text is in their place",
            made.missing
        ));
    }
    print(&format!(
        "video: {}, attempt {}, {}",
        file.display(),
        board.attempt,
        reports::human_duration(made.ms)
    ))
}
