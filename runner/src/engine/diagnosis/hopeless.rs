//! Hopelessness: a wait ends as soon as it cannot succeed any more.
//!
//! ```text
//! a step waits for the guest --the console has a rule's line, and the step expects no restart--> suspected
//! the same --the firmware's log says that it found nothing to start--> suspected
//! the same --QEMU says that all processors have halted with interrupts off--> suspected
//!   suspected --anything new on the console or the screen, a restart, or what the step waits for--> the wait continues
//!   suspected --nothing new for GRACE--> the wait ends: the cause says why it was hopeless
//! ```
//!
//! A rule is data: a name, a line of the console, its meaning, a hint. `watch: [{ off: NAME }]` switches a rule off, in
//! a scenario, for an image or for a project. Rules apply to steps that wait for something that only a running guest
//! can do (see `steps::waiting`). They only look at console text since the last such step held, because a scenario that
//! continues after an emergency shell does so on purpose.

use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

/// The time without news, after a rule's line, until the wait ends. It is longer than the pause of kernels that restart
/// some seconds after a panic: such a restart is judged instead.
const GRACE: Duration = Duration::from_secs(15);

/// The environment variable that sets another grace in milliseconds, for tests.
const GRACE_VARIABLE: &str = "QA_GRACE";

/// Returns how long a hopeless state must last before it ends a wait.
pub(in crate::engine) fn grace() -> Duration {
    let value = std::env::var(GRACE_VARIABLE).ok();
    let value = value.and_then(|value| value.parse().ok());
    value.map_or(GRACE, Duration::from_millis)
}

/// A state that no guest comes out of by itself.
#[derive(Debug)]
pub(in crate::engine) struct Rule {
    /// The name for `watch: [{ off: NAME }]`.
    pub name: &'static str,
    /// The pattern of a line of the serial console.
    line: &'static str,
    /// The meaning: completes "it cannot succeed any more: ".
    pub means: &'static str,
    /// The advice on what to do.
    pub hint: &'static str,
}

/// The machine is off, and the waiting step does not switch it on. No line of the console says so.
pub(in crate::engine) static OFF: Rule = Rule {
    name: "guest-off",
    line: r"$^",
    means: "the machine is off",
    hint: "`power: on` switches it on again",
};

/// The guest's processors have halted for good. Neither the screen nor the console need show it.
pub(in crate::engine) static HALTED: Rule = Rule {
    name: "processors-halted",
    line: r"$^",
    means: "all processors of the guest have halted with interrupts off",
    hint: "the guest has stopped or hangs; the report has the last lines of its console and its last picture",
};

/// The index in [`RULES`] of the state that a firmware's own log can show as well.
pub(in crate::engine) const NOTHING_TO_START: usize = 4;

/// Every rule with a line. If two rules match, the first one is the more specific.
pub(in crate::engine) static RULES: [Rule; 5] = [
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
            r"(?m)^.*(?:BdsDxe: No bootable option or device was found\b.*|No bootable device\.|",
            r"Operating System not found\b.*)\s*$",
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

/// The text by which a starting kernel is known: lines before it are of an earlier start.
const START: &str = "] Linux version ";

/// Returns whether a kernel started in this text of the console.
pub(in crate::engine) fn starts_anew(console: &str) -> bool {
    console.contains(START)
}

/// The reason why a wait may be hopeless. It ends the wait if nothing changes for [`grace`].
#[derive(Debug, Clone)]
pub(in crate::engine) struct HopelessReason {
    pub rule: &'static Rule,
    pub source: ReasonSource,
}

/// The source that shows the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum ReasonSource {
    /// A line of the console. An open line has no end yet and may still change.
    Console { line: String, is_open: bool },
    /// A message of the firmware.
    Firmware(String),
    /// The state of the machine as QEMU reports it.
    Qemu,
}

/// Finds a reason in the text of the console since the last start of a kernel. Rules named in `off` are skipped.
pub(in crate::engine) fn find(console: &str, off: &[String]) -> Option<HopelessReason> {
    let start = console.rfind(START).unwrap_or(0);
    let console = &console[start..];
    RULES.iter().zip(LINES.iter()).find_map(|(rule, line)| {
        if !is_on(rule, off) {
            return None;
        }
        let found = line.as_ref()?.find(console)?;
        let line = found.as_str().trim_start_matches("] ").trim().to_owned();
        let is_open = !console[found.start()..].contains('\n');
        Some(HopelessReason {
            rule,
            source: ReasonSource::Console { line, is_open },
        })
    })
}

/// Returns the reason for a firmware that found nothing to start; none if `off` names that rule.
pub(in crate::engine) fn idle_firmware(said: String, off: &[String]) -> Option<HopelessReason> {
    let rule = &RULES[NOTHING_TO_START];
    is_on(rule, off).then_some(HopelessReason {
        rule,
        source: ReasonSource::Firmware(said),
    })
}

/// Returns whether a rule applies: `off` does not name it.
pub(in crate::engine) fn is_on(rule: &Rule, off: &[String]) -> bool {
    off.iter().all(|name| name != rule.name)
}

/// Returns the reason for processors that have halted; none if `off` names that rule.
pub(in crate::engine) fn halted(off: &[String]) -> Option<HopelessReason> {
    is_on(&HALTED, off).then_some(HopelessReason {
        rule: &HALTED,
        source: ReasonSource::Qemu,
    })
}

/// Returns the reason for a machine that is off; none if `off` names that rule.
pub(in crate::engine) fn off(off: &[String]) -> Option<HopelessReason> {
    is_on(&OFF, off).then_some(HopelessReason {
        rule: &OFF,
        source: ReasonSource::Qemu,
    })
}

#[cfg(test)]
mod tests {
    use scenarios::HOPELESS;

    use super::*;

    fn name(console: &str) -> Option<&'static str> {
        find(console, &[]).map(|reason| reason.rule.name)
    }

    #[test]
    fn every_rule_has_its_words_and_a_name_that_scenarios_may_use() {
        let rules = RULES.iter().chain([&OFF, &HALTED]);
        let names: Vec<_> = rules.map(|rule| rule.name).collect();
        assert_eq!(names, HOPELESS);
        assert!(LINES.iter().all(Option::is_some));
        assert_eq!(RULES[NOTHING_TO_START].name, "nothing-to-start");
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
                off.is_none_or(|reason| reason.rule.name != expected),
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
            // The firmware tries the network next, which may take some time.
            "Booting from Hard Disk...\nBoot failed: not a bootable disk\n\nBooting from ROM...\n",
            "No bootable device.  Retrying in 60 seconds.\n",
        ] {
            assert_eq!(name(console), None, "{console}");
        }
    }
}
