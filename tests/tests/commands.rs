//! `list`, `check`, `schema`, `completions`, `doctor`, `needle`, `image`.

use qa_tests::{Badge, Screen};
use serde_json::Value;

use crate::qa;

fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn list_shows_scenarios_images_and_machines() {
    qa().scenario(
        "login",
        "title: Logs in\nimage: disk\nsteps:\n  - note: x\n",
    )
    .scenario(
        "calculator",
        "title: Adds\nafter: login\nsteps:\n  - note: x\n",
    )
    .args(["list"])
    .stdout(
        "\
scenarios
  calculator            Adds  (after login)
  login                 Logs in
images
  disk                  disk.img
machines
  pc
  uefi-x86_64
  bios-x86_64
  uefi-aarch64
  uefi-riscv64
  uefi-loongarch64
",
    )
    .exit_code(0);
}

#[test]
fn list_for_programs_has_a_line_a_thing() {
    let outcome = qa()
        .steps("login", "- note: x")
        .args(["list", "--format", "json"])
        .any_stdout()
        .exit_code(0);
    let kinds: Vec<_> = json_lines(outcome.stdout())
        .iter()
        .map(|line| format!("{} {}", line["kind"], line["name"]).replace('"', ""))
        .collect();
    assert_eq!(kinds[..3], ["scenario login", "image disk", "machine pc"]);
}

#[test]
fn the_project_is_found_from_a_folder_below_and_by_flag_and_variable() {
    let below = || qa().file("deep/er/x", "").steps("login", "- note: x");
    below()
        .inside("deep/er")
        .args(["list"])
        .stdout_has("login")
        .exit_code(0);
    let outside = below();
    let root = outside.root().display().to_string();
    outside
        .inside("..")
        .args(["list", "--project", &root])
        .stdout_has("login")
        .exit_code(0);
    let outside = below();
    let root = outside.root().display().to_string();
    outside
        .inside("..")
        .env("QA_PROJECT", &root)
        .args(["list"])
        .stdout_has("login")
        .exit_code(0);
}

#[test]
fn check_of_a_good_project_says_what_was_looked_at() {
    qa().steps("login", "- see: login")
        .needles(["login"])
        .args(["check"])
        .stdout("1 scenario, 1 needle: 0 errors, 0 warnings\n")
        .exit_code(0);
}

#[test]
fn check_for_programs_has_a_line_a_finding() {
    let outcome = qa()
        .steps("s", "- seee: x")
        .args(["check", "--format", "json"])
        .any_stdout()
        .exit_code(2);
    let finding = json_lines(outcome.stdout()).remove(0);
    assert_eq!(
        (
            finding["severity"].as_str(),
            finding["line"].as_u64(),
            finding["column"].as_u64()
        ),
        (Some("error"), Some(3), Some(5))
    );
    assert_eq!(finding["file"], "scenarios/s.yaml");
}

#[test]
fn check_outside_a_project_says_where_it_looked() {
    qa().without_project()
        .args(["check"])
        .stderr_has("no qa.yaml in this folder or above")
        .exit_code(2);
}

#[test]
fn schema_prints_json_that_knows_every_verb() {
    let outcome = qa().args(["schema"]).any_stdout().exit_code(0);
    let schema: Value = serde_json::from_str(outcome.stdout()).unwrap();
    assert!(
        schema["$schema"]
            .as_str()
            .is_some_and(|draft| draft.contains("json-schema.org")),
        "{schema}"
    );
    for verb in [
        "see",
        "gone",
        "still",
        "changed",
        "screenshot",
        "press",
        "hold",
        "type",
        "click",
        "move",
        "drag",
        "scroll",
        "serial",
        "run",
        "reboot",
        "shutdown",
        "power",
        "group",
        "include",
        "each",
        "set",
        "assert",
        "note",
        "soft_fail",
    ] {
        assert!(outcome.stdout().contains(&format!("\"{verb}\"")), "{verb}");
    }
    let outcome = qa().args(["schema", "project"]).any_stdout().exit_code(0);
    assert!(outcome.stdout().contains("\"machines\""));
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let outcome = qa().args(["completions", shell]).any_stdout().exit_code(0);
        for word in ["run", "doctor", "--image"] {
            assert!(
                outcome.stdout().contains(word.trim_start_matches('-')),
                "{shell}: {word}"
            );
        }
    }
    qa().args(["completions", "tcsh"])
        .stderr_has("tcsh")
        .exit_code(2);
}

