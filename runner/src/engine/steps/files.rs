//! `put` and `get`: files of the project into the guest, and files of the guest into the results.

use reports::{CauseKind, CommandResult, KeptFile};
use scenarios::{Get, Put, PutContent, Text};
use vm::GuestOutput;

use crate::engine::attempt::Attempt;
use crate::engine::file_transfer::{Download, ShellCall, TransferError, Upload};
use crate::engine::step_output::StepOutput;
use crate::engine::steps::answer::command_result;
use crate::engine::steps::shell_command::{ShellAnswer, ShellCommand};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::failure::chain;
use crate::guest_way::GuestWay;
use crate::plan::PutFileError;

/// The number of bytes of the largest file that a variable takes; it is that of the largest variable, too.
const LONGEST_VALUE: u64 = 1 << 20;

impl Attempt<'_> {
    /// Writes a file in the guest. `name` is the line of the step.
    pub(super) async fn put_file(
        &mut self,
        put: &Put,
        name: &str,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        let way = GuestWay::of(put.over, &self.job.machine);
        let content = self.content_of(put, way).await?;
        let mode = put.mode.map(|mode| mode.to_string());
        let upload = Upload::new(put.to.as_str(), mode, &content, way);
        let mut upload = match put.content {
            PutContent::File(_) => upload,
            // As the input of `run` travels: logs could not hide a secret in base64.
            PutContent::Text(_) => upload.unpacked(),
        };
        while let Some(call) = upload.next_call() {
            let answer = self.ask(way, name, &call, wait).await?;
            upload.take(&answer).map_err(|error| {
                put_stop(put, &error, way).with_command(result_of(name, &answer))
            })?;
        }
        Ok(StepOutput::default())
    }

    /// Returns the content that a step writes.
    async fn content_of(&self, put: &Put, way: GuestWay) -> Result<Vec<u8>, Stop> {
        let file = match &put.content {
            PutContent::Text(text) => return Ok(text.reveal().as_bytes().to_vec()),
            PutContent::File(file) => file.as_str().to_owned(),
        };
        let (files, path) = (self.job.put_files.clone(), file.clone());
        let read = tokio::task::spawn_blocking(move || files.read(&path, way)).await;
        match read {
            Ok(Ok(content)) => Ok(content),
            Ok(Err(error)) => {
                let kind = match &error {
                    PutFileError::Changed => CauseKind::Harness,
                    PutFileError::Unreadable(_)
                    | PutFileError::Folder
                    | PutFileError::Special
                    | PutFileError::TooLarge { .. } => CauseKind::Scenario,
                };
                Err(Stop::error(kind, format!("`{file}` {error}")).hint(error.help()))
            }
            Err(panic) => Err(Stop::error(CauseKind::Harness, chain(&panic))),
        }
    }

    /// Copies a file of the guest into the results or into a variable. `name` is the line of the step.
    pub(super) async fn get_file(
        &mut self,
        get: &Get,
        name: &str,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        let way = GuestWay::of(get.over, &self.job.machine);
        let most = match &get.save {
            Some(_) => way.most().min(LONGEST_VALUE),
            None => way.most(),
        };
        let mut download = Download::new(get.file.as_str(), way, most);
        while let Some(call) = download.next_call() {
            let answer = self.ask(way, name, &call, wait).await?;
            match download.take(&answer) {
                Ok(()) => {}
                Err(TransferError::Absent(words)) if get.optional => {
                    self.note(&format!("the guest has no `{}`: {words}", get.file));
                    return Ok(StepOutput {
                        saved: get.save.clone().zip(Some(Text::open(""))),
                        ..StepOutput::default()
                    });
                }
                Err(error) => {
                    let stop = transfer_stop(
                        &format!("`{}` cannot be copied from the guest", get.file),
                        &error,
                        way,
                    );
                    return Err(stop.with_command(result_of(name, &answer)));
                }
            }
        }
        let content = download.into_bytes();
        match &get.save {
            Some(variable) => Ok(StepOutput {
                saved: Some((variable.clone(), value_of(get, content)?)),
                ..StepOutput::default()
            }),
            None => {
                let file: KeptFile = self.bench().keep_guest_file(&get.file, content).await?;
                Ok(StepOutput {
                    file: Some(file),
                    ..StepOutput::default()
                })
            }
        }
    }

    /// Runs a command of a transfer.
    async fn ask(
        &mut self,
        way: GuestWay,
        name: &str,
        call: &ShellCall,
        wait: &Wait,
    ) -> Result<GuestOutput, Stop> {
        let command = ShellCommand {
            name,
            line: &call.line,
            user: None,
            stdin: &call.stdin,
        };
        match self.run_in_guest(way, &command, wait).await? {
            ShellAnswer::Ended(output) => Ok(output),
            ShellAnswer::WentAway => Err(command.lost_answer()),
        }
    }
}

