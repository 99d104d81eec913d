//! A property: for random prompts, echoes, line ends, pauses, kernel messages and splits of the bytes, the search finds
//! what the guest sent.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use regex::Regex;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::{Looked, Serial, SerialSearch};

/// The number of cases.
const CASES: u32 = 10_000;

/// The answer of a guest to a text, in pieces with pauses between them.
#[derive(Debug, Clone)]
struct Talk {
    prompt: String,
    command: String,
    echo: Echo,
    answer: String,
    line_end: &'static str,
    /// The place of a kernel message between two bytes, counted from the end of the answer.
    kernel: Option<usize>,
    pieces: Vec<(usize, u64)>,
}

#[derive(Debug, Clone, Copy)]
enum Echo {
    Plain,
    Twice,
    Redrawn,
    Coloured,
    Backspaced,
    Wrapped,
    None,
}

impl Talk {
    fn before(&self) -> Vec<u8> {
        format!("welcome{}{}", self.line_end, self.prompt).into_bytes()
    }

    /// Returns the bytes behind the command.
    fn after(&self) -> Vec<u8> {
        let (command, prompt, end) = (&self.command, &self.prompt, self.line_end);
        let echo = match self.echo {
            Echo::Plain => format!("{command}{end}"),
            Echo::Twice => format!("{command}{end}{prompt}{command}{end}"),
            Echo::Redrawn => format!("{}\r{prompt}\x1b[K{command}{end}", &command[..3]),
            Echo::Coloured => format!("\x1b[1;32m{}\x1b[0m{}{end}", &command[..4], &command[4..]),
            Echo::Backspaced => format!("{}x\x08 \x08{}{end}", &command[..5], &command[5..]),
            Echo::Wrapped => format!("{}\r\n{}{end}", &command[..6], &command[6..]),
            Echo::None => end.to_owned(),
        };
        let mut answer = format!("VALUE={}", self.answer).into_bytes();
        if let Some(place) = self.kernel {
            let at = answer.len().saturating_sub(place);
            let message = b"[   12.345678] usb 1-1: new high-speed USB device\r\n";
            answer.splice(at..at, message.iter().copied());
        }
        [
            echo.into_bytes(),
            answer,
            format!("{end}{prompt}").into_bytes(),
        ]
        .concat()
    }

    /// Returns the bytes in pieces, each with the pause before it.
    fn in_pieces<'b>(&self, mut bytes: &'b [u8]) -> Vec<(Duration, &'b [u8])> {
        let mut pieces = Vec::new();
        for (size, pause) in self.pieces.iter().cycle() {
            if bytes.is_empty() {
                break;
            }
            let (piece, rest) = bytes.split_at((*size).min(bytes.len()));
            pieces.push((Duration::from_millis(*pause), piece));
            bytes = rest;
        }
        pieces
    }
}

fn talks() -> impl Strategy<Value = Talk> {
    let prompt = prop_oneof![
        "[a-z]{1,6}@[a-z]{1,6}:~[#$] ",
        Just("# ".to_owned()),
        Just("=> ".to_owned()),
        "[a-z]{2,8}> ",
        Just("host login: ".to_owned()),
    ];
    let echo = prop_oneof![
        Just(Echo::Plain),
        Just(Echo::Twice),
        Just(Echo::Redrawn),
        Just(Echo::Coloured),
        Just(Echo::Backspaced),
        Just(Echo::Wrapped),
        Just(Echo::None),
    ];
    let piece = (
        1..40_usize,
        prop_oneof![4 => Just(0), 2 => 1..150_u64, 1 => 150..1500_u64],
    );
    (
        prompt,
        "[a-z]{2,6} VALUE=[a-z]{1,5} [a-z]{1,6}",
        echo,
        "[0-9a-z.]{1,12}",
        prop_oneof![Just("\r\n"), Just("\n"), Just("\r\r\n")],
        proptest::option::of(0..18_usize),
        proptest::collection::vec(piece, 1..8),
    )
        .prop_map(
            |(prompt, command, echo, answer, line_end, kernel, pieces)| Talk {
                prompt,
                command,
                echo,
                answer,
                line_end,
                kernel,
                pieces,
            },
        )
}

async fn found(console: &Serial, search: &mut SerialSearch, within: Duration) -> Option<String> {
    let mut changes = console.watch();
    let deadline = tokio::time::Instant::now() + within;
    loop {
        changes.borrow_and_update();
        match search.look(console) {
            Looked::Found(found) => return Some(found.value),
            Looked::Nothing | Looked::Unsettled(_) => {}
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return None },
            () = tokio::time::sleep_until(deadline) => return None,
        }
    }
}

fn line() -> (Serial, DuplexStream) {
    let (ours, guest) = tokio::io::duplex(1 << 16);
    let (read, write) = tokio::io::split(ours);
    (Serial::on(read, write, std::io::sink()), guest)
}

async fn guest(mut line: DuplexStream, talk: Talk) {
    let before = talk.before();
    line.write_all(&before).await.unwrap();
    let mut command = vec![0; talk.command.len() + 1];
    line.read_exact(&mut command).await.unwrap();
    let after = talk.after();
    for (pause, piece) in talk.in_pieces(&after) {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        line.write_all(piece).await.unwrap();
    }
    // The machine continues to run.
    tokio::time::sleep(Duration::from_secs(3600)).await;
}

fn try_cases(check: impl Fn(&Talk) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&talks(), |talk| check(&talk))
        .unwrap();
}

fn on_paused_clock<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(work)
}

