//! Compares the result of a command in the guest with the exit status and output that its step expects.

use std::sync::LazyLock;

use regex::Regex;
use reports::{CauseKind, CommandResult};
use scenarios::{Exit, Pattern, Run};
use vm::{GuestExit, GuestOutput, Output};

use crate::engine::steps::shell_command::ShellCommand;
use crate::engine::stop::Stop;

/// The number of bytes at the beginning of a stream that a report shows.
const HEAD: usize = 4 << 10;
/// The number of bytes at the end of a stream that a report shows.
const TAIL: usize = 12 << 10;

/// The escape sequences with which a program colours and places text on a terminal.
static SEQUENCES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])").ok()
});

/// The result of a command that ended as its step expects.
#[derive(Debug, PartialEq)]
pub(super) struct JudgedAnswer {
    pub(super) result: CommandResult,
    /// The value for the variable that the step saves the output in.
    pub(super) saved: Option<String>,
}

/// Judges the exit status and the output of a command.
///
/// # Errors
/// They are not as the step expects, or the part of the output that was left out is needed to decide.
pub(super) fn judge(run: &Run, output: &GuestOutput) -> Result<JudgedAnswer, Stop> {
    let result = command_result(&ShellCommand::of(run), output);
    let command = run.command.brief();
    let wrong = match (run.exit, output.exit) {
        (Exit::Any, _) => None,
        (Exit::Status(want), GuestExit::Code(code)) if code == i64::from(want) => None,
        (Exit::Status(want), GuestExit::Code(code)) => {
            Some(format!("`{command}` ended with status {code}, not {want}"))
        }
        (Exit::Status(_), GuestExit::Signal(signal)) => {
            Some(format!("`{command}` was ended by signal {signal}"))
        }
    };
    if let Some(message) = wrong {
        let stop = Stop::failed(CauseKind::Command, message);
        let stop = match last_words(&result) {
            Some(words) => stop.because(words),
            None => stop,
        };
        return Err(stop.with_command(result));
    }
    if let Some(pattern) = &run.output {
        match matching(pattern, &output.stdout) {
            Matching::Yes => {}
            Matching::No => {
                let message = format!(
                    "the output of `{command}` does not match `{}`",
                    pattern.as_str()
                );
                return Err(Stop::failed(CauseKind::Command, message).with_command(result));
            }
            Matching::Unknown => {
                let message = format!(
                    "`{}` does not match the kept part of the output of `{command}`, and {}",
                    pattern.as_str(),
                    left_out(&output.stdout)
                );
                return Err(too_long(message).with_command(result));
            }
        }
    }
    let saved = match &run.save {
        Some(name) if output.stdout.is_cut() => {
            let message = format!(
                "`{name}` cannot take the output of `{command}`: {}",
                left_out(&output.stdout)
            );
            return Err(too_long(message).with_command(result));
        }
        Some(_) => {
            let text = String::from_utf8_lossy(output.stdout.kept());
            let text = without_sequences(&text).replace('\0', "");
            Some(text.trim_end_matches(['\n', '\r']).to_owned())
        }
        None => None,
    };
    Ok(JudgedAnswer { result, saved })
}

/// Returns the last line that a command said, on standard error if it said something there; none if the line is too
/// long to be a message.
fn last_words(result: &CommandResult) -> Option<&str> {
    const LONGEST: usize = 160;
    let said = [&result.stderr, &result.stdout];
    let mut lines = said
        .into_iter()
        .filter_map(|text| text.lines().rev().find(|line| !line.trim().is_empty()));
    lines
        .next()
        .map(str::trim)
        .filter(|line| line.chars().count() <= LONGEST)
}

fn too_long(message: String) -> Stop {
    Stop::error(CauseKind::Harness, message).hint(
        "make the command print less (`| grep ...`, `| tail -n 100`), or let it write to a file and search that",
    )
}

fn left_out(output: &Output) -> String {
    match output.left_out() {
        Some(bytes) => format!("{bytes} bytes in its middle were left out"),
        None => "its end was left out".to_owned(),
    }
}

/// The result of matching a pattern with an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Matching {
    Yes,
    No,
    /// It may match in the part that was left out.
    Unknown,
}

