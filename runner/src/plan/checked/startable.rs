//! Refuses images from which the machine of a job certainly cannot start.

use scenarios::{Action, DiskBus, Firmware, Machine, PlannedStep};
use vm::image::{DiskContent, ImageFile, Platform, ProbeError, check_initrd, check_kernel};

use crate::failure::{Failure, chain};
use crate::plan::draft::WholeStage;
use crate::plan::subject::{JobImage, arch};

/// Refuses an image that certainly cannot start on a machine. Doubtful cases are not refused.
///
/// # Errors
/// The image or the CD beside it cannot be used in this machine.
pub(super) fn refuse_unstartable(
    image: &JobImage,
    machine: &Machine,
    stages: &[WholeStage],
) -> Result<(), Failure> {
    if let Some(cdrom) = &machine.cdrom {
        match ImageFile::new(cdrom.value.as_str()).open() {
            Err(error) if ProbeError::is_of_the_file(&error) => {
                let failure = Failure::usage(chain(&error));
                return Err(failure.hint("`cdrom:` of a machine in qa.yaml names it"));
            }
            // A missing file is an error when the machine is launched.
            Ok(_) | Err(_) => {}
        }
    }
    refuse_no_kernel(image, machine)?;
    // With a CD, extra QEMU arguments or drive changes, the firmware may start from something else.
    let steps = stages.iter().flat_map(|stage| &stage.steps);
    let changes = steps.into_iter().any(changes_drives);
    let more = machine.cdrom.is_some() || !machine.qemu_args.is_empty() || changes;
    if image.kernel.is_some() || more {
        return Ok(());
    }
    match &image.content {
        Some(DiskContent::Iso(boot)) if machine.disk.has_drive() => {
            let Some(catalog) = &boot.catalog else {
                return Ok(());
            };
            match machine.firmware {
                Firmware::Uefi
                    if !catalog.contains(&Platform::Uefi) && !boot.has_uefi_partition =>
                {
                    let failure = Failure::usage(format!(
                        "the CD of image `{}` starts machines with a BIOS only, and the machine `{}` has UEFI",
                        image.name, machine.name
                    ));
                    Err(failure.hint(instead("bios-x86_64")))
                }
                Firmware::Bios if !catalog.contains(&Platform::Bios) => {
                    let failure = Failure::usage(format!(
                        "the CD of image `{}` starts machines with UEFI only, and the machine `{}` has a BIOS",
                        image.name, machine.name
                    ));
                    Err(failure.hint(instead("uefi-x86_64")))
                }
                Firmware::Uefi | Firmware::Bios => Ok(()),
            }
        }
        Some(DiskContent::Gpt { sector_bytes }) if *sector_bytes != 512 => {
            large_sectors(image, machine, *sector_bytes)
        }
        Some(
            DiskContent::Iso(_) | DiskContent::Gpt { .. } | DiskContent::Mbr | DiskContent::Other,
        )
        | None => Ok(()),
    }
}

