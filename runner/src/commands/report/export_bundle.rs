//! `qa report --bundle`: everything of one scenario in one file.

use std::path::Path;

use reports::{Run, Scenario};

use super::export::Source;
use crate::bundle::{Bundle, BundleError, KnownSecrets};
use crate::commands::context::Context;
use crate::commands::print::print;
use crate::failure::{Failure, chain};
use crate::recorder::MASK;

/// Writes the bundle of a scenario, and says which secrets could not be looked for.
pub(super) fn bundle(
    context: &Context,
    source: Source<'_>,
    scenario: &Scenario,
    file: &Path,
) -> Result<(), Failure> {
    if source.run.goes_on() {
        return Err(
            Failure::usage("the run goes on, so its log and its files are not complete")
                .hint("make the bundle when the run has ended"),
        );
    }
    let name = &scenario.info.name;
    let Some(log) = source.log.of_scenario(name) else {
        return Err(Failure::error(format!(
            "the event log has nothing about `{name}`"
        )));
    };
    let (secrets, unread) = known_secrets(context);
    let written = Bundle::write(source.folder, name, &log, &secrets, file)
        .map_err(|error| refused(&error, file))?;
    for line in unread.iter().chain(secrets.unknown()) {
        context.say(line);
    }
    for line in of_command_line(source.run) {
        context.say(&line);
    }
    if written.hidden > 0 && secrets.is_empty() {
        context.say(&format!(
            "the log hides secrets in {} entries, and no value is known here: none could be looked for",
            written.hidden
        ));
    }
    context
        .say("pictures are not looked through: look at them before you give the bundle to others");
    print(&format!(
        "bundle: {}, {} files, {}",
        file.display(),
        written.files,
        reports::human_size(written.bytes)
    ))
}

/// Returns the secrets of the project, and a sentence if they cannot be read.
fn known_secrets(context: &Context) -> (KnownSecrets, Option<String>) {
    if context.root().is_none() {
        let why = "there is no project here, so no value of a secret could be looked for";
        return (KnownSecrets::default(), Some(why.to_owned()));
    }
    match context.load_project() {
        Ok(project) => (KnownSecrets::of_project(&project), None),
        Err(failure) => {
            let why = format!(
                "the project cannot be read, so no value of a secret could be looked for: {}",
                failure.message()
            );
            (KnownSecrets::default(), Some(why))
        }
    }
}

/// Returns a sentence for each value of the command line that the log hides.
fn of_command_line(run: &Run) -> Vec<String> {
    let hidden = run.command.iter().filter(|word| word.contains(MASK));
    let named = hidden.map(|word| {
        let (name, _) = word.split_once('=').unwrap_or(("a secret", ""));
        format!(
            "the value of `{name}` was given on the command line of the run: it could not be looked for"
        )
    });
    named.collect()
}

fn refused(error: &BundleError, file: &Path) -> Failure {
    let failure = Failure::error(format!("`{}`: {}", file.display(), chain(error)));
    match error {
        BundleError::Secrets(_) => failure
            .hint("hide it there, then make the bundle again")
            .hint(
                "if it is in `events.jsonl` or `report.html`, hide it in `events.jsonl` of the run",
            ),
        BundleError::KeptSecret(_) => failure.hint("remove this file, then make the bundle again"),
        BundleError::TooLarge { .. } => {
            failure.hint("remove large files from the folders of the scenario that nobody needs")
        }
        BundleError::Search(_) | BundleError::Report(_) | BundleError::Read { .. } => failure,
        BundleError::Write(_) | BundleError::Pack(_) => {
            failure.hint("name a file in a folder that you may write to, and that has room")
        }
    }
}
