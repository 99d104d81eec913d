//! Hopelessness: a wait ends as soon as it cannot succeed any more.
//!
//! ```text
//! a step waits for the guest to come on --the console has a rule's line, and the step foresees no restart--> doubt
//!   doubt --anything new on the console, a restart, or a screen that the step looks for--> the wait goes on
//!   doubt --GRACE long nothing more on the console--> the wait ends: the cause says why it was hopeless
//! ```
//!
//! A rule is data: a name, the line of the console, what it means, what to do. `watch: [{ off: NAME }]` switches
//! one off. Rules apply to steps that wait for something that only the guest can bring about (see `steps::waiting`),
//! and only to what the console said since the last such step held: a scenario that has gone on after an emergency
//! shell knows what it does.

use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

/// The time of silence on the console, after a rule's line, until the wait ends. A kernel that restarts by itself some
/// seconds after its panic is judged by its restart.
const GRACE: Duration = Duration::from_secs(15);

/// The variable that names another grace in milliseconds: tests have less of it.
const GRACE_VARIABLE: &str = "QA_GRACE";

/// Returns how long a state must last before a wait ends for it.
pub(super) fn grace() -> Duration {
    let told = std::env::var(GRACE_VARIABLE).ok();
    let told = told.and_then(|told| told.parse().ok());
    told.map_or(GRACE, Duration::from_millis)
}

/// A state that no guest comes out of by itself.
#[derive(Debug)]
pub(super) struct Rule {
    /// By which it is switched off.
    pub name: &'static str,
    /// A line of the serial console.
    line: &'static str,
    /// The meaning: completes "it cannot succeed: ".
    pub means: &'static str,
    /// The advice on what to do.
    pub hint: &'static str,
}

/// The machine is off, and no step switches it on. No line of the console says so.
pub(super) static OFF: Rule = Rule {
    name: "guest-off",
    line: r"$^",
    means: "the machine is off",
    hint: "`power: on` switches it on again",
};

/// Every rule with a line. Of two that fit, the first one tells more.
pub(super) static RULES: [Rule; 5] = [
    Rule {
        name: "no-root-disk",
        line: concat!(
            r"(?m)\] (?:VFS: (?:Unable to mount root fs|Cannot open root device)|",
            r"Kernel panic - not syncing: VFS: Unable to mount root fs).*$",
        ),
        means: "the kernel found no root file system",
        hint: "`root=` of the kernel's command line, the disk's bus and the drivers of the initrd must fit each other",
    },
    Rule {
        name: "kernel-panic",
        line: r"(?m)\] Kernel panic - not syncing.*$",
        means: "the guest's kernel panicked",
        hint: "the serial console has the panic's text",
    },
    Rule {
        name: "no-root-device",
        line: concat!(
            r"(?m)^.*(?:ALERT!  \S+ does not exist\.  Dropping to a shell!|",
            r"dracut-initqueue.*Warning: Could not boot\.?|Warning: /dev/\S+ does not exist)\s*$",
        ),
        means: "the initrd did not find the root device and opened a shell",
        hint: "`root=` of the kernel's command line and the drivers in the initrd must fit the disk",
    },
    Rule {
        name: "emergency-shell",
        line: concat!(
            r"(?m)^.*(?:You are in emergency mode\b|Entering emergency mode\. Exit the shell to continue|",
            r"Give root password for maintenance|Cannot open access to console, the root account is locked).*$",
        ),
        means: "the system came to its emergency shell",
        hint: "the console's lines before it say which unit or which file system failed",
    },
    Rule {
        name: "nothing-to-start",
        line: concat!(
            r"(?m)^.*(?:BdsDxe: No bootable option or device was found|No bootable device\b|",
            r"Operating System not found|Boot failed: not a bootable disk).*$",
        ),
        means: "the firmware found nothing to start",
        hint: "the image may be for another firmware (BIOS or UEFI) or another architecture than the machine: try \
            another preset",
    },
];

static LINES: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
    RULES
        .iter()
        .map(|rule| Regex::new(rule.line).ok())
        .collect()
});

