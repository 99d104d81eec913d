//! The dialogue with a shell for one command: logs in, sends the program, reads the answer. It has no line and no clock
//! of its own, so tests can play it through.

use std::time::Duration;
use tokio::time::Instant;

use regex::Regex;
use vm::GuestOutput;

use super::line_text::{
    KERNEL, LOGIN, PASSWORD, PRESS_ENTER, REFUSED, is_prompt, last_line, matches, without_kernel,
};
use super::packed::Arrived;
use super::program::Program;

/// The time without text after which a line counts as quiet, if it ends with a prompt.
const AFTER_PROMPT: Duration = Duration::from_millis(300);
/// The same for a line that ends with other text.
const AFTER_TEXT: Duration = Duration::from_secs(3);

/// The time for which a line without a prompt is only read, if a kernel has printed on it.
const LISTENS: Duration = Duration::from_secs(10);
/// The same for a line without kernel messages. Longer, because any key would end the countdown of a boot menu.
const LISTENS_UNKNOWN: Duration = Duration::from_secs(30);

/// The longest time to wait for an answer before the same is sent again.
const ANSWER: Duration = Duration::from_secs(8);

/// The longest pause in the middle of an output.
const PAUSE: Duration = Duration::from_secs(5);

/// The longest time that a command may take to end after it was interrupted.
const INTERRUPTED: Duration = Duration::from_secs(8);

/// The number of line ends that are sent to a line without a known prompt, before it is treated as a shell.
const KNOCKS: usize = 4;

/// The number of transfers without a new line after which the dialogue gives up.
const TRANSFERS: usize = 6;

/// The user and the password for a login.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// The name of the user.
    pub(crate) user: String,
    /// The password; none for an empty one.
    pub(crate) password: Option<String>,
    /// The prompt that asks for the user; absent: `login:`.
    pub(crate) prompt: Option<Regex>,
}

/// The reason why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The line shows a login prompt, and no user is configured.
    NoLogin,
    /// The user or the password was refused.
    LoginRefused,
    /// The guest has no writable folder.
    NoPlace,
    /// The output was broken in every transfer.
    Garbled,
    /// The command did not end although it was interrupted.
    NotEnded,
}

/// The next action on the line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LineAction {
    /// Wait for more text, until this moment at the latest.
    Wait(Instant),
    /// Send these bytes, and forget the text before them.
    Ask(Vec<u8>),
    /// Send these bytes, and keep the text before them.
    Say(Vec<u8>),
    /// The command has ended.
    Answer(Box<GuestOutput>),
    /// There will be no answer.
    Trouble(Trouble),
}

/// The phase of a dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was sent yet.
    Listen,
    /// A line end was sent, to make the other end show its prompt.
    Knock,
    /// The name of the user was sent.
    User,
    /// The password was sent.
    Password,
    /// The line that starts the reader was sent.
    Boot,
    /// The piece with this number was sent last.
    Upload(usize),
    /// The command runs.
    Runs,
    /// The command was interrupted at its deadline.
    Interrupted,
    /// The output was understood; the guest cleans up.
    Ends,
}

/// The dialogue with a shell for one command. The caller passes the text of the line and the time.
#[derive(Debug)]
pub(crate) struct Talk {
    login: Option<Login>,
    program: Program,
    mark: String,
    phase: Phase,
    /// The time at which the phase began, or at which something was sent in it last.
    since: Instant,
    /// The length of the text at the last call.
    seen: usize,
    /// The time at which the text grew last.
    grew: Instant,
    /// The position in the text at which the last output ends, even if it was broken.
    read_to: usize,
    knocks: usize,
    transfers: usize,
    /// The number of transfers since one brought a line that was missing.
    stalled: usize,
    /// The lines of the output so far.
    arrived: Arrived,
    logins: usize,
    interrupted: bool,
    answer: Option<GuestOutput>,
}

impl Talk {
    /// Makes a dialogue that begins now.
    pub(crate) fn begin(program: Program, login: Option<Login>, now: Instant) -> Self {
        let mark = program.relay().halves().join(":");
        Self {
            login,
            program,
            mark,
            phase: Phase::Listen,
            since: now,
            seen: 0,
            grew: now,
            read_to: 0,
            knocks: 0,
            transfers: 0,
            stalled: 0,
            arrived: Arrived::default(),
            logins: 0,
            interrupted: false,
            answer: None,
        }
    }

    /// Returns whether the command was started in the guest.
    pub(crate) fn has_started(&self) -> bool {
        match self.phase {
            Phase::Runs | Phase::Interrupted | Phase::Ends => true,
            Phase::Listen
            | Phase::Knock
            | Phase::User
            | Phase::Password
            | Phase::Boot
            | Phase::Upload(_) => false,
        }
    }

    /// Returns whether the guest has taken a part of the command.
    pub(crate) fn is_sending(&self) -> bool {
        matches!(self.phase, Phase::Upload(_))
    }

