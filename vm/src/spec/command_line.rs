use std::{
    os::fd::RawFd,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{
    Arch, DiskSource, Display, DisplayDevice, Firmware, KeyboardDevice, MachineSpec, Network,
    PointerDevice,
    drives::{device_id, node_name},
};
use crate::{AccelChoice, firmware::FirmwareFiles};

/// QEMU's name of the agent's port: events about it carry this.
pub(crate) const AGENT_PORT: &str = "agent0";

/// What of a machine is known only when it starts: files made for the run and descriptors QEMU inherits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// The accelerator decided for.
    pub accel: AccelChoice,
    /// The UEFI firmware, if the spec asks for UEFI.
    pub firmware: Option<FirmwareFiles>,
    /// The run's own copy of the firmware's variables; used with `firmware`.
    pub variables: PathBuf,
    /// For each disk of the spec, in its order: the file QEMU opens; none for a drive without a medium.
    pub disks: Vec<Option<DiskFile>>,
    /// What holds the machine's main memory.
    pub memory: MainMemory,
    /// Whether the machine's state is to come by migration, instead of its firmware's first instruction.
    pub incoming: bool,
    /// Whether a VNC viewer on this host can reach the screen.
    pub vnc: bool,
    /// Socket for QMP.
    pub qmp: RawFd,
    /// Socket for the serial console.
    pub serial: RawFd,
    /// Socket for the agent, used if the spec has a channel for it.
    pub agent: RawFd,
}

/// What holds the main memory of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MainMemory {
    /// The QEMU process: what the guest had is gone with it.
    Process,
    /// A file that always has what the guest has.
    Shared(PathBuf),
    /// A file that the guest starts with and never changes: what it writes stays in the process. Machines of one file share what they
    /// have not written.
    CopyOnWrite(PathBuf),
}

/// The file behind a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskFile {
    /// Its path.
    pub path: PathBuf,
    /// QEMU's name of its format: `qcow2` or `raw`.
    pub format: &'static str,
}

/// The arguments of a QEMU process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    args: Vec<String>,
}

impl CommandLine {
    /// The arguments for a machine of `spec`, wired as `wiring` says. Pure: equal input, equal arguments.
    ///
    /// QEMU starts stopped (`-S`), and stays, stopped, after the guest powered off or panicked.
    #[must_use]
    pub fn new(spec: &MachineSpec, wiring: &Wiring) -> Self {
        let mut line = Self { args: Vec::new() };
        line.isolation();
        if wiring.vnc {
            // Display 0 or the first one that is free; QEMU is asked which it is.
            line.option("-vnc", "127.0.0.1:0,to=99");
        }
        line.machine(spec, wiring);
        line.connections(spec, wiring);
        line.display(spec.display);
        line.input(spec);
        for (index, file) in (0..spec.disks.len()).zip(&wiring.disks) {
            line.disk(spec, index, file.as_ref());
        }
        match spec.network {
            // -nodefaults leaves no network card.
            Network::Off => {}
            Network::User => {
                line.option("-netdev", "user,id=net0");
                // No boot ROM: firmware would spend time on booting from the network.
                line.option("-device", "virtio-net-pci,netdev=net0,romfile=");
            }
        }
        // Without entropy some guests hang at boot.
        line.option("-device", "virtio-rng-pci");
        // Tells of the panics of guests that have the driver.
        line.option("-device", "pvpanic-pci");
        if wiring.incoming {
            line.option("-incoming", "defer");
        }
        line.args.extend(spec.extra_args.iter().cloned());
        line
    }

    /// The arguments without the program.
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// A shell command, one option a line, as kept in `qemu.args`. To repeat it by hand, replace the sockets (`fd=`), which only live
    /// as long as the machine.
    #[must_use]
    pub fn to_shell(&self, program: &Path) -> String {
        let mut text = quoted(&program.to_string_lossy());
        for arg in &self.args {
            text.push_str(if arg.starts_with('-') { " \\\n  " } else { " " });
            text.push_str(&quoted(arg));
        }
        text.push('\n');
        text
    }

