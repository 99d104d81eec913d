//! Makes the first entry of a run: the scenarios that will run, and the host.

use std::sync::Arc;

use reports::{Event, Host, Rules, ScenarioInfo};

use crate::plan::Job;
use crate::results::RunFolder;

/// Returns the entry of a run that begins now.
pub(super) fn run_started<'j>(
    folder: &RunFolder,
    started: &str,
    matrix: Option<String>,
    jobs: impl Iterator<Item = &'j Arc<Job>>,
    rules: Rules,
    host: Host,
) -> Event {
    Event::RunStarted {
        format: reports::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run: folder.name().to_owned(),
        started: started.to_owned(),
        command: command_line(),
        hosts: vec![host],
        matrix,
        scenarios: jobs.map(|job| info(job)).collect(),
        rules,
    }
}

/// Returns the command line as typed, without the values of variables: one of them may be a secret.
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
        name: job.name().to_owned(),
        scenario: (job.name() != scenario.name).then(|| scenario.name.clone()),
        title: scenario.title.clone().unwrap_or_default(),
        file: scenario.source.path().to_owned(),
        image: job.image.name.clone(),
        image_digest: job.image.digest.clone(),
        machine: job.machine.name.clone(),
        after: job.after(),
        part: job.inspection.part.clone(),
        inputs: job.inputs.clone(),
    }
}

/// Returns the name of the host's system; that of its kernel if the system has no name.
fn operating_system() -> String {
    let release = vm::host::OsRelease::of_host();
    let names_itself = !release.id.is_empty() || release.pretty_name != "Linux";
    if names_itself && !release.pretty_name.is_empty() {
        return release.pretty_name;
    }
    let kernel = rustix::system::uname();
    let [name, version] =
        [kernel.sysname(), kernel.release()].map(|text| text.to_string_lossy().into_owned());
    format!("{name} {version}, which does not name its distribution")
}

/// Returns the facts of this host.
pub(super) fn host() -> Host {
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
        os: operating_system(),
        cores: std::thread::available_parallelism()
            .map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX)),
        memory_mib: bytes >> 20,
    }
}
