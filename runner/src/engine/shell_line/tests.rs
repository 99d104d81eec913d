//! Tests the dialogue with a simulated guest in this process, and with real shells on a real terminal.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use tokio::time::Instant;

use proptest::prelude::*;
use vm::{GuestExit, GuestOutput, Output};

use super::{LineAction, Login, Program, Talk, Trouble};
use crate::cksum::cksum;

/// A simulated guest. It follows the dialogue, and prints other text in between.
struct Guest {
    said: String,
    /// The user and the password for the login before the shell.
    login: Option<(&'static str, &'static str)>,
    state: State,
    mark: String,
    pieces: Vec<String>,
    /// The output of the guest's relay.
    output: Vec<u8>,
    /// The positions in the sent text at which a kernel message comes.
    noise: Vec<usize>,
    /// The number of transfers that are broken.
    broken: usize,
    /// Every line of every transfer is broken.
    breaks_all: bool,
    prompt: String,
}

#[derive(Debug, PartialEq, Clone, Copy)]
enum State {
    User,
    Password,
    Shell,
    Reader,
    Sent,
}

impl Guest {
    fn new(prompt: &str, output: &[u8]) -> Self {
        Self {
            said: String::new(),
            login: None,
            state: State::Shell,
            mark: String::new(),
            pieces: Vec::new(),
            output: output.to_vec(),
            noise: Vec::new(),
            broken: 0,
            breaks_all: false,
            prompt: prompt.to_owned(),
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        for line in text.split_inclusive('\n') {
            self.line(line.trim_end_matches('\n'));
        }
    }

    fn line(&mut self, line: &str) {
        match self.state {
            State::User => {
                self.said.push_str(&format!("{line}\n"));
                if let Some((user, _)) = self.login
                    && line == user
                {
                    self.state = State::Password;
                    self.said.push_str("Password: ");
                } else {
                    self.said.push_str("\nguest login: ");
                }
            }
            State::Password => {
                let right = self.login.is_some_and(|(_, password)| line == password);
                if right {
                    self.state = State::Shell;
                    let prompt = format!("\nWelcome\n{}", self.prompt);
                    self.said.push_str(&prompt);
                } else {
                    self.state = State::User;
                    self.said.push_str("\nLogin incorrect\nguest login: ");
                }
            }
            State::Shell => {
                // The echo, with the line breaks of a terminal.
                self.said.push_str(&format!("{line}\n"));
                if let Some(halves) = line.rsplit_once(" qa ") {
                    self.mark = halves.1.replace(' ', ":");
                    self.state = State::Reader;
                    self.ask();
                } else {
                    let prompt = self.prompt.clone();
                    self.said.push_str(&prompt);
                }
            }
            State::Reader => {
                let next = format!("{}+", self.pieces.len());
                if let Some(piece) = line.strip_prefix(&next) {
                    self.pieces.push(piece.to_owned());
                } else if let Some(length) = line.strip_prefix('.') {
                    let all: usize = self.pieces.iter().map(String::len).sum();
                    assert_eq!(length, all.to_string());
                    self.state = State::Sent;
                    return self.send();
                }
                self.ask();
            }
            State::Sent if line == "ok" => {
                self.said
                    .push_str(&format!("\n{}$\n{}", self.mark, self.prompt));
                self.state = State::Shell;
            }
            State::Sent => self.send(),
        }
    }

    fn ask(&mut self) {
        self.say(&format!("\n{}:{}.\n", self.mark, self.pieces.len()));
    }

    fn send(&mut self) {
        let stdout = format!("{} 3 0 0 0 0 0\n", self.mark).into_bytes();
        let end = format!("\n{}\n", self.mark).into_bytes();
        let stdout = [stdout, self.output.clone(), end].concat();
        let stderr = format!("{0}\n\n{0}\n", self.mark).into_bytes();
        let all = [&stdout[..], &stderr].concat();
        let mut lines = String::new();
        for (index, row) in all.chunks(38).enumerate() {
            let number = index + 1;
            lines.push_str(&format!("{number}<"));
            for byte in row {
                lines.push_str(&format!("{byte:02x} "));
            }
            lines.push_str(&format!(">{number}\n"));
        }
        if self.broken > 0 {
            self.broken -= 1;
            // Another line in each transfer.
            let place = self.broken * 117 % lines.len();
            lines.remove(place);
        }
        if self.breaks_all {
            lines = lines.replace('0', "");
        }
        let (mark, sum, size) = (&self.mark, cksum(&all), all.len());
        let (o, e) = (stdout.len(), stderr.len());
        let text = format!("\n{mark}<\n{lines}\n{mark}>x 0 {o} {e} {sum} {size}\n");
        self.say(&text);
    }

    /// Prints a text with the kernel's messages in it.
    fn say(&mut self, text: &str) {
        let mut rest = text;
        let noise = std::mem::take(&mut self.noise);
        for (number, place) in noise.into_iter().enumerate() {
            let (before, after) = rest.split_at(place % (rest.len() + 1));
            self.said.push_str(before);
            self.said.push_str(&format!(
                "[   {number}.123456] usb 1-1: new device: <x> #\n"
            ));
            rest = after;
        }
        self.said.push_str(rest);
    }
}

/// Plays the dialogue to its end. The guest's text comes in pieces of this many bytes, as time passes.
fn talk_with(
    guest: &mut Guest,
    login: Option<Login>,
    piece: usize,
) -> Result<GuestOutput, Trouble> {
    let mut now = Instant::now();
    let end = now + Duration::from_secs(600);
    let program = Program::new("make\n'it'", None, b"in");
    let mut talk = Talk::begin(program, login, now);
    let before = match guest.state {
        State::User => "guest login: ".to_owned(),
        _ => guest.prompt.clone(),
    };
    guest
        .said
        .push_str(&format!("[    9.000001] kernel\n{before}"));
    let mut from = 0;
    let mut heard = 0;
    while now < end {
        match talk.next_action(&guest.said[from..heard], now) {
            LineAction::Ask(bytes) => {
                from = heard;
                guest.hear(&bytes);
            }
            LineAction::Say(bytes) => guest.hear(&bytes),
            LineAction::Answer(output) => return Ok(*output),
            LineAction::Trouble(trouble) => return Err(trouble),
            LineAction::Wait(until) if heard == guest.said.len() => now = until,
            LineAction::Wait(_) => {
                heard = (heard + piece).min(guest.said.len());
                now += Duration::from_millis(1);
            }
        }
    }
    panic!("no end: {talk:?}\n{}", guest.said);
}

fn root() -> Option<Login> {
    Some(Login {
        user: "root".to_owned(),
        password: Some("secret".to_owned()),
        prompt: None,
    })
}

fn gave(bytes: &[u8]) -> GuestOutput {
    GuestOutput {
        exit: GuestExit::Code(3),
        stdout: Output::whole(bytes.to_vec()),
        stderr: Output::whole(Vec::new()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_comes_out_is_what_the_guest_sent(
        output in prop::collection::vec(any::<u8>(), 0..600),
        prompt in "[a-z@:~ \\[\\]]{0,12}[#$>%] ?",
        noise in prop::collection::vec(0..3000_usize, 0..4),
        piece in 1..400_usize,
        broken in 0..3_usize,
        asks in any::<bool>(),
    ) {
        let mut guest = Guest::new(&prompt, &output);
        guest.noise = noise;
        guest.broken = broken;
        if asks {
            guest.login = Some(("root", "secret"));
            guest.state = State::User;
        }
        let answer = talk_with(&mut guest, root(), piece);
        prop_assert_eq!(answer, Ok(gave(&output)));
        let program = guest.pieces.concat();
        prop_assert!(program.contains("make\\012'\\134''it'"), "{}", program);
    }
}

#[test]
fn a_login_that_nobody_gives_or_that_is_refused_is_told() {
    let mut guest = Guest::new("# ", b"");
    guest.login = Some(("root", "other"));
    guest.state = State::User;
    assert_eq!(talk_with(&mut guest, None, 50), Err(Trouble::NoLogin));
    let mut guest = Guest::new("# ", b"");
    guest.login = Some(("root", "other"));
    guest.state = State::User;
    assert_eq!(
        talk_with(&mut guest, root(), 50),
        Err(Trouble::LoginRefused)
    );
}

#[test]
fn a_boot_menu_is_not_typed_at() {
    let began = Instant::now();
    let program = Program::new("true", None, b"");
    let mut talk = Talk::begin(program, root(), began);
    let menu = "Debian GNU/Linux\nReboot Into Firmware Interface\nBoot in 3 s.\n";
    let second = Duration::from_secs(1);
    let action = talk.next_action(menu, began + second * 20);
    assert!(matches!(action, LineAction::Wait(_)), "{action:?}");
    let booting = format!("{menu}[    0.000000] Linux version 6.12\n");
    let action = talk.next_action(&booting, began + second * 22);
    assert!(matches!(action, LineAction::Wait(_)), "{action:?}");
    assert!(!talk.has_typed());
    let ready = format!("{booting}\nDebian host ttyS0\n\nhost login: ");
    let action = talk.next_action(&ready, began + second * 23);
    assert!(matches!(action, LineAction::Wait(_)), "{action:?}");
    let action = talk.next_action(&ready, began + second * 24);
    assert_eq!(action, LineAction::Ask(b"root\n".to_vec()));
}

#[test]
fn a_command_of_which_a_part_was_sent_is_on_its_way() {
    let mut now = Instant::now();
    let mut talk = Talk::begin(Program::new("true", None, &[b'x'; 9000]), None, now);
    let mut guest = Guest::new("# ", b"");
    guest.said.push_str("# ");
    let mut from = 0;
    // The answer of the guest to its third piece is not heard.
    while guest.pieces.len() < 3 {
        assert!(!talk.has_started());
        match talk.next_action(&guest.said[from..], now) {
            LineAction::Ask(bytes) => {
                from = guest.said.len();
                guest.hear(&bytes);
                assert!(!talk.is_sending());
            }
            LineAction::Say(bytes) => guest.hear(&bytes),
            LineAction::Wait(until) => now = until,
            other => panic!("{other:?}"),
        }
    }
    assert!(talk.is_sending() && !talk.has_started());
}

#[test]
fn a_line_that_breaks_everything_is_no_fault_of_the_guest() {
    let mut guest = Guest::new("# ", b"0000");
    guest.breaks_all = true;
    assert_eq!(talk_with(&mut guest, root(), 50), Err(Trouble::Garbled));
}

/// Runs a command in a real shell on a terminal of this host. Returns none if there is no `script` or no such shell.
/// The command is interrupted after `ends_after`.
fn really(
    shell: &str,
    command: &str,
    stdin: &[u8],
    ends_after: Option<Duration>,
) -> Option<GuestOutput> {
    let mut child = Command::new("script")
        .args(["-q", "-c", shell, "/dev/null"])
        .env("PS1", "\u{1b}[32muser@host\u{1b}[0m:~$ ")
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let mut stdout = child.stdout.take()?;
    let (sender, said) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = stdout.read(&mut bytes) {
            if sender.send(bytes[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    let program = Program::new(command, None, stdin);
    let mut talk = Talk::begin(program, None, Instant::now());
    let began = Instant::now();
    let (mut text, mut from) = (String::new(), 0);
    let answer = loop {
        assert!(began.elapsed().as_secs() < 240, "{talk:?}\n{text}");
        let until = match talk.next_action(&text[from..], Instant::now()) {
            LineAction::Ask(bytes) => {
                from = text.len();
                input.write_all(&bytes).unwrap();
                continue;
            }
            LineAction::Say(bytes) => {
                input.write_all(&bytes).unwrap();
                continue;
            }
            LineAction::Answer(output) => break *output,
            LineAction::Trouble(trouble) => panic!("{trouble:?}\n{text}"),
            LineAction::Wait(until) => until,
        };
        if ends_after.is_some_and(|time| began.elapsed() > time)
            && let Some(bytes) = talk.interrupt(Instant::now())
        {
            input.write_all(&bytes).unwrap();
            continue;
        }
        let time = until.saturating_duration_since(Instant::now());
        match said.recv_timeout(time.min(Duration::from_millis(200))) {
            Ok(bytes) => {
                let more = String::from_utf8_lossy(&bytes).replace('\r', "");
                text.push_str(&more);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => panic!("the shell ended\n{text}"),
        }
    };
    input.write_all(b"\nexit\nexit\n").unwrap();
    drop(input);
    child.wait().unwrap();
    reader.join().unwrap();
    Some(answer)
}

/// The shells of this host, by the command that starts an interactive one.
fn shells() -> Vec<&'static str> {
    [
        "bash --norc --noprofile -i",
        "dash -i",
        "busybox ash -i",
        "bash --norc --noprofile -x -i",
    ]
    .into_iter()
    .filter(|shell| {
        let program = shell.split(' ').next().unwrap();
        ["/bin", "/usr/bin"]
            .iter()
            .any(|folder| std::path::Path::new(folder).join(program).exists())
    })
    .collect()
}

#[test]
fn real_shells_give_status_and_output_as_they_are() {
    for shell in shells() {
        let command = "cat; printf 'a\\0b\\377é%%'; echo \"it's\" >&2; exit 7";
        let Some(output) = really(shell, command, b"in \\n %s -\n", None) else {
            eprintln!("no terminal for {shell}");
            continue;
        };
        assert_eq!(output.exit, GuestExit::Code(7), "{shell}");
        let expected = b"in \\n %s -\na\0b\xff\xc3\xa9%".to_vec();
        assert_eq!(output.stdout, Output::whole(expected), "{shell}");
        assert_eq!(output.stderr, Output::whole(b"it's\n".to_vec()), "{shell}");
    }
}

#[test]
fn a_real_shell_takes_long_commands_and_gives_long_output() {
    let long = format!(
        "x='{}'; echo ${{#x}}; seq 1 60000; echo END",
        "y".repeat(9000)
    );
    let Some(output) = really("dash -i", &long, b"", None) else {
        eprintln!("no terminal");
        return;
    };
    let (head, tail) = output.stdout.parts();
    assert!(head.starts_with(b"9000\n1\n2\n"));
    assert!(tail.ends_with(b"\n60000\nEND\n"));
    let whole = 5
        + 4
        + (1..=60000)
            .map(|n: u32| n.to_string().len() as u64 + 1)
            .sum::<u64>();
    assert_eq!(
        output.stdout.left_out(),
        Some(whole - (head.len() + tail.len()) as u64)
    );
}

#[test]
fn a_command_that_does_not_end_is_interrupted_and_shows_what_it_wrote() {
    // Long enough for a busy host to have sent the command.
    let time = Some(Duration::from_secs(20));
    let Some(output) = really("dash -i", "echo seen; sleep 100", b"", time) else {
        eprintln!("no terminal");
        return;
    };
    assert!(output.stdout.kept().starts_with(b"seen\n"), "{output:?}");
}
