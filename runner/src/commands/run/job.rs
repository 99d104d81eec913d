//! Puts a job together: everything that can be wrong with it before a machine starts.

use std::collections::BTreeSet;
use std::sync::Arc;

use scenarios::{Chain, Library, Machine, Render, VarSources};
use vm::image::ImageStore;

use super::image::image;
use crate::cli::RunArgs;
use crate::commands::Context;
use crate::engine::{Job, Stage, Visit};
use crate::failure::Failure;
use crate::project::{Project, refuse};

/// Puts a job together: everything that can be wrong with it before a machine starts.
pub(super) fn job(
    context: &Context,
    args: &RunArgs,
    project: &Project,
    library: &Library,
    images: &ImageStore,
    chain: &Chain,
    all_secrets: &mut Vec<String>,
) -> Result<Job, Failure> {
    let colour = context.colour_on_stderr();
    let (image, image_machine) = image(context, args, project, images, chain)?;
    let machine_name = args
        .machine
        .as_deref()
        .or_else(|| chain.machine())
        .or(image_machine.as_deref())
        .unwrap_or(Machine::DEFAULT_PRESET);
    let machine = match &project.file {
        Some(file) => file.machine(machine_name),
        None => Machine::preset(machine_name),
    }
    .map_err(|error| refuse(&[error], colour))?;
    let built_in = [
        ("arch", machine_arch(&machine).to_owned()),
        ("machine", machine.name.clone()),
        ("image", image.name.clone()),
        (
            "firmware",
            match machine.firmware {
                scenarios::Firmware::Uefi => "uefi",
                scenarios::Firmware::Bios => "bios",
            }
            .to_owned(),
        ),
        (
            "accel",
            match machine.accel {
                scenarios::Accel::Auto => "auto",
                scenarios::Accel::Kvm => "kvm",
                scenarios::Accel::Tcg => "tcg",
            }
            .to_owned(),
        ),
    ];
    let mut stages = Vec::new();
    let mut known = BTreeSet::new();
    for scenario in &chain.stages {
        let declared = project
            .file
            .iter()
            .flat_map(|file| &file.secrets)
            .chain(&scenario.secrets);
        let secrets = project.secrets(declared)?;
        all_secrets.extend(secrets.values().filter(|value| !value.is_empty()).cloned());
        let mut own_built_in = built_in.to_vec();
        own_built_in.push(("scenario", scenario.name.clone()));
        let mut sources = VarSources {
            project: project.file.as_ref(),
            image: project
                .file
                .as_ref()
                .and_then(|file| file.images.get(&image.name))
                .map(|image| image.name.as_str()),
            machine: Some(&machine.name),
            scenario,
            command_line: &[],
            secrets: &secrets,
            built_in: &own_built_in,
        };
        // One that needs a value from the command line is an error below, and names itself there.
        if let Ok(declared) = sources.resolve() {
            known.extend(declared.names().map(str::to_owned));
        }
        sources.command_line = &args.vars;
        let mut vars = sources
            .resolve()
            .map_err(|errors| refuse(&errors, colour))?;
        // A secret that the command line replaced stays one.
        all_secrets.extend(vars.iter().filter_map(|(_, value)| match value {
            scenarios::Value::Text(text) if text.is_secret() && !text.reveal().is_empty() => {
                Some(text.reveal().to_owned())
            }
            scenarios::Value::Text(_) | scenarios::Value::List(_) => None,
        }));
        let steps = scenarios::expand(scenario, library, &vars)
            .map_err(|errors| refuse(&errors, colour))?;
        let watches = scenarios::watches(project.file.as_ref(), scenario)
            .into_iter()
            .map(|watch| watch.render(&vars))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| refuse(&[error], colour))?;
        // Lists and watches are the same for all attempts. That of the judged scenario is set when it begins.
        vars.set_attempt(1);
        stages.push(Stage {
            scenario: Arc::clone(scenario),
            steps,
            vars,
            watches,
            key: None,
            shared: library.scenarios().any(|other| {
                other
                    .after
                    .as_ref()
                    .is_some_and(|after| after.value == scenario.name)
            }),
        });
    }
    refuse_unknown_variables(&args.vars, &known)?;
    Ok(Job {
        stages,
        image,
        machine,
        base: None,
        visit: Visit::default(),
    })
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

fn machine_arch(machine: &Machine) -> &'static str {
    match machine.arch {
        scenarios::Architecture::X86_64 => "x86_64",
        scenarios::Architecture::Aarch64 => "aarch64",
        scenarios::Architecture::Riscv64 => "riscv64",
    }
}
