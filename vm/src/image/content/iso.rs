//! Reads the boot information of a CD.

use std::{
    collections::BTreeSet,
    io::{Read, Seek},
};

use crate::image::{
    probe_error::Fault,
    source::{Source, has, le16, le32},
};

/// The ways in which a CD starts a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CdBoot {
    /// The firmware kinds in its boot catalog. None if it has no readable catalog.
    pub catalog: Option<BTreeSet<Platform>>,
    /// True if it is also a disk with a partition that UEFI may start from.
    pub has_uefi_partition: bool,
}

/// A kind of firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// The BIOS of PCs.
    Bios,
    /// UEFI of any architecture.
    Uefi,
}

/// The types of partitions with a file system that UEFI reads: its own, and FAT of all sizes.
const UEFI_PARTITIONS: [u8; 7] = [0xef, 0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e];

const SECTOR: u64 = 2048;
/// The first descriptor of a volume, and the most descriptors that are read.
const FIRST: u64 = 16;
const MOST: u64 = 32;

/// Reads a CD that starts with `head`, and checks that its whole volume is there.
pub(super) fn look<R: Read + Seek>(head: &[u8], source: &mut Source<R>) -> Result<CdBoot, Fault> {
    let volume = head.get(0x8000..).unwrap_or_default();
    let (blocks, block) = (
        le32(volume, 80).unwrap_or(0),
        le16(volume, 128).unwrap_or(0),
    );
    let needed = u64::from(blocks) * u64::from(block);
    if volume.first() == Some(&1) && needed > source.bytes() {
        return Err(Fault::Cut(format!(
            "its volume has {needed} bytes, and the file has {}",
            source.bytes()
        )));
    }
    let kind = |number: usize| head.get(446 + 16 * number + 4).copied().unwrap_or(0);
    let may_be_uefi = |number| UEFI_PARTITIONS.contains(&kind(number));
    let has_table = has(head, 510, b"\x55\xaa");
    Ok(CdBoot {
        catalog: catalog(source)?,
        has_uefi_partition: has_table && (0..4).any(may_be_uefi) || has(head, 512, b"EFI PART"),
    })
}

/// Returns the platforms of the boot catalog (El Torito). None if there is no catalog.
fn catalog<R: Read + Seek>(source: &mut Source<R>) -> Result<Option<BTreeSet<Platform>>, Fault> {
    for number in FIRST..FIRST + MOST {
        let descriptor = source.read(number * SECTOR, SECTOR as usize)?;
        if !has(&descriptor, 1, b"CD001") || descriptor[0] == 255 {
            return Ok(None);
        }
        if descriptor[0] == 0 && has(&descriptor, 7, b"EL TORITO SPECIFICATION") {
            let place = le32(&descriptor, 71).unwrap_or(0);
            let catalog = source.read(u64::from(place) * SECTOR, SECTOR as usize)?;
            return Ok(platforms(&catalog));
        }
    }
    Ok(None)
}

fn platforms(catalog: &[u8]) -> Option<BTreeSet<Platform>> {
    const BOOTABLE: u8 = 0x88;
    let entries: Vec<&[u8]> = catalog.chunks_exact(32).collect();
    let (first, rest) = entries.split_first()?;
    if first[0] != 1 || !has(first, 30, b"\x55\xaa") {
        return None;
    }
    let named = |number: u8| match number {
        0xef => Platform::Uefi,
        _ => Platform::Bios,
    };
    let (mut platform, mut left) = (named(first[1]), 1);
    let mut found = BTreeSet::new();
    let mut is_last = false;
    for entry in rest {
        if left > 0 {
            // An entry that is bootable, one that is not, or the extension of the one before.
            if entry[0] == BOOTABLE {
                found.insert(platform);
            }
            if entry[0] != 0x44 {
                left -= 1;
            }
        } else if !is_last && matches!(entry[0], 0x90 | 0x91) {
            is_last = entry[0] == 0x91;
            platform = named(entry[1]);
            left = le16(entry, 2)?;
        } else {
            break;
        }
    }
    Some(found)
}
