//! A checked job: it has no mistake that can be found before a machine starts. The second of three types: draft,
//! checked, planned.

mod capabilities;
pub(super) mod needle_faults;
mod startable;

use std::collections::BTreeSet;

use scenarios::{Diagnostic, Drives};
use vm::image::ImageStore;

use self::startable::refuse_unstartable;
use super::draft::{DraftJob, DraftSources};
use super::media::Media;
use super::put_files::PutFiles;
use super::request::Setting;
use super::subject::Target;
use crate::failure::Failure;

/// A job without mistakes.
#[derive(Debug)]
pub(super) struct CheckedJob {
    /// The draft that was checked.
    pub draft: DraftJob,
    /// The media that its steps insert.
    pub media: Media,
    /// The files that its steps copy into the guest.
    pub put_files: PutFiles,
    /// The capability that its machine lacks for a scenario of its chain; the job is skipped then.
    pub missing: Option<String>,
}

impl CheckedJob {
    /// Checks a draft.
    ///
    /// # Errors
    /// A step uses a drive that the machine does not have, a character that no key types, an invalid value, a file that
    /// is no medium or a file that cannot be copied into the guest; the user set an unknown variable; or the machine
    /// certainly cannot start from the image.
    pub(super) fn of(
        draft: DraftJob,
        sources: &DraftSources<'_>,
        images: &ImageStore,
    ) -> Result<Self, Failure> {
        if draft.subject.machine.board.is_none() {
            refuse(drives(&draft))?;
        }
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
        let put_files = PutFiles::of_stages(&sources.project.root, &subject.machine, &draft.stages);
        let put_files = put_files.map_err(Failure::of_findings)?;
        if subject.machine.board.is_none() {
            refuse_unstartable(&subject.image, &subject.machine, &draft.stages)?;
        }
        refuse_keys_beyond_f12(&draft)?;
        Ok(Self {
            missing: missing(&draft).or_else(|| capabilities::missing(&draft)),
            draft,
            media,
            put_files,
        })
    }
}

/// Fails if there are findings.
fn refuse(findings: Vec<Diagnostic>) -> Result<(), Failure> {
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Failure::of_findings(findings)),
    }
}

/// Returns the steps that change a drive which the machine does not have.
fn drives(draft: &DraftJob) -> Vec<Diagnostic> {
    let image = &draft.subject.image;
    // A missing image may or may not be a CD.
    if image.disk.is_err() {
        return Vec::new();
    }
    let drives = Drives::new(&draft.subject.machine, &image.name, image.is_cdrom);
    let stages = draft.stages.iter();
    stages
        .flat_map(|stage| drives.check(&stage.steps))
        .collect()
}

/// Refuses function keys beyond F12 if the host's QEMU does not have them.
fn refuse_keys_beyond_f12(draft: &DraftJob) -> Result<(), Failure> {
    let stages = draft.stages.iter();
    let late: Vec<_> = stages
        .flat_map(|stage| scenarios::unknown_function_keys(&stage.steps, &stage.vars))
        .collect();
    let Ok(Some(spec)) = draft.subject.target.as_ref().map(Target::virtual_machine) else {
        return Ok(());
    };
    if late.is_empty() || spec.has_keys_beyond_f12() != Some(false) {
        return Ok(());
    }
    Err(Failure::of_findings(late))
}

/// Returns a message about the first scenario of the chain that requires something that the machine lacks.
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

/// Refuses `--var` for an unknown variable, which would have no effect.
fn refuse_unknown_variables(settings: &[Setting], known: &BTreeSet<String>) -> Result<(), Failure> {
    let unknown = settings
        .iter()
        .find(|setting| !known.contains(&setting.name));
    let Some(Setting { name, .. }) = unknown else {
        return Ok(());
    };
    let failure = Failure::usage(format!(
        "`--var {name}=` sets a variable that does not exist"
    ));
    let near = scenarios::nearest(name, known.iter().map(String::as_str));
    Err(match near {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("declare it under `vars:` in the scenario or in qa.yaml"),
    })
}
