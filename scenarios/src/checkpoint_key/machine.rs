//! The verbs that talk to the guest, and those of power and drives.

use std::collections::BTreeSet;

use super::hasher::KeyHasher;
use super::known::{Piece, Scope};
use crate::step::{
    Again, Boot, Exit, Get, Media, Over, Power, Put, PutContent, Reboot, RebootBy, Run, Serial,
    SerialWait,
};
use crate::value::{Template, Written};

impl KeyHasher {
    pub(super) fn serial(&mut self, serial: &Serial<Written>, scope: Scope<'_>) {
        let Serial { send, secret, wait } = serial;
        self.mark("serial");
        self.option(send.as_ref(), scope);
        self.flag(*secret);
        match wait {
            None => self.mark("nothing"),
            Some(SerialWait::Appears {
                pattern,
                save,
                again,
            }) => {
                self.mark("appears");
                self.value(pattern, scope);
                if let Some(Again { every }) = again {
                    self.mark("again");
                    self.option(every.as_ref(), scope);
                }
                self.maybe(save.as_ref(), |to, save| to.text(save));
            }
            Some(SerialWait::Absent { pattern, lasts }) => {
                self.mark("absent");
                self.value(pattern, scope);
                self.value(lasts, scope);
            }
        }
    }

    pub(super) fn run(&mut self, run: &Run<Written>, scope: Scope<'_>) {
        let Run {
            command,
            exit,
            output,
            save,
            user,
            stdin,
            over,
        } = run;
        self.mark("run");
        self.over(*over);
        self.value(command, scope);
        self.exit(*exit);
        self.option(output.as_ref(), scope);
        self.maybe(save.as_ref(), |to, save| to.text(save));
        self.option(user.as_ref(), scope);
        self.option(stdin.as_ref(), scope);
    }

    pub(super) fn put(&mut self, put: &Put<Written>, scope: Scope<'_>) {
        let Put {
            content,
            to,
            mode,
            over,
        } = put;
        self.mark("put");
        self.over(*over);
        match content {
            PutContent::File(file) => {
                self.mark("file");
                let path = self.path(file.template(), scope);
                note_file(&mut self.files, path);
            }
            PutContent::Text(text) => {
                self.mark("text");
                self.value(text, scope);
            }
        }
        self.value(to, scope);
        self.option(mode.as_ref(), scope);
    }

    pub(super) fn get(&mut self, get: &Get<Written>, scope: Scope<'_>) {
        let Get {
            file,
            save,
            optional,
            over,
        } = get;
        self.mark("get");
        self.over(*over);
        self.value(file, scope);
        self.maybe(save.as_ref(), |to, save| to.text(save));
        self.flag(*optional);
    }

    fn over(&mut self, over: Option<Over>) {
        self.maybe(over, |to, over| {
            to.mark(match over {
                Over::Agent => "agent",
                Over::Serial => "serial",
            });
        });
    }

    pub(super) fn exit(&mut self, exit: Exit) {
        match exit {
            Exit::Any => self.mark("any"),
            Exit::Status(status) => {
                self.mark("status");
                self.text(&status.to_string());
            }
        }
    }

    pub(super) fn reboot(&mut self, reboot: &Reboot) {
        let Reboot { by } = reboot;
        self.mark("reboot");
        self.mark(match by {
            RebootBy::Guest => "guest",
            RebootBy::Reset => "reset",
        });
    }

    pub(super) fn power(&mut self, power: Power) {
        self.mark("power");
        self.mark(match power {
            Power::On => "on",
            Power::Off => "off",
            Power::Reset => "reset",
            Power::Cut => "cut",
        });
    }

    pub(super) fn media(&mut self, media: &Media<Written>, scope: Scope<'_>) {
        self.mark("media");
        match media {
            Media::Eject => self.mark("eject"),
            Media::Insert { file } => {
                self.mark("insert");
                // The path counts, too: a restored machine has the file of this path in its drive.
                let path = self.path(file.template(), scope);
                note_file(&mut self.media, path);
            }
        }
    }

    /// Feeds the path of a file, and returns it; none if it is known only when the step runs. The content of the file
    /// counts as well, but this crate opens no file.
    fn path(&mut self, path: &Template, scope: Scope<'_>) -> Option<String> {
        let pieces = scope.template(path);
        self.pieces(&pieces);
        match pieces.as_slice() {
            [Piece::Known(path)] => Some(path.reveal().to_owned()),
            _ => None,
        }
    }

    pub(super) fn boot(&mut self, boot: &Boot<Written>, scope: Scope<'_>) {
        let Boot { from } = boot;
        self.mark("boot");
        self.value(from, scope);
    }
}

/// Adds a file to the known ones. One that is not known makes all of them unknown.
fn note_file(files: &mut Option<BTreeSet<String>>, path: Option<String>) {
    match (files.as_mut(), path) {
        (Some(files), Some(path)) => {
            files.insert(path);
        }
        (_, None) | (None, _) => *files = None,
    }
}
