//! A test distribution in openQA's documented formats: 60 modules, 2 job groups, 40 needles. It is made here, of the
//! usual calls; nothing of it is from anybody else.

use qa_tests::{Badge, Qa, Screen};
use serde_json::json;

use super::modules::{
    BOOTLOADER, CONSOLE_SETUP, FIRST_BOOT, JOURNAL, LOGIN, NETWORK, PACKAGES, PARTITIONING,
    SETTINGS, SHUTDOWN, START_INSTALL, WELCOME,
};
use super::settings::{DESKTOP_GROUP, LIBRARY, MAIN, NEEDLES, SERVER_GROUP, SMOKE};

/// The modules that are written by hand, by their path below `tests/`.
const MODULES: &[(&str, &str)] = &[
    ("installation/bootloader", BOOTLOADER),
    ("installation/welcome", WELCOME),
    ("installation/partitioning", PARTITIONING),
    ("installation/start_install", START_INSTALL),
    ("installation/first_boot", FIRST_BOOT),
    ("console/console_setup", CONSOLE_SETUP),
    ("console/journal", JOURNAL),
    ("console/network", NETWORK),
    ("console/packages", PACKAGES),
    ("x11/login", LOGIN),
    ("x11/settings", SETTINGS),
    ("shutdown/shutdown", SHUTDOWN),
];

/// Desktop programs, each with a module of its own.
const PROGRAMS: [&str; 26] = [
    "calculator",
    "calendar",
    "clocks",
    "contacts",
    "disks",
    "editor",
    "files",
    "fonts",
    "logs",
    "maps",
    "monitor",
    "music",
    "photos",
    "recorder",
    "scanner",
    "software",
    "terminal",
    "tour",
    "videos",
    "weather",
    "archive",
    "camera",
    "chess",
    "help",
    "notes",
    "paint",
];

/// Commands, each with a module of its own.
const COMMANDS: [&str; 22] = [
    "awk", "bash", "bzip2", "cron", "curl", "date", "diff", "find", "git", "grep", "gzip", "less",
    "lsof", "make", "nano", "perl", "rsync", "sed", "ssh", "sudo", "tar", "vim",
];

fn dump() -> String {
    let pairs = |pairs: &[(&str, &str)]| {
        let all = pairs
            .iter()
            .map(|(key, value)| json!({"key": key, "value": value}));
        all.collect::<Vec<_>>()
    };
    json!({
        "Machines": [
            {"name": "64bit", "backend": "qemu", "settings": pairs(&[("QEMUCPU", "qemu64"), ("QEMURAM", "2048")])},
            {"name": "uefi", "backend": "qemu", "settings": pairs(&[
                ("UEFI", "1"), ("QEMUCPUS", "2"), ("HDDMODEL", "nvme"), ("WORKER_CLASS", "qemu_x86_64")])},
            {"name": "aarch64", "backend": "qemu", "settings": pairs(&[("UEFI", "1"), ("QEMUCPU", "host")])},
        ],
        "TestSuites": [
            {"name": "textmode", "settings": pairs(&[
                ("DESKTOP", "textmode"), ("HDD_1", "example-%VERSION%-%ARCH%.qcow2"), ("PARALLEL_WITH", "server")])},
        ],
        "Products": [
            {"distri": "example", "version": "15", "flavor": "Server", "arch": "x86_64",
             "settings": pairs(&[("TEST_SERVER", "198.51.100.1")])},
        ],
        "JobGroups": [], "JobTemplates": [],
    })
    .to_string()
}

/// Returns the module of a desktop program.
fn program(name: &str, number: usize) -> String {
    let more = match number % 4 {
        0 => "    send_key 'ctrl-q';\n",
        1 => {
            "    type_string \"hello from $program\\n\", max_interval => 50;\n    send_key 'alt-f4';\n"
        }
        2 => {
            "    wait_still_screen 3;\n    assert_and_click \"$program\", button => 'right';\n    send_key 'esc';\n"
        }
        _ => {
            "    if (check_screen \"$program\", 2) {\n        send_key 'ret';\n    }\n    send_key 'alt-f4';\n"
        }
    };
    format!(
        "# Summary: {name} starts\nuse base 'x11test';\nuse testapi;\n\nsub run {{\n    my $program = '{name}';\n    \
         x11_start_program($program);\n{more}}}\n\n1;\n"
    )
}

/// Returns the module of a command.
fn command(name: &str, number: usize) -> String {
    let more = match number % 3 {
        0 => format!("    assert_script_run('{name} --version', 60);\n"),
        1 => format!("    validate_script_output('{name} --version', qr/{name}/i);\n"),
        _ => format!(
            "    my $version = script_output(q({name} --version));\n    record_info('{name}', \"version: $version\");\n"
        ),
    };
    format!(
        "use base 'consoletest';\nuse testapi;\n\nsub run {{\n    select_console('root-console');\n    \
         assert_script_run 'command -v {name}';\n{more}    save_screenshot;\n}}\n\n1;\n"
    )
}

/// The number of modules.
pub(super) const MODULE_COUNT: usize = MODULES.len() + PROGRAMS.len() + COMMANDS.len();

/// Writes the distribution into the folder `distri` of a test's project, and removes the project.
pub(super) fn distribution(qa: Qa) -> Qa {
    let mut qa = qa.without_project();
    for (path, text) in MODULES {
        qa = qa.file(&format!("distri/tests/{path}.pm"), text);
    }
    for (number, name) in PROGRAMS.iter().enumerate() {
        qa = qa.file(
            &format!("distri/tests/x11/{name}.pm"),
            program(name, number),
        );
    }
    for (number, name) in COMMANDS.iter().enumerate() {
        qa = qa.file(
            &format!("distri/tests/console/{name}.pm"),
            command(name, number),
        );
    }
    for (path, text) in LIBRARY {
        qa = qa.file(&format!("distri/{path}"), text);
    }
    let main = MAIN
        .replace("COMMANDS", &COMMANDS.join(" "))
        .replace("PROGRAMS", &PROGRAMS.join(" "));
    let programs = PROGRAMS.iter().skip(4).take(18);
    for word in NEEDLES.iter().chain(programs) {
        qa = needle(qa, word, &Badge::of(word).needle().to_string(), word);
    }
    let mut beta = Badge::of("welcome-beta").needle();
    beta["properties"] = json!([{"name": "workaround", "value": "bsc#1200001"}]);
    beta["area"][0]["match"] = json!("90");
    qa = needle(
        qa,
        "welcome-beta-20260101",
        &beta.to_string(),
        "welcome-beta",
    );
    let mut about = Badge::of("settings-about").needle();
    about["area"][0]["click_point"] = json!({"xpos": 10.5, "ypos": 4, "id": "about"});
    let clock = json!({"xpos": 40, "ypos": 20, "width": 8, "height": 8, "type": "exclude"});
    about["area"].as_array_mut().unwrap().push(clock);
    qa = needle(qa, "settings/about", &about.to_string(), "settings-about");
    qa.file("distri/main.pm", main)
        .file("distri/schedule/smoke.yaml", SMOKE)
        .file("distri/job_groups/desktop.yaml", DESKTOP_GROUP)
        .file("distri/job_groups/server.yaml", SERVER_GROUP)
        .file("distri/templates.json", dump())
        .file("distri/tests/x11/pythonic.py", "def run(self):\n    pass\n")
}

fn needle(qa: Qa, name: &str, json: &str, word: &str) -> Qa {
    qa.file(&format!("distri/needles/{name}.json"), json).file(
        &format!("distri/needles/{name}.png"),
        Screen::of(word).png(),
    )
}
