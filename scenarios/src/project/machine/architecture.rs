//! The architecture of a machine.

/// The architecture of a processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm.
    Aarch64,
    /// 64-bit RISC-V.
    Riscv64,
    /// 64-bit LoongArch.
    Loongarch64,
}

impl Architecture {
    pub(in crate::project) const NAMES: &'static [(&'static str, Self)] = &[
        ("x86_64", Self::X86_64),
        ("aarch64", Self::Aarch64),
        ("riscv64", Self::Riscv64),
        ("loongarch64", Self::Loongarch64),
    ];

    /// Returns the name that QEMU and the kernel use.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
            Self::Riscv64 => "riscv64",
            Self::Loongarch64 => "loongarch64",
        }
    }
}