    fn flag(&mut self, flag: &str) {
        self.args.push(flag.to_owned());
    }

    fn option(&mut self, name: &str, value: impl Into<String>) {
        self.args.extend([name.to_owned(), value.into()]);
    }

    fn isolation(&mut self) {
        self.flag("-nodefaults");
        self.flag("-no-user-config");
        self.option(
            "-sandbox",
            "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        );
        self.option("-display", "none");
        self.flag("-S");
        self.option("-action", "shutdown=pause,panic=pause");
    }

    fn machine(&mut self, spec: &MachineSpec, wiring: &Wiring) {
        let mut machine = spec.machine_type().to_owned();
        if let Some(files) = &wiring.firmware {
            machine.push_str(",pflash0=firmware,pflash1=variables");
            self.blockdev(flash(
                "firmware",
                &files.code,
                files.code_format.name(),
                true,
            ));
            self.blockdev(flash(
                "variables",
                &wiring.variables,
                files.variables_format.name(),
                false,
            ));
        }
        if let Some(backend) = memory_backend(&wiring.memory, spec.memory_mib) {
            machine.push_str(",memory-backend=ram");
            self.option("-object", backend.to_string());
        }
        self.option("-machine", machine);
        self.option("-accel", wiring.accel.name());
        self.option("-cpu", spec.cpu_model_for(&wiring.accel));
        self.option("-smp", spec.cpus.to_string());
        self.option("-m", format!("{}M", spec.memory_mib));
        if let Firmware::Kernel(boot) = &spec.firmware {
            self.option("-kernel", boot.kernel.to_string_lossy());
            if let Some(initrd) = &boot.initrd {
                self.option("-initrd", initrd.to_string_lossy());
            }
            self.option("-append", boot.append.as_str());
        }
    }

    fn connections(&mut self, spec: &MachineSpec, wiring: &Wiring) {
        self.option("-chardev", format!("socket,id=qmp,fd={}", wiring.qmp));
        self.option("-mon", "chardev=qmp,mode=control");
        self.option(
            "-chardev",
            format!("socket,id=serial0,fd={}", wiring.serial),
        );
        self.option("-serial", "chardev:serial0");
        if spec.agent {
            self.option("-chardev", format!("socket,id=agent,fd={}", wiring.agent));
            self.option("-device", "virtio-serial-pci,id=ports");
            self.option(
                "-device",
                format!("virtserialport,bus=ports.0,chardev=agent,id={AGENT_PORT},name=org.qemu.guest_agent.0"),
            );
        }
    }

    fn display(&mut self, display: Display) {
        let device = match display.device {
            DisplayDevice::VirtioVga => "virtio-vga",
            DisplayDevice::VirtioGpu => "virtio-gpu-pci",
            DisplayDevice::StdVga => "VGA",
            DisplayDevice::Bochs => "bochs-display",
            DisplayDevice::None => return,
        };
        let Display { width, height, .. } = display;
        self.option("-device", format!("{device},xres={width},yres={height}"));
    }

    fn input(&mut self, spec: &MachineSpec) {
        if spec.keyboard == KeyboardDevice::Usb || spec.pointer == PointerDevice::UsbTablet {
            self.option("-device", "qemu-xhci");
        }
        match spec.keyboard {
            KeyboardDevice::Virtio => self.option("-device", "virtio-keyboard-pci"),
            KeyboardDevice::Usb => self.option("-device", "usb-kbd"),
            KeyboardDevice::BuiltIn => {}
        }
        match spec.pointer {
            PointerDevice::VirtioTablet => self.option("-device", "virtio-tablet-pci"),
            PointerDevice::UsbTablet => self.option("-device", "usb-tablet"),
            PointerDevice::BuiltIn => {}
        }
    }

    fn disk(&mut self, spec: &MachineSpec, index: usize, file: Option<&DiskFile>) {
        let (read_only, device) = match (&spec.disks[index].source, spec.arch) {
            (DiskSource::Overlay(_) | DiskSource::Blank { .. }, _) => (false, "virtio-blk-pci"),
            (DiskSource::Cdrom(_) | DiskSource::EmptyDrive, Arch::X86_64) => (true, "ide-cd"),
            (DiskSource::Cdrom(_) | DiskSource::EmptyDrive, Arch::Aarch64 | Arch::Riscv64) => {
                self.option("-device", format!("virtio-scsi-pci,id=scsi{index}"));
                (true, "scsi-cd")
            }
        };
        let mut device = format!("{device},id={}", device_id(index));
        if let Some(file) = file {
            self.blockdev(disk_node(index, file, read_only));
            device.push_str(&format!(",drive={}", node_name(index)));
        }
        device.push_str(&format!(",bootindex={}", spec.boot_index(index)));
        self.option("-device", device);
    }

    fn blockdev(&mut self, node: Value) {
        self.option("-blockdev", node.to_string());
    }
}

/// What is on the disk of this number, as QEMU opens it.
pub(crate) fn disk_node(index: usize, file: &DiskFile, read_only: bool) -> Value {
    json!({
        // An overlay is thrown away after the run: nothing of it need reach the disk ("no-flush").
        "cache": {"direct": false, "no-flush": !read_only},
        "driver": file.format,
        "file": {"driver": "file", "filename": file.path.to_string_lossy()},
        "node-name": node_name(index),
        "read-only": read_only,
    })
}

fn memory_backend(memory: &MainMemory, mib: u32) -> Option<Value> {
    let (path, share) = match memory {
        MainMemory::Process => return None,
        MainMemory::Shared(path) => (path, true),
        MainMemory::CopyOnWrite(path) => (path, false),
    };
    Some(json!({
        "qom-type": "memory-backend-file",
        "id": "ram",
        "size": u64::from(mib) << 20,
        "mem-path": path.to_string_lossy(),
        "share": share,
    }))
}

fn flash(node: &str, file: &Path, format: &str, read_only: bool) -> Value {
    json!({
        "driver": format,
        "file": {"driver": "file", "filename": file.to_string_lossy()},
        "node-name": node,
        "read-only": read_only,
    })
}

/// An argument as a POSIX shell reads it.
fn quoted(arg: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,+@%".contains(&byte);
    if !arg.is_empty() && arg.bytes().all(plain) {
        arg.to_owned()
    } else {
        format!("'{}'", arg.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Disk, KernelBoot, firmware::FlashFormat};

    fn wiring(disks: &[(&str, &'static str)]) -> Wiring {
        Wiring {
            accel: AccelChoice::Tcg {
                because: "a test".to_owned(),
            },
            firmware: None,
            variables: "/run/vars.raw".into(),
            disks: disks
                .iter()
                .map(|&(path, format)| {
                    (!path.is_empty()).then(|| DiskFile {
                        path: path.into(),
                        format,
                    })
                })
                .collect(),
            memory: MainMemory::Process,
            incoming: false,
            vnc: false,
            qmp: 10,
            serial: 11,
            agent: 12,
        }
    }

    fn uefi(arch: Arch) -> FirmwareFiles {
        FirmwareFiles {
            descriptor: "/usr/share/qemu/firmware/60.json".into(),
            code: format!("/fw/{arch}/code.fd").into(),
            code_format: FlashFormat::Raw,
            variables: format!("/fw/{arch}/vars.fd").into(),
            variables_format: FlashFormat::Raw,
        }
    }

    fn golden(name: &str, spec: &MachineSpec, wiring: &Wiring) {
        let program = Path::new(spec.arch.qemu_program());
        insta::with_settings!({snapshot_path => "../../golden", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(name, CommandLine::new(spec, wiring).to_shell(program));
        });
    }

    #[test]
    fn a_uefi_desktop() {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.disks.push(Disk::overlay("/images/gnome.qcow2"));
        spec.network = Network::User;
        let mut wiring = wiring(&[("/run/disk0.qcow2", "qcow2")]);
        wiring.firmware = Some(uefi(Arch::X86_64));
        golden("x86_64-uefi-desktop", &spec, &wiring);
    }

    #[test]
    fn a_bios_machine_with_kvm_usb_and_three_disks() {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.firmware = Firmware::Bios;
        spec.display.device = DisplayDevice::StdVga;
        spec.keyboard = KeyboardDevice::Usb;
        spec.pointer = PointerDevice::UsbTablet;
        spec.agent = false;
        spec.disks = vec![
            Disk::cdrom("/i/install, 1.iso"),
            Disk::blank(8192),
            Disk::overlay("/i/data.raw"),
        ];
        spec.extra_args = vec!["-name".to_owned(), "it's mine".to_owned()];
        let mut wiring = wiring(&[
            ("/i/install, 1.iso", "raw"),
            ("/run/disk1.qcow2", "qcow2"),
            ("/run/disk2.qcow2", "qcow2"),
        ]);
        wiring.accel = AccelChoice::Kvm;
        golden("x86_64-bios-kvm", &spec, &wiring);
    }

    #[test]
    fn a_machine_that_starts_from_its_disk_beside_an_empty_drive() {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.disks = vec![Disk::empty_drive(), Disk::blank(8192), Disk::blank(1)];
        spec.boot_first = Some(1);
        let wiring = wiring(&[
            ("", ""),
            ("/run/disk1.qcow2", "qcow2"),
            ("/run/disk2.qcow2", "qcow2"),
        ]);
        golden("x86_64-empty-drive", &spec, &wiring);
    }

    #[test]
    fn machines_to_be_saved_and_machines_from_a_checkpoint() {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.disks.push(Disk::overlay("/images/gnome.qcow2"));
        let mut wiring = wiring(&[("/run/disk0.qcow2", "qcow2")]);
        wiring.firmware = Some(uefi(Arch::X86_64));
        wiring.memory = MainMemory::Shared("/proc/self/fd/13".into());
        golden("x86_64-savable", &spec, &wiring);
        wiring.memory = MainMemory::CopyOnWrite("/checkpoints/1, 2/ram".into());
        wiring.incoming = true;
        golden("x86_64-restored", &spec, &wiring);
    }

    #[test]
    fn a_machine_whose_screen_is_reachable_differs_by_that_alone() {
        let spec = MachineSpec::desktop(Arch::X86_64);
        let mut wiring = wiring(&[]);
        let hidden = CommandLine::new(&spec, &wiring);
        wiring.vnc = true;
        let reachable = CommandLine::new(&spec, &wiring);
        let more: Vec<_> = reachable
            .args()
            .iter()
            .filter(|arg| !hidden.args().contains(arg))
            .collect();
        assert_eq!(more, ["-vnc", "127.0.0.1:0,to=99"]);
    }

    #[test]
    fn a_kernel_without_firmware_screen_or_input() {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.firmware = Firmware::Kernel(KernelBoot {
            kernel: "/boot/linux".into(),
            initrd: Some("/boot/initrd.gz".into()),
            append: "root=/dev/vda rw console=ttyS0 quiet".to_owned(),
        });
        spec.display.device = DisplayDevice::None;
        spec.keyboard = KeyboardDevice::BuiltIn;
        spec.pointer = PointerDevice::BuiltIn;
        spec.cpu_model = Some("Nehalem".to_owned());
        golden("x86_64-kernel", &spec, &wiring(&[]));
    }

    #[test]
    fn arm_and_riscv_desktops() {
        for arch in [Arch::Aarch64, Arch::Riscv64] {
            let mut spec = MachineSpec::desktop(arch);
            spec.disks = vec![
                Disk::overlay("/images/a.qcow2"),
                Disk::cdrom("/images/b.iso"),
            ];
            let mut wiring = wiring(&[("/run/disk0.qcow2", "qcow2"), ("/images/b.iso", "raw")]);
            wiring.firmware = Some(uefi(arch));
            golden(&format!("{arch}-uefi-desktop"), &spec, &wiring);
        }
    }
}