/// Matches a pattern with an output, both as it came and without escape sequences.
fn matching(pattern: &Pattern, output: &Output) -> Matching {
    let (head, tail) = output.parts();
    let [head, tail] = [head, tail].map(|part| String::from_utf8_lossy(part).into_owned());
    let plain = [&head, &tail].map(|part| without_sequences(part));
    for [head, tail] in [[&head, &tail], [&plain[0], &plain[1]]] {
        let regex = pattern.regex();
        if !output.is_cut() {
            if regex.is_match(head) {
                return Matching::Yes;
            }
            continue;
        }
        // A match that touches the cut proves nothing, because text is missing there.
        let text = format!("{head}\u{fffc}{tail}");
        let gap = head.len()..text.len() - tail.len();
        let mut from = 0;
        while let Some(found) = regex.find_at(&text, from) {
            if found.end() < gap.start || found.start() >= gap.end {
                return Matching::Yes;
            }
            from = gap.end.max(found.start() + 1);
            while !text.is_char_boundary(from) {
                from += 1;
            }
            if from >= text.len() {
                break;
            }
        }
    }
    if output.is_cut() {
        Matching::Unknown
    } else {
        Matching::No
    }
}

fn without_sequences(text: &str) -> String {
    match SEQUENCES.as_ref() {
        Some(sequences) => sequences.replace_all(text, "").into_owned(),
        None => text.to_owned(),
    }
}

/// Returns the result of a command without an answer, for reports.
pub(super) fn unanswered(shell: &ShellCommand<'_>) -> CommandResult {
    CommandResult {
        command: shell.name.to_owned(),
        user: shell.user.map(|user| user.shown().to_owned()),
        exit: None,
        stdout: String::new(),
        stderr: String::new(),
        remarks: Vec::new(),
    }
}

/// Returns the result of a command, for reports.
pub(super) fn command_result(shell: &ShellCommand<'_>, output: &GuestOutput) -> CommandResult {
    let streams = [("stdout", &output.stdout), ("stderr", &output.stderr)];
    CommandResult {
        exit: match output.exit {
            GuestExit::Code(code) => Some(code),
            GuestExit::Signal(_) => None,
        },
        stdout: shown(&output.stdout),
        stderr: shown(&output.stderr),
        remarks: streams
            .into_iter()
            .flat_map(|(name, stream)| remarks(name, stream))
            .collect(),
        ..unanswered(shell)
    }
}

/// Returns remarks on a stream that is not complete or not plain text.
fn remarks(name: &str, output: &Output) -> Vec<String> {
    let bytes = output.kept();
    let mut remarks = Vec::new();
    if output.is_cut() {
        remarks.push(format!("{name}: {}", left_out(output)));
    }
    let broken: usize = bytes.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    if broken > 0 {
        remarks.push(format!(
            "{name}: {broken} bytes are not valid UTF-8, and count as U+FFFD"
        ));
    }
    let zeros = bytes.iter().filter(|&&byte| byte == 0).count();
    if zeros > 0 {
        remarks.push(format!("{name}: {zeros} bytes are NUL"));
    }
    let text = String::from_utf8_lossy(bytes);
    if SEQUENCES
        .as_ref()
        .is_some_and(|sequences| sequences.is_match(&text))
    {
        remarks.push(format!(
            "{name}: it has escape sequences; a pattern is tried with and without them"
        ));
    }
    remarks
}

/// Returns the beginning and the end of an output, with a remark on the bytes between them.
fn shown(output: &Output) -> String {
    let (head, tail) = output.parts();
    let total = output.kept().len();
    if !output.is_cut() && total <= HEAD + TAIL {
        return String::from_utf8_lossy(head).into_owned();
    }
    let (head, tail) = match output.is_cut() {
        true => (head, tail),
        false => head.split_at(HEAD),
    };
    let head = &head[..head.len().min(HEAD)];
    let tail = &tail[tail.len() - tail.len().min(TAIL)..];
    let gone = output
        .left_out()
        .unwrap_or_default()
        .saturating_add((total - head.len() - tail.len()) as u64);
    let more = match output.is_cut() && output.left_out().is_none() {
        true => "at least ",
        false => "",
    };
    format!(
        "{}\n({more}{gone} bytes are left out here)\n{}",
        String::from_utf8_lossy(head),
        String::from_utf8_lossy(tail)
    )
}

