use std::{fs, path::Path};

use crate::{Action, Frame, GuestAnswer, Rule, Screen, Script, Spending, Trigger};

/// A machine as a test wants it: what QEMU is, what the guest does when.
#[derive(Debug, Clone)]
#[must_use]
pub struct Fake {
    version: String,
    lacks: Vec<String>,
    splits_lines: bool,
    rules: Vec<(Trigger, Vec<Act>, Spending)>,
    answers: Vec<GuestAnswer>,
    agent_says: Vec<(String, String)>,
    blocked: Vec<String>,
}

/// Something the machine does; made by the functions of [`act`].
#[derive(Debug, Clone)]
pub enum Act {
    /// Shows a screen.
    Show(Screen),
    /// Writes these bytes where a capture should be.
    ShowBytes(Vec<u8>),
    /// Everything that needs no file.
    Plain(Action),
}

impl Default for Fake {
    fn default() -> Self {
        Self::new()
    }
}

impl Fake {
    /// A machine whose guest does nothing and shows an empty screen.
    pub fn new() -> Self {
        Self {
            version: "10.0.2".to_owned(),
            lacks: Vec::new(),
            splits_lines: false,
            rules: Vec::new(),
            answers: Vec::new(),
            agent_says: Vec::new(),
            blocked: Vec::new(),
        }
    }

    /// A machine that shows this screen from its boot on.
    pub fn shows(screen: &Screen) -> Self {
        Self::new().on(on::boot(), [act::show(screen)])
    }

    /// A machine that shows these screens one after the other, each until it was captured twice.
    pub fn frames<'a>(screens: impl IntoIterator<Item = &'a Screen>) -> Self {
        let mut fake = Self::new();
        for (index, screen) in screens.into_iter().enumerate() {
            let when = if index == 0 {
                on::boot()
            } else {
                on::captures(2)
            };
            fake = fake.on(when, [act::show(screen)]);
        }
        fake
    }

    /// Once `trigger` comes, this is done; on every machine of its own, that is in every attempt.
    pub fn on(self, trigger: Trigger, acts: impl IntoIterator<Item = Act>) -> Self {
        self.rule(trigger, acts, Spending::Machine)
    }

    /// Whenever `trigger` comes, this is done.
    pub fn whenever(self, trigger: Trigger, acts: impl IntoIterator<Item = Act>) -> Self {
        self.rule(trigger, acts, Spending::Never)
    }

    /// When `trigger` comes for the first time in the call, on whichever machine, this is done.
    pub fn first(self, trigger: Trigger, acts: impl IntoIterator<Item = Act>) -> Self {
        self.rule(trigger, acts, Spending::Call)
    }

    fn rule(
        mut self,
        trigger: Trigger,
        acts: impl IntoIterator<Item = Act>,
        spending: Spending,
    ) -> Self {
        self.rules
            .push((trigger, acts.into_iter().collect(), spending));
        self
    }

    /// QEMU says that the machine cannot be saved.
    pub fn blocked(mut self, reason: &str) -> Self {
        self.blocked.push(reason.to_owned());
        self
    }

    /// The agent runs from the boot on, and a command with `contains` in its line ends with `exit` and this output.
    pub fn answers(mut self, contains: &str, exit: i64, stdout: &str) -> Self {
        self.answers.push(GuestAnswer {
            contains: contains.to_owned(),
            exit: Some(exit),
            stdout: stdout.to_owned(),
            stderr: String::new(),
            once: false,
            is_cut: false,
        });
        self
    }

    /// As [`answers`](Self::answers), for the first such command only; what is said after it counts for the next.
    pub fn answers_once(self, contains: &str, exit: i64, stdout: &str) -> Self {
        let mut fake = self.answers(contains, exit, stdout);
        if let Some(answer) = fake.answers.last_mut() {
            answer.once = true;
        }
        fake
    }

    /// As [`answers`](Self::answers) with success, and the agent says that it dropped the end of the output.
    pub fn answers_cut(self, contains: &str, stdout: &str) -> Self {
        let mut fake = self.answers(contains, 0, stdout);
        if let Some(answer) = fake.answers.last_mut() {
            answer.is_cut = true;
        }
        fake
    }

    /// The agent answers a command of its protocol with this line; with nothing where it is empty.
    pub fn agent_says(mut self, command: &str, line: &str) -> Self {
        self.agent_says.push((command.to_owned(), line.to_owned()));
        self
    }

    /// The agent is connected, reads everything, and answers nothing.
    pub fn agent_is_silent(self) -> Self {
        self.agent_says("guest-sync", "")
            .agent_says("guest-sync-delimited", "")
    }

    /// A command with `contains` in its line never ends.
    pub fn never_ends(mut self, contains: &str) -> Self {
        let (stdout, stderr) = (String::new(), String::new());
        self.answers.push(GuestAnswer {
            contains: contains.to_owned(),
            exit: None,
            stdout,
            stderr,
            once: false,
            is_cut: false,
        });
        self
    }

    /// QEMU has this version.
    pub fn version(mut self, version: &str) -> Self {
        version.clone_into(&mut self.version);
        self
    }

    /// QEMU does not know this device.
    pub fn lacks(mut self, device: &str) -> Self {
        self.lacks.push(device.to_owned());
        self
    }

    /// Every line of QMP arrives byte by byte.
    pub fn splits_lines(mut self) -> Self {
        self.splits_lines = true;
        self
    }

    /// Writes the script and its frames into `folder`; `journal` is what the machine writes.
    pub(crate) fn write(&self, folder: &Path, journal: &Path) -> std::path::PathBuf {
        fs::create_dir_all(folder).unwrap();
        let mut frames = 0;
        let mut frame = |bytes: &[u8], (width, height)| {
            frames += 1;
            let file = folder.join(format!("{frames}.ppm"));
            fs::write(&file, bytes).unwrap();
            Action::Show(Frame {
                file,
                width,
                height,
            })
        };
        let mut plain = |act: &Act| match act {
            Act::Show(screen) => frame(&screen.ppm(), screen.size()),
            Act::ShowBytes(bytes) => frame(bytes, (1, 1)),
            Act::Plain(action) => action.clone(),
        };
        let empty = plain(&Act::Show(Screen::empty()));
        let mut rules = vec![Rule {
            on: Trigger::Start,
            act: vec![empty],
            spending: Spending::Never,
        }];
        for (on, acts, spending) in &self.rules {
            rules.push(Rule {
                on: on.clone(),
                act: acts.iter().map(&mut plain).collect(),
                spending: *spending,
            });
        }
        // A rule of the test for the start comes before ours, which shows the empty screen only where there is none.
        rules.rotate_left(1);
        let script = Script {
            journal: journal.to_owned(),
            version: self.version.clone(),
            lacks: self.lacks.clone(),
            splits_lines: self.splits_lines,
            rules,
            answers: self.answers.clone(),
            agent_says: self.agent_says.clone(),
            blocked: self.blocked.clone(),
        };
        let path = folder.join("script.json");
        fs::write(&path, serde_json::to_vec_pretty(&script).unwrap()).unwrap();
        path
    }
}

