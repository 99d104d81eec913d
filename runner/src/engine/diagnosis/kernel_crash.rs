//! Extracts a kernel crash from the serial console. A wait that failed because of it reports the crash as its cause,
//! not the last lines of the console.

use std::sync::LazyLock;

use regex::Regex;

/// The number of lines before a restart that are searched for its reason.
pub(in crate::engine) const LOOKED_AT: usize = 500;

/// The number of lines of a crash that are shown: registers and the call trace are among the first ones.
const SHOWN: usize = 40;

/// A crash of the guest's kernel since its last start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct KernelCrash {
    /// The message of the crash, such as "BUG: kernel NULL pointer dereference, address: 0000000000000000".
    pub what: String,
    /// The lines of the console from there on, at most [`SHOWN`].
    pub lines: Vec<String>,
    /// True if the kernel panicked: it does not continue.
    pub is_fatal: bool,
}

/// The text by which a starting kernel is known.
const START: &str = "] Linux version ";

/// The text by which a kernel panic is known.
const PANIC: &str = "] Kernel panic - not syncing";

/// The first line of a crash. It must begin with the kernel's timestamp, because any program can print the same words
/// without it. Linux counts crashes as `[#1]` on all architectures (`die` and `__die` of `arch/*/kernel`).
static CRASH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\[ *\d+\.\d+\](?:\[ *[CT]\d+\])? ",
        r"(?<what>(?:(?:watchdog: )?BUG: |kernel BUG at |Unable to handle kernel |",
        r"Kernel panic - not syncing|.*\[#\d+\]).*)",
    ))
    .ok()
});

impl KernelCrash {
    /// Finds the first crash since the kernel's last start in the last lines of a console.
    pub(in crate::engine) fn find(console: &str) -> Option<Self> {
        let lines: Vec<&str> = console.lines().collect();
        let starts = lines.iter().rposition(|line| line.contains(START));
        let lines = &lines[starts.unwrap_or(0)..];
        let pattern = CRASH.as_ref()?;
        let (at, what) = lines.iter().enumerate().find_map(|(at, line)| {
            let found = pattern.captures(line)?;
            Some((at, found["what"].trim_end().to_owned()))
        })?;
        let crash = &lines[at..];
        Some(Self {
            what,
            lines: (crash.iter().take(SHOWN))
                .map(|line| (*line).to_owned())
                .collect(),
            is_fatal: crash.iter().any(|line| line.contains(PANIC)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(console: &str) -> Option<String> {
        KernelCrash::find(console).map(|crash| crash.what)
    }

    #[test]
    fn the_first_line_of_a_crash_says_what_happened() {
        let rows = [
            (
                "[    1.0] usb: found\n[   12.61] BUG: unable to handle page fault for address: ffff\n\
                [   12.62] Oops: Oops: 0002 [#1] PREEMPT SMP\n",
                "BUG: unable to handle page fault for address: ffff",
            ),
            (
                "[   12.620000] Oops: general protection fault, probably for non-canonical address 0x6b6b: 0000 [#1] \
                SMP NOPTI\r\n",
                "Oops: general protection fault, probably for non-canonical address 0x6b6b: 0000 [#1] SMP NOPTI",
            ),
            (
                "[    3.5][    T1] Unable to handle kernel NULL pointer dereference at virtual address 0\n",
                "Unable to handle kernel NULL pointer dereference at virtual address 0",
            ),
            (
                "login: [   40.000001] watchdog: BUG: soft lockup - CPU#1 stuck for 22s!",
                "watchdog: BUG: soft lockup - CPU#1 stuck for 22s!",
            ),
            (
                "[    2.9] Kernel panic - not syncing: VFS: Unable to mount root fs\n",
                "Kernel panic - not syncing: VFS: Unable to mount root fs",
            ),
        ];
        for (console, expected) in rows {
            assert_eq!(what(console).as_deref(), Some(expected), "{console}");
        }
    }

    #[test]
    fn what_others_say_is_no_crash() {
        for console in [
            "",
            "Kernel panic - not syncing\nBUG: of an application\n",
            "[    1.0] traps: app[7] general protection fault ip:1 sp:2 error:0\n",
            "[    1.0] app[7]: segfault at 0 ip 0 sp 0 error 4\n",
            "[    1.0] WARNING: CPU: 0 PID: 1 at kernel/x.c:1 f+0x1/0x2\n",
        ] {
            assert_eq!(what(console), None, "{console}");
        }
    }

    #[test]
    fn a_kernel_that_started_since_has_not_crashed() {
        let crashed = "[    9.0] Kernel panic - not syncing: x\n";
        let started = "[    0.0] Linux version 6.12\n";
        assert_eq!(what(&format!("{crashed}{started}")), None);
        assert!(what(&format!("{started}{crashed}")).is_some());
    }

    #[test]
    fn its_first_lines_are_shown_and_its_end_counts() {
        let mut console = "[    8.0] before\n[    9.0] BUG: x\n".to_owned();
        for call in 0..100 {
            console.push_str(&format!("[    9.1]  call{call}+0x1/0x2\n"));
        }
        let crash = KernelCrash::find(&console).unwrap();
        assert_eq!(
            (crash.lines.len(), crash.lines[0].as_str(), crash.is_fatal),
            (SHOWN, "[    9.0] BUG: x", false)
        );
        console.push_str("[    9.2] Kernel panic - not syncing: Fatal exception in interrupt\n");
        assert!(KernelCrash::find(&console).unwrap().is_fatal);
    }
}
