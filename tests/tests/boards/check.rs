//! Mistakes in the description of a board: found before anything is switched on, with their places.

use reports::Verdict;

use super::{SWITCH, on_board, run_on, says};

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
    let board = format!("{SWITCH}health: {{ scenario: s, image: disk }}\n");
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
    assert!(!qa.root().join("on").exists(), "it is switched off");
    let json = call(&["board", "list", "--format", "json"]).exit_code(0);
    let row: serde_json::Value = serde_json::from_str(json.stdout()).expect("one line");
    assert_eq!(row["health"]["well"], true);
    assert_eq!(row["state"], "free");
    assert!(row["holder"].is_null() && row["error"].is_null());
    // The harness of the tests writes this for the name of a run.
    assert_eq!(row["health"]["run"], "[run]");
}

/// Runs these steps on a board of these lines. It must be skipped, and nothing switched on. Returns the reason.
fn why_skipped(board: &str, steps: &str) -> String {
    let qa = run_on(board, steps);
    let root = qa.root();
    let outcome = qa.exit_code(0);
    let (verdict, cause) = outcome.verdict("s");
    assert_eq!(verdict, Verdict::Skipped, "{steps}");
    assert!(!root.join("on").exists(), "nothing was switched on");
    cause.unwrap().message
}

#[test]
fn what_a_board_cannot_tell_is_skipped_and_never_passed() {
    let serial = format!("{SWITCH}serial: {{ device: /dev/null }}");
    let rows: [(&str, &str, &[&str]); 7] = [
        (SWITCH, "- shutdown:", &["no power button", "`button:`"]),
        (
            SWITCH,
            "- { note: x, powers_off: true }",
            &["no report that it is off", "`serial:`", "`status:`"],
        ),
        (
            SWITCH,
            "- { note: x, resets: 1 }",
            &["no report of its restarts", "`serial:`"],
        ),
        (
            &serial,
            "- { note: x, resets: { watchdog: 1 } }",
            &["no report of why it restarts"],
        ),
        (
            &serial,
            "- { note: x, resets: { panic: 0 } }",
            &["no report of why it restarts"],
        ),
        (
            &serial,
            "- group: { name: g, steps: [{ note: x, resets: { panic: 1 } }] }",
            &["no report of why it restarts"],
        ),
        (
            "commands: { on: touch on, off: rm -f on }\npower: commands",
            "- note: x",
            &[
                "the image cannot be written to the board `mars`",
                "`storage:`",
            ],
        ),
    ];
    for (board, steps, parts) in rows {
        says(&why_skipped(board, steps), parts);
    }
}

#[test]
fn an_image_with_a_kernel_of_its_own_is_no_image_for_a_board() {
    let qa = run_on(SWITCH, "- note: x");
    let project = std::fs::read_to_string(qa.root().join("qa.yaml")).expect("the project");
    let project = project.replace("path: disk.img", "path: disk.img, kernel: disk.img");
    let outcome = qa.project(&project).exit_code(2);
    says(
        outcome.stderr(),
        &["cannot be run on the board `mars`", "leave `kernel:` out"],
    );
}

#[test]
fn a_health_check_that_the_board_cannot_carry_out_is_a_mistake_of_the_project() {
    let matrix = "      health: { scenario: health, image: disk }
matrix:
  night:
    include: [{ image: disk, scenario: s }]
";
    let outcome = on_board(matrix, "- serial: 'login: '\n")
        .steps("health", "- click: here\n")
        .args(["run", "--matrix", "night"])
        .exit_code(2);
    says(
        outcome.stderr(),
        &[
            "the health check of the board `mars` cannot be run on it",
            "no pointer",
        ],
    );
}
