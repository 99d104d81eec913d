//! What of a step can change what happens: material for the key of a checkpoint.
//!
//! ```text
//! steps and watches --with the values that are known before they run--> digest (SHA-256),
//!                                                                       and the needles they may look at
//! ```
//!
//! Two steps have one digest when nothing that they do, or that holds or does not hold because of them, can differ. So
//! titles, comments, places, paths of files and the order of keys are left out; a `group` that is tried once, an
//! `include` and an `each` are no more than the steps inside them. Everything is fed in a fixed order with marks and
//! lengths, so that no two different steps feed the same bytes.
//!
//! Variables count with their values, secrets too, and not by their names. A variable that steps may have set before
//! (by `set` or `save`) has a value that is not known yet: it counts by its name and the value it has otherwise. Which
//! one it is when the step runs is decided by the steps before, which are in the key as well.
//!
//! The digest is the only way out: there is no text to print, because values of secrets would be in it.

mod action;
mod condition;
mod looks;
mod media;
mod values;

use std::collections::BTreeSet;
use std::time::Duration;

use sha2::{Digest, Sha256};

pub use looks::Looks;

use crate::binding::Frame;
use crate::{Date, PlannedStep, ResetKind, Vars, Watch, WatchKind};
use values::{Piece, Scope};

/// Names of variables that steps may have set before: what a chain of stages hands from each to the next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assigned(BTreeSet<String>);

impl Assigned {
    /// None: at power-on.
    pub fn new() -> Self {
        Self::default()
    }

    fn note(&mut self, planned: &PlannedStep) {
        let names = planned.step().action.sets();
        self.0.extend(names.into_iter().map(str::to_owned));
        planned.steps.iter().for_each(|inner| self.note(inner));
    }
}

/// What counts of a step or a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMaterial {
    /// Equal where nothing can differ.
    pub digest: [u8; 32],
    /// The needles that may be looked at; their pictures are not in the digest.
    pub looks: Looks,
    /// True if it may differ from attempt to attempt: it uses [`ATTEMPT`](crate::ATTEMPT). Then no checkpoint may stand
    /// after it, since the digest does not have the number.
    pub per_attempt: bool,
    /// The files that may be put into the drive; their content is not in the digest. None where one of them is known
    /// only when its step runs: no checkpoint may stand after it, since nobody can tell what is in the file.
    pub media: Option<BTreeSet<String>>,
    /// The last day on which all soft failures in it are excused; none where all are for ever. Afterwards the step may
    /// fail, and a checkpoint that was made before must not hide it.
    pub expires: Option<Date>,
}

impl PlannedStep {
    /// Returns what counts of this step and those inside it for the key of a checkpoint. `vars` are those its stage
    /// starts with; `assigned` are the variables that steps before may have set, in this stage and in those before it,
    /// and has those of this step too afterwards.
    pub fn key_material(&self, vars: &Vars, assigned: &mut Assigned) -> KeyMaterial {
        // Before the step itself is fed: on a group's second try, its first step sees what its last one has set.
        assigned.note(self);
        let mut canonical = Canonical::new();
        canonical.step(self, vars, assigned);
        canonical.finish()
    }
}

impl Watch {
    /// What counts of this watch. Its name does not: it only tells what a breach is called.
    pub fn key_material(&self) -> KeyMaterial {
        let Self {
            name: _,
            kind,
            by: _,
            at: _,
        } = self;
        let mut canonical = Canonical::new();
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

/// What is being fed. Deliberately without `Debug`: what goes in may be secret.
struct Canonical {
    hash: Sha256,
    looks: Looks,
    per_attempt: bool,
    media: Option<BTreeSet<String>>,
    expires: Option<Date>,
}

impl Canonical {
    fn new() -> Self {
        Self {
            hash: Sha256::new(),
            looks: Looks::default(),
            per_attempt: false,
            media: Some(BTreeSet::new()),
            expires: None,
        }
    }

    fn finish(self) -> KeyMaterial {
        KeyMaterial {
            digest: self.hash.finalize().into(),
            looks: self.looks,
            per_attempt: self.per_attempt,
            media: self.media,
            expires: self.expires,
        }
    }

    /// An excuse ends on this day.
    fn excused_until(&mut self, last: Date) {
        self.expires = Some(self.expires.map_or(last, |known| known.min(last)));
    }

    /// Says what comes next.
    fn mark(&mut self, mark: &'static str) {
        self.text(mark);
    }

    fn number(&mut self, number: usize) {
        self.hash.update((number as u64).to_le_bytes());
    }

    fn flag(&mut self, flag: bool) {
        self.number(usize::from(flag));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.hash.update(text);
    }

    fn maybe<T>(&mut self, value: Option<T>, feed: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            feed(self, value);
        }
    }

    fn every(&mut self, every: Option<&Duration>) {
        self.maybe(every, |to, every| to.text(&every.as_nanos().to_string()));
    }

    fn names(&mut self, names: &[String]) {
        self.number(names.len());
        names.iter().for_each(|name| self.text(name));
    }

    fn step(&mut self, planned: &PlannedStep, vars: &Vars, assigned: &Assigned) {
        let crate::Step {
            action,
            // Those of `planned`, before files and lists were put in.
            steps: _,
            within,
            when,
            title: _,
            resets,
            powers_off,
            at: _,
        } = planned.step();
        let frames: &[Frame] = planned.bound();
        let scope = Scope {
            vars,
            assigned: &assigned.0,
            frames,
        };
        self.action(action, scope);
        self.option(within.as_ref(), scope);
        self.maybe(when.as_ref(), |to, when| to.condition(when, scope));
        self.maybe(resets.as_ref(), |to, resets| {
            for kind in ResetKind::ALL {
                to.maybe(resets.of(kind), |to, count| to.number(count as usize));
            }
        });
        self.flag(*powers_off);
        self.number(planned.steps.len());
        for inner in &planned.steps {
            self.step(inner, vars, assigned);
        }
    }
}