/// A kernel starts: it has left behind what was before.
const START: &str = "] Linux version ";

/// Returns whether the console tells of a start.
pub(super) fn starts_anew(console: &str) -> bool {
    console.contains(START)
}

/// The reason why a wait is hopeless.
#[derive(Debug, Clone)]
pub(super) struct Doubt {
    pub rule: &'static Rule,
    /// The line of the console, where it is one that says so.
    pub line: Option<String>,
}

/// Finds what makes a wait hopeless in what the console said, unless its rule is switched off.
pub(super) fn find(console: &str, off: &[String]) -> Option<Doubt> {
    let start = console.rfind(START).unwrap_or(0);
    let console = &console[start..];
    RULES.iter().zip(LINES.iter()).find_map(|(rule, line)| {
        if off.iter().any(|name| name == rule.name) {
            return None;
        }
        let found = line.as_ref()?.find(console)?;
        Some(Doubt {
            rule,
            line: Some(found.as_str().trim_start_matches("] ").trim().to_owned()),
        })
    })
}

/// A machine that is off makes a wait hopeless, unless that rule is switched off.
pub(super) fn off(off: &[String]) -> Option<Doubt> {
    let is_on = off.iter().all(|name| name != OFF.name);
    is_on.then_some(Doubt {
        rule: &OFF,
        line: None,
    })
}

#[cfg(test)]
mod tests {
    use scenarios::HOPELESS;

    use super::*;

    fn name(console: &str) -> Option<&'static str> {
        find(console, &[]).map(|doubt| doubt.rule.name)
    }

    #[test]
    fn every_rule_has_its_words_and_a_name_that_scenarios_may_use() {
        let rules = RULES.iter().chain([&OFF]);
        let names: Vec<_> = rules.map(|rule| rule.name).collect();
        assert_eq!(names, HOPELESS);
        assert!(LINES.iter().all(Option::is_some));
    }

    #[test]
    fn each_state_is_known_by_what_systems_say() {
        for (console, expected) in [
            (
                "[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n",
                "no-root-disk",
            ),
            (
                "[    1.2] VFS: Cannot open root device \"sda1\" or unknown-block(0,0): error -6\n",
                "no-root-disk",
            ),
            (
                "[   12.6] Kernel panic - not syncing: Fatal exception in interrupt\n",
                "kernel-panic",
            ),
            (
                "ALERT!  UUID=3f does not exist.  Dropping to a shell!\n\n\nBusyBox v1.35\n(initramfs) ",
                "no-root-device",
            ),
            (
                "[  190.1] dracut-initqueue[400]: Warning: Could not boot.\n",
                "no-root-device",
            ),
            (
                "You are in emergency mode. After logging in, type \"journalctl -xb\"\n",
                "emergency-shell",
            ),
            (
                "Entering emergency mode. Exit the shell to continue.\n",
                "emergency-shell",
            ),
            (
                "BdsDxe: No bootable option or device was found.\n",
                "nothing-to-start",
            ),
            (
                "Booting from Hard Disk...\nNo bootable device.\n",
                "nothing-to-start",
            ),
        ] {
            assert_eq!(name(console), Some(expected), "{console}");
            let off = find(console, &[expected.to_owned()]);
            assert!(
                off.is_none_or(|doubt| doubt.rule.name != expected),
                "{console}"
            );
        }
    }

    #[test]
    fn what_systems_say_on_their_way_is_no_such_state() {
        for console in [
            "",
            "Debian GNU/Linux 12 qa ttyS0\n\nqa login: ",
            "systemd[1]: Reached target emergency.target would be bad\n",
            "[    1.0] Command line: root=/dev/vda1 panic=10 emergency\n",
            "BdsDxe: failed to load Boot0001 \"UEFI QEMU DVD-ROM\": Not Found\nBdsDxe: loading Boot0002\n",
            "[    9.0] Kernel panic - not syncing: x\n[    0.0] Linux version 6.12\n",
        ] {
            assert_eq!(name(console), None, "{console}");
        }
    }
}