#[test]
fn doctor_tells_programs_what_there_is_and_what_is_missing() {
    // Only QEMU for x86_64 is in the PATH of a test, so something that is needed is missing.
    let outcome = qa()
        .args(["doctor", "--format", "json"])
        .any_stdout()
        .exit_code(3);
    let facts: Value = serde_json::from_str(outcome.stdout()).unwrap();
    assert!(facts["os"].is_string(), "{facts}");
    let machine = |arch: &str| {
        facts["machines"]
            .as_array()
            .unwrap()
            .iter()
            .find(|machine| machine["arch"] == arch)
            .unwrap()
            .clone()
    };
    assert_eq!(machine("x86_64")["qemu"]["version"], "10.0.2");
    assert_eq!(machine("aarch64")["qemu"], Value::Null);
    for machine in facts["machines"].as_array().unwrap() {
        assert!(
            machine["accel"] == "kvm" || machine["accel"] == "tcg",
            "{machine}"
        );
        assert!(machine["accel_reason"].is_string(), "{machine}");
    }
    for tool in facts["tools"].as_array().unwrap() {
        assert!(tool["tool"].is_string(), "{tool}");
    }
    let missing = facts["missing"].as_array().unwrap();
    assert!(
        missing.iter().any(|missing| missing["required"] == true),
        "{missing:?}"
    );
    for missing in missing {
        assert!(
            missing["what"].is_string()
                && missing["purpose"].is_string()
                && missing["packages"].is_array(),
            "{missing}"
        );
    }
}

#[test]
fn doctor_tells_people_the_same() {
    qa().args(["doctor"])
        .stdout_has("QEMU 10.0.2")
        .stdout_has("missing, and needed")
        .exit_code(3);
}

/// All that `doctor` looks for besides QEMU.
const TOOLS: [&str; 13] = [
    "qemu-img",
    "mmdebstrap",
    "mke2fs",
    "mkfs.vfat",
    "mcopy",
    "sfdisk",
    "unshare",
    "newuidmap",
    "tesseract",
    "mksquashfs",
    "xorriso",
    "objcopy",
    "sudo",
];

/// apt would rather take a tool away than say that it is of another release than what is asked for.
#[test]
fn doctor_has_no_tool_removed_for_another() {
    let tool = "[ \"${0##*/}\" != sudo ] || exec \"$@\"\necho 'tool 1.0'";
    let qa = TOOLS.iter().fold(qa(), |qa, name| qa.program(name, tool));
    let bin = qa.root().join("../bin");
    let apt_get = format!(
        "case \"$*\" in\n\
         *--allow-downgrades*) ;;\n\
         install*--no-remove*|*--simulate*--no-remove*) exit 100 ;;\n\
         install*) /bin/rm -f '{bin}/qemu-img' ;;\n\
         esac\n\
         case \"$*\" in install*) /bin/cp '{bin}/xorriso' '{bin}/mcopy' ;; esac\n\
         echo 'apt 1.0'",
        bin = bin.display()
    );
    let outcome = qa
        .program("apt-get", &apt_get)
        .program("dpkg-query", "echo installed qemu qemu-utils")
        .without_program("mcopy")
        .args(["doctor", "--install"])
        .stderr_has("--allow-downgrades qemu-utils/")
        .stderr_has("everything that is needed is installed")
        .exit_code(0);
    assert!(outcome.then().root().join("../bin/qemu-img").exists());
}

#[test]
fn doctor_without_qemu_names_its_package() {
    qa().without_program("qemu-system-x86_64")
        .args(["doctor"])
        .stdout_has("qemu-system-x86")
        .exit_code(3);
}

#[test]
fn a_needle_is_cut_from_a_frame_matched_and_shown() {
    let outcome = qa()
        .file("shot.png", Screen::of("login").png())
        .args([
            "needle",
            "crop",
            "shot.png",
            "--area",
            "16,16,48,32",
            "--tag",
            "login",
            "--into",
            "needles",
        ])
        .any_stdout()
        .exit_code(0);
    assert!(outcome.then().root().join("needles/login.json").is_file());
    let outcome = outcome
        .then()
        .args(["needle", "match", "shot.png", "--tag", "login"])
        .stdout_has("login")
        .exit_code(0);
    let outcome = outcome
        .then()
        .args([
            "needle",
            "show",
            "needles/login.json",
            "--output",
            "shown.png",
        ])
        .any_stdout()
        .exit_code(0);
    assert!(image::open(outcome.then().root().join("shown.png")).is_ok());
}

#[test]
fn needle_match_of_another_screen_exits_with_1_and_names_the_nearest() {
    qa().needles(["login"])
        .file("shot.png", Screen::of("splash").png())
        .args(["needle", "match", "shot.png"])
        .stdout_has("login")
        .exit_code(1);
    let near = Badge {
        x: 40,
        ..Badge::of("login")
    };
    qa().needles(["login"])
        .file(
            "shot.png",
            Screen::empty().badge(&near.word, near.x, near.y).png(),
        )
        .args(["needle", "match", "shot.png", "--format", "json"])
        .stdout_has("login")
        .exit_code(0);
}

#[test]
fn a_long_name_does_not_run_into_what_is_said_of_it() {
    let name = "a-scenario-of-a-long-name-indeed";
    qa().scenario(name, "title: Title\nimage: disk\nsteps:\n  - note: x\n")
        .scenario("short", "title: Other\nimage: disk\nsteps:\n  - note: x\n")
        .args(["list"])
        .stdout_has(&format!("  {name}  Title\n  {:<32}  Other\n", "short"))
        .exit_code(0);
}

#[test]
fn image_list_says_what_is_built() {
    qa().args(["image", "list"])
        .stdout_has("console")
        .stdout_has("gnome")
        .exit_code(0);
    qa().args(["image", "build", "gnmoe"])
        .stderr_has("gnmoe")
        .exit_code(2);
}
