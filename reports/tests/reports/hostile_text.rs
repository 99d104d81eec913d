//! Whatever a guest or a scenario says, `junit.xml` stays a file that a parser reads, the terminal's text is text, and
//! so it is in all other formats.

use proptest::prelude::*;
use reports::console::{SummaryStyle, is_obeyed, summary};
use reports::{
    CauseKind, Entry, Evidence, ExitStatus, MachineNews, Run, StepOutcome, Verdict,
    github_annotations, gitlab, json, tap,
};

use crate::junit::{named, parse, written};
use crate::sample::Writer;

proptest! {
    #[test]
    fn any_text_in_every_field_gives_a_file_that_parses(text in text(), number in any::<u64>(), score in any::<f64>()) {
        let entries = everywhere(&text, number, score);
        let elements = parse(&written(&entries));
        prop_assert_eq!(named(&elements, "testcase").len(), 1);
        prop_assert_eq!(named(&elements, "failure").len(), 1);
        prop_assert_eq!(named(&elements, "rerunError").len(), 1);
    }

    #[test]
    fn any_text_in_every_field_is_text_in_the_other_formats(
        text in text(), number in any::<u64>(), score in any::<f64>()
    ) {
        let run = Run::of(&everywhere(&text, number, score));
        let (points, _) = crate::tap::read(&tap(&run, &text));
        prop_assert_eq!(points.len(), 1);
        let document = json(&run, &text).expect("a document");
        prop_assert_eq!(&crate::json::read(&document)["scenarios"][0]["title"], &text);
        let (sections, shown) = crate::gitlab::read(&gitlab(&run, PLAIN));
        prop_assert_eq!(sections.len(), 1);
        for output in [&shown, &document, &tap(&run, &text), &summary(&run, PLAIN)] {
            prop_assert!(!output.contains("##[") && !output.contains("##vso["), "{}", output);
            let obeyed = |c: char| is_obeyed(c) || matches!(c, '\u{2028}' | '\u{2029}');
            prop_assert!(!output.contains(obeyed), "{:?}", output);
        }
    }
}

const PLAIN: SummaryStyle<'_> = SummaryStyle {
    colour: false,
    width: 100,
    rows: None,
    report: None,
};

/// GitHub Actions takes a line for a command that begins so, also behind blanks. The older form counts anywhere.
#[test]
fn no_text_of_a_guest_is_a_command_to_the_ci_server() {
    let run = Run::of(&everywhere(
        "x\n::error::y\n  ::stop-commands::z\n##[group]g",
        1,
        0.5,
    ));
    let shown = summary(&run, PLAIN);
    assert!(shown.contains("| ::error::y"), "{shown}");
    let annotations = github_annotations(&run, "");
    assert_eq!(annotations.lines().count(), 1, "{annotations}");
    for line in shown.lines() {
        let begin = line.trim_start();
        assert!(!begin.starts_with("::") && !line.contains("##["), "{line}");
    }
}

/// Any text, with what has a meaning in XML, CDATA, terminals and the notation of attachments made likely.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        proptest::sample::select(vec![
            "]]>",
            "]]",
            ">",
            "<![CDATA[",
            "<!--",
            "&amp;",
            "&",
            "\"",
            "'",
            "\0",
            "\x1b[31m",
            "\x1b]",
            "\x1b",
            "\r\n",
            "\r",
            "\u{fffe}",
            "\u{ffff}",
            "\u{85}",
            "\u{9b}",
            "[[ATTACHMENT|",
            "]",
            "\u{fffd}",
            "\u{2028}",
            "##[error]",
            "#",
            "##vso[task]",
            "\n...\n",
            "\nnot ok 7\n",
            "{\n",
            "\\",
            "\x1b[0Ksection_end:1:qa-1-x\r\x1b[0K",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

pub(crate) fn everywhere(text: &str, number: u64, score: f64) -> Vec<Entry> {
    let mut log = Writer::new(&[(text, text, &[text])]);
    log.checkpoint_unusable(text, text, text)
        .begin(text, 1, None)
        .stage(text, 1);
    let cause = log.cause(CauseKind::Watch(text.to_owned()), text, text, &[text]);
    log.checkpoint_saved(text, number)
        .finish(Verdict::Error, Some(cause))
        .checkpoint_blamed(text, text);
    let from = reports::StartedFrom::Checkpoint {
        scenario: text.to_owned(),
        key: text.to_owned(),
        saved: text.to_owned(),
        age_ms: number,
        this_run: false,
    };
    log.begin_from(text, 2, from)
        .stage(text, 1)
        .machine()
        .start("1", text, Some(number));
    log.note(text)
        .soft_failure(text, Some(text))
        .news(MachineNews::Exited {
            status: text.to_owned(),
            stderr: vec![text.to_owned()],
        });
    let cause = log.cause(CauseKind::Watch(text.to_owned()), text, text, &[text]);
    let evidence = Evidence {
        cause: Some(cause.clone()),
        look: Some(reports::Look {
            query: text.to_owned(),
            wanted: reports::Wanted::Present,
            matched: None,
            candidates: vec![crate::sample::candidate(
                text,
                (0, 0),
                &[(1, 2, 3, 4, score, score)],
            )],
        }),
        command: Some(crate::sample::command(text, 1, text, text)),
        kernel_crash: vec![text.to_owned()],
        serial_tail: vec![text.to_owned()],
        ..Evidence::default()
    };
    log.end("1", StepOutcome::Failed, 5, evidence)
        .finish(Verdict::Failed, Some(cause));
    let mut entries = log.run_finished(ExitStatus::Failed);
    for entry in &mut entries {
        match &mut entry.event {
            reports::Event::RunStarted {
                version,
                run,
                started,
                command,
                hosts,
                scenarios,
                ..
            } => {
                for field in [version, run, started] {
                    text.clone_into(field);
                }
                for host in hosts {
                    text.clone_into(&mut host.name);
                    text.clone_into(&mut host.os);
                }
                command.push(text.to_owned());
                for scenario in scenarios {
                    for field in [
                        &mut scenario.file,
                        &mut scenario.image,
                        &mut scenario.machine,
                    ] {
                        text.clone_into(field);
                    }
                }
            }
            reports::Event::MachineStarted { facts } => {
                for field in [&mut facts.name, &mut facts.cpu] {
                    text.clone_into(field);
                }
                if let reports::BackendFacts::Qemu {
                    version,
                    accel,
                    accel_reason,
                } = &mut facts.backend
                {
                    for field in [version, accel, accel_reason] {
                        text.clone_into(field);
                    }
                }
            }
            reports::Event::ScenarioFinished {
                files, duration_ms, ..
            } => {
                files.push(text.to_owned());
                *duration_ms = number;
            }
            _ => {}
        }
    }
    entries
}