/// Refuses a file that certainly is no kernel, or no kernel for this machine. A missing file is an error of the image.
fn refuse_no_kernel(image: &JobImage, machine: &Machine) -> Result<(), Failure> {
    let Some(boot) = &image.kernel else {
        return Ok(());
    };
    let kernel = check_kernel(&boot.kernel, arch(machine.arch));
    let initrd = boot.initrd.as_deref().map_or(Ok(()), check_initrd);
    match kernel.and(initrd) {
        Err(error) if error.is_of_the_file() => {
            let failure = Failure::usage(chain(&error));
            Err(failure.hint(format!(
                "`kernel:` and `initrd:` of image `{}` name files relative to qa.yaml",
                image.name
            )))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Refuses a disk with large sectors on a machine whose firmware or bus does not support them.
fn large_sectors(image: &JobImage, machine: &Machine, bytes: u32) -> Result<(), Failure> {
    let has = format!(
        "the disk of image `{}` has sectors of {bytes} bytes",
        image.name
    );
    if machine.firmware == Firmware::Bios {
        let failure = Failure::usage(format!("{has}, and no BIOS can start from such a disk"));
        return Err(failure.hint(instead("uefi-x86_64")));
    }
    match machine.disk.bus {
        Some(DiskBus::Usb | DiskBus::Sata) => {
            let failure =
                Failure::usage(format!("{has}, which QEMU does not attach by USB or SATA"));
            Err(failure.hint("write `disk: { bus: virtio }`, `nvme` or `scsi` for the machine"))
        }
        Some(DiskBus::Virtio | DiskBus::Nvme | DiskBus::Scsi) | None => Ok(()),
    }
}

/// Returns a hint to use another preset.
fn instead(preset: &str) -> String {
    format!("give `--machine {preset}`, or write `preset: {preset}` for the machine")
}

fn changes_drives(step: &PlannedStep) -> bool {
    let itself = matches!(step.step().action, Action::Media(_) | Action::Boot(_));
    itself || step.steps.iter().any(changes_drives)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use vm::image::CdBoot;

    use super::*;

    /// Returns the refusal of an image with this content on a changed machine of this preset.
    fn refusal(
        content: DiskContent,
        machine: &str,
        change: impl FnOnce(&mut Machine),
    ) -> Option<String> {
        let mut machine = Machine::preset(machine).expect("a preset");
        change(&mut machine);
        let image = JobImage {
            content: Some(content),
            ..JobImage::without_disk("disk")
        };
        let refused = refuse_unstartable(&image, &machine, &[]);
        refused.err().map(|failure| failure.message().to_owned())
    }

    fn cd(platforms: &[Platform], has_uefi_partition: bool) -> DiskContent {
        DiskContent::Iso(CdBoot {
            catalog: Some(platforms.iter().copied().collect::<BTreeSet<_>>()),
            has_uefi_partition,
        })
    }

    #[test]
    fn a_cd_for_the_other_firmware_is_refused() {
        let both = [Platform::Bios, Platform::Uefi];
        for (content, machine, why) in [
            (cd(&both, false), "uefi-x86_64", None),
            (cd(&both, false), "bios-x86_64", None),
            (
                cd(&[Platform::Bios], false),
                "uefi-x86_64",
                Some("starts machines with a BIOS only"),
            ),
            (cd(&[Platform::Bios], true), "uefi-x86_64", None),
            (
                cd(&[Platform::Uefi], false),
                "bios-x86_64",
                Some("starts machines with UEFI only"),
            ),
            (DiskContent::Mbr, "uefi-x86_64", None),
            (DiskContent::Other, "bios-x86_64", None),
        ] {
            let refused = refusal(content.clone(), machine, |_| {});
            assert_eq!(refused.is_some(), why.is_some(), "{content:?} {machine}");
            if let (Some(refused), Some(why)) = (refused, why) {
                assert!(refused.contains(why), "{refused}");
            }
        }
    }

    #[test]
    fn large_sectors_need_uefi_and_a_bus_that_has_them() {
        let large = || DiskContent::Gpt { sector_bytes: 4096 };
        assert_eq!(refusal(large(), "uefi-x86_64", |_| {}), None);
        let bios = refusal(large(), "bios-x86_64", |_| {}).expect("a refusal");
        assert!(
            bios.contains("4096 bytes, and no BIOS can start from such a disk"),
            "{bios}"
        );
        for (bus, good) in [(DiskBus::Usb, false), (DiskBus::Nvme, true)] {
            let refused = refusal(large(), "uefi-x86_64", |machine| {
                machine.disk.bus = Some(bus);
            });
            assert_eq!(refused.is_none(), good, "{bus:?}");
        }
    }

    #[test]
    fn what_else_may_start_the_machine_is_not_refused() {
        let only_bios = || cd(&[Platform::Bios], false);
        let refused = refusal(only_bios(), "uefi-x86_64", |machine| {
            machine.qemu_args.push("-boot".to_owned());
        });
        assert_eq!(refused, None);
    }
}
