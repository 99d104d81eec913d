//! `qa run`: everything is read and checked, then machines start.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reports::{Event, ExitStatus, Host, ScenarioInfo};
use scenarios::{
    Chain, Code, Diagnostic, ImageSource, Library, Machine, NeedleFacts, Plan, Render, VarSources,
};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc;
use vm::image::{ImageFormat, ImageStore};

use crate::cancel::Cancel;
use crate::cli::{Format, RunArgs};
use crate::commands::image::{find_recipe, open_store};
use crate::commands::report;
use crate::commands::{Context, print, talk};
use crate::engine::{Engine, Job, JobImage, MissingImage, Stage};
use crate::failure::{Failure, chain};
use crate::needle_store::NeedleStore;
use crate::progress::{self, Display};
use crate::project::{Project, needle_facts, refuse};
use crate::recorder::Recorder;
use crate::results::RunFolder;

/// Runs `qa run`.
///
/// # Errors
/// What is wrong with the call, the project or the scenarios: nothing was started then.
pub(super) fn run(context: &Context, args: RunArgs) -> Result<ExitStatus, Failure> {
    let project = context.load_project()?;
    let (files, names) = files_and_names(&args.scenarios);
    let (library, findings) = project.library(&files)?;
    let mut store = project.needles();
    if project.file.is_none() {
        store = Arc::new(NeedleStore::open(&needle_folders_beside(&files)));
    }
    let plan = Plan::new(&library, &names).map_err(|errors| {
        // A file that could not be read is the better explanation of a name that is not there.
        let mut all = errors;
        all.extend(
            findings
                .iter()
                .filter(|finding| finding.is_error())
                .cloned(),
        );
        refuse(&all, context.colour_on_stderr())
    })?;
    let chains = plan.chains();
    if chains.is_empty() {
        return Err(Failure::usage("there is no scenario to run")
            .hint("name a scenario file, or go to a project: `qa list` shows its scenarios"));
    }
    refuse_broken(context, &project, &library, &store, &chains, findings)?;
    let images = open_store()?;
    let mut secrets = Vec::new();
    let jobs = chains
        .iter()
        .map(|chain| {
            job(
                context,
                &args,
                &project,
                &library,
                &images,
                chain,
                &mut secrets,
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    context
        .runtime()?
        .block_on(execute(context, &args, &project, store, jobs, secrets))
}

/// Splits what was typed into scenario files and the names of all scenarios.
fn files_and_names(typed: &[String]) -> (Vec<PathBuf>, Vec<String>) {
    let mut files = Vec::new();
    let mut names = Vec::new();
    for word in typed {
        let path = Path::new(word);
        let is_file = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if is_file {
            files.push(path.to_owned());
            names.push(
                path.file_stem()
                    .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
            );
        } else {
            names.push(word.clone());
        }
    }
    (files, names)
}

/// Outside any project, needles lie in the folder of the scenario or in `needles` beside it.
fn needle_folders_beside(files: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = files
        .iter()
        .filter_map(|file| file.parent())
        .map(|folder| {
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            let needles = folder.join("needles");
            if needles.is_dir() {
                needles
            } else {
                folder.to_owned()
            }
        })
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Refuses to run when a file that takes part has an error in it. Other files' errors are only told.
fn refuse_broken(
    context: &Context,
    project: &Project,
    library: &Library,
    store: &NeedleStore,
    chains: &[Chain],
    mut findings: Vec<Diagnostic>,
) -> Result<(), Failure> {
    let facts = needle_facts(store);
    let lint = |facts: &[NeedleFacts]| scenarios::lint(project.file.as_ref(), library, facts);
    // What only broken needles carry cannot be seen: for a run their tags are unknown ones.
    let usable: Vec<_> = facts
        .iter()
        .filter(|needle| needle.problem.is_none())
        .cloned()
        .collect();
    findings.extend(lint(&usable));
    let takes_part = |finding: &Diagnostic| {
        let Some(at) = &finding.at else {
            return false;
        };
        let is_project = project
            .file
            .as_ref()
            .is_some_and(|file| file.source.path() == at.file());
        let is_fragment = library.file(at.file()).is_some_and(|file| file.fragment);
        let in_chain = chains
            .iter()
            .flat_map(|chain| &chain.stages)
            .any(|scenario| scenario.source.path() == at.file());
        is_project || is_fragment || in_chain
    };
    let (mut own, other): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .filter(Diagnostic::is_error)
        .partition(takes_part);
    let mut broken = lint(&facts);
    broken.retain(|finding| finding.code == Code::BrokenNeedle);
    if own.iter().any(|finding| finding.code == Code::UnknownTag) {
        // A broken needle is the better explanation of a tag that nothing carries.
        own.append(&mut broken);
    }
    if !own.is_empty() {
        return Err(refuse(&own, context.colour_on_stderr()));
    }
    if !(other.is_empty() && broken.is_empty()) {
        talk(
            context,
            "files that do not take part in this run have errors in them; `qa check` shows them",
        );
    }
    Ok(())
}

/// Puts a job together: everything that can be wrong with it before a machine starts.
fn job(
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
        let vars = sources
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
        stages.push(Stage {
            scenario: Arc::clone(scenario),
            steps,
            vars,
            watches,
        });
    }
    refuse_unknown_variables(&args.vars, &known)?;
    Ok(Job {
        stages,
        image,
        machine,
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

/// The image of a chain, and the machine it names.
fn image(
    context: &Context,
    args: &RunArgs,
    project: &Project,
    images: &ImageStore,
    chain: &Chain,
) -> Result<(JobImage, Option<String>), Failure> {
    let named = args.image.as_deref().or_else(|| chain.image());
    let only = match &project.file {
        Some(file) if file.images.len() == 1 => file.images.keys().next().map(String::as_str),
        Some(_) | None => None,
    };
    let Some(name) = named.or(only) else {
        return Err(Failure::usage("it is not said which image to test")
            .hint("give a disk file with --image, or `image:` in the scenario"));
    };
    let declared = project.file.as_ref().and_then(|file| file.images.get(name));
    if let Some(image) = declared {
        let machine = image.machine.as_ref().map(|machine| machine.value.clone());
        let job_image = match &image.source {
            ImageSource::Recipe(recipe) => built(context, images, name, recipe)?,
            ImageSource::File { path, .. } => file_image(images, name, &project.root.join(path)),
        };
        return Ok((job_image, machine));
    }
    // Not a name of the project: a file, if it looks like one or is there.
    let path = Path::new(name);
    if args.image.is_some() && (path.exists() || name.contains(['/', '.'])) {
        let name = path
            .file_name()
            .map_or(name.to_owned(), |name| name.to_string_lossy().into_owned());
        return Ok((file_image(images, &name, path), None));
    }
    match &project.file {
        Some(file) => match file.image(name) {
            Ok(_) => Err(Failure::error(format!("image `{name}` is declared twice"))),
            Err(error) => Err(refuse(&[error], context.colour_on_stderr())),
        },
        None => Err(Failure::usage(format!("there is no image `{name}`"))
            .hint("outside a project, give a disk file with --image")),
    }
}

fn built(
    context: &Context,
    images: &ImageStore,
    name: &str,
    recipe: &str,
) -> Result<JobImage, Failure> {
    let recipe = find_recipe(context, recipe)?;
    let found = images
        .find(&recipe)
        .map_err(|error| Failure::error(chain(&error)))?;
    Ok(JobImage {
        name: name.to_owned(),
        digest: found
            .as_ref()
            .map(|image| format!("sha256:{}", image.digest)),
        disk: found.map(|image| image.path).ok_or_else(|| MissingImage {
            message: format!("image `{name}` is not built, or its recipe has changed since"),
            hint: format!("`qa image build {}` builds it", recipe.name()),
        }),
        is_cdrom: false,
    })
}

fn file_image(images: &ImageStore, name: &str, path: &Path) -> JobImage {
    let probed = vm::image::probe(path);
    let (disk, digest, is_cdrom) = match probed {
        Ok(probed) => (
            Ok(path.to_owned()),
            images
                .digest_of(path)
                .ok()
                .map(|digest| format!("sha256:{digest}")),
            match probed.format {
                ImageFormat::Iso => true,
                ImageFormat::Qcow2 | ImageFormat::RawGpt | ImageFormat::RawMbr => false,
            },
        ),
        Err(error) => (
            Err(MissingImage {
                message: chain(&error),
                hint: "`--image` takes a disk file: qcow2, raw or ISO".to_owned(),
            }),
            None,
            false,
        ),
    };
    JobImage {
        name: name.to_owned(),
        disk,
        digest,
        is_cdrom,
    }
}

async fn execute(
    context: &Context,
    args: &RunArgs,
    project: &Project,
    store: Arc<NeedleStore>,
    jobs: Vec<Job>,
    secrets: Vec<String>,
) -> Result<ExitStatus, Failure> {
    let results = args
        .results
        .clone()
        .unwrap_or_else(|| project.root.join("qa-results"));
    let now = OffsetDateTime::now_utc();
    let folder = RunFolder::create(&results, now).map_err(|error| Failure::error(chain(&error)))?;
    let cancel = Cancel::on_signals()
        .map_err(|error| Failure::error(format!("cannot listen to signals: {error}")))?;
    let (live, news) = mpsc::unbounded_channel();
    let recorder = Recorder::create(folder.path(), secrets, live).map_err(|error| {
        Failure::error(format!(
            "cannot write to `{}`: {error}",
            folder.path().display()
        ))
    })?;
    let display = match args.format {
        Format::Json => Display::Json,
        Format::Text if context.quiet() => Display::Quiet,
        Format::Text => Display::for_stderr(context.colour_on_stderr()),
    };
    let shown = progress::show(display, news);
    recorder.record(run_started(&folder, now, &jobs));
    let engine = Engine {
        store,
        recorder: recorder.clone(),
        folder: folder.clone(),
        cancel: cancel.clone(),
        deadline_scale: args.deadline_scale,
        live: matches!(display, Display::Terminal { .. }),
    };
    let verdicts = engine.run(&jobs).await;
    drop(engine);
    let exit = if cancel.is_requested() {
        ExitStatus::Cancelled
    } else {
        ExitStatus::of(verdicts)
    };
    recorder.record(Event::RunFinished {
        exit,
        duration_ms: recorder.elapsed_ms(),
    });
    let records = recorder.records();
    let broken = recorder.broken();
    drop(recorder);
    // The display ends with its last sender; a panic in it must not lose the verdict.
    let _ = shown.await;
    let written = report::write(folder.path(), &records);
    if args.format == Format::Text {
        let paths = written.as_ref().ok();
        let summary = report::summary(&records, context.colour_on_stdout(), paths);
        if !(context.quiet() && exit == ExitStatus::Success) {
            print(summary.trim_end())?;
        }
    }
    if let Some(error) = broken {
        return Err(Failure::error(format!(
            "the event log is not whole: {error}"
        )));
    }
    written?;
    Ok(exit)
}

fn run_started(folder: &RunFolder, now: OffsetDateTime, jobs: &[Job]) -> Event {
    Event::RunStarted {
        format: reports::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run: folder.name().to_owned(),
        started: now.format(&Rfc3339).unwrap_or_default(),
        command: command_line(),
        host: host(),
        scenarios: jobs.iter().map(info).collect(),
    }
}

/// The command line as typed, without the values of variables: one of them may be a secret.
fn command_line() -> Vec<String> {
    let mut masked = false;
    std::env::args()
        .map(|word| {
            let was_var = std::mem::replace(&mut masked, word == "--var");
            match word.split_once('=') {
                Some((name, _)) if was_var => format!("{name}={}", crate::recorder::MASK),
                Some(("--var", rest)) => {
                    let name = rest.split('=').next().unwrap_or(rest);
                    format!("--var={name}={}", crate::recorder::MASK)
                }
                Some(_) | None => word,
            }
        })
        .collect()
}

fn info(job: &Job) -> ScenarioInfo {
    let scenario = job.scenario();
    ScenarioInfo {
        name: scenario.name.clone(),
        title: scenario.title.clone().unwrap_or_default(),
        file: scenario.source.path().to_owned(),
        image: job.image.name.clone(),
        image_digest: job.image.digest.clone(),
        machine: job.machine.name.clone(),
        after: job.stages[..job.stages.len() - 1]
            .iter()
            .map(|stage| stage.scenario.name.clone())
            .collect(),
    }
}

fn host() -> Host {
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    let memory = rustix::system::sysinfo();
    // The width of these fields differs between architectures.
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
    let bytes = memory.totalram as u64 * memory.mem_unit as u64;
    Host {
        name,
        os: String::new(),
        cores: std::thread::available_parallelism()
            .map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX)),
        memory_mib: bytes >> 20,
    }
}