/// When something happens.
pub mod on {
    use crate::{Badge, Trigger};

    /// The process starts.
    #[must_use]
    pub fn start() -> Trigger {
        Trigger::Start
    }

    /// The firmware begins: at the first `cont` and after every reset.
    #[must_use]
    pub fn boot() -> Trigger {
        Trigger::Boot
    }

    /// The firmware begins, and starts from this disk: `disk0` is the first.
    #[must_use]
    pub fn boot_from(disk: &str) -> Trigger {
        Trigger::BootFrom(disk.to_owned())
    }

    /// The screen was captured this often since it changed.
    #[must_use]
    pub fn captures(count: u32) -> Trigger {
        Trigger::Captures(count)
    }

    /// The guest has shown the same picture for so many milliseconds, whether it was captured or not.
    #[must_use]
    pub fn shown(milliseconds: u64) -> Trigger {
        Trigger::Shown(milliseconds)
    }

    /// The text was typed; keys without text are `<esc>`.
    #[must_use]
    pub fn typed(text: &str) -> Trigger {
        Trigger::Typed(text.to_owned())
    }

    /// These keys are down together.
    #[must_use]
    pub fn pressed(keys: &str) -> Trigger {
        Trigger::Pressed(keys.to_owned())
    }

    /// The left button went down on the badge.
    #[must_use]
    pub fn clicked(badge: &Badge) -> Trigger {
        Trigger::Clicked(badge.rect())
    }

    /// The pointer came over the badge.
    #[must_use]
    pub fn hovered(badge: &Badge) -> Trigger {
        Trigger::Moved(badge.rect())
    }

    /// The pointer came to this pixel.
    #[must_use]
    pub fn pointed(x: u32, y: u32) -> Trigger {
        Trigger::Moved([x, y, 1, 1])
    }

    /// This was sent to the serial console.
    #[must_use]
    pub fn serial(text: &str) -> Trigger {
        Trigger::SerialSent(text.to_owned())
    }

    /// A command with this in its line was run through the agent.
    #[must_use]
    pub fn ran(part: &str) -> Trigger {
        Trigger::Ran(part.to_owned())
    }

    /// The power button was pressed.
    #[must_use]
    pub fn power_button() -> Trigger {
        Trigger::PowerButton
    }

    /// Another machine of the same call told this.
    #[must_use]
    pub fn told(what: &str) -> Trigger {
        Trigger::Told(what.to_owned())
    }

    /// Half of the machine's state is saved.
    #[must_use]
    pub fn saving() -> Trigger {
        Trigger::Saving
    }

    /// The machine is about to read the state that it was saved in.
    #[must_use]
    pub fn restoring() -> Trigger {
        Trigger::Restoring
    }

    /// This QMP command is about to be answered.
    #[must_use]
    pub fn command(name: &str) -> Trigger {
        Trigger::Command(name.to_owned())
    }
}

/// What is done then.
pub mod act {
    use serde_json::Value;

    use super::Act;
    use crate::{Action, Screen};

    /// Shows a screen.
    #[must_use]
    pub fn show(screen: &Screen) -> Act {
        Act::Show(screen.clone())
    }

