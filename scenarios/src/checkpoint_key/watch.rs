use super::hasher::KeyHasher;
use super::key_material::KeyMaterial;
use super::known::Piece;
use crate::watch::{Watch, WatchKind};

impl Watch {
    /// What counts of this watch. Its name does not: it only tells what a breach is called.
    pub fn key_material(&self) -> KeyMaterial {
        let Self {
            name: _,
            kind,
            by: _,
            at: _,
        } = self;
        let mut canonical = KeyHasher::new();
        match kind {
            WatchKind::Serial(pattern) => {
                canonical.mark("serial");
                canonical.text(pattern.as_str());
            }
            WatchKind::Needle(query) => {
                canonical.mark("needle");
                canonical.number(query.any_of.len());
                for set in &query.any_of {
                    canonical.number(set.tags().len());
                    set.tags().iter().for_each(|tag| canonical.text(tag));
                    canonical.looks.add(&[Piece::open(&set.tags().join(" "))]);
                }
            }
            WatchKind::Reboots(reboots) => {
                canonical.mark("reboots");
                canonical.reboots(*reboots);
            }
            WatchKind::Command {
                command,
                user,
                exit,
                every,
            } => {
                canonical.mark("run");
                canonical.text(command.reveal());
                canonical.maybe(user.as_ref(), |to, user| to.text(user.reveal()));
                canonical.exit(*exit);
                canonical.text(&every.as_nanos().to_string());
            }
            WatchKind::Journal { pattern, every } => {
                canonical.mark("journal");
                canonical.text(pattern.as_str());
                canonical.every(every.as_ref());
            }
            WatchKind::FailedUnits { except, every } => {
                canonical.mark("failed-units");
                canonical.names(except);
                canonical.every(every.as_ref());
            }
            WatchKind::Coredumps { except, every } => {
                canonical.mark("coredumps");
                canonical.names(except);
                canonical.every(every.as_ref());
            }
            WatchKind::Segfault { programs, every } => {
                canonical.mark("segfault");
                canonical.names(programs);
                canonical.every(every.as_ref());
            }
        }
        canonical.finish()
    }
}
