//! Reads firmware descriptors, and checks which machines they fit.

use std::path::PathBuf;

use serde::Deserialize;

use super::{FirmwareMapping, FirmwareNeeds, FlashChips, FlashFormat};

/// A firmware descriptor: the part of it that decides whether it fits a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    uefi: bool,
    /// The code and its mapping into the machine. None for mappings that are not supported.
    files: Option<(PathBuf, FirmwareMapping)>,
    targets: Vec<(String, Vec<String>)>,
    features: Vec<String>,
}

/// The error of a text that is no firmware descriptor.
#[derive(Debug, thiserror::Error)]
#[error("not a firmware descriptor: {reason}")]
pub struct DescriptorError {
    /// The fault.
    pub reason: String,
}

/// The features, by the names of the specification.
const SMM: &str = "requires-smm";
const KEYS: &str = "enrolled-keys";

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
    filename: Option<PathBuf>,
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

impl Mapping {
    /// None for mappings without variables of the run's own: plain memory, one chip for both, no variables.
    fn files(self, needs_smm: bool) -> Option<(PathBuf, FirmwareMapping)> {
        let split = self.mode.is_none_or(|mode| mode == "split");
        match self.device.as_str() {
            "kernel" => Some((self.filename?, FirmwareMapping::Kernel)),
            "flash" if split => {
                let (code, code_format) = self.executable?.checked()?;
                let (variables, variables_format) = self.nvram_template?.checked()?;
                let chips = FlashChips {
                    code_format,
                    variables,
                    variables_format,
                    needs_smm,
                };
                Some((code, FirmwareMapping::Flash(chips)))
            }
            _ => None,
        }
    }
}

impl Descriptor {
    /// Parses a descriptor.
    ///
    /// # Errors
    /// When the text is no JSON, or not that of a descriptor.
    pub fn parse(text: &str) -> Result<Self, DescriptorError> {
        let file: File = serde_json::from_str(text).map_err(|error| DescriptorError {
            reason: error.to_string(),
        })?;
        let needs_smm = file.features.iter().any(|feature| feature == SMM);
        let files = file.mapping.files(needs_smm);
        Ok(Self {
            uefi: file
                .interface_types
                .iter()
                .any(|interface| interface == "uefi"),
            files,
            targets: file
                .targets
                .into_iter()
                .map(|target| (target.architecture, target.machines))
                .collect(),
            features: file.features,
        })
    }

    /// Returns the code and its mapping, if this is UEFI for such a machine.
    pub(super) fn fits(&self, needs: &FirmwareNeeds) -> Option<&(PathBuf, FirmwareMapping)> {
        let has = |feature: &str| self.features.iter().any(|own| own == feature);
        let machine = self.targets.iter().any(|(architecture, patterns)| {
            architecture == needs.arch.name()
                && patterns
                    .iter()
                    .any(|pattern| covers(pattern, needs.plain_type()))
        });
        let security = if needs.secure_boot {
            has("secure-boot") && has(KEYS)
        } else {
            // Plain firmware for a plain machine: SMM costs time under emulation and changes nothing else.
            !has(KEYS) && !has(SMM)
        };
        self.files
            .as_ref()
            .filter(|_| self.uefi && machine && security)
    }
}

/// Returns true if a pattern such as `pc-q35-*` covers a machine type such as `pc-q35-7.2` or its alias `q35`.
fn covers(pattern: &str, machine_type: &str) -> bool {
    if glob(pattern, machine_type) {
        return true;
    }
    // Patterns are written for versioned names. An alias stands for the newest version.
    let versioned = match machine_type {
        "pc" => "pc-i440fx-0",
        "q35" => "pc-q35-0",
        "virt" => "virt-0",
        _ => return false,
    };
    glob(pattern, versioned)
}

/// Matches as a shell does: `*` is any text.
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
