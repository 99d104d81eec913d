//! Mistakes in the description of a board: found before anything is switched on, with their places.

use super::{awaits, run_on, says};

/// The first line under `board:` is line 10 of the project file.
const FIRST: usize = 10;

#[test]
fn each_mistake_has_its_place() {
    let rows: &[(&str, usize, usize, &str, &str)] = &[
        (
            "profile: mars-cmm",
            2,
            16,
            "unknown profile `mars-cmm` of a board",
            "did you mean `mars-cm`?",
        ),
        (
            "profile: zzz",
            2,
            16,
            "unknown profile `zzz`",
            "the profiles are lichee-rv, mars-cm",
        ),
        (
            "health: { scenario: ss, image: disk }",
            2,
            27,
            "unknown scenario `ss`",
            "did you mean `s`?",
        ),
        (
            "health: { scenario: s, image: disc }",
            2,
            37,
            "unknown image `disc`",
            "did you mean `disk`?",
        ),
        (
            "screen: kvmd",
            2,
            15,
            "`screen: kvmd` needs the field `kvmd`",
            "add `kvmd:`",
        ),
        ("serial: telnet", 2, 15, "telnet", "labgrid"),
        ("wait: 5", 2, 13, "duration", "add the unit"),
        ("screeen: vnc", 2, 7, "screeen", "screen"),
        (
            "restarts: '('",
            2,
            17,
            "not a regular expression",
            "U-Boot SPL",
        ),
        (
            "vnc: { address: mars }",
            2,
            23,
            "`mars` is no address with a port",
            "host:port",
        ),
    ];
    for (line, row, column, message, help) in rows {
        let board =
            format!("commands: {{ on: touch on, off: rm -f on }}\n{line}\npower: commands\n");
        let qa = run_on(&board, "- note: x");
        let check = qa.beside().args(["check"]).any_stdout().any_stderr();
        let outcome = check.exit_code(2);
        let place = format!("qa.yaml:{}:{column}", FIRST + row - 1);
        let said = format!("{}{}", outcome.stdout(), outcome.stderr());
        says(&said, &[&place, message, help]);
    }
}

#[test]
fn a_run_finds_the_same_mistakes_before_it_starts_anything() {
    let marks = "commands: { on: touch on, off: touch off }\npower: commands\n";
    let unset =
        "kvmd: { address: 'https://kvm7', password: { env: KVM7_PASSWORD } }\nscreen: kvmd\n";
    let rows = [
        (
            format!("{marks}profile: mars-cmm"),
            "unknown profile `mars-cmm`",
        ),
        (
            format!("{marks}{unset}"),
            "secret `password of kvmd of the board mars` has no value: environment variable \
            `KVM7_PASSWORD`: it is not set",
        ),
        (
            "general_hw: { GENERAL_HW_CMD_DIR: /usr/local/lab }".to_owned(),
            "the board `mars` has no source of power",
        ),
    ];
    for (board, message) in rows {
        let qa = run_on(&board, "- note: x");
        let root = qa.root();
        let outcome = qa.exit_code(2);
        says(outcome.stderr(), &[message, "qa.yaml:"]);
        assert!(!root.join("on").exists() && !root.join("off").exists());
        assert!(!root.join("qa-results").exists(), "no run began");
    }
}

#[test]
fn the_commands_for_boards_say_what_they_do() {
    let board = format!("{}health: {{ scenario: s, image: disk }}\n", super::SWITCH);
    let qa = run_on(&board, "- note: x");
    let call = |words: &[&str]| {
        qa.beside()
            .args(words.iter().copied())
            .any_stdout()
            .any_stderr()
    };
    let list = call(&["board", "list"]).exit_code(0);
    assert_eq!(
        list.stdout().split_whitespace().collect::<Vec<_>>()[..3],
        ["mars", "riscv64", "free"]
    );
    says(list.stdout(), &["never checked"]);
    let unknown = call(&["board", "health", "marz"]).exit_code(2);
    says(
        unknown.stderr(),
        &["the project has no board `marz`", "did you mean `mars`?"],
    );
    let reap = call(&["board", "reap"]).exit_code(0);
    says(reap.stderr(), &["no dead run of this host holds a place"]);
    let health = super::with_programs(qa.beside());
    let health = health
        .args(["board", "health", "mars"])
        .any_stdout()
        .any_stderr();
    let health = health.exit_code(0);
    says(health.stderr(), &["mars: well since"]);
    awaits("it was given back", || !qa.root().join("on").exists());
    let json = call(&["board", "list", "--format", "json"]).exit_code(0);
    let row: serde_json::Value = serde_json::from_str(json.stdout()).expect("one line");
    assert_eq!(row["health"]["well"], true);
    assert_eq!(row["holder"], "free");
}
