//! Serial lines with little, much, or strange text, and lines that are lost.

use std::{
    io::Write,
    net::{Shutdown, TcpListener, TcpStream},
    path::{Path, PathBuf},
    thread,
};

use qa_tests::{Outcome, Qa};
use reports::{CauseKind, Verdict};

use super::{SWITCH, awaits, run_on, says, told};

/// A board behind a TCP port. When it is on, it does this with each connection, from the first on.
fn board(steps: &str, talk: impl Fn(u32, &mut TcpStream) + Send + 'static) -> Qa {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let qa = run_on(&format!("{SWITCH}serial: {{ tcp: '{address}' }}"), steps);
    let root = qa.root();
    thread::spawn(move || serve(&listener, &root, &talk));
    qa
}

fn serve(listener: &TcpListener, root: &Path, talk: &dyn Fn(u32, &mut TcpStream)) {
    let on: PathBuf = root.join("on");
    let mut kept = Vec::new();
    for (number, stream) in (1..).zip(listener.incoming()) {
        let mut stream = stream.unwrap();
        awaits("the board is on", || on.exists());
        talk(number, &mut stream);
        kept.push(stream);
    }
}

fn say(stream: &mut TcpStream, bytes: &[u8]) {
    // The run may have ended.
    let _ = stream.write_all(bytes);
}

fn close(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}

const LOGIN: &[u8] = b"\r\nlogin: ";

#[test]
fn a_board_that_never_starts_is_a_failure_of_the_system_with_what_it_said_last() {
    let steps = "- serial: { regex: 'login: ', within: 300ms }";
    let silent = board(steps, |_, _| {}).exit_code(1);
    assert_eq!(silent.verdict("s").0, Verdict::Failed);
    says(
        &told(&silent, CauseKind::Deadline),
        &["did not say `login: `"],
    );
    let hangs = board("- serial: { regex: 'login: ', within: 1s }", |_, stream| {
        say(stream, b"U-Boot SPL 2023.01\r\nMMC: no card present\r\n");
    });
    let hangs: Outcome = hangs.exit_code(1);
    says(hangs.stdout(), &["MMC: no card present"]);
    says(&hangs.file("report.html"), &["MMC: no card present"]);
}

#[test]
fn garbage_and_three_megabytes_are_read_through() {
    let noise = |stream: &mut TcpStream| {
        let garbage: Vec<u8> = (0..=255_u8).cycle().take(4096).collect();
        say(stream, &garbage);
        say(stream, b"\x1b[2J\x1b]0;title\xff\xfe\0\0\r\r\n");
        let line = "[    1.000000] a driver says much, and then says it again\r\n";
        let text = line.repeat(3_000_000 / line.len());
        say(stream, text.as_bytes());
        say(stream, LOGIN);
    };
    let outcome = board("- serial: 'login: '", move |_, stream| noise(stream)).exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
}

#[test]
fn a_line_that_drops_once_and_comes_back_does_not_end_the_run() {
    let steps = "- serial: U-Boot SPL\n- serial: 'login: '\n";
    let outcome = board(steps, |number, stream| match number {
        1 => {
            say(stream, b"U-Boot SPL 2023.01\r\n");
            close(stream);
        }
        _ => say(stream, LOGIN),
    });
    let outcome = outcome.exit_code(0);
    let log = outcome.file("s/board.log");
    says(&log, &["serial line lost: ", "serial line is back"]);
}

#[test]
fn text_that_may_have_come_while_the_line_was_lost_is_no_failure_of_the_system() {
    let steps = "- serial: U-Boot SPL\n- serial: { regex: 'login: ', within: 1s }\n";
    // It comes back, and what was said meanwhile is lost.
    let back = board(steps, |number, stream| {
        if number == 1 {
            say(stream, b"U-Boot SPL 2023.01\r\n");
            close(stream);
        }
    });
    let outcome = back.exit_code(3);
    assert_eq!(outcome.verdict("s").0, Verdict::Error);
    let told_back = told(&outcome, CauseKind::Harness);
    says(
        &told_back,
        &[
            "did not say `login: `",
            "the serial line was lost meanwhile",
            "board.log",
        ],
    );
    // It does not come back before the deadline.
    let gone = board(steps, |number, stream| {
        if number == 1 {
            say(stream, b"U-Boot SPL 2023.01\r\n");
        }
        close(stream);
    });
    let outcome = gone.exit_code(3);
    says(&told(&outcome, CauseKind::Harness), &["the serial line"]);
}

#[test]
fn a_line_that_is_not_there_at_the_start_is_told_with_its_address() {
    // Nobody listens on this port: it was given back.
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = address.unwrap();
    let board = format!("{SWITCH}serial: {{ tcp: '{address}' }}");
    let outcome = run_on(&board, "- serial: x").exit_code(3);
    let told = told(&outcome, CauseKind::Launch);
    says(&told, &["board `mars`", &address.to_string()]);
    let off = outcome.file("s/board.log");
    says(&off, &["power off: done", "give the board back: done"]);
}

#[test]
fn a_text_that_must_not_come_is_not_absent_while_the_line_is_lost() {
    let steps = "- serial: U-Boot SPL\n- serial: { absent: panic, for: 300ms }\n";
    let outcome = board(steps, |number, stream| {
        if number == 1 {
            say(stream, b"U-Boot SPL 2023.01\r\n");
        }
        close(stream);
    });
    says(
        &told(&outcome.exit_code(3), CauseKind::Harness),
        &[
            "nobody knows what the serial console said",
            "the serial line",
        ],
    );
}
