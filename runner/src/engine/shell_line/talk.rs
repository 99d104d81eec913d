use std::time::Duration;
use tokio::time::Instant;

use regex::Regex;
use vm::GuestOutput;

use super::packed::unpack;
use super::program::Program;
use super::shown::{
    KERNEL, LOGIN, PASSWORD, PRESS_ENTER, REFUSED, is_prompt, last_line, matches, without_kernel,
};

/// The time without text after which a line counts as quiet, behind the sign of a shell's prompt and behind anything
/// else.
const AFTER_PROMPT: Duration = Duration::from_millis(300);
const AFTER_TEXT: Duration = Duration::from_secs(3);

/// The time for which a line without a prompt is only listened to, where a kernel has spoken on it and where none has:
/// a boot menu takes any key for the end of its countdown.
const LISTENS: Duration = Duration::from_secs(10);
const LISTENS_UNKNOWN: Duration = Duration::from_secs(30);

/// The longest time that an answer may take before the same is sent again.
const ANSWER: Duration = Duration::from_secs(8);

/// The longest time that an output may stop in the middle.
const PAUSE: Duration = Duration::from_secs(5);

/// The longest time that a command may take to end after it was interrupted.
const INTERRUPTED: Duration = Duration::from_secs(8);

/// So often a line end is sent to a line without a prompt that is known for one, before it is taken for a shell.
const KNOCKS: usize = 4;

/// After so many broken transfers the line is no line for it.
const TRANSFERS: usize = 6;

/// The name and the password to log in with, and the prompt that asks for them.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: Option<String>,
    /// The prompt that asks for the user; absent: `login:`.
    pub(crate) prompt: Option<Regex>,
}

/// The reason why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The line asks who logs in, and nobody says.
    NoLogin,
    /// The user or the password was refused.
    LoginRefused,
    /// The guest has no folder to write to.
    NoPlace,
    /// The output was broken each time.
    Garbled,
    /// The command went on although it was interrupted.
    NotEnded,
}

/// The next thing to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing before more has come, or this moment.
    Wait(Instant),
    /// Send this. What stood on the line before does not count any more.
    Ask(Vec<u8>),
    /// Send this, and keep what stood on the line.
    Say(Vec<u8>),
    /// The command has ended.
    Answer(Box<GuestOutput>),
    /// There will be no answer.
    Trouble(Trouble),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was sent yet.
    Listen,
    /// A line end was sent, to see who is there.
    Knock,
    User,
    Password,
    /// The reader was started.
    Boot,
    /// So many pieces were sent; the last one is under way.
    Upload(usize),
    /// The command runs.
    Runs,
    /// The command was interrupted at its deadline.
    Interrupted,
    /// The output was understood; the guest cleans up.
    Ends,
}

/// One command's talk with a shell. It knows no line and no clock: it is told what the line says, and when.
#[derive(Debug)]
pub(crate) struct Talk {
    login: Option<Login>,
    program: Program,
    mark: String,
    phase: Phase,
    /// The time at which the phase began, or at which something was sent in it last.
    since: Instant,
    /// The length of the text at the last look, and the time since which it is so long.
    seen: usize,
    grew: Instant,
    /// The place in the text at which the last output ends, whether it was understood or not.
    read_to: usize,
    knocks: usize,
    transfers: usize,
    logins: usize,
    interrupted: bool,
    answer: Option<GuestOutput>,
}

impl Talk {
    /// A talk that begins now.
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

    /// Returns whether the command was interrupted.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// The time of the command is over: what ends it, where it runs.
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

    /// Looks at the line and returns what to do next. `text` is what came since the last [`Look::Ask`]; before the
    /// first one it is what stands on the line.
    pub(crate) fn look(&mut self, text: &str, now: Instant) -> Look {
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

    fn ask(&mut self, phase: Phase, bytes: Vec<u8>, now: Instant) -> Look {
        self.phase = phase;
        self.since = now;
        self.grew = now;
        self.seen = 0;
        self.read_to = 0;
        Look::Ask(bytes)
    }

    fn listening(&mut self, text: &str, now: Instant) -> Look {
        let plain = without_kernel(text);
        // A prompt has no line end behind it.
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
            return Look::Wait(quiet);
        }
        match asks {
            true => self.knocked(last, now),
            false => self.ask(Phase::Knock, b"\n".to_vec(), now),
        }
    }

    fn knocked(&mut self, text: &str, now: Instant) -> Look {
        let plain = without_kernel(text);
        let last = last_line(&plain);
        let wait = if self.asks_for_user(last) || is_prompt(last) || matches(&PASSWORD, last) {
            AFTER_PROMPT
        } else {
            AFTER_TEXT
        };
        let quiet = self.grew.max(self.since) + wait;
        if now < quiet {
            return Look::Wait(quiet);
        }
        if self.asks_for_user(last) {
            return match &self.login {
                Some(login) => {
                    let line = format!("{}\n", login.user).into_bytes();
                    self.ask(Phase::User, line, now)
                }
                None => Look::Trouble(Trouble::NoLogin),
            };
        }
        if matches(&PASSWORD, last) {
            // Someone else's half login: an empty password ends it.
            return self.ask(Phase::Knock, b"\n".to_vec(), now);
        }
        // No prompt that is known for one: a guest that starts, or its boot menu, where a line end
        // does no harm and words do.
        if text.is_empty() || (!is_prompt(last) && self.knocks < KNOCKS) {
            self.knocks += 1;
            return self.ask(Phase::Knock, b"\n".to_vec(), now);
        }
        self.knocks = 0;
        let line = self.program.start();
        self.ask(Phase::Boot, line, now)
    }

