//! The page of the commands, made from the command line that is parsed.

use clap::{Arg, ArgAction, Command};
use regex::Regex;

use super::cell;

/// Returns the page.
pub(super) fn page(mut command: Command) -> String {
    command.build();
    let mut text = "# Commands\n\n\
        `qa --help` and `qa COMMAND --help` say the same on the terminal.\n\n"
        .to_owned();
    text.push_str(&paragraph(&about(&command)));
    text.push_str("\n## Options of every command\n\n");
    let global = |argument: &&Arg| argument.is_global_set() || is_help(argument);
    text.push_str(&table(command.get_arguments().filter(global)));
    for inner in command.get_subcommands() {
        section(inner, "qa", &mut text);
    }
    text
}

/// Appends the sections of a command and of those below it.
fn section(command: &Command, path: &str, text: &mut String) {
    if command.get_name() == "help" {
        return;
    }
    let path = format!("{path} {}", command.get_name());
    let own = |argument: &&Arg| !argument.is_global_set() && !is_help(argument);
    // A command that only has others below it is never called itself.
    if !command.has_subcommands() || command.get_arguments().any(|argument| own(&argument)) {
        own_section(command, &path, text);
    }
    for inner in command.get_subcommands() {
        section(inner, &path, text);
    }
}

/// Appends the section of a command itself.
fn own_section(command: &Command, path: &str, text: &mut String) {
    text.push_str(&format!("\n## {path}\n\n{}", paragraph(&about(command))));
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let usage: Vec<&str> = usage.lines().map(str::trim).collect();
    let usage = usage.join("\n");
    text.push_str(&format!("\n```text\n{usage}\n```\n"));
    let own = |argument: &&Arg| !argument.is_global_set() && !is_help(argument);
    if command.get_arguments().any(|argument| own(&argument)) {
        text.push_str(&format!("\n{}", table(command.get_arguments().filter(own))));
    }
    if let Some(after) = command.get_after_help() {
        text.push_str(&format!(
            "\n```text\n{}\n```\n",
            after.to_string().trim_end()
        ));
    }
}

/// Returns the longer of the two texts about a command.
fn about(command: &Command) -> String {
    let long = command.get_long_about().or(command.get_about());
    in_code(&long.map(ToString::to_string).unwrap_or_default())
}

fn paragraph(text: &str) -> String {
    let text = text.trim();
    let end = if text.ends_with('.') { "" } else { "." };
    // The first line of what clap shows has no full stop of its own.
    let text = text.replacen("\n\n", ".\n\n", usize::from(!text.contains(".\n\n")));
    format!("{text}{end}\n")
}

fn is_help(argument: &Arg) -> bool {
    matches!(
        argument.get_action(),
        ArgAction::Help | ArgAction::HelpLong | ArgAction::HelpShort | ArgAction::Version
    )
}

fn table<'a>(arguments: impl Iterator<Item = &'a Arg>) -> String {
    let mut text = "| argument | meaning |\n| --- | --- |\n".to_owned();
    let (places, options): (Vec<&Arg>, Vec<&Arg>) =
        arguments.partition(|argument| argument.is_positional());
    for argument in places.into_iter().chain(options) {
        text.push_str(&format!(
            "| `{}` | {} |\n",
            written(argument),
            cell(&says(argument))
        ));
    }
    text
}

/// Returns how an argument is written: `-j, --jobs N`, `[SCENARIO]...`.
fn written(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let takes = argument.get_action().takes_values();
    let value = names.first().map(ToString::to_string);
    let value = value.unwrap_or_else(|| argument.get_id().to_string().to_uppercase());
    let many = matches!(argument.get_action(), ArgAction::Append)
        || argument
            .get_num_args()
            .is_some_and(|range| range.max_values() > 1);
    if argument.is_positional() {
        let dots = if many { "..." } else { "" };
        return match argument.is_required_set() {
            true => format!("<{value}>{dots}"),
            false => format!("[{value}]{dots}"),
        };
    }
    let short = argument.get_short().map(|short| format!("-{short}, "));
    let long = argument.get_long().unwrap_or_default();
    let value = if takes {
        format!(" {value}")
    } else {
        String::new()
    };
    format!("{}--{long}{value}", short.unwrap_or_default())
}

/// Returns all that is said of an argument: what it does, its values, its default, its variable.
fn says(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help());
    let mut text = in_code(&help.map(ToString::to_string).unwrap_or_default());
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| match value.get_help() {
            Some(help) if lower(&help.to_string()) != value.get_name() => {
                format!("`{}` ({})", value.get_name(), lower(&help.to_string()))
            }
            _ => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() && argument.get_action().takes_values() {
        text.push_str(&format!(": {}", values.join(", ")));
    }
    let defaults = argument.get_default_values();
    if !defaults.is_empty() && argument.get_action().takes_values() {
        let default = defaults[0].to_string_lossy();
        text.push_str(&format!(" [default: {default}]"));
    }
    if let Some(variable) = argument.get_env() {
        text.push_str(&format!(" [variable: `{}`]", variable.to_string_lossy()));
    }
    let is_told = text.contains("several times") || text.contains("more than one");
    let is_many = matches!(argument.get_action(), ArgAction::Append) && !argument.is_positional();
    if is_many && !is_told {
        text.push_str("; may be given several times");
    }
    text
}

/// Returns a text in which options are code.
fn in_code(text: &str) -> String {
    let options = Regex::new(r"(^|[ (])(--[a-z][a-z-]*)").unwrap();
    options.replace_all(text, "$1`$2`").into_owned()
}

fn lower(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
