//! The QEMU inside the rig: its command line.

use std::{io, net::TcpListener, path::PathBuf, process::Command};

/// The rig.
#[derive(Debug)]
pub(crate) struct Rig {
    /// The folder of its sockets and logs.
    pub(crate) folder: PathBuf,
    pub(crate) arch: Arch,
    /// The SD card.
    pub(crate) card: PathBuf,
    pub(crate) screen: Screen,
}

/// An architecture.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arch {
    X86_64,
    Aarch64,
    Riscv64,
}

/// The screen of the rig.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Screen {
    /// A network KVM that sends JPEG pictures of this quality.
    Kvmd { quality: u8 },
    /// QEMU's VNC server on this port.
    Vnc { port: u16 },
}

impl Arch {
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match name {
            "x86_64" => Ok(Self::X86_64),
            "aarch64" => Ok(Self::Aarch64),
            "riscv64" => Ok(Self::Riscv64),
            _ => Err(format!("no architecture: {name}")),
        }
    }
}

impl Rig {
    /// Returns the socket of QEMU's serial line.
    pub(crate) fn serial_socket(&self) -> PathBuf {
        self.folder.join("serial.sock")
    }

    /// Returns the socket of QEMU's control connection.
    pub(crate) fn control_socket(&self) -> PathBuf {
        self.folder.join("qmp.sock")
    }

    /// Returns the firmware's variables of a PC.
    fn variables(&self) -> PathBuf {
        self.folder.join("variables.fd")
    }

    /// Makes what the firmware writes to.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        if let Arch::X86_64 = self.arch {
            std::fs::copy(format!("{OVMF}_VARS_4M.fd"), self.variables())?;
        }
        Ok(())
    }

    /// Returns the command that starts QEMU: with U-Boot on aarch64 and riscv64, with OVMF on x86_64.
    pub(crate) fn command(&self) -> Command {
        let (program, firmware): (_, &[&str]) = match self.arch {
            Arch::X86_64 => (
                "qemu-system-x86_64",
                &["-machine", "q35", "-device", "VGA,xres=1024,yres=768"],
            ),
            Arch::Aarch64 => (
                "qemu-system-aarch64",
                &[
                    "-machine",
                    "virt",
                    "-cpu",
                    "cortex-a57",
                    "-bios",
                    "/usr/lib/u-boot/qemu_arm64/u-boot.bin",
                    "-device",
                    "virtio-gpu-pci,xres=1024,yres=768",
                ],
            ),
            Arch::Riscv64 => (
                "qemu-system-riscv64",
                &[
                    "-machine",
                    "virt",
                    "-kernel",
                    "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf",
                    "-device",
                    "virtio-gpu-pci,xres=1024,yres=768",
                ],
            ),
        };
        // QEMU dies with the rig, also with one that is killed.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", program]);
        command.args(["-nodefaults", "-accel", "tcg", "-smp", "2", "-m", "1G"]);
        command.args(firmware);
        if let Arch::X86_64 = self.arch {
            let variables = self.variables();
            let variables = variables.display();
            command.arg("-drive").arg(format!(
                "if=pflash,format=raw,readonly=on,file={OVMF}_CODE_4M.fd"
            ));
            command
                .arg("-drive")
                .arg(format!("if=pflash,format=raw,file={variables}"));
        }
        let card = self.card.display();
        command.arg("-drive").arg(format!(
            "file={card},format=raw,if=none,id=card,cache=writeback"
        ));
        command.args(["-device", "virtio-blk-pci,drive=card"]);
        match self.arch {
            // The kernel of the image `console` has no driver for USB keyboards; the PS/2 keyboard is built in.
            Arch::X86_64 => {}
            Arch::Aarch64 | Arch::Riscv64 => {
                command.args(["-device", "qemu-xhci"]);
                command.args(["-device", "usb-kbd", "-device", "usb-tablet"]);
            }
        }
        command.args(["-device", "virtio-rng-pci"]);
        let serial = self.serial_socket();
        let serial = serial.display();
        command
            .arg("-serial")
            .arg(format!("unix:{serial},server=on,wait=off"));
        let control = self.control_socket();
        let control = control.display();
        command
            .arg("-qmp")
            .arg(format!("unix:{control},server=on,wait=off"));
        match self.screen {
            Screen::Kvmd { .. } => command.args(["-display", "none"]),
            Screen::Vnc { port } => {
                let display = port.saturating_sub(VNC_BASE);
                command.args(["-vnc", &format!("127.0.0.1:{display}")])
            }
        };
        command
    }
}

/// The firmware of a PC, in Debian's package `ovmf`.
const OVMF: &str = "/usr/share/OVMF/OVMF";

/// The port of VNC display 0.
const VNC_BASE: u16 = 5900;

/// Returns a free port for VNC. QEMU counts displays from 5900.
pub(crate) fn free_vnc_port() -> io::Result<u16> {
    loop {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        if port > VNC_BASE {
            return Ok(port);
        }
    }
}