#[test]
fn the_value_that_is_saved_is_the_one_that_the_guest_sent() {
    try_cases(|talk| {
        let value = on_paused_clock(async {
            let (console, line) = line();
            let playing = tokio::spawn(guest(line, talk.clone()));
            let prompt = Regex::new(&format!("(?m){}$", regex::escape(&talk.prompt))).unwrap();
            let mut search = SerialSearch::new(&prompt, 0);
            assert!(
                found(&console, &mut search, Duration::from_secs(60))
                    .await
                    .is_some()
            );
            let from = console
                .write(format!("{}\n", talk.command).as_bytes())
                .await
                .unwrap();
            let value = Regex::new(r"(?m)VALUE=([0-9a-z.]+)").unwrap();
            let mut search = SerialSearch::new(&value, from).for_value();
            let value = found(&console, &mut search, Duration::from_secs(600)).await;
            playing.abort();
            value
        });
        prop_assert_eq!(value.as_ref(), Some(&talk.answer));
        Ok(())
    });
}

/// Returns the value that is found when a guest writes these pieces, with 100 ms between them.
fn value_in(pieces: &[&str], pattern: &str, saves: bool) -> Option<String> {
    let pieces: Vec<String> = pieces.iter().map(|piece| (*piece).to_owned()).collect();
    on_paused_clock(async move {
        let (console, mut line) = line();
        let playing = tokio::spawn(async move {
            for piece in pieces {
                line.write_all(piece.as_bytes()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            tokio::time::sleep(Duration::from_secs(3600)).await;
        });
        let search = SerialSearch::new(&Regex::new(&format!("(?m){pattern}")).unwrap(), 0);
        let mut search = if saves { search.for_value() } else { search };
        let value = found(&console, &mut search, Duration::from_secs(60)).await;
        playing.abort();
        value
    })
}

#[test]
fn a_prompt_is_found_around_any_number_of_kernel_messages() {
    const ONE: &str = "[   12.345678] usb 1-1: new\r\n";
    const TWO: &str = "<6>[   12.345679][   T7] usb 1-1: two\r\n";
    let rows: [&[&str]; 5] = [
        &["host lo", ONE, TWO, "gin: "],
        &["host login: ", ONE, TWO],
        &["host login: ", ONE, TWO, "host login: "],
        &[ONE, TWO, "host login: "],
        &["host l", ONE, "o", TWO, ONE, "gin: ", ONE],
    ];
    for pieces in rows {
        let found = value_in(pieces, "login: $", false);
        assert_eq!(found.as_deref(), Some("login: "), "{pieces:?}");
        let found = value_in(&[&pieces.concat()], "login: $", false);
        assert_eq!(found.as_deref(), Some("login: "), "{pieces:?} at once");
    }
}

#[test]
fn a_value_is_the_one_that_the_line_has_become() {
    let rows: [(&[&str], &str); 4] = [
        (&["n=71", "\x089\r\n"], "79"),
        (&["n=1", "\rn=22", "\rn=100", "\r\n"], "100"),
        (&["n=1\r", "n=2", "\r\x1b[Kn=345\r\n"], "345"),
        // The former text of a line that is gone.
        (&["n=71", "\r\x1b[Kdone\r\n"], "71"),
    ];
    for (pieces, expected) in rows {
        let found = value_in(pieces, r"n=(\d+)", true);
        assert_eq!(found.as_deref(), Some(expected), "{pieces:?}");
    }
}

#[test]
fn an_echo_never_satisfies() {
    try_cases(|talk| {
        let value = on_paused_clock(async {
            let (console, line) = line();
            let playing = tokio::spawn(guest(line, talk.clone()));
            let mut changes = console.watch();
            let before = talk.before().iter().filter(|byte| **byte != b'\r').count() as u64;
            changes.wait_for(|length| *length >= before).await.unwrap();
            let from = console
                .write(format!("{}\n", talk.command).as_bytes())
                .await
                .unwrap();
            let word = talk.command.split(' ').next().unwrap_or_default();
            let value = Regex::new(&format!("{word} VALUE|=[a-z]+ ")).unwrap();
            let mut search = SerialSearch::new(&value, from);
            let value = found(&console, &mut search, Duration::from_secs(600)).await;
            playing.abort();
            value
        });
        prop_assert_eq!(value, None);
        Ok(())
    });
}

#[test]
fn how_the_bytes_arrive_makes_no_difference() {
    try_cases(|talk| {
        let bytes = [talk.before(), talk.after()].concat();
        let mut whole = super::transcript::Transcript::new(1 << 20);
        whole.push(&bytes);
        let mut parts = super::transcript::Transcript::new(1 << 20);
        for (_, piece) in talk.in_pieces(&bytes) {
            parts.push(piece);
        }
        prop_assert_eq!(whole.text().as_str(), parts.text().as_str());
        prop_assert_eq!(whole.end(), parts.end());
        let replaced = |of: &super::transcript::Transcript| -> Vec<String> {
            of.replaced().map(|text| text.as_str().to_owned()).collect()
        };
        prop_assert_eq!(replaced(&whole), replaced(&parts));
        Ok(())
    });
}

proptest! {
    #[test]
    fn any_bytes_make_the_same_text_however_they_arrive(
        bytes in proptest::collection::vec(prop_oneof![
            3 => any::<u8>(),
            2 => proptest::sample::select(&b"\x1b[\r\n\x08\t\xc3\xa4;0123456789HJKABCDLMPXr@hbNO(*\x0e\x0f"[..]),
            2 => b' '..b'~',
        ], 0..200),
        size in 1..9_usize,
    ) {
        let mut whole = super::transcript::Transcript::new(1 << 20);
        whole.push(&bytes);
        let mut parts = super::transcript::Transcript::new(1 << 20);
        bytes.chunks(size).for_each(|chunk| parts.push(chunk));
        prop_assert_eq!(whole.text().as_str(), parts.text().as_str());
        let text = whole.text().as_str();
        prop_assert!(text.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control()), "{:?}", text);
    }
}
