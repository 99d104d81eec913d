//! The subjects of watches.

use std::time::Duration;

use crate::finding::Diagnostic;
use crate::step::Exit;
use crate::value::{Pattern, Phase, Rendered, Shown, TagQuery, Text, Visitor, Written};

/// The subject of a watch.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchKind<P: Phase = Rendered> {
    /// `serial`: a pattern that must not appear on the serial console.
    Serial(P::Of<Pattern>),
    /// `journal`: a pattern that must not appear in the guest's journal.
    Journal {
        /// The pattern, for a line of `journalctl`.
        pattern: P::Of<Pattern>,
        /// The time from one check to the next. Absent: the default.
        every: Option<P::Of<Duration>>,
    },
    /// `needle`: needles that must not appear on the screen.
    Needle(TagQuery<P>),
    /// `reboots`: whether restarts that no step asked for are a breach.
    Reboots(Reboots),
    /// `run`: a command that must keep succeeding.
    Command {
        /// The command line.
        command: P::Of<Text>,
        /// The user. Absent: the superuser.
        user: Option<P::Of<Text>>,
        /// The required exit status.
        exit: Exit,
        /// The time from one start to the next.
        every: P::Of<Duration>,
    },
    /// `failed-units`: no unit of the guest's systemd may fail.
    FailedUnits {
        /// The units that may fail.
        except: Vec<String>,
        /// The time from one check to the next. Absent: the default.
        every: Option<P::Of<Duration>>,
    },
    /// `coredumps`: no program in the guest may dump core.
    Coredumps {
        /// The programs that may dump core.
        except: Vec<String>,
        /// The time from one check to the next. Absent: the default.
        every: Option<P::Of<Duration>>,
    },
    /// `segfault`: the guest's kernel must not report a fault of these programs, on the serial console or in the
    /// journal.
    Segfault {
        /// The file names of the programs.
        programs: Vec<String>,
        /// The time from one check of the journal to the next. Absent: the default.
        every: Option<P::Of<Duration>>,
    },
}

/// The restarts of the machine that are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reboots {
    /// Only those that a step asks for. This is the default without any watch.
    #[default]
    ExpectedOnly,
    /// All, for scenarios whose guest restarts by itself.
    Any,
}

/// The kernel keeps this many characters of a program's name.
const COMM: usize = 15;

/// Returns the pattern of the kernel's messages about a fault of one of these programs: `gnome-shell[841]: segfault at
/// 0 ip ...`, `traps: gnome-shell[841] general protection fault ...`.
pub fn segfault_pattern(programs: &[String]) -> Result<Pattern, String> {
    let names: Vec<String> = programs
        .iter()
        .map(|name| regex::escape(&name.chars().take(COMM).collect::<String>()))
        .collect();
    let names = names.join("|");
    Pattern::new(&format!(
        r"(?:^|[\s:])(?:{names})\[\d+\]: (?:segfault at|unhandled |bad frame)|traps: (?:{names})\[\d+\] "
    ))
}

impl WatchKind<Written> {
    pub(super) fn visit<V: Visitor>(
        &self,
        visitor: &mut V,
    ) -> Result<WatchKind<V::To>, Diagnostic> {
        Ok(match self {
            Self::Serial(pattern) => WatchKind::Serial(visitor.value(pattern)?),
            Self::Journal { pattern, every } => WatchKind::Journal {
                pattern: visitor.value(pattern)?,
                every: visitor.option(every)?,
            },
            Self::Needle(needle) => WatchKind::Needle(needle.visit(visitor)?),
            Self::Reboots(reboots) => WatchKind::Reboots(*reboots),
            Self::Command {
                command,
                user,
                exit,
                every,
            } => WatchKind::Command {
                command: visitor.value(command)?,
                user: visitor.option(user)?,
                exit: *exit,
                every: visitor.value(every)?,
            },
            Self::FailedUnits { except, every } => WatchKind::FailedUnits {
                except: except.clone(),
                every: visitor.option(every)?,
            },
            Self::Coredumps { except, every } => WatchKind::Coredumps {
                except: except.clone(),
                every: visitor.option(every)?,
            },
            Self::Segfault { programs, every } => WatchKind::Segfault {
                programs: programs.clone(),
                every: visitor.option(every)?,
            },
        })
    }
}

impl<P: Phase> WatchKind<P> {
    /// Returns the subject in one short line.
    pub fn line(&self) -> String {
        match self {
            Self::Serial(pattern) => format!("serial /{}/", pattern.shown()),
            Self::Journal { pattern, .. } => format!("journal /{}/", pattern.shown()),
            Self::Needle(needle) => format!("needle {needle}"),
            Self::Reboots(Reboots::ExpectedOnly) => "reboots expected-only".to_owned(),
            Self::Reboots(Reboots::Any) => "reboots any".to_owned(),
            Self::Command { command, .. } => format!("run {}", command.shown()),
            Self::FailedUnits { .. } => "failed-units".to_owned(),
            Self::Coredumps { .. } => "coredumps".to_owned(),
            Self::Segfault { .. } => "segfault".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_named_programs_are_found_in_what_kernels_say() {
        let programs = ["gnome-shell", "gnome-session-binary"].map(str::to_owned);
        let pattern = segfault_pattern(&programs).expect("a pattern");
        let says = |line: &str| pattern.regex().is_match(line);
        for line in [
            "[   41.2] gnome-shell[841]: segfault at 0 ip 00007f2a sp 00007ffd error 4 in libmutter.so",
            "Nov 26 09:00:00 host kernel: gnome-session-b[77]: segfault at 8 ip 0 sp 0 error 6",
            "[   41.2] traps: gnome-shell[841] general protection fault ip:7f sp:7f error:0",
            "gnome-shell[841]: unhandled level 1 translation fault (11) at 0x00000000",
        ] {
            assert!(says(line), "{line}");
        }
        for line in [
            "not-gnome-shell[841]: segfault at 0 ip 0",
            "gnome-shell[841]: loaded the segfault handler",
            "gedit[3]: segfault at 0 ip 0",
        ] {
            assert!(!says(line), "{line}");
        }
    }
}
