//! Chooses the environment variables that the programs of a machine get. The secrets of a project are variables as
//! well, and are left out.

use std::{collections::BTreeSet, ffi::OsStr, process::Command};

/// The variable that names further variables for QEMU and its helpers, separated by commas.
const MORE: &str = "QA_QEMU_ENV";

/// The variables that such a program may need: the places of programs, libraries and temporary files, the time zone and
/// the language.
const KEPT: [&str; 9] = [
    "HOME",
    "LANG",
    "LANGUAGE",
    "LD_LIBRARY_PATH",
    "PATH",
    "TMPDIR",
    "TZ",
    "TZDIR",
    "XDG_DATA_DIRS",
];

/// Removes every variable from the command's environment that is not on the list.
pub(crate) fn clean(command: &mut Command) -> &mut Command {
    let more = std::env::var(MORE).unwrap_or_default();
    let more: BTreeSet<&str> = more.split(',').map(str::trim).collect();
    command.env_clear();
    command.envs(std::env::vars_os().filter(|(name, _)| is_kept(name, &more)))
}

fn is_kept(name: &OsStr, more: &BTreeSet<&str>) -> bool {
    name.to_str().is_some_and(|name| {
        KEPT.contains(&name)
            || name.starts_with("LC_")
            // QEMU's own variables, such as the folder of its modules.
            || name.starts_with("QEMU_")
            || more.contains(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_the_list_or_named_is_kept() {
        let more = BTreeSet::from(["SSL_CERT_FILE"]);
        let kept = |name: &str| is_kept(OsStr::new(name), &more);
        for name in ["PATH", "LC_ALL", "QEMU_MODULE_DIR", "SSL_CERT_FILE"] {
            assert!(kept(name), "{name}");
        }
        for name in ["PASSWORD", "QA_QEMU_ENV", "GITHUB_TOKEN", "LCX", "path"] {
            assert!(!kept(name), "{name}");
        }
    }
}