/// Returns the reason for a file that was not written.
fn put_stop(put: &Put, error: &TransferError, way: GuestWay) -> Stop {
    let to = &put.to;
    let what = match error {
        TransferError::Differs { .. } => format!("`{to}` in the guest is not what was written"),
        TransferError::Absent(_)
        | TransferError::Refused(_)
        | TransferError::TooLarge { .. }
        | TransferError::Changes
        | TransferError::Cut
        | TransferError::Nonsense(_) => format!("`{to}` cannot be written in the guest"),
    };
    let stop = transfer_stop(&what, error, way);
    // The words of different shells.
    match ["No such file", "nonexistent"]
        .iter()
        .any(|words| error.to_string().contains(words))
    {
        true => {
            stop.hint("`put` makes no folder: `run: mkdir -p FOLDER` in a step before makes it")
        }
        false => stop,
    }
}

/// Returns the reason for a file that was not copied. `what` is the beginning of the message.
fn transfer_stop(what: &str, error: &TransferError, way: GuestWay) -> Stop {
    let message = format!("{what}: {error}");
    match (error, way) {
        (
            TransferError::Absent(_) | TransferError::Refused(_) | TransferError::Nonsense(_),
            GuestWay::Agent | GuestWay::Serial,
        )
        | (TransferError::Differs { .. }, GuestWay::Agent) => {
            Stop::failed(CauseKind::Command, message)
        }
        (TransferError::Differs { .. }, GuestWay::Serial) => {
            Stop::error(CauseKind::Harness, message).hint("keep other programs off the line")
        }
        (TransferError::TooLarge { .. }, GuestWay::Agent | GuestWay::Serial) => {
            Stop::error(CauseKind::Scenario, message).hint(
                "copy a part of it: `run: tail -c 100000 FILE > /tmp/part`, then `get: /tmp/part`; or pack it first",
            )
        }
        (TransferError::Changes, GuestWay::Agent | GuestWay::Serial) => {
            Stop::error(CauseKind::Harness, message)
                .hint("copy it in the guest first: `run: cp FILE /tmp/copy`, then `get: /tmp/copy`")
        }
        (TransferError::Cut, GuestWay::Agent | GuestWay::Serial) => {
            Stop::error(CauseKind::Harness, message)
                .hint("the guest needs some megabytes of room in one of /run, /dev/shm, /tmp and /var/tmp")
        }
    }
}

/// Returns the answer to a command of a transfer for reports: without the bytes of the file.
fn result_of(name: &str, answer: &GuestOutput) -> CommandResult {
    let command = ShellCommand {
        name,
        line: "",
        user: None,
        stdin: b"",
    };
    CommandResult {
        stdout: String::new(),
        remarks: Vec::new(),
        ..command_result(&command, answer)
    }
}

/// Returns the content of a file as the value of a variable.
fn value_of(get: &Get, content: Vec<u8>) -> Result<Text, Stop> {
    match String::from_utf8(content) {
        Ok(text) if !text.contains('\0') => Ok(Text::open(text.trim_end_matches(['\n', '\r']))),
        Ok(_) | Err(_) => Err(Stop::failed(
            CauseKind::Command,
            format!("`{}` is no text, and a variable holds only text", get.file),
        )
        .hint("leave `save` out to keep the file in the results")),
    }
}
