use std::path::PathBuf;

use serde::Deserialize;

use super::FlashFormat;
use crate::Arch;

/// A firmware descriptor: the part of it that decides whether it fits a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    uefi: bool,
    flash: Option<Flash>,
    targets: Vec<(String, Vec<String>)>,
    features: Vec<String>,
}

/// Firmware in two flash chips: code, and variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flash {
    pub(super) code: (PathBuf, FlashFormat),
    pub(super) variables: (PathBuf, FlashFormat),
}

/// Text that is no firmware descriptor.
#[derive(Debug, thiserror::Error)]
#[error("not a firmware descriptor: {reason}")]
pub struct DescriptorError {
    /// What is wrong with it.
    pub reason: String,
}

// The names are those of QEMU's docs/interop/firmware.json.
#[derive(Deserialize)]
struct File {
    #[serde(rename = "interface-types")]
    interface_types: Vec<String>,
    mapping: Mapping,
    targets: Vec<Target>,
    #[serde(default)]
    features: Vec<String>,
}

#[derive(Deserialize)]
struct Mapping {
    device: String,
    mode: Option<String>,
    executable: Option<FlashFile>,
    #[serde(rename = "nvram-template")]
    nvram_template: Option<FlashFile>,
}

#[derive(Deserialize)]
struct FlashFile {
    filename: PathBuf,
    format: String,
}

#[derive(Deserialize)]
struct Target {
    architecture: String,
    #[serde(default)]
    machines: Vec<String>,
}

impl FlashFile {
    fn checked(self) -> Option<(PathBuf, FlashFormat)> {
        let format = match self.format.as_str() {
            "raw" => FlashFormat::Raw,
            "qcow2" => FlashFormat::Qcow2,
            _ => return None,
        };
        Some((self.filename, format))
    }
}

impl Descriptor {
    /// Reads a descriptor.
    ///
    /// # Errors
    /// When the text is no JSON, or not that of a descriptor.
    pub fn parse(text: &str) -> Result<Self, DescriptorError> {
        let file: File = serde_json::from_str(text).map_err(|error| DescriptorError {
            reason: error.to_string(),
        })?;
        let Mapping {
            device,
            mode,
            executable,
            nvram_template,
        } = file.mapping;
        // Other ways of mapping (plain memory, one chip for both, no variables) keep no variables of the run's own.
        let split = device == "flash" && mode.is_none_or(|mode| mode == "split");
        let flash =
            executable
                .zip(nvram_template)
                .filter(|_| split)
                .and_then(|(code, variables)| {
                    Some(Flash {
                        code: code.checked()?,
                        variables: variables.checked()?,
                    })
                });
        Ok(Self {
            uefi: file
                .interface_types
                .iter()
                .any(|interface| interface == "uefi"),
            flash,
            targets: file
                .targets
                .into_iter()
                .map(|target| (target.architecture, target.machines))
                .collect(),
            features: file.features,
        })
    }

    /// The flash files, if this is UEFI for `machine_type` of `arch` that neither enforces Secure Boot nor needs SMM.
    pub(super) fn fits(&self, arch: Arch, machine_type: &str) -> Option<&Flash> {
        let machine = self.targets.iter().any(|(architecture, patterns)| {
            architecture == arch.name()
                && patterns.iter().any(|pattern| covers(pattern, machine_type))
        });
        let plain = !self
            .features
            .iter()
            .any(|feature| feature == "enrolled-keys" || feature == "requires-smm");
        self.flash
            .as_ref()
            .filter(|_| self.uefi && machine && plain)
    }
}

/// Whether a pattern such as `pc-q35-*` covers a machine type such as `pc-q35-7.2` or its alias `q35`.
fn covers(pattern: &str, machine_type: &str) -> bool {
    if glob(pattern, machine_type) {
        return true;
    }
    // Patterns are written for versioned names; an alias stands for the newest version.
    let versioned = match machine_type {
        "pc" => "pc-i440fx-0",
        "q35" => "pc-q35-0",
        "virt" => "virt-0",
        _ => return false,
    };
    glob(pattern, versioned)
}

/// Shell-like matching where `*` is any text.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices()
                .map(|(index, _)| index)
                .chain([tail.len()])
                .any(|index| glob(rest, &tail[index..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_versions_and_aliases() {
        let rows = [
            ("pc-q35-*", "q35", true),
            ("pc-q35-*", "pc-q35-7.2", true),
            ("pc-q35-*", "pc", false),
            ("pc-i440fx-*", "pc", true),
            ("virt-*", "virt", true),
            ("virt*", "virt", true),
            ("*", "microvm", true),
            ("pc-*-7.*", "pc-q35-7.2", true),
            ("pc-q35-7.2", "pc-q35-7.2", true),
        ];
        for (pattern, machine_type, expected) in rows {
            assert_eq!(
                covers(pattern, machine_type),
                expected,
                "{pattern} {machine_type}"
            );
        }
    }

    #[test]
    fn text_that_is_no_descriptor_is_refused() {
        for text in ["", "{", "[]", "{}", r#"{"interface-types": 3}"#] {
            assert!(Descriptor::parse(text).is_err(), "{text}");
        }
    }
}
