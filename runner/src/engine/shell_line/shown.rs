//! Reads what a line shows: prompts of logins and shells, and messages of the kernel between them.

use std::sync::LazyLock;

use regex::Regex;

/// A prompt for a user's name.
pub(super) static LOGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\blogin: *$").ok());

/// A prompt for a password.
pub(super) static PASSWORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:password|passwort|kennwort|mot de passe|contraseña|пароль)[^\n]*: *$").ok()
});

/// The words by which a login is refused.
pub(super) static REFUSED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?im)login incorrect|authentication failure|account .* locked|permission denied")
        .ok()
});

/// A console that wants Enter before it starts a shell.
pub(super) static PRESS_ENTER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)press enter to (?:activate|start)[^\n]*$").ok());

/// A message of the kernel: it may stand in the middle of anything.
pub(super) static KERNEL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\[ {0,6}\d{1,8}\.\d{6}\](?:\[ *[TC]\d+\])? [^\n]*\n").ok());

/// Returns whether a pattern is found in a text.
pub(super) fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text))
}

/// Returns a text without the messages of the kernel in it.
pub(super) fn without_kernel(text: &str) -> String {
    match KERNEL.as_ref() {
        Some(kernel) => kernel.replace_all(text, "").into_owned(),
        None => text.to_owned(),
    }
}

/// Returns the last line of a text, without its end.
pub(super) fn last_line(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
        .lines()
        .last()
        .unwrap_or_default()
}

/// Returns whether a line ends as prompts of shells do.
pub(super) fn is_prompt(line: &str) -> bool {
    line.trim_end().ends_with(['#', '$', '%', '>', '❯', '➜'])
}
