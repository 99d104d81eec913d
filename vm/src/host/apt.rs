//! The packages that apt on this host can install.

use std::process::{Command, Stdio};

use super::PackageFamily;

/// Finds an installation that apt would carry out, by simulating each candidate.
///
/// One case needs more than the names of the packages: tools of QEMU that come from another release than the other
/// packages of QEMU (`qemu-utils` from backports, say). Packages of both releases do not fit together: apt refuses, or
/// would remove the tools, which it must not. So either all of QEMU comes from that release, or the tools go back to
/// the version of the archive.
pub(super) fn install_command(packages: &[String], codename: &str) -> Vec<String> {
    let candidates = candidates(packages, codename, &installed_of_qemu());
    first_possible(candidates, would_work)
}

/// Returns the first command that `works`. If none does, returns the plain one, whose error tells the obstacle.
fn first_possible(candidates: Vec<Vec<String>>, works: impl Fn(&[String]) -> bool) -> Vec<String> {
    let possible = candidates.iter().position(|command| works(command));
    candidates
        .into_iter()
        .nth(possible.unwrap_or(0))
        .unwrap_or_default()
}

fn candidates(packages: &[String], codename: &str, of_qemu: &[String]) -> Vec<Vec<String>> {
    let plain = PackageFamily::Apt.install(packages);
    let mut candidates = vec![plain.clone()];
    if codename.is_empty() {
        return candidates;
    }
    let mut backports = plain.clone();
    backports.push(format!("--target-release={codename}-backports"));
    candidates.push(backports);
    if !of_qemu.is_empty() {
        let mut back = plain;
        back.push("--allow-downgrades".to_owned());
        back.extend(
            of_qemu
                .iter()
                .map(|package| format!("{package}/{codename}")),
        );
        candidates.push(back);
    }
    candidates
}

/// Returns true if apt accepts the command in a simulation.
fn would_work(command: &[String]) -> bool {
    let Some((program, arguments)) = command.split_first() else {
        return false;
    };
    let simulated = Command::new(program)
        .arg("--simulate")
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    simulated.is_ok_and(|status| status.success())
}

/// Returns the installed packages that are made from QEMU's source.
fn installed_of_qemu() -> Vec<String> {
    let output = Command::new("dpkg-query")
        .args([
            "--show",
            "--showformat=${db:Status-Status} ${source:Package} ${Package}\n",
            "qemu-*",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    of_qemu(&String::from_utf8_lossy(&text))
}

fn of_qemu(listed: &str) -> Vec<String> {
    let installed = |line: &str| line.strip_prefix("installed qemu ").map(str::to_owned);
    listed.lines().filter_map(installed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(of_qemu: &[&str]) -> Vec<Vec<String>> {
        let of_qemu: Vec<_> = of_qemu.iter().map(|&name| name.to_owned()).collect();
        candidates(&["qemu-system-x86".to_owned()], "bookworm", &of_qemu)
    }

    fn chosen(works: impl Fn(&str) -> bool) -> String {
        first_possible(commands(&["qemu-utils"]), |command| {
            works(&command.join(" "))
        })
        .join(" ")
    }

    #[test]
    fn a_host_without_conflicts_gets_the_plain_command() {
        assert_eq!(
            chosen(|_| true),
            "apt-get install --yes --no-remove --no-install-recommends qemu-system-x86"
        );
    }

    #[test]
    fn all_of_qemu_comes_from_the_release_of_its_tools_where_that_can_be_had() {
        assert_eq!(
            chosen(|command| command.contains("backports")),
            "apt-get install --yes --no-remove --no-install-recommends qemu-system-x86 \
            --target-release=bookworm-backports"
        );
    }

    #[test]
    fn tools_of_another_release_go_back_where_their_release_is_not_known() {
        assert_eq!(
            chosen(|command| command.contains("downgrades")),
            "apt-get install --yes --no-remove --no-install-recommends qemu-system-x86 --allow-downgrades \
            qemu-utils/bookworm"
        );
    }

    #[test]
    fn when_nothing_works_the_plain_command_tells_why() {
        assert_eq!(chosen(|_| false), chosen(|_| true));
    }

    #[test]
    fn nothing_is_moved_to_another_version_where_no_part_of_qemu_is_installed() {
        assert!(
            commands(&[])
                .iter()
                .flatten()
                .all(|word| word != "--allow-downgrades")
        );
    }

    #[test]
    fn installed_packages_of_qemus_source_are_told_from_others() {
        let listed = "installed qemu qemu-utils\ninstalled qemu-guest-agent-tools qemu-x\n\
            config-files qemu qemu-system-x86\n";
        assert_eq!(of_qemu(listed), ["qemu-utils"]);
    }
}
