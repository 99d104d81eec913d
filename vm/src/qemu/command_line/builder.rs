//! Builds the command line.

use std::path::Path;

use serde_json::{Value, json};

use super::{AGENT_PORT, MainMemory, Wiring};
use crate::{
    AccelChoice, Arch, Firmware, MachineSpec,
    qemu::firmware::{FirmwareFiles, FirmwareMapping},
};

/// The arguments so far.
#[derive(Debug)]
pub(super) struct Builder<'m> {
    pub(super) spec: &'m MachineSpec,
    pub(super) wiring: &'m Wiring,
    pub(super) args: Vec<String>,
}

impl<'m> Builder<'m> {
    pub(super) fn new(spec: &'m MachineSpec, wiring: &'m Wiring) -> Self {
        Self {
            spec,
            wiring,
            args: Vec::new(),
        }
    }

    pub(super) fn flag(&mut self, flag: &str) {
        self.args.push(flag.to_owned());
    }

    pub(super) fn option(&mut self, name: &str, value: impl Into<String>) {
        self.args.extend([name.to_owned(), value.into()]);
    }

    pub(super) fn device(&mut self, device: impl Into<String>) {
        self.option("-device", device);
    }

    pub(super) fn blockdev(&mut self, node: &Value) {
        self.option("-blockdev", node.to_string());
    }

    pub(super) fn isolation(&mut self) {
        self.flag("-nodefaults");
        self.flag("-no-user-config");
        self.option(
            "-sandbox",
            "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        );
        self.option("-display", "none");
        self.flag("-S");
        self.option("-action", "shutdown=pause,panic=pause");
        if self.wiring.vnc {
            // Display 0 or the first one that is free. QEMU is asked for its number.
            self.option("-vnc", "127.0.0.1:0,to=99");
        }
    }

    pub(super) fn machine(&mut self) {
        let (spec, wiring) = (self.spec, self.wiring);
        let mut machine = spec.machine_type().to_owned();
        if let Some(files) = &wiring.firmware {
            self.firmware(files, &mut machine);
        }
        if spec.arch == Arch::Aarch64 && spec.cpus > 8 && machine.starts_with("virt") {
            // The other interrupt controller of emulated machines is for 8 processors.
            machine.push_str(",gic-version=max");
        }
        if let Some(backend) = memory_backend(&wiring.memory, spec.memory_mib) {
            machine.push_str(",memory-backend=ram");
            self.option("-object", backend.to_string());
        }
        self.option("-machine", machine);
        self.option("-accel", accelerator(&wiring.accel, spec.memory_mib));
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
        for table in &spec.smbios {
            self.option("-smbios", table.as_str());
        }
        for file in &wiring.credentials {
            self.option("-smbios", format!("type=11,path={}", file.display()));
        }
    }

    fn firmware(&mut self, files: &FirmwareFiles, machine: &mut String) {
        let FirmwareMapping::Flash(chips) = &files.mapping else {
            self.option("-kernel", files.code.to_string_lossy());
            return;
        };
        machine.push_str(",pflash0=firmware,pflash1=variables");
        if chips.needs_smm {
            machine.push_str(",smm=on");
            // Otherwise the guest could write the variables, and the keys in them, from outside of that mode.
            self.option("-global", "driver=cfi.pflash01,property=secure,value=on");
        }
        if self.spec.arch == Arch::Riscv64 && self.spec.machine_type.is_none() {
            // With the tables, EDK2 hides the device tree, in which kernels before 6.12 find their console and
            // interrupts.
            machine.push_str(",acpi=off");
        }
        let code_format = chips.code_format.name();
        self.blockdev(&flash("firmware", &files.code, code_format, true));
        let (variables, format) = (&self.wiring.variables, chips.variables_format.name());
        self.blockdev(&flash("variables", variables, format, false));
    }

    pub(super) fn connections(&mut self) {
        let (spec, wiring) = (self.spec, self.wiring);
        self.option("-chardev", format!("socket,id=qmp,fd={}", wiring.qmp));
        self.option("-mon", "chardev=qmp,mode=control");
        for (index, fd) in wiring.serials.iter().enumerate() {
            self.option("-chardev", format!("socket,id=serial{index},fd={fd}"));
            // Only PCs have several of their own.
            if index == 0 || spec.arch == Arch::X86_64 {
                self.option("-serial", format!("chardev:serial{index}"));
            } else {
                self.device(format!("pci-serial,chardev=serial{index}"));
            }
        }
        if let Some(log) = &wiring.firmware_log {
            // A comma ends the path, unless there are two.
            let path = log.to_string_lossy().replace(',', ",,");
            self.option("-chardev", format!("file,id=firmware,path={path}"));
            self.device("isa-debugcon,iobase=0x402,chardev=firmware");
        }
        if spec.agent {
            self.option("-chardev", format!("socket,id=agent,fd={}", wiring.agent));
            self.device("virtio-serial-pci,id=ports");
            self.device(format!(
                "virtserialport,bus=ports.0,chardev=agent,id={AGENT_PORT},name=org.qemu.guest_agent.0"
            ));
        }
    }
}

/// Returns the accelerator with its options. Emulation keeps translated code in a store of a quarter of the guest's
/// memory, at most QEMU's usual 1024 MiB. Code from before a reset is never run again. QEMU 7.2 still watches each page
/// that it was made from until the store is full: a small system then takes up to five times as long to restart as it
/// took to start. A quarter is full by then, and still holds what a desktop runs.
fn accelerator(choice: &AccelChoice, memory_mib: u32) -> String {
    match choice {
        AccelChoice::Kvm => choice.name().to_owned(),
        AccelChoice::Tcg { .. } => {
            let translated = (memory_mib / 4).clamp(64, 1024);
            format!("{},tb-size={translated}", choice.name())
        }
    }
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
