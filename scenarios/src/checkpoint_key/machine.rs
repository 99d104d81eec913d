//! The verbs that talk to the guest, and those of power and drives.

use super::hasher::KeyHasher;
use super::known::{Piece, Scope};
use crate::step::{
    Again, Boot, Exit, Media, MediumFile, Over, Power, Reboot, RebootBy, Run, Serial, SerialWait,
};
use crate::value::{Templated, Written};

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
        self.maybe(over.as_ref(), |to, over| {
            to.mark(match over {
                Over::Agent => "agent",
                Over::Serial => "serial",
            });
        });
        self.value(command, scope);
        self.exit(*exit);
        self.option(output.as_ref(), scope);
        self.maybe(save.as_ref(), |to, save| to.text(save));
        self.option(user.as_ref(), scope);
        self.option(stdin.as_ref(), scope);
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
                self.medium(file, scope);
            }
        }
    }

    /// Notes a file that is inserted. Its content counts, but this crate opens no file. Feeds the path, too: a restored
    /// machine has the file of this path in its drive.
    fn medium(&mut self, file: &Templated<MediumFile>, scope: Scope<'_>) {
        let pieces = scope.template(file.template());
        self.pieces(&pieces);
        match (pieces.as_slice(), &mut self.media) {
            ([Piece::Known(path)], Some(media)) => {
                media.insert(path.reveal().to_owned());
            }
            (_, media) => *media = None,
        }
    }

    pub(super) fn boot(&mut self, boot: &Boot<Written>, scope: Scope<'_>) {
        let Boot { from } = boot;
        self.mark("boot");
        self.value(from, scope);
    }
}
