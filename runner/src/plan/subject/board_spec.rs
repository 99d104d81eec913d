//! Turns the project's description of a board into the description that `vm` takes a board by.

use std::time::Duration;

use scenarios::Machine;
use scenarios::board::{
    Board, Commands, InputSource, PowerSource, ScreenSource, SerialLine, SerialSource,
    StorageSource,
};
use vm::board::{
    BoardSpec, CaptureDevice, CaptureTool, Concealed, GeneralHw, HttpPictureSpec, InputFrom,
    KeyCommand, LineFrom, LineSpec, PictureCommand, PowerCommands, PowerFrom, ScreenFrom, Shell,
    SignSet, StorageFrom, Tls, VideoStream, WriteCommand,
};

use super::machine_spec::arch;
use super::{BoardTarget, JobImage, MissingImage, Target};
use crate::board_findings::{general_hw, profile};
use crate::cache::boards_folder;
use crate::failure::Failure;
use crate::project::Project;
use crate::talk::Talk;

/// The usual speed of a serial line, in bits a second.
const SPEED: u32 = 115_200;

/// The longest time of a command of the lab.
const COMMAND: Duration = Duration::from_secs(30);

/// The longest time in which an image is written.
const WRITE: Duration = Duration::from_secs(30 * 60);

/// The usual longest wait for a board that another run or person has.
const PATIENCE: Duration = Duration::from_secs(4 * 60 * 60);

/// Returns a board with an image, and the values of secrets that its services want.
///
/// # Errors
/// A secret has no value, the profile does not exist, a part has no source, or the image is no disk that starts by
/// itself.
pub(super) fn board_target(
    machine: &Machine,
    board: &Board,
    image: &JobImage,
    project: &Project,
    talk: Talk,
) -> Result<(Result<Target, MissingImage>, Vec<String>), Failure> {
    let disk = match (&image.disk, &image.kernel) {
        (Ok(Some(disk)), None) => Ok(disk.clone()),
        (Err(missing), None) => Err(missing.clone()),
        (Ok(None), None) | (_, Some(_)) => return Err(no_disk(machine, image)),
    };
    let mut reading = Reading {
        machine,
        board,
        project,
        talk,
        secrets: Vec::new(),
        speed: SPEED,
    };
    let spec = reading.spec()?;
    let secrets = reading.secrets;
    let target = disk.map(|image| Target::Board(Box::new(BoardTarget { spec, image })));
    Ok((target, secrets))
}

/// Returns the failure for an image with a kernel of its own: a board starts its kernel by its own firmware.
fn no_disk(machine: &Machine, image: &JobImage) -> Failure {
    Failure::usage(format!(
        "the image `{}` cannot be run on the board `{}`: `qa` can only start its kernel in a virtual machine",
        image.name, machine.name
    ))
    .hint("a board starts from its storage: build an image of the whole disk, and leave `kernel:` out")
}

/// Reads the description of a board.
pub(super) struct Reading<'r> {
    pub(super) machine: &'r Machine,
    pub(super) board: &'r Board,
    pub(super) project: &'r Project,
    talk: Talk,
    /// The secrets that were read.
    pub(super) secrets: Vec<String>,
    /// The speed of the serial line where none is written.
    speed: u32,
}

