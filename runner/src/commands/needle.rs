//! `qa needle`: match, check, show, crop, bump and replay, one file each.

mod batch;
mod bump;
mod bump_run;
mod bump_write;
mod check;
mod crop;
mod digits;
mod find;
mod inputs;
mod replay;
mod show;

use crate::cli::NeedleCommand;
use crate::commands::context::Context;
use crate::failure::Failure;

/// Runs `qa needle ...`.
///
/// # Errors
/// When a file cannot be read or written, and when a needle does not match or has a mistake.
pub(super) fn needle(
    context: &Context,
    command: NeedleCommand,
) -> Result<reports::ExitStatus, Failure> {
    match command {
        NeedleCommand::Match {
            screenshot,
            batch,
            needles,
            tag,
            ratio,
            format,
        } => match (batch, screenshot) {
            (Some(file), _) => batch::batch(context, &file),
            (None, Some(screenshot)) => {
                find::find(context, &screenshot, needles, &tag, ratio, format)
            }
            (None, None) => Err(Failure::usage("no screenshot and no --batch was given")),
        },
        NeedleCommand::Check {
            dir,
            all,
            strict,
            format,
        } => check::check(
            context,
            check::Asked {
                dir,
                all,
                strict,
                format,
            },
        ),
        NeedleCommand::Show {
            needle,
            on,
            output,
            format,
        } => show::show(&needle, on.as_deref(), &output, format),
        NeedleCommand::Crop {
            screenshot,
            areas,
            excludes,
            tags,
            name,
            level,
            into,
            format,
        } => crop::crop(
            &screenshot,
            &crop::Wanted {
                areas,
                excludes,
                tags,
                name,
                level,
            },
            &into,
            format,
        ),
        NeedleCommand::Bump {
            run,
            results,
            replace,
            needles,
            yes,
            format,
        } => bump::bump(
            context,
            &bump::Asked {
                run,
                results,
                replace,
                yes,
                format,
            },
            needles,
        ),
        NeedleCommand::Replay {
            source,
            needles,
            ratio,
            format,
        } => replay::replay(context, &source, needles, ratio, format),
    }
}