    /// Writes these bytes where a capture should be.
    #[must_use]
    pub fn show_bytes(bytes: &[u8]) -> Act {
        Act::ShowBytes(bytes.to_vec())
    }

    /// The display goes off: captures are refused.
    #[must_use]
    pub fn screen_off() -> Act {
        Act::Plain(Action::SwitchScreenOff)
    }

    /// Says something on the serial console.
    #[must_use]
    pub fn say(text: impl AsRef<[u8]>) -> Act {
        Act::Plain(Action::Say(text.as_ref().to_vec()))
    }

    /// The firmware of a PC says something of its work.
    #[must_use]
    pub fn say_as_firmware(text: &str) -> Act {
        Act::Plain(Action::SayAsFirmware(text.to_owned()))
    }

    /// The guest restarts itself.
    #[must_use]
    pub fn reset() -> Act {
        Act::Plain(Action::Reset)
    }

    /// The guest powers itself off.
    #[must_use]
    pub fn power_off() -> Act {
        Act::Plain(Action::PowerOff)
    }

    /// The guest's kernel panics.
    #[must_use]
    pub fn panic() -> Act {
        Act::Plain(Action::Panic)
    }

    /// The accelerator fails.
    #[must_use]
    pub fn internal_error() -> Act {
        Act::Plain(Action::InternalError)
    }

    /// The host's disk is full.
    #[must_use]
    pub fn no_space() -> Act {
        Act::Plain(Action::NoSpace)
    }

    /// The host's disk does not take what the guest writes.
    #[must_use]
    pub fn refuse_writes(reason: &str) -> Act {
        Act::Plain(Action::RefuseWrites(reason.to_owned()))
    }

    /// Somebody else pauses the machine.
    #[must_use]
    pub fn pause() -> Act {
        Act::Plain(Action::Pause)
    }

    /// All processors halt, and no device can wake them up.
    #[must_use]
    pub fn halt() -> Act {
        Act::Plain(Action::Halt { interrupts: false })
    }

    /// All processors halt until a device wakes them up, as in every idle system.
    #[must_use]
    pub fn idle() -> Act {
        Act::Plain(Action::Halt { interrupts: true })
    }

    /// Somebody removes the folder of the scenario's results.
    #[must_use]
    pub fn remove_results() -> Act {
        Act::Plain(Action::RemoveResults)
    }

    /// The guest agent comes.
    #[must_use]
    pub fn agent_comes() -> Act {
        Act::Plain(Action::Agent(true))
    }

    /// The guest agent goes.
    #[must_use]
    pub fn agent_goes() -> Act {
        Act::Plain(Action::Agent(false))
    }

    /// An event of QMP.
    #[must_use]
    pub fn event(name: &str, data: Value) -> Act {
        Act::Plain(Action::Event {
            name: name.to_owned(),
            data,
        })
    }

    /// Bytes on the QMP socket.
    #[must_use]
    pub fn qmp(text: &str) -> Act {
        Act::Plain(Action::Qmp(text.to_owned()))
    }

    /// QEMU ends with last words.
    #[must_use]
    pub fn exit(status: i32, stderr: &str) -> Act {
        Act::Plain(Action::Exit {
            status,
            stderr: stderr.to_owned(),
        })
    }

    /// QEMU is killed.
    #[must_use]
    pub fn die() -> Act {
        Act::Plain(Action::Die)
    }

    /// QEMU answers nothing any more.
    #[must_use]
    pub fn hang() -> Act {
        Act::Plain(Action::Hang)
    }

    /// QEMU is stopped by a signal, until somebody lets it go on.
    #[must_use]
    pub fn stop() -> Act {
        Act::Plain(Action::Stop)
    }

    /// QEMU closes its QMP connection, and goes on.
    #[must_use]
    pub fn close_qmp() -> Act {
        Act::Plain(Action::CloseQmp)
    }

    /// The host has kept the processor waiting for so many milliseconds more.
    #[must_use]
    pub fn starve(milliseconds: u64) -> Act {
        Act::Plain(Action::Starve(milliseconds))
    }

    /// The migration that goes on, or the next one, fails.
    #[must_use]
    pub fn fail_migration(why: &str) -> Act {
        Act::Plain(Action::FailMigration(why.to_owned()))
    }

    /// Tells the other machines of the same call something.
    #[must_use]
    pub fn tell(what: &str) -> Act {
        Act::Plain(Action::Tell(what.to_owned()))
    }

    /// Somebody clears away what is being saved.
    #[must_use]
    pub fn remove_drafts() -> Act {
        Act::Plain(Action::RemoveDrafts)
    }

    /// No further picture fits onto the disk with the results.
    #[must_use]
    pub fn fill_results() -> Act {
        Act::Plain(Action::FillResults)
    }

    /// Copies of needles cannot be put beside the results.
    #[must_use]
    pub fn spoil_needles() -> Act {
        Act::Plain(Action::SpoilNeedles)
    }

    /// A signal to `qa`: `INT`, `TERM` or `KILL`.
    #[must_use]
    pub fn signal_qa(name: &str) -> Act {
        Act::Plain(Action::SignalQa(name.to_owned()))
    }
}
