//! The architectures of machines.

use std::{fmt, str::FromStr};

/// The architecture of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arch {
    /// 64-bit PC.
    X86_64,
    /// 64-bit Arm.
    Aarch64,
    /// 64-bit RISC-V.
    Riscv64,
    /// 64-bit LoongArch.
    Loongarch64,
}

/// The error of a word that names no architecture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no architecture; there are x86_64, aarch64, riscv64 and loongarch64")]
pub struct ParseArchError {
    /// The word.
    pub text: String,
}

impl Arch {
    /// All architectures, the most used first.
    pub const ALL: [Self; 4] = [
        Self::X86_64,
        Self::Aarch64,
        Self::Riscv64,
        Self::Loongarch64,
    ];

    /// Returns the architecture that this program was built for, if a machine can have it.
    #[must_use]
    pub fn of_host() -> Option<Self> {
        std::env::consts::ARCH.parse().ok()
    }

    /// Returns QEMU's name of it, which the kernel uses as well.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
            Self::Riscv64 => "riscv64",
            Self::Loongarch64 => "loongarch64",
        }
    }

    /// Returns the name of the program that emulates it.
    #[must_use]
    pub fn qemu_program(self) -> &'static str {
        match self {
            Self::X86_64 => "qemu-system-x86_64",
            Self::Aarch64 => "qemu-system-aarch64",
            Self::Riscv64 => "qemu-system-riscv64",
            Self::Loongarch64 => "qemu-system-loongarch64",
        }
    }

    /// Returns the machine type of a spec that names none.
    #[must_use]
    pub fn default_machine_type(self) -> &'static str {
        match self {
            Self::X86_64 => "q35",
            Self::Aarch64 | Self::Riscv64 | Self::Loongarch64 => "virt",
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Arch {
    type Err = ParseArchError;

    /// Parses the names of [`Arch::name`], and `amd64`, `arm64` and `loong64`, which Debian uses.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "x86_64" | "amd64" => Ok(Self::X86_64),
            "aarch64" | "arm64" => Ok(Self::Aarch64),
            "riscv64" => Ok(Self::Riscv64),
            "loongarch64" | "loong64" => Ok(Self::Loongarch64),
            _ => Err(ParseArchError {
                text: text.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_architecture_is_read_by_its_own_name() {
        for arch in Arch::ALL {
            assert_eq!(arch.to_string().parse(), Ok(arch));
        }
        assert_eq!("arm64".parse(), Ok(Arch::Aarch64));
    }

    #[test]
    fn an_unknown_architecture_is_refused_with_the_known_ones() {
        assert_eq!(
            "sparc".parse::<Arch>().unwrap_err().to_string(),
            "`sparc` is no architecture; there are x86_64, aarch64, riscv64 and loongarch64"
        );
    }
}