    /// Returns whether the command was interrupted.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// Interrupts the command, because its time is over. Returns the bytes to send; none if it does not run.
    pub(crate) fn interrupt(&mut self, now: Instant) -> Option<Vec<u8>> {
        (self.phase == Phase::Runs).then(|| {
            self.phase = Phase::Interrupted;
            self.interrupted = true;
            self.since = now;
            vec![0x03]
        })
    }

    /// Returns whether something was typed on the line.
    pub(crate) fn has_typed(&self) -> bool {
        self.phase != Phase::Listen
    }

    /// Returns the next action. `text` is the text of the line since the last [`LineAction::Ask`], or the text that
    /// was on the line before the first one.
    pub(crate) fn next_action(&mut self, text: &str, now: Instant) -> LineAction {
        if text.len() != self.seen {
            self.seen = text.len();
            self.grew = now;
        }
        match self.phase {
            Phase::Listen => self.listening(text, now),
            Phase::Knock => self.knocked(text, now),
            Phase::User => self.asked_user(text, now),
            Phase::Password => self.asked_password(text, now),
            Phase::Boot | Phase::Upload(_) => self.loading(text, now),
            Phase::Runs | Phase::Interrupted => self.running(text, now),
            Phase::Ends => self.ending(text, now),
        }
    }

    fn ask(&mut self, phase: Phase, bytes: Vec<u8>, now: Instant) -> LineAction {
        self.phase = phase;
        self.since = now;
        self.grew = now;
        self.seen = 0;
        self.read_to = 0;
        LineAction::Ask(bytes)
    }

    fn listening(&mut self, text: &str, now: Instant) -> LineAction {
        let plain = without_kernel(text);
        // A prompt has no line end after it.
        let last = plain.rsplit('\n').next().unwrap_or_default();
        let asks = self.asks_for_user(last) || matches(&PASSWORD, last);
        let wait = if asks || is_prompt(last) || matches(&PRESS_ENTER, last_line(&plain)) {
            AFTER_PROMPT
        } else if matches(&KERNEL, text) {
            LISTENS
        } else {
            LISTENS_UNKNOWN
        };
        let quiet = self.grew.max(self.since) + wait;
        if now < quiet {
            return LineAction::Wait(quiet);
        }
        match asks {
            true => self.knocked(last, now),
            false => self.ask(Phase::Knock, b"\n".to_vec(), now),
        }
    }

    fn knocked(&mut self, text: &str, now: Instant) -> LineAction {
        let plain = without_kernel(text);
        let last = last_line(&plain);
        let wait = if self.asks_for_user(last) || is_prompt(last) || matches(&PASSWORD, last) {
            AFTER_PROMPT
        } else {
            AFTER_TEXT
        };
        let quiet = self.grew.max(self.since) + wait;
        if now < quiet {
            return LineAction::Wait(quiet);
        }
        if self.asks_for_user(last) {
            return match &self.login {
                Some(login) => {
                    let line = format!("{}\n", login.user).into_bytes();
                    self.ask(Phase::User, line, now)
                }
                None => LineAction::Trouble(Trouble::NoLogin),
            };
        }
        if matches(&PASSWORD, last) {
            // The rest of an earlier login: an empty password ends it.
            return self.ask(Phase::Knock, b"\n".to_vec(), now);
        }
        // No known prompt: the guest may still boot or show a boot menu, where a line end does no harm, but text does.
        if text.is_empty() || (!is_prompt(last) && self.knocks < KNOCKS) {
            self.knocks += 1;
            return self.ask(Phase::Knock, b"\n".to_vec(), now);
        }
        self.knocks = 0;
        let line = self.program.start();
        self.ask(Phase::Boot, line, now)
    }

    fn asked_user(&mut self, text: &str, now: Instant) -> LineAction {
        let plain = without_kernel(text);
        if matches(&PASSWORD, last_line(&plain)) {
            let password = self.login.as_ref().and_then(|login| login.password.clone());
            self.logins += 1;
            let line = format!("{}\n", password.unwrap_or_default()).into_bytes();
            return self.ask(Phase::Password, line, now);
        }
        self.logged_in_or(&plain, now)
    }

    fn asked_password(&mut self, text: &str, now: Instant) -> LineAction {
        let plain = without_kernel(text);
        if matches(&REFUSED, &plain) {
            return LineAction::Trouble(Trouble::LoginRefused);
        }
        self.logged_in_or(&plain, now)
    }

    /// Returns what to do after a name or a password was sent: a prompt must come in time.
    fn logged_in_or(&mut self, plain: &str, now: Instant) -> LineAction {
        let last = last_line(plain);
        let prompt = is_prompt(last) && !self.asks_for_user(last);
        let quiet = match prompt {
            true => self.grew + AFTER_PROMPT,
            false => self.grew.max(self.since) + ANSWER,
        };
        if now < quiet {
            return LineAction::Wait(quiet);
        }
        if self.asks_for_user(last) && self.logins >= 3 {
            return LineAction::Trouble(Trouble::LoginRefused);
        }
        self.ask(Phase::Knock, b"\n".to_vec(), now)
    }

