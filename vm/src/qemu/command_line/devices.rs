//! The devices on the command line.

use super::builder::Builder;
use crate::{
    Arch, DiskBus, Display, DisplayDevice, KeyboardDevice, Nic, PointerDevice, qemu::KEYBOARD,
};

impl Builder<'_> {
    pub(super) fn display(&mut self) {
        let Display {
            device,
            width,
            height,
        } = self.spec.display;
        let device = match device {
            DisplayDevice::VirtioVga => "virtio-vga",
            DisplayDevice::VirtioGpu => "virtio-gpu-pci",
            DisplayDevice::StdVga => "VGA",
            DisplayDevice::Bochs => "bochs-display",
            DisplayDevice::None => return,
        };
        self.device(format!("{device},xres={width},yres={height}"));
    }

    pub(super) fn input(&mut self) {
        let spec = self.spec;
        let on_usb = spec.disks.iter().map(|disk| disk.bus(spec.arch));
        let on_usb = on_usb.filter(|bus| *bus == DiskBus::Usb).count();
        if on_usb > 0 {
            // Ports for all of them. The default is four.
            self.device("qemu-xhci,id=usb,p2=8,p3=8");
        } else if spec.keyboard == KeyboardDevice::Usb || spec.pointer == PointerDevice::UsbTablet {
            self.device("qemu-xhci,id=usb");
        }
        match spec.keyboard {
            KeyboardDevice::Virtio => self.device(format!("virtio-keyboard-pci,id={KEYBOARD}")),
            KeyboardDevice::Usb => {
                let mut device = format!("usb-kbd,bus=usb.0,id={KEYBOARD}");
                if let Some(reports) = &self.wiring.keyboard_reports {
                    device.push_str(&format!(",pcap={}", reports.display()));
                }
                self.device(device);
            }
            KeyboardDevice::BuiltIn => {}
        }
        match spec.pointer {
            PointerDevice::VirtioTablet => self.device("virtio-tablet-pci"),
            PointerDevice::UsbTablet => self.device("usb-tablet,bus=usb.0"),
            PointerDevice::BuiltIn => {}
        }
    }

    /// The network cards. `-nodefaults` leaves none.
    pub(super) fn network(&mut self) {
        for (index, nic) in self.spec.nics.iter().enumerate() {
            let Nic {
                model,
                forwards,
                restricted,
            } = nic;
            let mut network = format!("user,id=net{index}");
            if *restricted {
                network.push_str(",restrict=on");
            }
            for forward in forwards {
                network.push_str(&format!(",hostfwd={forward}"));
            }
            self.option("-netdev", network);
            // No boot ROM: firmware would spend time on booting from the network.
            self.device(format!("{},netdev=net{index},romfile=", model.device()));
        }
    }

    /// The small devices.
    pub(super) fn chips(&mut self) {
        if self.spec.tpm {
            self.option("-chardev", format!("socket,id=tpm,fd={}", self.wiring.tpm));
            self.option("-tpmdev", "emulator,id=tpm0,chardev=tpm");
            self.device(match self.spec.arch {
                Arch::X86_64 => "tpm-crb,tpmdev=tpm0",
                Arch::Aarch64 | Arch::Riscv64 | Arch::Loongarch64 => "tpm-tis-device,tpmdev=tpm0",
            });
        }
        if self.spec.rng {
            // Without entropy some guests hang at boot.
            self.device("virtio-rng-pci");
        }
        // Reports the panics of guests that have the driver.
        self.device("pvpanic-pci");
    }
}
