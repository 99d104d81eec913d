//! The choice between KVM and emulation.

use std::fs::OpenOptions;

use super::Arch;

/// The accelerator that a machine asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Accel {
    /// KVM if it works, otherwise TCG.
    #[default]
    Auto,
    /// The processor's virtualization. An error if it does not work.
    Kvm,
    /// Emulation.
    Tcg,
}

/// The accelerator that a machine gets, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccelChoice {
    /// The processor's virtualization.
    Kvm,
    /// Emulation.
    Tcg {
        /// The reason against KVM, as a fragment: "`/dev/kvm` cannot be opened: permission denied".
        because: String,
    },
}

/// KVM was asked for and does not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the machine asks for KVM, but {because}; use `accel: auto` to fall back to emulation")]
pub struct AccelError {
    /// The reason.
    pub because: String,
}

/// The facts of the host that decide whether KVM works. A `/dev/kvm` that can be opened is not enough: hosts without
/// hardware virtualization may have one, and real kernels hang or die on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvmFacts {
    /// The host's own architecture, if a machine can have it.
    pub host: Option<Arch>,
    /// True if `/proc/cpuinfo` lists `vmx` or `svm`, which exist on x86 only.
    pub virtualisation_flag: bool,
    /// The result of opening `/dev/kvm` for reading and writing. An error is kept as text.
    pub device: Result<(), String>,
}

impl KvmFacts {
    /// Examines this host.
    #[must_use]
    pub fn of_host() -> Self {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Self {
            host: Arch::of_host(),
            virtualisation_flag: has_virtualisation_flag(&cpuinfo),
            device: OpenOptions::new()
                .read(true)
                .write(true)
                .open("/dev/kvm")
                .map(drop)
                .map_err(|error| error.to_string()),
        }
    }

    /// Returns the reason why KVM cannot run a guest of architecture `guest`. None if it can.
    fn obstacle(&self, guest: Arch) -> Option<String> {
        let Some(host) = self.host else {
            return Some(format!("this host is no {guest} machine"));
        };
        if host != guest {
            return Some(format!("the guest is {guest} and this host {host}"));
        }
        if host == Arch::X86_64 && !self.virtualisation_flag {
            return Some(
                "the processor offers no virtualisation (no vmx or svm in /proc/cpuinfo)"
                    .to_owned(),
            );
        }
        let error = self.device.as_ref().err()?;
        Some(format!(
            "/dev/kvm cannot be opened for reading and writing: {error}"
        ))
    }
}

fn has_virtualisation_flag(cpuinfo: &str) -> bool {
    let flags = cpuinfo
        .lines()
        .find(|line| line.starts_with("flags"))
        .unwrap_or_default();
    flags
        .split_whitespace()
        .any(|flag| flag == "vmx" || flag == "svm")
}

impl Accel {
    /// Chooses the accelerator for a guest of architecture `guest`.
    ///
    /// # Errors
    /// When KVM is asked for and does not work.
    pub fn decide(self, guest: Arch, host: &KvmFacts) -> Result<AccelChoice, AccelError> {
        match (self, host.obstacle(guest)) {
            (Self::Tcg, _) => Ok(AccelChoice::Tcg {
                because: "the machine asks for emulation".to_owned(),
            }),
            (Self::Auto | Self::Kvm, None) => Ok(AccelChoice::Kvm),
            (Self::Auto, Some(because)) => Ok(AccelChoice::Tcg { because }),
            (Self::Kvm, Some(because)) => Err(AccelError { because }),
        }
    }
}

impl AccelChoice {
    /// Returns QEMU's name of the accelerator.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Tcg { .. } => "tcg",
        }
    }

    /// Returns the reason for the choice, as a fragment for people.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Kvm => "the processor can virtualise and /dev/kvm opens",
            Self::Tcg { because } => because,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(flag: bool, device: Result<(), &str>) -> KvmFacts {
        KvmFacts {
            host: Some(Arch::X86_64),
            virtualisation_flag: flag,
            device: device.map_err(str::to_owned),
        }
    }

    #[test]
    fn auto_takes_kvm_only_when_flag_device_and_architecture_agree() {
        let no_flag = "the processor offers no virtualisation (no vmx or svm in /proc/cpuinfo)";
        let no_device = "/dev/kvm cannot be opened for reading and writing: permission denied";
        let rows = [
            (host(true, Ok(())), Arch::X86_64, None),
            // Such hosts exist: the device opens, and real kernels hang.
            (host(false, Ok(())), Arch::X86_64, Some(no_flag)),
            (
                host(true, Err("permission denied")),
                Arch::X86_64,
                Some(no_device),
            ),
            (
                host(true, Ok(())),
                Arch::Aarch64,
                Some("the guest is aarch64 and this host x86_64"),
            ),
        ];
        for (host, guest, obstacle) in rows {
            let choice = match obstacle {
                None => AccelChoice::Kvm,
                Some(because) => AccelChoice::Tcg {
                    because: because.to_owned(),
                },
            };
            assert_eq!(Accel::Auto.decide(guest, &host), Ok(choice));
            assert_eq!(
                Accel::Kvm
                    .decide(guest, &host)
                    .map_err(|error| error.because)
                    .err()
                    .as_deref(),
                obstacle
            );
        }
    }

    #[test]
    fn the_flag_is_an_x86_notion() {
        let arm = KvmFacts {
            host: Some(Arch::Aarch64),
            ..host(false, Ok(()))
        };
        assert_eq!(
            Accel::Auto.decide(Arch::Aarch64, &arm),
            Ok(AccelChoice::Kvm)
        );
    }

    #[test]
    fn tcg_is_had_whenever_it_is_asked_for() {
        let choice = Accel::Tcg
            .decide(Arch::X86_64, &host(true, Ok(())))
            .unwrap();
        assert_eq!(
            (choice.name(), choice.reason()),
            ("tcg", "the machine asks for emulation")
        );
    }

    #[test]
    fn kvm_where_it_cannot_work_is_refused_with_the_reason() {
        let error = Accel::Kvm
            .decide(Arch::X86_64, &host(false, Ok(())))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the machine asks for KVM, but the processor offers no virtualisation (no vmx or svm in /proc/cpuinfo); \
             use `accel: auto` to fall back to emulation"
        );
    }

    #[test]
    fn a_flag_counts_only_as_a_word_of_the_flags_line() {
        assert!(has_virtualisation_flag(
            "model name\t: x\nflags\t\t: fpu vmx sse\n"
        ));
        assert!(has_virtualisation_flag("flags : svm\n"));
        assert!(!has_virtualisation_flag(
            "model name : svm\nflags : svm_lock vmxnet\n"
        ));
        assert!(!has_virtualisation_flag(""));
    }
}
