//! Puts a job together: everything that can be wrong with it before a machine starts.

use std::collections::BTreeSet;
use std::sync::Arc;

use scenarios::{
    Chain, Diagnostic, Drives, Keyboard, Library, Machine, Render, Scenario, VarSources,
};
use vm::image::ImageStore;

use super::cells::Cell;
use super::image::image;
use super::machine::resolved;
use super::media::media;
use super::startable::refuse_unstartable;
use crate::cli::RunArgs;
use crate::commands::Context;
use crate::engine::{Job, JobImage, Stage, Visit};
use crate::failure::Failure;
use crate::project::{Project, refuse};

/// Puts the jobs of a call together.
#[derive(Debug)]
pub(super) struct JobMaker<'c> {
    pub(super) context: &'c Context,
    pub(super) args: &'c RunArgs,
    pub(super) project: &'c Project,
    pub(super) library: &'c Library,
    pub(super) images: &'c ImageStore,
    /// The values of all secrets of the jobs made so far.
    pub(super) secrets: Vec<String>,
}

impl JobMaker<'_> {
    /// Puts a job of a cell together; `number` is that of the cell.
    ///
    /// # Errors
    /// Everything that can be wrong with it before a machine starts.
    pub(super) fn job(
        &mut self,
        chain: &Chain,
        cell: &Cell,
        number: usize,
    ) -> Result<Job, Failure> {
        let (image, machine) = self.place(chain, cell)?;
        let mut known = BTreeSet::new();
        let mut stages = Vec::new();
        for scenario in &chain.stages {
            stages.push(self.stage(scenario, cell, &image, &machine, &mut known)?);
        }
        refuse_unknown_variables(&self.args.vars, &known)?;
        let media = media(&self.project.root, self.images, &stages)
            .map_err(|errors| refuse(&errors, self.context.colour_on_stderr()))?;
        refuse_unstartable(&image, &machine, &stages)?;
        let job = Job {
            name: cell.name(&chain.judged().name),
            cell: number,
            stages,
            image,
            machine,
            media,
            base: None,
            visit: Visit::default(),
            remarks: Vec::new(),
            unfit: None,
        };
        self.refuse_keys_beyond_f12(&job)?;
        Ok(job)
    }

    /// Refuses keys that the host's QEMU does not know.
    fn refuse_keys_beyond_f12(&self, job: &Job) -> Result<(), Failure> {
        let stages = job.stages.iter();
        let late: Vec<_> = stages
            .flat_map(|stage| scenarios::unknown_function_keys(&stage.steps, &stage.vars))
            .collect();
        if late.is_empty() {
            return Ok(());
        }
        match job.spec().and_then(|spec| spec.has_keys_beyond_f12()) {
            Some(false) => Err(refuse(&late, self.context.colour_on_stderr())),
            Some(true) | None => Ok(()),
        }
    }

    /// The image and the machine: those of the matrix, of the call, of the scenarios, and what the image names.
    fn place(&mut self, chain: &Chain, cell: &Cell) -> Result<(JobImage, Machine), Failure> {
        let (args, on) = (self.args, cell.on.as_ref());
        let named = on.map(|on| on.image.as_str());
        let (image, image_machine) =
            image(self.context, args, self.project, self.images, chain, named)?;
        let machine_name = on
            .map(|on| on.machine.as_str())
            .or(args.machine.as_deref())
            .or_else(|| chain.machine())
            .or(image_machine.as_deref())
            .unwrap_or(Machine::DEFAULT_PRESET);
        let refused = |error: Diagnostic| refuse(&[error], self.context.colour_on_stderr());
        let Some(file) = &self.project.file else {
            let machine = Machine::preset(machine_name).map_err(refused)?;
            return Ok((image, machine));
        };
        let mut machine = file.machine(machine_name).map_err(refused)?;
        if let Some(declared) = file.images.get(&image.name) {
            file.check_fit(declared, &machine).map_err(refused)?;
            // Who may log in is a matter of the image.
            if let Some(login) = &declared.login {
                machine.login = Some(login.clone());
            }
        }
        let machine = resolved(self.project, machine, &mut self.secrets)?;
        Ok((image, machine))
    }

    fn stage(
        &mut self,
        scenario: &Arc<Scenario>,
        cell: &Cell,
        image: &JobImage,
        machine: &Machine,
        known: &mut BTreeSet<String>,
    ) -> Result<Stage, Failure> {
        let colour = self.context.colour_on_stderr();
        let (project, file) = (self.project, self.project.file.as_ref());
        let declared = file.into_iter().flat_map(|file| &file.secrets);
        let secrets = project.secrets(declared.chain(&scenario.secrets))?;
        let values = secrets.values().filter(|value| !value.is_empty());
        self.secrets.extend(values.cloned());
        let built_in = built_in(scenario, image, machine);
        let mut sources = VarSources {
            project: file,
            image: file
                .and_then(|file| file.images.get(&image.name))
                .map(|image| image.name.as_str()),
            machine: Some(&machine.name),
            scenario,
            matrix: cell.on.as_ref().map(|on| on.vars.as_ref()),
            command_line: &[],
            secrets: &secrets,
            built_in: &built_in,
        };
        // One that needs a value from the command line is an error below, and names itself there.
        if let Ok(declared) = sources.resolve() {
            known.extend(declared.names().map(str::to_owned));
        }
        sources.command_line = &self.args.vars;
        let mut vars = sources
            .resolve()
            .map_err(|errors| refuse(&errors, colour))?;
        // A secret that the command line replaced stays one.
        self.secrets
            .extend(vars.iter().filter_map(|(_, value)| match value {
                scenarios::Value::Text(text) if text.is_secret() && !text.reveal().is_empty() => {
                    Some(text.reveal().to_owned())
                }
                scenarios::Value::Text(_) | scenarios::Value::List(_) => None,
            }));
        let steps = scenarios::expand(scenario, self.library, &vars)
            .map_err(|errors| refuse(&errors, colour))?;
        // What an image that is not there is cannot be told.
        if image.disk.is_ok() {
            let drives = Drives::new(machine, &image.name, image.is_cdrom);
            let lacking = drives.check(&steps);
            if !lacking.is_empty() {
                return Err(refuse(&lacking, colour));
            }
        }
        let watches = scenarios::watches(file, scenario)
            .into_iter()
            .map(|watch| watch.render(&vars))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| refuse(&[error], colour))?;
        let declared_image = file.and_then(|file| file.images.get(&image.name));
        let keyboard = Keyboard::of(file, declared_image, Some(machine), scenario);
        let mistaken = scenarios::mistakes_in_values(&steps, &vars, keyboard);
        if !mistaken.is_empty() {
            return Err(refuse(&mistaken, colour));
        }
        // Lists and watches are the same for all attempts. That of the judged scenario is set when it begins.
        vars.set_attempt(1);
        Ok(Stage {
            scenario: Arc::clone(scenario),
            steps,
            vars,
            keyboard,
            off: scenarios::switched_off(file, declared_image, scenario),
            watches,
            key: None,
            shared: self.library.scenarios().any(|other| {
                other
                    .after
                    .as_ref()
                    .is_some_and(|after| after.value == scenario.name)
            }),
        })
    }
}

/// The variables that every scenario has.
fn built_in(
    scenario: &Scenario,
    image: &JobImage,
    machine: &Machine,
) -> [(&'static str, String); 6] {
    let accel = match machine.accel {
        scenarios::Accel::Auto => "auto",
        scenarios::Accel::Kvm => "kvm",
        scenarios::Accel::Tcg => "tcg",
    };
    [
        ("arch", machine.arch.name().to_owned()),
        ("machine", machine.name.clone()),
        ("image", image.name.clone()),
        ("firmware", machine.firmware.name().to_owned()),
        ("accel", accel.to_owned()),
        ("scenario", scenario.name.clone()),
    ]
}

/// A value for a variable that nothing has is a slip of the pen: the run would go on as if it had not been typed.
fn refuse_unknown_variables(
    typed: &[(String, String)],
    known: &BTreeSet<String>,
) -> Result<(), Failure> {
    for (name, _) in typed {
        if !known.contains(name) {
            let failure =
                Failure::usage(format!("`--var {name}=` sets a variable that nothing has"));
            return Err(
                match scenarios::nearest(name, known.iter().map(String::as_str)) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint("declare it under `vars:` in the scenario or in qa.yaml"),
                },
            );
        }
    }
    Ok(())
}
