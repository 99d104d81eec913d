//! The command that a person probably meant.

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, Error};

use super::Cli;

/// Returns the call that a person probably meant by a command that does not exist, such as `qa run` for `qa rnu`; none
/// if nothing is near. `words` are the words of the call after the name of the program.
pub(crate) fn meant_command(error: &Error, words: impl Iterator<Item = String>) -> Option<String> {
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidSubcommand) else {
        return None;
    };
    let mut command = Cli::command();
    let mut call = "qa".to_owned();
    // The words before it are commands, options and their values.
    for word in words.take_while(|word| word != unknown) {
        if let Some(inner) = command.find_subcommand(&word) {
            call = format!("{call} {word}");
            command = inner.clone();
        }
    }
    let names = command.get_subcommands().map(clap::Command::get_name);
    scenarios::nearest(unknown, names).map(|name| format!("{call} {name}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn the_nearest_command_is_named() {
        let meant = |call: &str| {
            let words = call.split(' ').map(str::to_owned);
            let error = Cli::try_parse_from(words.clone()).expect_err("no such command");
            meant_command(&error, words.skip(1))
        };
        assert_eq!(meant("qa rnu").as_deref(), Some("qa run"));
        assert_eq!(
            meant("qa --quiet needle ceck").as_deref(),
            Some("qa needle check")
        );
        assert_eq!(meant("qa --project there rnu").as_deref(), Some("qa run"));
        assert_eq!(meant("qa frobnicate"), None);
        assert_eq!(meant("qa run --no-such-option"), None);
    }
}
