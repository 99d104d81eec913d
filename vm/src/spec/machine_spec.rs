//! The description of a virtual machine.

use std::path::PathBuf;

use super::{Accel, AccelChoice, Arch, Credential, Disk, Display, DisplayDevice, Nic};

/// The description of a virtual machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineSpec {
    /// The architecture.
    pub arch: Arch,
    /// The QEMU machine type, if necessary with properties behind commas. None means [`Arch::default_machine_type`].
    pub machine_type: Option<String>,
    /// The program that runs first.
    pub firmware: Firmware,
    /// True if UEFI enforces Secure Boot, with the keys enrolled that distributions are signed with.
    pub secure_boot: bool,
    /// The file that the variable store of UEFI is copied from. None means the one that comes with the firmware.
    pub variables: Option<PathBuf>,
    /// The accelerator that it asks for.
    pub accel: Accel,
    /// The QEMU CPU model with its options. None means a model that works with the chosen accelerator.
    pub cpu_model: Option<String>,
    /// The number of virtual processors, at least 1.
    pub cpus: u32,
    /// The main memory in MiB.
    pub memory_mib: u32,
    /// The screen.
    pub display: Display,
    /// The keyboard.
    pub keyboard: KeyboardDevice,
    /// The pointer.
    pub pointer: PointerDevice,
    /// The disks, in boot order except for `boot_first`.
    pub disks: Vec<Disk>,
    /// The place among the disks of the one that the firmware tries before all others. None means the first.
    pub boot_first: Option<usize>,
    /// The network cards. Without any there is no network.
    pub nics: Vec<Nic>,
    /// The number of serial lines, from 1 to [`MachineSpec::MOST_SERIALS`]. The first is the console that this program
    /// reads and writes. All of them are logged.
    pub serials: u32,
    /// True if there is a TPM 2.0, emulated by `swtpm` and new with each run: without certificates, with all banks of
    /// registers active.
    pub tpm: bool,
    /// True if there is a source of random numbers. Some guests wait long for their first ones without it.
    pub rng: bool,
    /// Values of QEMU's option `-smbios`.
    pub smbios: Vec<String>,
    /// Credentials for the guest's systemd.
    pub credentials: Vec<Credential>,
    /// True if there is a channel for the guest agent. Harmless if the image has no agent.
    pub agent: bool,
    /// Arguments for QEMU, after all others.
    pub extra_args: Vec<String>,
}

/// The program that runs first in a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Firmware {
    /// UEFI, found by QEMU's firmware descriptors. Its variables start fresh.
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
    /// `virtio-keyboard-pci`. Firmware cannot read it. A machine with a PS/2 keyboard uses that one until the guest's
    /// driver starts.
    Virtio,
    /// `usb-kbd`: works in firmware and everywhere else.
    Usb,
    /// The machine type's own keyboard, PS/2 on x86.
    BuiltIn,
}

/// A pointer device. Clicks at exact places need one that sends absolute positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PointerDevice {
    /// `virtio-tablet-pci`.
    VirtioTablet,
    /// `usb-tablet`.
    UsbTablet,
    /// The machine type's own pointer, a relative PS/2 mouse on x86. [`Pointer`](crate::Pointer) cannot use it.
    BuiltIn,
}

impl MachineSpec {
    /// The most serial lines of a machine: those of a PC.
    pub const MOST_SERIALS: u32 = 4;

    /// Returns a machine that runs a desktop: UEFI, 2 processors, 3 GiB, 1024 x 768, virtio devices, agent channel, no
    /// network, no disk yet.
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

    /// Returns the QEMU machine type.
    #[must_use]
    pub fn machine_type(&self) -> &str {
        self.machine_type
            .as_deref()
            .unwrap_or(self.arch.default_machine_type())
    }

    /// Returns true for the older of QEMU's PCs, which has two IDE buses of two disks each instead of SATA.
    pub(crate) fn is_i440fx(&self) -> bool {
        let (name, _) = self
            .machine_type()
            .split_once(',')
            .unwrap_or((self.machine_type(), ""));
        self.arch == Arch::X86_64 && (name == "pc" || name.starts_with("pc-i440fx-"))
    }

    /// Returns the QEMU CPU model: the spec's own, otherwise one that real desktops work on.
    #[must_use]
    pub fn cpu_model_for(&self, accel: &AccelChoice) -> &str {
        if let Some(model) = &self.cpu_model {
            return model;
        }
        match (accel, self.arch) {
            (AccelChoice::Kvm, _) => "host",
            // gnome-shell 48 dies of SIGSEGV in a logged-in session under QEMU 7.2's emulation of AVX. AVX2 is switched
            // off as well: QEMU would still offer it, and Debian 12's `wc` would use it and die of SIGILL.
            (AccelChoice::Tcg { .. }, Arch::X86_64) => "max,avx=off,avx2=off",
            (AccelChoice::Tcg { .. }, Arch::Aarch64) => "cortex-a72",
            (AccelChoice::Tcg { .. }, Arch::Riscv64) => "rv64",
            (AccelChoice::Tcg { .. }, Arch::Loongarch64) => "la464",
        }
    }
}
