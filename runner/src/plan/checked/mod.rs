//! A checked job: everything that can be wrong with it before a machine starts has been looked at. The second of three:
//! draft, checked, planned.

pub(super) mod needle_faults;
mod startable;

use std::collections::BTreeSet;

use scenarios::{Diagnostic, Drives};
use vm::image::ImageStore;

use self::startable::refuse_unstartable;
use super::draft::{DraftJob, DraftSources};
use super::media::Media;
use super::request::Setting;
use crate::failure::Failure;

/// A job that nothing is wrong with.
#[derive(Debug)]
pub(super) struct CheckedJob {
    /// The draft that was checked.
    pub draft: DraftJob,
    /// What its steps put into the drive.
    pub media: Media,
    /// What its machine lacks for a scenario of its way, so that it is skipped.
    pub missing: Option<String>,
}

impl CheckedJob {
    /// Checks a draft.
    ///
    /// # Errors
    /// A drive that the machine does not have, a key that nothing types, a value that cannot be, a variable of the call
    /// that nothing has, a medium that is none, and an image that the machine surely cannot start from.
    pub(super) fn of(
        draft: DraftJob,
        sources: &DraftSources<'_>,
        images: &ImageStore,
    ) -> Result<Self, Failure> {
        refuse(drives(&draft))?;
        for stage in &draft.stages {
            refuse(scenarios::mistakes_in_values(
                &stage.steps,
                &stage.vars,
                stage.keyboard,
            ))?;
        }
        refuse_unknown_variables(&sources.settings, &draft.known_vars)?;
        let media = Media::of_stages(&sources.project.root, images, &draft.stages);
        let media = media.map_err(Failure::of_findings)?;
        let subject = &draft.subject;
        refuse_unstartable(&subject.image, &subject.machine, &draft.stages)?;
        refuse_keys_beyond_f12(&draft)?;
        Ok(Self {
            missing: missing(&draft),
            draft,
            media,
        })
    }
}

fn refuse(findings: Vec<Diagnostic>) -> Result<(), Failure> {
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Failure::of_findings(findings)),
    }
}

/// Returns the steps that change a drive which the machine does not have.
fn drives(draft: &DraftJob) -> Vec<Diagnostic> {
    let image = &draft.subject.image;
    // Whether an image that is not there is a CD is not known.
    if image.disk.is_err() {
        return Vec::new();
    }
    let drives = Drives::new(&draft.subject.machine, &image.name, image.is_cdrom);
    let stages = draft.stages.iter();
    stages
        .flat_map(|stage| drives.check(&stage.steps))
        .collect()
}

/// Refuses keys that the host's QEMU does not know.
fn refuse_keys_beyond_f12(draft: &DraftJob) -> Result<(), Failure> {
    let stages = draft.stages.iter();
    let late: Vec<_> = stages
        .flat_map(|stage| scenarios::unknown_function_keys(&stage.steps, &stage.vars))
        .collect();
    let Ok(spec) = &draft.subject.spec else {
        return Ok(());
    };
    if late.is_empty() || spec.has_keys_beyond_f12() != Some(false) {
        return Ok(());
    }
    Err(Failure::of_findings(late))
}

/// Returns the first scenario of the way that requires something that the machine lacks, and what.
fn missing(draft: &DraftJob) -> Option<String> {
    let machine = &draft.subject.machine;
    draft.stages.iter().find_map(|stage| {
        let mut required = stage.scenario.requires.iter();
        let lacking = required.find(|capability| !capability.is_had_by(machine))?;
        Some(format!(
            "`{}` requires `{}`, which the machine `{}` does not have",
            stage.scenario.name,
            lacking.name(),
            machine.name
        ))
    })
}

/// Refuses a value for a variable that nothing has: the run would go on as if it had not been typed.
fn refuse_unknown_variables(settings: &[Setting], known: &BTreeSet<String>) -> Result<(), Failure> {
    let unknown = settings
        .iter()
        .find(|setting| !known.contains(&setting.name));
    let Some(Setting { name, .. }) = unknown else {
        return Ok(());
    };
    let failure = Failure::usage(format!("`--var {name}=` sets a variable that nothing has"));
    let near = scenarios::nearest(name, known.iter().map(String::as_str));
    Err(match near {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("declare it under `vars:` in the scenario or in qa.yaml"),
    })
}
