//! Every message that the page of troubleshooting names is one that the code has.
//!
//! The parts of a message between `…` must stand, in this order, in one string of the sources. What the code puts in
//! for `{name}` differs and counts as `…`.

use regex::Regex;

use super::environment::sources;
use super::page::page;

/// Returns the messages of a page: the code span with which a row of a table begins.
fn messages(text: &str) -> Vec<String> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let spans = rows.filter_map(|row| row.split_once('`'));
    spans.map(|(message, _)| message.to_owned()).collect()
}

/// Returns the parts of a message that the code must have.
fn parts(message: &str) -> Vec<String> {
    message
        .split('…')
        .map(|part| part.trim().to_owned())
        .filter(|part| part.chars().any(char::is_alphanumeric))
        .collect()
}

/// Returns the strings of the sources, each on one line, with `…` for what is put in.
fn strings(sources: &str) -> Vec<String> {
    let continued = Regex::new(r"\\\n\s*").unwrap();
    let sources = continued.replace_all(sources, "");
    let string = Regex::new(r#""((?:[^"\\\n]|\\.)*)""#).unwrap();
    let put_in = Regex::new(r"\{[^{}]*\}").unwrap();
    string
        .captures_iter(&sources)
        .map(|capture| put_in.replace_all(&capture[1], "…").into_owned())
        .collect()
}

/// Returns whether a string has these parts in this order.
fn has(string: &str, parts: &[String]) -> bool {
    let mut rest = string;
    parts.iter().all(|part| match rest.find(part.as_str()) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[test]
fn every_message_of_troubleshooting_is_in_the_code() {
    let strings = strings(&sources());
    let messages = messages(&page("docs/src/troubleshooting.md").text);
    assert!(messages.len() > 40, "{}", messages.len());
    let unknown: Vec<&String> = messages
        .iter()
        .filter(|message| {
            let parts = parts(message);
            assert!(!parts.is_empty(), "{message} says nothing");
            !strings.iter().any(|string| has(string, &parts))
        })
        .collect();
    assert!(unknown.is_empty(), "no string of the code has {unknown:#?}");
}

#[test]
fn a_message_that_nobody_says_is_found() {
    let strings = strings("x(\"no needle `{query}` matched \\\n        within {}\")");
    assert_eq!(strings, ["no needle `…` matched within …"]);
    assert!(has(&strings[0], &parts("no needle … matched within …")));
    assert!(!has(&strings[0], &parts("no needle … fits within …")));
    assert!(!has(&strings[0], &parts("within … no needle")));
}