    fn asks_for_user(&self, line: &str) -> bool {
        match self.login.as_ref().and_then(|login| login.prompt.as_ref()) {
            Some(prompt) => prompt.is_match(line),
            None => matches(&LOGIN, line),
        }
    }

    fn loading(&mut self, text: &str, now: Instant) -> LineAction {
        let plain = without_kernel(text);
        let wanted = self.wanted(&plain);
        let sent = match self.phase {
            Phase::Upload(sent) => Some(sent),
            _ => None,
        };
        match wanted {
            // The reader starts again at 0 if a piece was broken on its way.
            Some(number) if sent.is_none_or(|sent| number > sent || (number == 0 && sent > 0)) => {
                self.since = now;
                if number >= self.program.length() {
                    self.phase = Phase::Runs;
                    self.read_to = text.len();
                } else {
                    self.phase = Phase::Upload(number);
                }
                return LineAction::Say(self.program.line(number));
            }
            Some(_) | None => {}
        }
        let late = self.since.max(self.grew) + ANSWER;
        if now < late {
            return LineAction::Wait(late);
        }
        match sent {
            Some(sent) => {
                self.since = now;
                self.transfers += 1;
                if self.transfers > TRANSFERS {
                    self.transfers = 0;
                    return self.ask(Phase::Knock, b"\x03\n".to_vec(), now);
                }
                LineAction::Say(self.program.line(sent))
            }
            // The line was not understood: a program runs in the foreground, or half a command was typed before.
            None => self.ask(Phase::Knock, b"\x03\n".to_vec(), now),
        }
    }

    /// Returns the number of the piece that the reader asked for last.
    fn wanted(&self, plain: &str) -> Option<usize> {
        let mark = format!("{}:", self.mark);
        plain.rmatch_indices(&mark).find_map(|(place, _)| {
            let (number, _) = plain[place + mark.len()..].split_once('.')?;
            number.parse().ok()
        })
    }

    fn running(&mut self, text: &str, now: Instant) -> LineAction {
        let came = text.get(self.read_to..).unwrap_or_default();
        let plain = without_kernel(came);
        if self.transfers == 0 && plain.contains(&format!("{}!", self.mark)) {
            return LineAction::Trouble(Trouble::NoPlace);
        }
        // The reader found a wrong number of characters and starts again.
        if self.wanted(&plain) == Some(0) {
            self.phase = Phase::Upload(0);
            self.since = now;
            return LineAction::Say(self.program.line(0));
        }
        let begin = plain.find(&format!("{}<", self.mark));
        let summary = plain.find(&format!("{}>", self.mark)).and_then(|place| {
            let rest = &plain[place + self.mark.len() + 1..];
            Some((place, rest.split_once('\n')?.0))
        });
        if let Some((end, summary)) = summary {
            let from = begin
                .map_or(0, |begin| begin + self.mark.len() + 1)
                .min(end);
            self.read_to = text.len();
            let before = self.arrived.count();
            let relay = self.program.relay();
            if let Some(output) = self.arrived.take(&plain[from..end], summary, relay) {
                self.answer = Some(output);
                self.phase = Phase::Ends;
                self.since = now;
                return LineAction::Say(b"ok\n".to_vec());
            }
            if self.arrived.count() > before {
                self.stalled = 0;
            }
            return self.again(now);
        }
        if begin.is_some() {
            let late = self.grew + PAUSE;
            if now >= late {
                self.read_to = text.len();
                self.grew = now;
                return self.again(now);
            }
            return LineAction::Wait(late);
        }
        let late = match self.phase {
            Phase::Interrupted => self.since + INTERRUPTED,
            _ => self.grew.max(self.since) + ANSWER * 4,
        };
        if now < late {
            return LineAction::Wait(late);
        }
        if self.phase == Phase::Interrupted {
            return LineAction::Trouble(Trouble::NotEnded);
        }
        // The first line of the output may have been broken. A line end does no harm and makes the guest send it again.
        self.since = now;
        LineAction::Say(b"\n".to_vec())
    }

    /// Asks the guest to send the output again, unless that was done too often.
    fn again(&mut self, now: Instant) -> LineAction {
        self.transfers += 1;
        self.stalled += 1;
        self.since = now;
        if self.stalled > TRANSFERS {
            return LineAction::Trouble(Trouble::Garbled);
        }
        LineAction::Say(b"again\n".to_vec())
    }

    fn ending(&mut self, text: &str, now: Instant) -> LineAction {
        let came = text.get(self.read_to..).unwrap_or_default();
        let late = self.since + ANSWER;
        if now < late && !without_kernel(came).contains(&format!("{}$", self.mark)) {
            return LineAction::Wait(late);
        }
        match self.answer.take() {
            Some(answer) => LineAction::Answer(Box::new(answer)),
            None => LineAction::Trouble(Trouble::Garbled),
        }
    }
}
