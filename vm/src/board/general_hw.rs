//! The variables `GENERAL_HW_*` of openQA's backend `generalhw`, as sources of a board.
//!
//! A lab of openQA has them in `workers.ini`, or in the settings of a machine. What each does there (os-autoinst,
//! `backend/generalhw.pm` and `doc/backend_vars.md`):
//!
//! - `GENERAL_HW_CMD_DIR`: the folder of all commands. Of a command, only the last part of its path counts.
//! - `…_POWERON_CMD`, `…_POWEROFF_CMD`: switch the machine. A restart is off, 3 s, on. Here:
//!   [`power`](GeneralHw::power).
//! - `…_IS_SHUTDOWN_CMD`: ends with 0 if the machine is off, with 1 if it is on. Here: the status of the power.
//! - `…_FLASH_CMD`: is called while the machine is off, with path and size (`10G`) of each disk. Here:
//!   [`flash`](GeneralHw::flash).
//! - `…_SOL_CMD`: runs all the time. Its stdout and stderr are the serial console, its stdin is not used. Here:
//!   [`serial`](GeneralHw::serial).
//! - `…_NO_SERIAL`: does not run it. Here: no serial line.
//! - `…_VNC_IP`, `_PORT`, `_PASSWORD`, `_DEPTH`, `_JPEG`: screen, keyboard and pointer by VNC. Here:
//!   [`vnc`](GeneralHw::vnc). Depth and JPEG are agreed with the server.
//! - `…_VIDEO_STREAM_URL`: the screen: an input of ffmpeg, `/dev/videoN`, or `ustreamer:///dev/videoN`. Here:
//!   [`video`](GeneralHw::video).
//! - `…_VIDEO_CMD_PREFIX`: words before ffmpeg, such as `ssh root@kvm`: the stream is one of another host. Here: no
//!   video, since a device of this host with the same name would show something else.
//! - `…_EDID` (set by `v4l2-ctl`), `…_INPUT_CMD` and `…_KEYBOARD_URL` (keys, pointer), `…_IMAGE_CMD` (copies a disk
//!   back), `…_EJECT_CMD` (takes a CD out): not used here, and named in [`ignored`](GeneralHw::ignored).
//!
//! Each `_CMD` has `_ARGS`. openQA splits them at each blank, and knows no quotes; so does this reader.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::PathBuf,
    time::Duration,
};

use super::command::{PowerCommands, Shell};
use super::{BoardFault, FaultKind};

/// The first part of all names.
const PREFIX: &str = "GENERAL_HW_";

/// The port of a VNC server that names none.
const VNC_PORT: u16 = 5900;

/// The sources of a board that an openQA lab has described. Has no source that its variables do not name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GeneralHw {
    /// Switches the board on and off.
    pub power: Option<PowerCall>,
    /// Writes images: called with path and size of each, while the board is off.
    pub flash: Option<Call>,
    /// Its output is the serial console, as long as it runs.
    pub serial: Option<Call>,
    /// The screen, keyboard and pointer.
    pub vnc: Option<VncAddress>,
    /// The screen.
    pub video: Option<VideoStream>,
    /// The names of the variables that were understood and used.
    pub read: BTreeSet<String>,
    /// The names of variables that begin with `GENERAL_HW_` and were not used, each with the reason.
    pub ignored: BTreeMap<String, String>,
}

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The program.
    pub program: PathBuf,
    /// Its arguments, to which a call appends its own.
    pub arguments: Vec<String>,
}

/// The programs that switch a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PowerCall {
    /// Switches it on.
    pub on: Call,
    /// Switches it off.
    pub off: Call,
    /// Ends with exit status 0 if the board is off, and with 1 if it is on.
    pub is_shut_down: Option<Call>,
}

/// The address of a VNC server.
#[derive(Clone, PartialEq, Eq)]
pub struct VncAddress {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The password. None if there is none.
    pub password: Option<String>,
}