#[cfg(test)]
mod tests {
    use scenarios::Text;

    use super::*;

    fn run(output: Option<&str>, save: Option<&str>) -> Run {
        Run {
            command: Text::open("make"),
            exit: Exit::default(),
            output: output.map(|pattern| Pattern::new(pattern).unwrap()),
            save: save.map(str::to_owned),
            user: None,
            stdin: None,
            over: None,
        }
    }

    fn ended(stdout: Output) -> GuestOutput {
        GuestOutput {
            exit: GuestExit::Code(0),
            stdout,
            stderr: Output::default(),
        }
    }

    fn cut() -> GuestOutput {
        ended(Output::cut(
            b"BEGIN\none\n".to_vec(),
            Some(99),
            b"two\nTAIL\n".to_vec(),
        ))
    }

    #[test]
    fn a_command_of_several_lines_is_named_by_its_first() {
        let run = Run {
            command: "cd /\nmake all\ntest -e done\n".into(),
            ..run(None, None)
        };
        let output = GuestOutput {
            exit: GuestExit::Code(3),
            ..ended(Output::whole(Vec::new()))
        };
        let stop = judge(&run, &output).unwrap_err();
        assert_eq!(
            stop.cause().message,
            "`cd / … (and 2 more lines)` ended with status 3, not 0"
        );
    }

    #[test]
    fn a_cut_output_holds_by_what_is_kept_and_is_no_fault_of_the_guest() {
        for pattern in ["^BEGIN$", "TAIL$", "^TAIL$", "one"] {
            assert!(
                judge(&run(Some(pattern), None), &cut()).is_ok(),
                "{pattern}"
            );
        }
        for pattern in ["middle", "(?s)BEGIN.*TAIL", "^wo$", "(?s)one\n.two"] {
            let stop = judge(&run(Some(pattern), None), &cut()).unwrap_err();
            assert_eq!(stop.verdict(), reports::Verdict::Error, "{pattern}");
            assert!(stop.cause().message.contains("99 bytes"), "{pattern}");
        }
        let stop = judge(&run(None, Some("text")), &cut()).unwrap_err();
        assert_eq!(stop.verdict(), reports::Verdict::Error);
        assert_eq!(
            stop.cause().message,
            "`text` cannot take the output of `make`: 99 bytes in its middle were left out"
        );
        let fit = judge(&run(None, None), &cut()).unwrap();
        assert!(fit.result.stdout.contains("(99 bytes are left out here)"));
        assert_eq!(fit.result.remarks.len(), 1);
    }

    #[test]
    fn odd_bytes_are_told_and_colours_do_not_hide_a_line() {
        let odd = ended(Output::whole(
            b"\x1b[32mok\x1b[0m\n\xff\xfe\0\n\x1b]0;title\x07end\n\n".to_vec(),
        ));
        for pattern in ["^ok$", "\\x1b\\[32m", "^end$"] {
            assert!(judge(&run(Some(pattern), None), &odd).is_ok(), "{pattern}");
        }
        let stop = judge(&run(Some("^missing$"), None), &odd).unwrap_err();
        assert_eq!(stop.verdict(), reports::Verdict::Failed);
        let fit = judge(&run(None, Some("text")), &odd).unwrap();
        assert_eq!(fit.saved.as_deref(), Some("ok\n\u{fffd}\u{fffd}\nend"));
        assert_eq!(
            fit.result.remarks,
            [
                "stdout: 2 bytes are not valid UTF-8, and count as U+FFFD",
                "stdout: 1 bytes are NUL",
                "stdout: it has escape sequences; a pattern is tried with and without them",
            ]
        );
    }

    #[test]
    fn a_report_shows_the_beginning_and_the_end() {
        let long = [&b"begin\n"[..], &[b'x'; 40_000][..], b"\nend"].concat();
        let fit = judge(&run(None, None), &ended(Output::whole(long))).unwrap();
        let shown = fit.result.stdout;
        assert!(shown.starts_with("begin\n") && shown.ends_with("\nend"));
        assert!(shown.contains("bytes are left out here") && shown.len() < 17_000);
    }
}
