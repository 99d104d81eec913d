//! The summary at the end of a run.

use proptest::prelude::*;
use reports::Run;
use reports::console::{Lines, SummaryStyle, summary};

use crate::sample::{RUNS, Writer, log_of};

const PLAIN: SummaryStyle<'_> = SummaryStyle {
    colour: false,
    width: 100,
    rows: None,
    report: Some("qa-results/20261124-020304/report.html"),
};

#[test]
fn every_run_has_its_summary() {
    for name in RUNS {
        insta::assert_snapshot!(
            format!("console_{name}"),
            summary(&Run::of(&log_of(name)), PLAIN)
        );
    }
}

#[test]
fn lines_of_scenarios_fit_the_width_and_explanations_are_whole() {
    let run = Run::of(&log_of("failed-look"));
    let narrow = summary(&run, SummaryStyle { width: 50, ..PLAIN });
    for row in narrow.lines().take(2) {
        assert!(row.chars().count() <= 50, "{row}");
        assert!(row.ends_with('…'), "{row}");
    }
    // A name is whole, and a reason without room has a line of its own.
    let narrower = summary(&run, SummaryStyle { width: 40, ..PLAIN });
    let rows: Vec<&str> = narrower.lines().take(4).collect();
    assert_eq!(
        rows,
        [
            "failed      gnome-login         4m 6s",
            "            no needle tagged `gnome-ove…",
            "skipped     gnome-calculator      0ms",
            "            it starts after `gnome-logi…",
        ]
    );
    let mut run = run;
    run.scenarios[0].info.name = "gnome-login-with-a-long-name".into();
    let narrower = summary(&run, SummaryStyle { width: 40, ..PLAIN });
    let rows: Vec<&str> = narrower.lines().take(2).collect();
    assert_eq!(
        rows,
        [
            "failed      gnome-login-with-a-long-name",
            "            4m 6s  no needle tagged `gn…",
        ]
    );
    assert!(
        narrow.contains("no needle tagged `gnome-overview` matched within 3m\n"),
        "{narrow}"
    );
}

#[test]
fn colour_adds_nothing_but_colour() {
    for name in RUNS {
        let run = Run::of(&log_of(name));
        let coloured = summary(
            &run,
            SummaryStyle {
                colour: true,
                ..PLAIN
            },
        );
        assert!(coloured.contains("\x1b["), "{name}");
        let mut stripped = String::new();
        for (index, part) in coloured.split("\x1b[").enumerate() {
            stripped.push_str(match part.split_once('m') {
                Some((_, rest)) if index > 0 => rest,
                _ => part,
            });
        }
        assert_eq!(stripped, summary(&run, PLAIN), "{name}");
    }
}

#[test]
fn lines_of_a_matrix_say_on_what_a_scenario_runs() {
    let mut lines = Lines::new();
    let told: Vec<_> = log_of("matrix")
        .iter()
        .filter_map(|entry| lines.line(entry))
        .collect();
    assert_eq!(
        told[0],
        "run 20261124-020304: 7 combinations of the matrix nightly"
    );
    assert_eq!(told[1], "gnome-login@gnome+desktop: starts from power-on");
    // Its own stage is not one that it starts after.
    assert!(
        !told.iter().any(|line| line.contains("first gnome-")),
        "{told:?}"
    );
}

#[test]
fn a_whole_run_is_told_line_by_line() {
    let mut lines = Lines::new();
    let told: Vec<_> = log_of("failed-look")
        .iter()
        .filter_map(|entry| lines.line(entry))
        .collect();
    insta::assert_snapshot!("console_lines", told.join("\n"));
}

proptest! {
    #[test]
    fn no_text_reaches_the_terminal_raw(text in any::<String>(), width in 0_usize..300) {
        let mut log = Writer::new(&[(&text, &text, &[])]);
        log.begin(&text, 1, None).stage(&text, 1).start("1", &text, None);
        let cause = log.cause(reports::CauseKind::Command, "1", &text, &[&text]);
        let evidence = reports::Evidence {
            cause: Some(cause.clone()),
            command: Some(crate::sample::command(&text, 1, &text, &text)),
            kernel_crash: vec![text.clone()],
            serial_tail: vec![text.clone()],
            ..reports::Evidence::default()
        };
        log.end("1", reports::StepOutcome::Failed, 1, evidence)
            .finish(reports::Verdict::Failed, Some(cause.clone()))
            .checkpoint_blamed(&text, &text);
        let from = reports::StartedFrom::Continued { scenario: text.clone() };
        log.begin_from(&text, 2, from).finish(reports::Verdict::Failed, Some(cause));
        let entries = log.run_finished(reports::ExitStatus::Failed);
        let shown = summary(&Run::of(&entries), SummaryStyle { width, ..PLAIN });
        for c in shown.chars() {
            prop_assert!(c == '\n' || c == '\t' || !c.is_control(), "{c:?}");
        }
    }
}