    fn asked_user(&mut self, text: &str, now: Instant) -> Look {
        let plain = without_kernel(text);
        if matches(&PASSWORD, last_line(&plain)) {
            let password = self.login.as_ref().and_then(|login| login.password.clone());
            self.logins += 1;
            let line = format!("{}\n", password.unwrap_or_default()).into_bytes();
            return self.ask(Phase::Password, line, now);
        }
        self.logged_in_or(&plain, now)
    }

    fn asked_password(&mut self, text: &str, now: Instant) -> Look {
        let plain = without_kernel(text);
        if matches(&REFUSED, &plain) {
            return Look::Trouble(Trouble::LoginRefused);
        }
        self.logged_in_or(&plain, now)
    }

    /// Returns what to do after a name or a password was sent: a prompt must come in time.
    fn logged_in_or(&mut self, plain: &str, now: Instant) -> Look {
        let last = last_line(plain);
        let prompt = is_prompt(last) && !self.asks_for_user(last);
        let quiet = match prompt {
            true => self.grew + AFTER_PROMPT,
            false => self.grew.max(self.since) + ANSWER,
        };
        if now < quiet {
            return Look::Wait(quiet);
        }
        if self.asks_for_user(last) && self.logins >= 3 {
            return Look::Trouble(Trouble::LoginRefused);
        }
        self.ask(Phase::Knock, b"\n".to_vec(), now)
    }

    fn asks_for_user(&self, line: &str) -> bool {
        match self.login.as_ref().and_then(|login| login.prompt.as_ref()) {
            Some(prompt) => prompt.is_match(line),
            None => matches(&LOGIN, line),
        }
    }

    fn loading(&mut self, text: &str, now: Instant) -> Look {
        let plain = without_kernel(text);
        let wanted = self.wanted(&plain);
        let sent = match self.phase {
            Phase::Upload(sent) => Some(sent),
            _ => None,
        };
        match wanted {
            // The reader counts from nothing where a piece was broken on its way.
            Some(number) if sent.is_none_or(|sent| number > sent || (number == 0 && sent > 0)) => {
                self.since = now;
                if number >= self.program.length() {
                    self.phase = Phase::Runs;
                    self.read_to = text.len();
                } else {
                    self.phase = Phase::Upload(number);
                }
                return Look::Say(self.program.line(number));
            }
            Some(_) | None => {}
        }
        let late = self.since.max(self.grew) + ANSWER;
        if now < late {
            return Look::Wait(late);
        }
        match sent {
            Some(sent) => {
                self.since = now;
                self.transfers += 1;
                if self.transfers > TRANSFERS {
                    self.transfers = 0;
                    return self.ask(Phase::Knock, b"\x03\n".to_vec(), now);
                }
                Look::Say(self.program.line(sent))
            }
            // Nobody understood the line: a program in the foreground, or half a command.
            None => self.ask(Phase::Knock, b"\x03\n".to_vec(), now),
        }
    }

    /// The piece that the reader asks for.
    fn wanted(&self, plain: &str) -> Option<usize> {
        let mark = format!("{}:", self.mark);
        plain.rmatch_indices(&mark).find_map(|(place, _)| {
            let (number, _) = plain[place + mark.len()..].split_once('.')?;
            number.parse().ok()
        })
    }

    fn running(&mut self, text: &str, now: Instant) -> Look {
        let came = text.get(self.read_to..).unwrap_or_default();
        let plain = without_kernel(came);
        if self.transfers == 0 && plain.contains(&format!("{}!", self.mark)) {
            return Look::Trouble(Trouble::NoPlace);
        }
        // The reader found the number of characters wrong, and begins anew.
        if self.wanted(&plain) == Some(0) {
            self.phase = Phase::Upload(0);
            self.since = now;
            return Look::Say(self.program.line(0));
        }
        let begin = plain.find(&format!("{}<", self.mark));
        let told = plain.find(&format!("{}>", self.mark)).and_then(|place| {
            let rest = &plain[place + self.mark.len() + 1..];
            Some((place, rest.split_once('\n')?.0))
        });
        if let Some((end, told)) = told {
            let from = begin
                .map_or(0, |begin| begin + self.mark.len() + 1)
                .min(end);
            self.read_to = text.len();
            if let Some(output) = unpack(&plain[from..end], told, self.program.relay()) {
                self.answer = Some(output);
                self.phase = Phase::Ends;
                self.since = now;
                return Look::Say(b"ok\n".to_vec());
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
            return Look::Wait(late);
        }
        let late = match self.phase {
            Phase::Interrupted => self.since + INTERRUPTED,
            _ => self.grew.max(self.since) + ANSWER * 4,
        };
        if now < late {
            return Look::Wait(late);
        }
        if self.phase == Phase::Interrupted {
            return Look::Trouble(Trouble::NotEnded);
        }
        // The line that the output begins with may have been broken: nothing is lost by asking.
        self.since = now;
        Look::Say(b"\n".to_vec())
    }

    fn again(&mut self, now: Instant) -> Look {
        self.transfers += 1;
        self.since = now;
        if self.transfers > TRANSFERS {
            return Look::Trouble(Trouble::Garbled);
        }
        Look::Say(b"again\n".to_vec())
    }

    fn ending(&mut self, text: &str, now: Instant) -> Look {
        let came = text.get(self.read_to..).unwrap_or_default();
        let late = self.since + ANSWER;
        if now < late && !without_kernel(came).contains(&format!("{}$", self.mark)) {
            return Look::Wait(late);
        }
        match self.answer.take() {
            Some(answer) => Look::Answer(Box::new(answer)),
            None => Look::Trouble(Trouble::Garbled),
        }
    }
}