impl fmt::Debug for VncAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.as_ref().map(|_| "•••");
        let mut shown = f.debug_struct("VncAddress");
        shown.field("host", &self.host).field("port", &self.port);
        shown.field("password", &password).finish()
    }
}

/// A screen that is a stream of video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoStream {
    /// The address, for ffmpeg: `udp://@:5004`, `/dev/video0`, `ustreamer:///dev/video0?fps=2`.
    pub url: String,
}

impl GeneralHw {
    /// Reads the variables. Others than those of `GENERAL_HW_` have no effect. An empty value is that of a variable
    /// that is not set, as in openQA.
    ///
    /// # Errors
    /// When a command has no folder, one of the two power commands is missing, or a port is no number.
    pub fn read(variables: &BTreeMap<String, String>) -> Result<Self, BoardFault> {
        let mut reader = Reader {
            variables,
            read: BTreeSet::new(),
        };
        let mut board = Self {
            power: reader.power()?,
            flash: reader.call("FLASH")?,
            vnc: reader.vnc()?,
            ..Self::default()
        };
        // Perl takes `0` for false.
        let has_serial = reader.text("NO_SERIAL").is_none_or(|value| value == "0");
        if has_serial {
            board.serial = reader.call("SOL")?;
        }
        let is_elsewhere = reader.is_set("VIDEO_CMD_PREFIX");
        if !is_elsewhere {
            board.video = reader
                .text("VIDEO_STREAM_URL")
                .map(|url| VideoStream { url });
        }
        board.ignored = reader.ignored(has_serial, is_elsewhere);
        board.read = reader.read;
        Ok(board)
    }
}

impl PowerCall {
    /// Returns the power commands of a board, with openQA's pause of 3 s between off and on.
    #[must_use]
    pub fn commands(&self, limit: Duration) -> PowerCommands {
        let status = self.is_shut_down.as_ref().map(|call| {
            // Its statuses are the other way round. It may print anything.
            let call = call.line();
            format!("{call} > /dev/null; case $? in 0) echo off;; 1) echo on;; 126|127) exit 127;; *) exit 2;; esac")
        });
        PowerCommands {
            on: self.on.line(),
            off: self.off.line(),
            reset: None,
            button: None,
            status,
            pause: PowerCommands::PAUSE,
            settle: PowerCommands::SETTLE,
            limit,
            shell: Shell::default(),
        }
    }
}

impl Call {
    /// Returns the call as a line for `/bin/sh`, with each word in quotes.
    #[must_use]
    pub fn line(&self) -> String {
        let program = self.program.to_string_lossy();
        let words = std::iter::once(&*program).chain(self.arguments.iter().map(String::as_str));
        let quoted = words.map(|word| format!("'{}'", word.replace('\'', "'\\''")));
        quoted.collect::<Vec<_>>().join(" ")
    }

    /// Returns the line that writes one image, with the placeholders of a
    /// [`WriteCommand`](super::command::WriteCommand). `size` is the size of the disk in GB. None for that of the image
    /// in bytes, which openQA never gives.
    #[must_use]
    pub fn flash_line(&self, size: Option<u32>) -> String {
        let size = size.map_or_else(|| "{size}".to_owned(), |size| format!("{size}G"));
        format!("{} {{image}} {size}", self.line())
    }
}

/// Reads variables, and remembers which.
struct Reader<'v> {
    variables: &'v BTreeMap<String, String>,
    read: BTreeSet<String>,
}

