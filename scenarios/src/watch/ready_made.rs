//! Watches with well-known names.

use super::kind::WatchKind;
use crate::value::{Pattern, Templated, Written};
use crate::yaml::{Kind, Node, Reader};

/// A watch with a well-known name, such as `panic`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadyMade {
    Panic,
    Oops,
    OutOfMemory,
    EmergencyMode,
    FailedUnits,
    Coredumps,
}

impl ReadyMade {
    pub(super) const NAMES: &'static [(&'static str, Self)] = &[
        ("panic", Self::Panic),
        ("oops", Self::Oops),
        ("out-of-memory", Self::OutOfMemory),
        ("emergency-mode", Self::EmergencyMode),
        ("failed-units", Self::FailedUnits),
        ("coredumps", Self::Coredumps),
    ];

    /// The names alone, for the schema.
    pub(super) const WORDS: &'static [&'static str] = &[
        "panic",
        "oops",
        "out-of-memory",
        "emergency-mode",
        "failed-units",
        "coredumps",
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<(String, WatchKind<Written>)> {
        let ready = reader.choice(node, "ready-made watch", Self::NAMES)?;
        let name = node_text(node);
        let kind = match ready {
            Self::Panic | Self::Oops | Self::OutOfMemory | Self::EmergencyMode => {
                WatchKind::Serial(ready.pattern(reader, node)?)
            }
            Self::FailedUnits => WatchKind::FailedUnits {
                except: Vec::new(),
                every: None,
            },
            Self::Coredumps => WatchKind::Coredumps {
                except: Vec::new(),
                every: None,
            },
        };
        Some((name, kind))
    }

    fn pattern(self, reader: &mut Reader, node: &Node) -> Option<Templated<Pattern>> {
        let text = match self {
            Self::Panic => "Kernel panic - not syncing",
            // First the messages of x86, then those of Arm, RISC-V and LoongArch.
            Self::Oops => concat!(
                r"Oops: |BUG: unable to handle|BUG: kernel NULL pointer|general protection fault|kernel BUG at |",
                r"Unable to handle kernel |Internal error: Oops|Oops\["
            ),
            Self::OutOfMemory => "Out of memory: Killed process",
            // systemd's shell, its targets, and the shell of an initial RAM disk that does not find its root.
            Self::EmergencyMode => concat!(
                r"You are in (emergency|rescue) mode|Reached target .*(Emergency|Rescue) Mode|",
                r"Entering emergency mode|Dropping to a shell!|Give root password for maintenance"
            ),
            Self::FailedUnits | Self::Coredumps => return None,
        };
        let kind = Kind::Scalar {
            text: text.to_owned(),
            quoted: true,
        };
        Templated::read(
            reader,
            &Node {
                kind,
                at: node.at.clone(),
            },
        )
    }
}

fn node_text(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar { text, .. } => text.clone(),
        Kind::Null | Kind::List(_) | Kind::Map(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_schema_are_the_names() {
        let names: Vec<&str> = ReadyMade::NAMES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ReadyMade::WORDS);
    }
}
