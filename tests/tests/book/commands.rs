//! Every command that the documentation shows is a command of `qa`, with these options.
//!
//! In a block of shell lines a whole call is parsed, as `qa` itself parses it. In running text a call may leave out
//! what it needs, and may have placeholders such as `NAME`; its commands and options must exist all the same.

use std::{collections::BTreeSet, fs};

use clap::error::ErrorKind;

use super::page::{pages, root};

/// The ways in which the program is called.
const PROGRAMS: [&str; 2] = ["qa", "target/release/qa"];

/// Splits a line of a shell into its calls, and each into words. Enough of a shell for what pages show: quotes,
/// comments, `&&`, `|` and `>`.
fn calls(line: &str) -> Vec<Vec<String>> {
    let mut calls = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, ' ' | '\t' | '|' | '&' | ';' | '>') => {
                calls.last_mut().unwrap().extend(word.take());
                if !matches!(c, ' ' | '\t') {
                    calls.push(Vec::new());
                }
            }
            (None, _) => word.get_or_insert_default().push(c),
        }
    }
    calls.last_mut().unwrap().extend(word);
    calls.retain(|call| !call.is_empty());
    calls
}

/// Returns the lines of a block; one that ends in `\` goes on in the next.
fn lines(block: &str) -> Vec<String> {
    block
        .replace("\\\n", " ")
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Returns what is wrong with a call of `qa`. `is_whole` says that nothing may be missing.
fn wrong(call: &[String], is_whole: bool) -> Option<String> {
    let words = call.iter().skip(1);
    let words = words.map(|word| match word.as_str() {
        "..." | "…" => "--help",
        other => other,
    });
    let parsed = runner::command_line().try_get_matches_from(std::iter::once("qa").chain(words));
    let error = parsed.err()?;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => None,
        ErrorKind::UnknownArgument
        | ErrorKind::InvalidSubcommand
        | ErrorKind::ArgumentConflict
        | ErrorKind::TooManyValues
        | ErrorKind::TooFewValues => Some(error.to_string()),
        _ => is_whole.then(|| error.to_string()),
    }
}

/// Returns all options of all commands.
fn options(command: &clap::Command, all: &mut BTreeSet<String>) {
    for argument in command.get_arguments() {
        all.extend(argument.get_long().map(|long| format!("--{long}")));
        all.extend(argument.get_short().map(|short| format!("-{short}")));
    }
    all.extend(["--help".to_owned(), "--version".to_owned()]);
    for inner in command.get_subcommands() {
        options(inner, all);
    }
}

/// Returns the targets of the Makefile.
fn targets() -> BTreeSet<String> {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let heads = makefile.lines().filter_map(|line| line.split_once(':'));
    heads
        .map(|(target, _)| target.to_owned())
        .filter(|target| target.bytes().all(|byte| byte.is_ascii_lowercase()))
        .collect()
}

#[test]
fn every_command_of_a_shell_block_is_one() {
    let targets = targets();
    let (mut count, mut problems) = (0, Vec::new());
    for block in pages().iter().flat_map(super::page::Page::blocks) {
        let is_plain = block.info[0].is_empty();
        if block.info[0] != "sh" && !is_plain {
            continue;
        }
        for call in lines(&block.text).iter().flat_map(|line| calls(line)) {
            if PROGRAMS.contains(&call[0].as_str()) {
                count += 1;
                let wrong = wrong(&call, true).map(|wrong| format!("{}: {wrong}", block.at));
                problems.extend(wrong);
            } else if call[0] == "make" && !targets.contains(&call[1]) {
                problems.push(format!("{}: no target {}", block.at, call[1]));
            }
        }
    }
    assert!(count >= 40, "{count}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_command_and_option_in_running_text_is_one() {
    let mut known = BTreeSet::new();
    options(&runner::command_line(), &mut known);
    let targets = targets();
    let (mut count, mut problems) = (0, Vec::new());
    let mut pages = pages();
    pages.push(super::page::page("CHANGELOG.md"));
    let spans = pages.iter().flat_map(super::page::Page::code_spans);
    // A message of `qa` about itself is no call.
    for span in spans.filter(|span| !span.text.contains(": …")) {
        for call in calls(&span.text) {
            let first = call[0].as_str();
            let is_any = call.get(1).is_some_and(|word| word == "COMMAND");
            let problem = if PROGRAMS.contains(&first) && !is_any {
                count += 1;
                wrong(&call, false)
            } else if first == "make" && call.len() > 1 {
                (!targets.contains(&call[1])).then(|| format!("no target {}", call[1]))
            } else if first.starts_with("--") && span.text.starts_with("--") {
                let option = first.split('=').next().unwrap_or(first);
                (!known.contains(option)).then(|| format!("no option {option}"))
            } else {
                None
            };
            problems
                .extend(problem.map(|problem| format!("{}: `{}`: {problem}", span.at, span.text)));
        }
    }
    assert!(count >= 40, "{count}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_command_that_is_none_is_found() {
    let wrong = |line: &str| {
        let calls = calls(line);
        let mut own = calls.iter().filter(|call| call[0] == "qa");
        own.find_map(|call| wrong(call, true))
    };
    for line in [
        "qa runn x",
        "qa run x --wram",
        "qa run x --war",
        "qa needle bmup",
        "qa cache prune --limit",
        "qa run --jobs many",
        "qa check x",
    ] {
        assert!(wrong(line).is_some(), "{line}");
    }
    for line in [
        "qa run x --warm # --wram",
        "qa needle bump && qa cache list",
        "qa schema scenario > a.json",
    ] {
        assert_eq!(wrong(line), None, "{line}");
    }
}
