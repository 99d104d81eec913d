//! The parts of a watch.

use super::hasher::KeyHasher;
use super::key_material::KeyMaterial;
use super::known::Piece;
use crate::watch::{Reboots, Watch, WatchKind};

impl Watch {
    /// Returns the parts of this watch that a checkpoint depends on. Its name does not count; only messages use it.
    pub fn key_material(&self) -> KeyMaterial {
        let Self {
            name: _,
            kind,
            by: _,
            at: _,
        } = self;
        let mut hasher = KeyHasher::new();
        match kind {
            WatchKind::Serial(pattern) => {
                hasher.mark("serial");
                hasher.text(pattern.as_str());
            }
            WatchKind::Needle(query) => {
                hasher.mark("needle");
                hasher.number(query.any_of.len());
                for set in &query.any_of {
                    hasher.number(set.tags().len());
                    set.tags().iter().for_each(|tag| hasher.text(tag));
                    hasher.looks.add(&[Piece::known(&set.tags().join(" "))]);
                }
            }
            WatchKind::Reboots(reboots) => {
                hasher.mark("reboots");
                hasher.mark(match reboots {
                    Reboots::ExpectedOnly => "expected-only",
                    Reboots::Any => "any",
                });
            }
            WatchKind::Command {
                command,
                user,
                exit,
                every,
            } => {
                hasher.mark("run");
                hasher.text(command.reveal());
                hasher.maybe(user.as_ref(), |to, user| to.text(user.reveal()));
                hasher.exit(*exit);
                hasher.text(&every.as_nanos().to_string());
            }
            WatchKind::Journal { pattern, every } => {
                hasher.mark("journal");
                hasher.text(pattern.as_str());
                hasher.every(every.as_ref());
            }
            WatchKind::FailedUnits { except, every } => {
                hasher.mark("failed-units");
                hasher.names(except);
                hasher.every(every.as_ref());
            }
            WatchKind::Coredumps { except, every } => {
                hasher.mark("coredumps");
                hasher.names(except);
                hasher.every(every.as_ref());
            }
            WatchKind::Segfault { programs, every } => {
                hasher.mark("segfault");
                hasher.names(programs);
                hasher.every(every.as_ref());
            }
        }
        hasher.finish()
    }
}
