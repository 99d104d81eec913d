//! The capabilities of a machine that runs in QEMU.

use crate::{
    Arch, DisplayDevice, MachineSpec, PointerDevice,
    machine::{Capabilities, Capability, Stated},
    qemu::Offers,
};

impl MachineSpec {
    /// Returns the capabilities of this machine in QEMU, when it is launched with these offers.
    #[must_use]
    pub fn capabilities(&self, offers: Offers) -> Capabilities {
        Capabilities::stated(|capability| match capability {
            Capability::Screen => match self.display.device {
                DisplayDevice::VirtioVga
                | DisplayDevice::VirtioGpu
                | DisplayDevice::StdVga
                | DisplayDevice::Bochs => Stated::Has,
                DisplayDevice::None => Stated::LacksUnless("set a `display:` in its description"),
            },
            Capability::Pointer => match self.pointer {
                PointerDevice::VirtioTablet | PointerDevice::UsbTablet => Stated::Has,
                PointerDevice::BuiltIn => {
                    Stated::LacksUnless("clicks need `virtio` or `usb` as pointer")
                }
            },
            Capability::Agent if !self.agent => {
                Stated::LacksUnless("set `agent: true` in its description")
            }
            Capability::ChangeMedium if self.cd_drive().is_none() => Stated::Lacks,
            Capability::Save if !offers.saving => {
                Stated::LacksUnless("its memory must be in a file from its start")
            }
            // The monitor tells it on x86_64 alone.
            Capability::ProcessorState if self.arch != Arch::X86_64 => Stated::Lacks,
            Capability::Keyboard
            | Capability::Serial
            | Capability::Agent
            | Capability::PowerButton
            | Capability::Reset
            | Capability::SwitchOn
            | Capability::PowerCut
            | Capability::Pause
            | Capability::ChangeMedium
            | Capability::BootOrder
            | Capability::Save
            | Capability::ProcessorState
            | Capability::ResetEvents
            | Capability::ResetCauses
            | Capability::PowerOffEvents => Stated::Has,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Disk;

    #[test]
    fn a_machine_lacks_what_its_description_leaves_out() {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.disks.push(Disk::empty_drive());
        let saving = Offers {
            saving: true,
            ..Offers::default()
        };
        assert_eq!(spec.capabilities(saving).lacks(), []);
        spec.disks.clear();
        spec.display.device = DisplayDevice::None;
        spec.pointer = PointerDevice::BuiltIn;
        spec.agent = false;
        spec.arch = Arch::Aarch64;
        let lacks = spec.capabilities(Offers::default());
        let lacks = lacks.lacks().iter().map(|lack| lack.capability);
        assert_eq!(
            lacks.collect::<Vec<_>>(),
            [
                Capability::Screen,
                Capability::Pointer,
                Capability::Agent,
                Capability::ChangeMedium,
                Capability::Save,
                Capability::ProcessorState,
            ]
        );
    }
}
