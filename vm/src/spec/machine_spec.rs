use std::path::PathBuf;

use super::{Accel, AccelChoice, Arch, Credential, Disk, Display, DisplayDevice, Nic};

/// What a machine is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineSpec {
    /// Architecture.
    pub arch: Arch,
    /// QEMU machine type, with properties behind commas if need be; none means [`Arch::default_machine_type`].
    pub machine_type: Option<String>,
    /// What runs first.
    pub firmware: Firmware,
    /// Whether UEFI enforces Secure Boot, with the keys enrolled that distributions are signed with.
    pub secure_boot: bool,
    /// The file that the variable store of UEFI starts as a copy of, instead of the one that comes with the firmware.
    pub variables: Option<PathBuf>,
    /// Accelerator asked for.
    pub accel: Accel,
    /// QEMU CPU model with its options; none means one that works with the accelerator chosen.
    pub cpu_model: Option<String>,
    /// Virtual processors, at least 1.
    pub cpus: u32,
    /// Main memory in MiB.
    pub memory_mib: u32,
    /// Screen.
    pub display: Display,
    /// Keyboard.
    pub keyboard: KeyboardDevice,
    /// Pointer.
    pub pointer: PointerDevice,
    /// Disks, in boot order but for `boot_first`.
    pub disks: Vec<Disk>,
    /// The place among the disks of the one that the firmware tries before all others; none: the first.
    pub boot_first: Option<usize>,
    /// Network cards; without any there is no network.
    pub nics: Vec<Nic>,
    /// Serial lines, from 1 to [`MachineSpec::MOST_SERIALS`]. The first is the console that this program reads and
    /// writes; all of them are logged.
    pub serials: u32,
    /// True if there is a TPM 2.0, emulated by `swtpm` and new with each run: without certificates, all
    /// banks of registers active.
    pub tpm: bool,
    /// Whether there is a source of random numbers, without which some guests wait long for their first ones.
    pub rng: bool,
    /// Values of QEMU's option `-smbios`, as they are.
    pub smbios: Vec<String>,
    /// Credentials for the guest's systemd.
    pub credentials: Vec<Credential>,
    /// Whether there is a channel for the guest agent. Harmless where the image has no agent.
    pub agent: bool,
    /// Arguments for QEMU, after all others.
    pub extra_args: Vec<String>,
}

/// What runs first in a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Firmware {
    /// UEFI, found by QEMU's firmware descriptors; its variables start fresh.
    Uefi,
    /// The machine type's own firmware: SeaBIOS on x86.
    Bios,
    /// QEMU loads a kernel itself.
    Kernel(KernelBoot),
}

/// A kernel that QEMU loads itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelBoot {
    /// The kernel.
    pub kernel: PathBuf,
    /// The initial RAM disk.
    pub initrd: Option<PathBuf>,
    /// The kernel's command line.
    pub append: String,
}

/// A keyboard device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyboardDevice {
    /// `virtio-keyboard-pci`. Firmware cannot read it: where there is a PS/2 keyboard, that one serves until
    /// the guest's driver starts.
    Virtio,
    /// `usb-kbd`: works in firmware and everywhere else.
    Usb,
    /// The machine type's own, PS/2 on x86.
    BuiltIn,
}

/// A pointer device. Clicks at exact places need one that sends absolute positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PointerDevice {
    /// `virtio-tablet-pci`.
    VirtioTablet,
    /// `usb-tablet`.
    UsbTablet,
    /// The machine type's own, a relative PS/2 mouse on x86: [`Pointer`](crate::Pointer) cannot use it.
    BuiltIn,
}

impl MachineSpec {
    /// Serial lines that a machine has at most: those of a PC.
    pub const MOST_SERIALS: u32 = 4;

    /// A machine that runs a desktop: UEFI, 2 processors, 3 GiB, 1024 x 768, virtio devices, agent channel,
    /// no network, no disk yet.
    #[must_use]
    pub fn desktop(arch: Arch) -> Self {
        let (device, keyboard, pointer) = match arch {
            Arch::X86_64 => (
                DisplayDevice::VirtioVga,
                KeyboardDevice::Virtio,
                PointerDevice::VirtioTablet,
            ),
            // No PS/2 keyboard to fall back on in firmware, no VGA.
            Arch::Aarch64 | Arch::Riscv64 | Arch::Loongarch64 => (
                DisplayDevice::VirtioGpu,
                KeyboardDevice::Usb,
                PointerDevice::UsbTablet,
            ),
        };
        Self {
            arch,
            machine_type: None,
            firmware: Firmware::Uefi,
            secure_boot: false,
            variables: None,
            accel: Accel::Auto,
            cpu_model: None,
            cpus: 2,
            memory_mib: 3072,
            display: Display {
                device,
                ..Display::default()
            },
            keyboard,
            pointer,
            disks: Vec::new(),
            boot_first: None,
            nics: Vec::new(),
            serials: 1,
            tpm: false,
            rng: true,
            smbios: Vec::new(),
            credentials: Vec::new(),
            agent: true,
            extra_args: Vec::new(),
        }
    }

    /// The QEMU machine type.
    #[must_use]
    pub fn machine_type(&self) -> &str {
        self.machine_type
            .as_deref()
            .unwrap_or(self.arch.default_machine_type())
    }

    /// Whether it is the older of QEMU's PCs, with two IDE buses of two disks each in place of SATA.
    pub(crate) fn is_i440fx(&self) -> bool {
        let (name, _) = self
            .machine_type()
            .split_once(',')
            .unwrap_or((self.machine_type(), ""));
        self.arch == Arch::X86_64 && (name == "pc" || name.starts_with("pc-i440fx-"))
    }

    /// The QEMU CPU model: the spec's own, else one that real desktops work on.
    #[must_use]
    pub fn cpu_model_for(&self, accel: &AccelChoice) -> &str {
        if let Some(model) = &self.cpu_model {
            return model;
        }
        match (accel, self.arch) {
            (AccelChoice::Kvm, _) => "host",
            // gnome-shell 48 dies of SIGSEGV in a logged-in session under QEMU 7.2's emulation of AVX. AVX2 goes with
            // it: QEMU would offer it all the same, and Debian 12's `wc` takes it for there then, and dies of SIGILL.
            (AccelChoice::Tcg { .. }, Arch::X86_64) => "max,avx=off,avx2=off",
            (AccelChoice::Tcg { .. }, Arch::Aarch64) => "cortex-a72",
            (AccelChoice::Tcg { .. }, Arch::Riscv64) => "rv64",
            (AccelChoice::Tcg { .. }, Arch::Loongarch64) => "la464",
        }
    }
}
