//! Hyper-V's format. QEMU itself refuses a difference to another disk.

use std::io::{Read, Seek};

use super::{header::Header, tables::Tables};
use crate::image::{
    probe_error::Fault,
    source::{Source, has, le16, le32, le64},
};

/// The places of both copies of the table of regions.
const REGIONS: [u64; 2] = [192 << 10, 256 << 10];
const PIECES: [u8; 16] = [
    0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42, 0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08,
];
const METADATA: [u8; 16] = [
    0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e,
];
const DISK_SIZE: [u8; 16] = [
    0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8,
];
/// The most entries of either table: more than any file has.
const MOST_ENTRIES: usize = 2047;

pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Header, Fault> {
    let mut regions = Vec::new();
    for at in REGIONS {
        regions = source.read(at, 64 << 10)?;
        if has(&regions, 0, b"regi") {
            break;
        }
    }
    if !has(&regions, 0, b"regi") {
        return Err(Fault::Cut("its table of regions is not there".to_owned()));
    }
    let count = le32(&regions, 8).unwrap_or(0) as usize;
    let (mut pieces, mut metadata) = (None, None);
    for entry in regions
        .get(16..)
        .unwrap_or_default()
        .chunks_exact(32)
        .take(count.min(MOST_ENTRIES))
    {
        let place = le64(entry, 16).zip(le32(entry, 24));
        match entry.first_chunk() {
            Some(&PIECES) => pieces = place,
            Some(&METADATA) => metadata = place,
            _ => {}
        }
    }
    let (Some((pieces, length)), Some((metadata, _))) = (pieces, metadata) else {
        return Err(Fault::Unusable(
            "its table of regions lacks one that every such disk has".to_owned(),
        ));
    };
    let disk_bytes = disk_bytes(source, metadata)?;
    let mut tables = Tables::new(source);
    tables.has("its table of pieces", pieces)?;
    let end = tables.end();
    tables.each(pieces, u64::from(length) / 8, |entry| {
        let entry = u64::from_le_bytes(entry);
        let at = entry >> 20 << 20;
        // The states of pieces that are present in whole or in part.
        match !matches!(entry & 7, 6 | 7) || at < end {
            true => Ok(()),
            false => Err(Fault::cut("a piece of its disk", at, end)),
        }
    })?;
    Ok(Header {
        disk_bytes,
        ..Header::default()
    })
}

fn disk_bytes<R: Read + Seek>(source: &mut Source<R>, at: u64) -> Result<Option<u64>, Fault> {
    let table = source.read(at, 64 << 10)?;
    if !has(&table, 0, b"metadata") {
        return Err(Fault::cut("its table of metadata", at, source.bytes()));
    }
    let count = usize::from(le16(&table, 10).unwrap_or(0));
    for entry in table[32.min(table.len())..]
        .chunks_exact(32)
        .take(count.min(MOST_ENTRIES))
    {
        if entry.first_chunk() == Some(&DISK_SIZE) {
            let place = le32(entry, 16).unwrap_or(0);
            let size = source.read(at.saturating_add(place.into()), 8)?;
            return Ok(le64(&size, 0));
        }
    }
    Ok(None)
}
