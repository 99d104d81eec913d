//! The command that a person probably meant.

use clap::CommandFactory;
use clap::error::{Error, ErrorKind};

use super::Cli;

/// Returns the call that a person probably meant by a command that does not exist, such as `qa run` for `qa rnu`; none
/// if nothing is near. `words` are the words of the call after the name of the program.
pub(crate) fn meant_command(error: &Error, words: impl Iterator<Item = String>) -> Option<String> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let mut command = Cli::command();
    let mut call = "qa".to_owned();
    for word in words.filter(|word| !word.starts_with('-')) {
        if let Some(inner) = command.find_subcommand(&word) {
            call = format!("{call} {word}");
            command = inner.clone();
            continue;
        }
        let names: Vec<&str> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        return scenarios::nearest(&word, names.iter().copied())
            .map(|name| format!("{call} {name}"));
    }
    None
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
        assert_eq!(meant("qa frobnicate"), None);
        assert_eq!(meant("qa run --no-such-option"), None);
    }
}
