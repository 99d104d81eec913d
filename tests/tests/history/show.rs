//! What `qa history` shows of runs that are there.

use std::fs;

use qa_tests::Qa;
use reports::Verdict::{Error, Failed, Flaky, Passed, Skipped, SoftFailed};

use super::written::{Ran, run, write_log};
use crate::qa;

/// Seven runs of two cells: one drifts, one broke.
fn seven_runs() -> Qa {
    let qa = qa();
    let login = |similarity| Ran::of("login", Passed).similar(similarity);
    let shell = |verdict| Ran::of("shell", verdict).on("small");
    run(&qa, 1, &[login(1.0), shell(Passed)]);
    run(&qa, 2, &[login(0.999), shell(SoftFailed)]);
    run(&qa, 3, &[login(1.0).took(2_100), shell(Flaky)]);
    run(&qa, 4, &[login(1.0), shell(Failed)]);
    run(&qa, 5, &[login(0.967), shell(Error)]);
    run(&qa, 6, &[login(0.966), shell(Skipped)]);
    let slow = Ran::of("login", Passed).on("pc").similar(0.965).took(9_000);
    run(&qa, 7, &[slow, shell(Failed)]);
    qa
}

#[track_caller]
fn golden(name: &str, shown: &str) {
    insta::with_settings!({
        snapshot_path => "../../golden", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        insta::assert_snapshot!(name, shown);
    });
}

#[test]
fn all_cells_are_in_a_table_and_what_stands_out_is_below_it() {
    let qa = seven_runs();
    let outcome = qa.beside().args(["history"]).any_stdout().exit_code(0);
    golden("history-cells", outcome.stdout());
    let widest = outcome
        .stdout()
        .lines()
        .map(|line| line.chars().count())
        .max();
    assert!(widest.unwrap() <= 80, "{widest:?}");
    assert!(!outcome.stdout().contains('\u{1b}'));
}

#[test]
fn a_cell_is_shown_run_by_run() {
    let qa = seven_runs();
    for (cell, name) in [
        ("login", "history-login"),
        ("shell@disk+small", "history-shell"),
    ] {
        let call = qa.beside().args(["history", cell, "--last", "6"]);
        let outcome = call.any_stdout().exit_code(0);
        golden(name, outcome.stdout());
    }
}

#[test]
fn the_lines_for_programs_are_stable() {
    let qa = seven_runs();
    let json = |args: &[&str]| {
        let args = args.iter().copied().chain(["--format", "json"]);
        let outcome = qa.beside().args(args).any_stdout().exit_code(0);
        for line in outcome.stdout().lines() {
            let _: serde_json::Value = serde_json::from_str(line).unwrap();
        }
        outcome.stdout().to_owned()
    };
    golden("history-cells-json", &json(&["history"]));
    golden("history-login-json", &json(&["history", "login"]));
}

#[test]
fn a_cell_that_is_not_there_or_not_the_only_one_is_told() {
    let qa = seven_runs();
    run(&qa, 8, &[Ran::of("login", Passed).on("small")]);
    qa.beside()
        .args(["history", "shel"])
        .stderr(
            "error: the history has no cell `shel`\n  next: did you mean `shell`?\n  \
             next: `qa history` shows all cells\n",
        )
        .exit_code(2);
    qa.beside()
        .args(["history", "login"])
        .stderr(
            "error: `login` names 2 cells of the history\n  \
             next: name one of them: `login@disk+pc`, `login@disk+small`\n",
        )
        .exit_code(2);
}

#[test]
fn without_runs_there_is_nothing_to_show() {
    let qa = qa();
    for args in [
        &["history"][..],
        &["history", "login"],
        &["history", "prune", "--keep-runs", "1"],
    ] {
        qa.beside()
            .args(args.iter().copied())
            .stderr("no runs in [dir]/project/qa-results\n")
            .exit_code(0);
    }
    assert!(!qa.root().join("qa-results").exists());
}

#[test]
fn needles_that_no_run_has_used_are_named() {
    let qa = qa().needles(["badge", "never", "gone-one"]);
    run(&qa, 1, &[Ran::of("login", Passed)]);
    qa.beside()
        .args(["history"])
        .stdout_has("\nneedles that no look has used in 1 run\n  gone-one, never\n")
        .exit_code(0);
}

#[test]
fn a_damaged_database_is_made_again_without_a_word() {
    let qa = seven_runs();
    let first = qa.beside().args(["history"]).any_stdout().exit_code(0);
    let file = qa.root().join("qa-results/history.sqlite");
    let whole = fs::read(&file).unwrap();
    for damaged in [
        b"no database".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        Vec::new(),
    ] {
        fs::write(&file, damaged).unwrap();
        let again = qa.beside().args(["history"]).any_stdout().exit_code(0);
        assert_eq!(again.stdout(), first.stdout());
        assert!(fs::read(&file).unwrap().starts_with(b"SQLite format 3\0"));
    }
}

#[test]
fn a_database_that_cannot_be_used_is_made_in_memory() {
    let qa = seven_runs();
    fs::create_dir(qa.root().join("qa-results/history.sqlite")).unwrap();
    qa.beside()
        .args(["history"])
        .stdout_has("login@disk+pc")
        .stderr_has(
            "the history was made in memory, because `[dir]/project/qa-results/history.sqlite` cannot be used: ",
        )
        .exit_code(0);
}

#[test]
fn a_damaged_log_is_told_once() {
    let qa = seven_runs();
    let folder = run(&qa, 9, &[Ran::of("login", Failed)]);
    let text = fs::read_to_string(folder.join("events.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    write_log(&folder, &format!("{}\n{}\n", lines[0], lines[3]));
    qa.beside()
        .args(["history"])
        .stdout_has("login@disk+pc     passed")
        .stderr(
            "the run run-09 is left out of the history: line 2 of the event log has record 3 where record 1 \
             belongs: lines are missing or were moved\n",
        )
        .exit_code(0);
    qa.beside()
        .args(["history"])
        .any_stdout()
        .stderr("")
        .exit_code(0);
}

#[test]
fn two_at_once_show_the_same() {
    let qa = seven_runs();
    let calls: Vec<_> = (0..4)
        .map(|_| qa.beside().args(["history"]).any_stdout().start())
        .collect();
    let shown: Vec<String> = calls
        .into_iter()
        .map(|call| call.exit_code(0).stdout().to_owned())
        .collect();
    assert!(shown.iter().all(|one| *one == shown[0]), "{shown:?}");
}
