//! Recognizes the text on a line: prompts of logins and shells, and kernel messages between them.

use std::sync::LazyLock;

use regex::Regex;

/// A prompt for a user's name.
pub(super) static LOGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\blogin: *$").ok());

/// A prompt for a password.
pub(super) static PASSWORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:password|passwort|kennwort|mot de passe|contraseña|пароль)[^\n]*: *$").ok()
});

/// The messages of a refused login.
pub(super) static REFUSED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?im)login incorrect|authentication failure|account .* locked|permission denied")
        .ok()
});

/// A console that needs Enter before it starts a shell.
pub(super) static PRESS_ENTER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)press enter to (?:activate|start)[^\n]*$").ok());

/// A kernel message. It may come in the middle of any other text.
pub(super) static KERNEL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\[ {0,6}\d{1,8}\.\d{6}\](?:\[ *[TC]\d+\])? [^\n]*\n").ok());

/// Returns whether a text matches a pattern.
pub(super) fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text))
}

/// Returns a text without kernel messages.
pub(super) fn without_kernel(text: &str) -> String {
    match KERNEL.as_ref() {
        Some(kernel) => kernel.replace_all(text, "").into_owned(),
        None => text.to_owned(),
    }
}

/// Returns the last line of a text, without line ends.
pub(super) fn last_line(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
        .lines()
        .last()
        .unwrap_or_default()
}

/// Returns whether a line ends like the prompt of a shell.
pub(super) fn is_prompt(line: &str) -> bool {
    line.trim_end().ends_with(['#', '$', '%', '>', '❯', '➜'])
}
