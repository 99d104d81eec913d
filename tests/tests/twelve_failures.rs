//! Twelve failures as they happen to people. Each is told with its cause in the first line: the goldens are what a
//! person reads in the terminal, and the report says the same.

use qa_tests::{Badge, Fake, Outcome, Qa, Screen, act, on};
use reports::CauseKind;

use crate::qa;

/// A screen of QEMU's captures whose pixels are changed.
fn painted(screen: &Screen, change: impl Fn(u32, u32, [u8; 3]) -> [u8; 3]) -> Vec<u8> {
    let mut ppm = screen.ppm();
    let (width, height) = screen.size();
    let begin = ppm.len() - (width * height * 3) as usize;
    for (place, pixel) in ppm[begin..].chunks_exact_mut(3).enumerate() {
        let (x, y) = (place as u32 % width, place as u32 / width);
        pixel.copy_from_slice(&change(x, y, [pixel[0], pixel[1], pixel[2]]));
    }
    ppm
}

fn desktop() -> Screen {
    Screen::of("desktop")
}

/// A scenario `s` with these steps, and the needles of a desktop and its login.
fn steps(steps: &str) -> Qa {
    qa().steps("s", steps)
        .needles(["desktop", "greeter", "refused"])
        .args(["run", "s"])
        .any_stderr()
        .any_stdout()
}

/// Checks what a failure says: the terminal by its golden, the report by the same first line.
fn told(name: &str, qa: Qa) -> Outcome {
    let outcome = qa.exit_code(1);
    let message = outcome.cause("s").message;
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "twelve_failures" }, {
        // The line before it is cut to the width of the terminal.
        let (_, told) = outcome.stdout().split_once("\n\n").unwrap();
        insta::assert_snapshot!(name, told);
    });
    let page = outcome.file("report.html");
    let first = message.lines().next().unwrap();
    let shown = first.replace('"', "&#34;").replace('\'', "&#39;");
    assert!(
        page.contains(&format!("<p class=\"message\">{shown}")),
        "{shown}"
    );
    outcome
}

/// A login that is answered by this screen.
fn login(answer: &Screen) -> Fake {
    Fake::shows(&Screen::of("greeter")).on(on::typed("secret"), [act::show(answer)])
}

const LOGIN: &str = "- see: greeter\n- type: secret\n- see: { needle: desktop, within: 300ms }\n";

#[test]
fn a_wrong_password() {
    let answer = Screen::of("greeter").badge("refused", 80, 80);
    let refused = Badge {
        word: "refused".into(),
        x: 80,
        y: 80,
    };
    told(
        "wrong-password",
        steps(LOGIN).needle(&refused).machine(login(&answer)),
    );
}

#[test]
fn a_kernel_panic() {
    let panic =
        "[    9.1] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\r\n";
    let fake = Fake::shows(&Screen::of("greeter")).on(on::typed("secret"), [act::say(panic)]);
    let long = LOGIN.replace("within: 300ms", "within: 5m");
    told(
        "kernel-panic",
        steps(&long).env("QA_GRACE", "300").machine(fake),
    );
}

#[test]
fn a_dialog_in_front() {
    let dialog = painted(&desktop(), |x, y, pixel| match (x, y) {
        (8..96, 8..72) => [240, 240, 245],
        _ => pixel,
    });
    let fake =
        Fake::shows(&Screen::of("greeter")).on(on::typed("secret"), [act::show_bytes(&dialog)]);
    told("dialog-in-front", steps(LOGIN).machine(fake));
}

#[test]
fn a_changed_theme() {
    let dark = painted(&desktop(), |_, _, [red, green, blue]| {
        [255 - red, 255 - green, 200 - blue.min(200)]
    });
    let fake =
        Fake::shows(&Screen::of("greeter")).on(on::typed("secret"), [act::show_bytes(&dark)]);
    told("changed-theme", steps(LOGIN).machine(fake));
}

#[test]
fn a_slow_application() {
    // It draws something anew all the time.
    let spinner = |turn: u32| Screen::empty().badge("spinner", 8 + turn % 10 * 8, 80);
    let screens: Vec<Screen> = std::iter::once(Screen::of("greeter"))
        .chain((0..1000).map(spinner))
        .collect();
    let fake = Fake::frames(&screens);
    // Ten seconds at least: a shorter look says nothing about rest.
    let slow = "- see: greeter\n- see: { needle: desktop, within: 2s }\n";
    told("slow-application", steps(slow).machine(fake));
}

#[test]
fn an_unexpected_reboot() {
    let fake = Fake::shows(&Screen::of("greeter")).on(on::typed("secret"), [act::reset()]);
    let outcome = told("unexpected-reboot", steps(LOGIN).machine(fake));
    assert_eq!(outcome.cause("s").kind, CauseKind::UnexpectedReset);
}

#[test]
fn a_black_screen() {
    let black = painted(&desktop(), |_, _, _| [0, 0, 0]);
    let fake =
        Fake::shows(&Screen::of("greeter")).on(on::typed("secret"), [act::show_bytes(&black)]);
    told("black-screen", steps(LOGIN).machine(fake));
}

#[test]
fn a_lost_key() {
    // The screen shows what was typed, but for one letter in its middle.
    let typed = painted(&desktop(), |x, y, pixel| match (x, y) {
        (36..44, 16..48) => [90, 90, 95],
        _ => pixel,
    });
    let fake =
        Fake::shows(&Screen::of("greeter")).on(on::typed("secret"), [act::show_bytes(&typed)]);
    told("lost-key", steps(LOGIN).machine(fake));
}

#[test]
fn a_click_that_did_nothing() {
    let click = "- click: greeter\n- see: { needle: desktop, within: 300ms }\n";
    let fake = Fake::shows(&Screen::of("greeter"));
    told("click-that-did-nothing", steps(click).machine(fake));
}

#[test]
fn a_shifted_window() {
    let fixed = r#"{"area":[{"xpos":16,"ypos":16,"width":48,"height":32,"type":"match",
        "qa":{"margin":0}}],"properties":[],"tags":["panel"]}"#;
    let shifted = Screen::empty().badge("panel", 30, 21);
    let fake = Fake::shows(&Screen::of("greeter")).on(on::typed("secret"), [act::show(&shifted)]);
    let scenario = LOGIN.replace("desktop", "panel");
    let qa = steps(&scenario)
        .file("needles/panel.json", fixed)
        .file("needles/panel.png", Screen::of("panel").png());
    told("shifted-window", qa.machine(fake));
}

#[test]
fn a_wrong_size() {
    let large = Screen::sized(320, 240)
        .badge("desktop", 16, 16)
        .badge("greeter", 200, 100);
    let fake = Fake::shows(&Screen::of("greeter")).on(
        on::typed("secret"),
        [act::show(&Screen::sized(320, 240)), act::show(&large)],
    );
    let scenario = LOGIN.replace("needle: desktop", "needle: refused");
    told("wrong-size", steps(&scenario).machine(fake));
}

#[test]
fn a_full_disk() {
    let full = "- run: { command: cp /srv/big /var/lib/app/data }\n";
    let fake = Fake::new()
        .on(on::boot(), [act::agent_comes(), act::show(&desktop())])
        .answers(
            "cp /srv",
            1,
            "cp: error writing '/var/lib/app/data': No space left on device\n",
        );
    told("full-disk", steps(full).machine(fake));
}