impl Reading<'_> {
    fn spec(&mut self) -> Result<BoardSpec, Failure> {
        let board = self.board;
        let mistaken = |finding| Failure::of_findings(vec![finding]);
        if let Some(profile) = profile(board).map_err(mistaken)? {
            self.speed = profile.speed.value;
        }
        let general = general_hw(self.machine, board).map_err(mistaken)?;
        for (name, reason) in &general.ignored {
            self.talk.say(&format!(
                "machine `{}`: {name} is not used: {reason}",
                self.machine.name
            ));
        }
        let power = self.power(&general)?;
        let (line, input) = (self.line(&general), self.input(&general));
        let (screen, vnc) = (self.screen(&general)?, self.vnc(&general)?);
        Ok(BoardSpec {
            name: self.machine.name.clone(),
            arch: arch(self.machine.arch),
            labgrid: (board.labgrid.as_ref())
                .map(|labgrid| self.labgrid(labgrid))
                .transpose()?,
            kvmd: self.kvmd()?,
            vnc,
            redfish: self.redfish()?,
            power,
            line,
            screen,
            input,
            storage: self.storage(&general),
            signs: match board.restarts.is_empty() {
                true => SignSet::built_in(),
                false => SignSet::with_patterns(&own_signs(board)),
            },
            locks: boards_folder()?,
            patience: board.wait.unwrap_or(PATIENCE),
            run: String::new(),
            concealed: Concealed::default(),
        })
    }

    fn power(&self, general: &GeneralHw) -> Result<PowerFrom, Failure> {
        match (self.board.power, &self.board.commands) {
            (Some(PowerSource::Labgrid), _) => Ok(PowerFrom::Labgrid),
            (Some(PowerSource::Kvmd), _) => Ok(PowerFrom::Kvmd),
            (Some(PowerSource::Redfish), _) => Ok(PowerFrom::Redfish),
            (Some(PowerSource::Commands), Some(commands)) => {
                Ok(PowerFrom::Commands(Box::new(self.power_commands(commands))))
            }
            (Some(PowerSource::Commands) | None, _) => match &general.power {
                Some(call) => Ok(PowerFrom::Commands(Box::new(PowerCommands {
                    shell: self.shell(),
                    ..call.commands(COMMAND)
                }))),
                None => Err(Failure::usage(format!(
                    "machine `{}` has no source of power",
                    self.machine.name
                ))),
            },
        }
    }

    fn line(&self, general: &GeneralHw) -> Option<LineFrom> {
        let command = self.board.commands.as_ref();
        let command = command.and_then(|commands| commands.serial.clone());
        let line = match &self.board.serial {
            Some(SerialSource::Labgrid) => return Some(LineFrom::Labgrid),
            Some(SerialSource::Commands) => LineSpec::Command {
                line: command?,
                folder: Some(self.project.root.clone()),
            },
            Some(SerialSource::Line(line)) => match line.clone() {
                SerialLine::Tcp { address } => LineSpec::Tcp { address },
                SerialLine::Rfc2217 { address, speed } => LineSpec::Rfc2217 {
                    address,
                    speed: speed.unwrap_or(self.speed),
                },
                SerialLine::Device { path, speed } => LineSpec::Device {
                    path: path.into(),
                    speed: speed.unwrap_or(self.speed),
                },
            },
            None => LineSpec::Command {
                folder: Some(self.project.root.clone()),
                line: general.serial.as_ref()?.line(),
            },
        };
        Some(LineFrom::Line(line))
    }

    fn screen(&mut self, general: &GeneralHw) -> Result<Option<ScreenFrom>, Failure> {
        let commands = self.board.commands.as_ref();
        Ok(match &self.board.screen {
            Some(ScreenSource::Kvmd) => Some(ScreenFrom::Kvmd),
            Some(ScreenSource::Vnc) => Some(ScreenFrom::Vnc),
            Some(ScreenSource::Commands) => {
                let line = commands.and_then(|commands| commands.picture.clone());
                let limit = commands.and_then(|commands| commands.limit);
                line.map(|line| {
                    ScreenFrom::Command(PictureCommand {
                        line,
                        folder: Some(self.project.root.clone()),
                        limit,
                    })
                })
            }
            Some(ScreenSource::Http {
                address,
                user,
                password,
                certificate,
            }) => Some(ScreenFrom::Http(HttpPictureSpec {
                address: address.clone(),
                user: user.clone(),
                password: self.secret_if("password of the screen", password.as_ref())?,
                tls: self.tls(certificate),
            })),
            Some(ScreenSource::Capture { device }) => Some(ScreenFrom::Capture(CaptureDevice {
                device: device.into(),
                size: None,
                tool: CaptureTool::of_host(),
            })),
            None if general.vnc.is_some() => Some(ScreenFrom::Vnc),
            None => general.video.as_ref().map(video_screen),
        })
    }

    fn input(&self, general: &GeneralHw) -> Option<InputFrom> {
        let commands = self.board.commands.as_ref();
        match self.board.input {
            Some(InputSource::Kvmd) => Some(InputFrom::Kvmd),
            Some(InputSource::Vnc) => Some(InputFrom::Vnc),
            Some(InputSource::Commands) => {
                let line = commands.and_then(|commands| commands.input.clone())?;
                let limit = commands.and_then(|commands| commands.limit);
                Some(InputFrom::Command(KeyCommand {
                    line,
                    limit: limit.unwrap_or(COMMAND),
                    shell: self.shell(),
                }))
            }
            None => general.vnc.as_ref().map(|_| InputFrom::Vnc),
        }
    }

    fn storage(&self, general: &GeneralHw) -> Option<StorageFrom> {
        let commands = self.board.commands.as_ref();
        match self.board.storage {
            Some(StorageSource::Labgrid) => Some(StorageFrom::Labgrid),
            Some(StorageSource::Kvmd) => Some(StorageFrom::Kvmd),
            Some(StorageSource::Commands) => {
                let line = commands.and_then(|commands| commands.write.clone())?;
                let limit = commands.and_then(|commands| commands.write_limit);
                Some(StorageFrom::Command(WriteCommand {
                    line,
                    limit: limit.unwrap_or(WRITE),
                    shell: self.shell(),
                }))
            }
            None => general.flash.as_ref().map(|flash| {
                StorageFrom::Command(WriteCommand {
                    line: flash.flash_line(None),
                    limit: WRITE,
                    shell: self.shell(),
                })
            }),
        }
    }

    fn power_commands(&self, commands: &Commands) -> PowerCommands {
        let limit = commands.limit.unwrap_or(COMMAND);
        PowerCommands {
            on: commands.on.clone().unwrap_or_default(),
            off: commands.off.clone().unwrap_or_default(),
            reset: commands.reset.clone(),
            button: commands.button.clone(),
            status: commands.status.clone(),
            pause: commands.pause.unwrap_or(PowerCommands::PAUSE),
            settle: PowerCommands::SETTLE.min(limit),
            limit,
            shell: self.shell(),
        }
    }

    /// Returns the surroundings of the commands: the folder of the project.
    fn shell(&self) -> Shell {
        Shell {
            folder: Some(self.project.root.clone()),
            ..Shell::default()
        }
    }
}

/// Returns what a board says when it restarts, as the project writes it.
fn own_signs(board: &Board) -> Vec<regex::Regex> {
    let patterns = board.restarts.iter();
    patterns.map(|pattern| pattern.regex().clone()).collect()
}

/// Returns the screen that a stream of openQA's `generalhw` shows.
fn video_screen(video: &VideoStream) -> ScreenFrom {
    let url = video.url.as_str();
    let device = url.strip_prefix("ustreamer://").unwrap_or(url);
    let device = device.split('?').next().unwrap_or(device);
    if device.starts_with("/dev/") {
        return ScreenFrom::Capture(CaptureDevice {
            device: device.into(),
            size: None,
            tool: CaptureTool::of_host(),
        });
    }
    ScreenFrom::Http(HttpPictureSpec {
        address: url.to_owned(),
        user: None,
        password: None,
        tls: Tls::System,
    })
}