impl Reader<'_> {
    fn text(&mut self, name: &str) -> Option<String> {
        let name = format!("{PREFIX}{name}");
        let value = self.variables.get(&name)?.trim();
        let value = (!value.is_empty()).then(|| value.to_owned());
        self.read.insert(name);
        value
    }

    /// Returns true if a variable that is not used has a value.
    fn is_set(&self, name: &str) -> bool {
        let value = self.variables.get(&format!("{PREFIX}{name}"));
        value.is_some_and(|value| !value.trim().is_empty())
    }

    fn call(&mut self, name: &str) -> Result<Option<Call>, BoardFault> {
        let arguments = self.text(&format!("{name}_ARGS"));
        let Some(command) = self.text(&format!("{name}_CMD")) else {
            return Ok(None);
        };
        let Some(folder) = self.text("CMD_DIR") else {
            let words = format!(
                "{PREFIX}{name}_CMD is set, but not {PREFIX}CMD_DIR, the folder of the commands"
            );
            return Err(
                BoardFault::new(FaultKind::Refused, words).advice(format!("set {PREFIX}CMD_DIR"))
            );
        };
        // As openQA does: no command outside the folder, and the first word may bring arguments of its own.
        let base = command.rsplit('/').next().unwrap_or_default();
        let all = words(&format!("{base} {}", arguments.unwrap_or_default()));
        let mut all = all.into_iter();
        let Some(program) = all.next() else {
            let words = format!("{PREFIX}{name}_CMD is `{command}`, which names no command");
            return Err(BoardFault::new(FaultKind::Refused, words)
                .advice("name a program of the folder of commands"));
        };
        Ok(Some(Call {
            program: PathBuf::from(folder).join(program),
            arguments: all.collect(),
        }))
    }

    fn power(&mut self) -> Result<Option<PowerCall>, BoardFault> {
        let (on, off) = (self.call("POWERON")?, self.call("POWEROFF")?);
        let is_shut_down = self.call("IS_SHUTDOWN")?;
        let missing = match (on, off) {
            (Some(on), Some(off)) => {
                return Ok(Some(PowerCall {
                    on,
                    off,
                    is_shut_down,
                }));
            }
            (None, None) => return Ok(None),
            (Some(_), None) => "POWEROFF",
            (None, Some(_)) => "POWERON",
        };
        let words = format!("{PREFIX}{missing}_CMD is not set, but the other power command is");
        Err(BoardFault::new(FaultKind::Refused, words).advice("set both, or none"))
    }

    fn vnc(&mut self) -> Result<Option<VncAddress>, BoardFault> {
        let (port, password) = (self.text("VNC_PORT"), self.text("VNC_PASSWORD"));
        // The server and this client agree on both.
        let (_depth, _jpeg) = (self.text("VNC_DEPTH"), self.text("VNC_JPEG"));
        let Some(host) = self.text("VNC_IP") else {
            return Ok(None);
        };
        let port = match port {
            None => VNC_PORT,
            Some(port) => port.parse().map_err(|_| {
                let words = format!("{PREFIX}VNC_PORT is `{port}`, which is no TCP port");
                BoardFault::new(FaultKind::Refused, words).advice("write a number, such as 5900")
            })?,
        };
        Ok(Some(VncAddress {
            host,
            port,
            password,
        }))
    }

    /// Returns the variables that were not read, with the reason.
    fn ignored(&self, has_serial: bool, is_elsewhere: bool) -> BTreeMap<String, String> {
        let names = self
            .variables
            .keys()
            .filter(|name| name.starts_with(PREFIX) && !self.read.contains(*name));
        let with_reason = names.map(|name| {
            let reason = match &name[PREFIX.len()..] {
                "SOL_CMD" | "SOL_ARGS" if !has_serial => "GENERAL_HW_NO_SERIAL is set",
                "VIDEO_STREAM_URL" if is_elsewhere => {
                    "GENERAL_HW_VIDEO_CMD_PREFIX is set: the video is one of another host"
                }
                "VIDEO_CMD_PREFIX" => "no program is run on another host for the video",
                "EDID" => "the EDID of a grabber is not set",
                "INPUT_CMD" | "INPUT_ARGS" | "KEYBOARD_URL" => {
                    "keys are sent in another way: give the board an `input:`"
                }
                "IMAGE_CMD" | "IMAGE_ARGS" => "no disk is copied back",
                "EJECT_CMD" | "EJECT_ARGS" => "no CD is taken out",
                "CMD_DIR" => "there is no command",
                _ => "it is not known",
            };
            (name.clone(), reason.to_owned())
        });
        with_reason.collect()
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
#[path = "general_hw_tests.rs"]
mod tests;
