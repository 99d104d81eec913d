//! Reads partition tables.

use crate::image::{
    probe_error::Fault,
    source::{has, le32, le64},
};

/// The place of the four entries in a boot sector, and the size of each.
const ENTRIES: usize = 446;
const ENTRY: usize = 16;
const SECTOR: u64 = 512;

/// Checks that the disk has the second copy of its partition table, in its last sector.
pub(super) fn check_gpt(header: &[u8], sector: u64, bytes: u64) -> Result<(), Fault> {
    let last = le64(header, 32).unwrap_or(0);
    let at = last.saturating_mul(sector);
    match at < bytes {
        true => Ok(()),
        false => Err(Fault::cut(
            "the second copy of its partition table",
            at,
            bytes,
        )),
    }
}

/// Checks that the disk has the ends of its partitions. In the boot sector of a file system, program code takes the
/// place of partitions.
pub(super) fn check_mbr(head: &[u8], bytes: u64) -> Result<(), Fault> {
    let is_file_system = [(3, "NTFS"), (3, "EXFAT"), (54, "FAT"), (82, "FAT")]
        .iter()
        .any(|(at, mark)| has(head, *at, mark.as_bytes()));
    let entries = head.get(ENTRIES..ENTRIES + 4 * ENTRY).unwrap_or_default();
    let is_table = entries.chunks_exact(ENTRY).all(|entry| {
        entry[0] & 0x7f == 0 && (entry[4] != 0 || entry.iter().all(|byte| *byte == 0))
    });
    if is_file_system || !is_table {
        return Ok(());
    }
    for (number, entry) in entries.chunks_exact(ENTRY).enumerate() {
        let (Some(first), Some(count)) = (le32(entry, 8), le32(entry, 12)) else {
            continue;
        };
        // An entry that only announces another table may have any length.
        if entry[4] == 0 || entry[4] == 0xee || count == 0 {
            continue;
        }
        let end = (u64::from(first) + u64::from(count)) * SECTOR;
        if end > bytes {
            let what = format!("the end of its partition {}", number + 1);
            return Err(Fault::cut(&what, end, bytes));
        }
    }
    Ok(())
}
