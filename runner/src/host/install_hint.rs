//! Makes hints: how to install what this host lacks.

use vm::LaunchError;
use vm::host::{InstallPlan, Missing, OsRelease};

/// Returns the hint for things that this host lacks: the command that installs them, if one is known. Asking apt takes
/// some 100 ms.
pub(crate) fn install_hint<'m>(
    os: &OsRelease,
    missing: impl Iterator<Item = &'m Missing>,
) -> String {
    match InstallPlan::of(os, missing) {
        Some(plan) => format!(
            "install it: {}",
            plan.to_shell(rustix::process::geteuid().is_root())
        ),
        None => format!(
            "no package of {} is known to have it; `qa doctor` says what this host has and lacks",
            os.pretty_name
        ),
    }
}

/// Returns the hint for a machine that did not start.
pub(crate) fn launch_hint(error: &LaunchError) -> String {
    if let LaunchError::Board(fault) = error {
        let advice = fault.advice.clone();
        return advice.unwrap_or_else(|| {
            "look at the board and its sources: `board.log` has what each of them said".to_owned()
        });
    }
    if let LaunchError::Port { .. } = error {
        return "end that program, or forward another port in `network:` of the machine".to_owned();
    }
    let os = OsRelease::of_host();
    match Missing::of(error, &os) {
        Some(missing) => install_hint(&os, std::iter::once(&missing)),
        None => "`qa doctor` says what this host has and lacks".to_owned(),
    }
}
