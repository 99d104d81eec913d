use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the fake QEMU does: a JSON file, named by [`Script::VARIABLE`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Where it writes down what it was asked and did.
    pub journal: PathBuf,
    /// Its version, as `10.0.2`.
    pub version: String,
    /// Devices that it does not know: those of a QEMU that is too old.
    pub lacks: Vec<String>,
    /// Whether every line of QMP is sent in pieces.
    pub splits_lines: bool,
    /// What happens when.
    pub rules: Vec<Rule>,
    /// What commands in the guest come to.
    pub answers: Vec<GuestAnswer>,
    /// Lines that the agent gives to a command of its protocol, instead of what it should.
    #[serde(default)]
    pub agent_says: Vec<(String, String)>,
    /// Why the machine cannot be saved: devices that cannot be.
    pub blocked: Vec<String>,
}

impl Script {
    /// The environment variable that names the file.
    pub const VARIABLE: &str = "QA_FAKE_QEMU";

    /// The environment variable that names what stands in for `/proc`; the machine writes there how long it was
    /// starved.
    pub const PROC: &str = "QA_PROC";
}

/// Something that happens once, unless it is to happen again and again.
///
/// Of the rules that fit what happened, the first that is not spent applies, and no other. Spent rules stay spent when
/// the machine is started again, and when one goes on from where it was saved.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What sets it off.
    pub on: Trigger,
    /// What is done, in order.
    pub act: Vec<Action>,
    /// How often it applies.
    pub spending: Spending,
}

/// How often a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spending {
    /// Once for every machine: that is for every attempt, however often its machine is switched off and on.
    Machine,
    /// Once in the whole call, on the machine that comes first.
    Call,
    /// Always.
    Never,
}

/// What sets a rule off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// The process starts; nothing was said yet.
    Start,
    /// The firmware begins: the first `cont`, and after each reset.
    Boot,
    /// The same, from the disk of this name: `disk0` is the machine's first, be it the image or what
    /// is in the drive for CDs.
    BootFrom(String),
    /// The screen was captured this often since it last changed.
    Captures(u32),
    /// The guest has shown the same picture for so many milliseconds.
    Shown(u64),
    /// What was typed since the last such rule ends in this text.
    Typed(String),
    /// These keys are down together, in the order pressed, as `ctrl-alt-delete`.
    Pressed(String),
    /// The left button went down in this rectangle: left, top, width, height.
    Clicked([u32; 4]),
    /// The pointer came into this rectangle.
    Moved([u32; 4]),
    /// What was sent to the serial console since the last such rule contains this.
    SerialSent(String),
    /// A command whose line contains this was run through the agent.
    Ran(String),
    /// The power button was pressed.
    PowerButton,
    /// This QMP command is about to be answered.
    Command(String),
    /// Another machine of the same call has told this.
    Told(String),
    /// Half of the machine's state is written.
    Saving,
    /// The machine begins to read its state.
    Restoring,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Shows a picture.
    Show(Frame),
    /// Shows nothing: captures are refused.
    SwitchScreenOff,
    /// Says something on the serial console.
    Say(Vec<u8>),
    /// The firmware of a PC says something of its work.
    SayAsFirmware(String),
    /// The guest restarts itself.
    Reset,
    /// The guest powers itself off.
    PowerOff,
    /// The guest's kernel panics.
    Panic,
    /// The accelerator fails.
    InternalError,
    /// The host's disk is full.
    NoSpace,
    /// The host's disk does not take what the guest writes, for this reason.
    RefuseWrites(String),
    /// Somebody else pauses the machine.
    Pause,
    /// All processors halt, with interrupts off or on.
    Halt {
        /// Whether a device can wake them up.
        interrupts: bool,
    },
    /// The folder that the parent process writes what it sees to is removed.
    RemoveResults,
    /// The guest agent opens its port (true) or closes it.
    Agent(bool),
    /// An event of QMP.
    Event {
        /// Its name.
        name: String,
        /// Its data.
        data: Value,
    },
    /// Bytes on the QMP socket, as they are.
    Qmp(String),
    /// Ends with last words.
    Exit {
        /// The exit status.
        status: i32,
        /// What is written to stderr.
        stderr: String,
    },
    /// Ends as by `kill -9`.
    Die,
    /// Reads and answers nothing any more.
    Hang,
    /// Is stopped as by `kill -STOP`, until somebody lets it go on.
    Stop,
    /// Closes its QMP connection, and goes on.
    CloseQmp,
    /// The host has kept the processor waiting for so many milliseconds more.
    Starve(u64),
    /// The migration that goes on, or the next one, fails for this reason.
    FailMigration(String),
    /// Tells the other machines of the same call something.
    Tell(String),
    /// Sends `qa` a signal: `INT`, `TERM` or `KILL`.
    SignalQa(String),
    /// Removes from the cache what is being saved there.
    RemoveDrafts,
    /// No further picture fits onto the disk with the results.
    FillResults,
    /// Copies of needles cannot be put beside the results.
    SpoilNeedles,
}

/// A picture in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// What a capture copies: PPM, or what is meant to be none.
    pub file: PathBuf,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// What a command in the guest comes to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuestAnswer {
    /// A part of the command's line.
    pub contains: String,
    /// Its exit status; none when it never ends.
    pub exit: Option<i64>,
    /// What it writes to stdout.
    pub stdout: String,
    /// What it writes to stderr.
    pub stderr: String,
    /// Whether only the first such command comes to it.
    pub once: bool,
    /// True if the agent dropped the end of stdout.
    #[serde(default)]
    pub is_cut: bool,
}
