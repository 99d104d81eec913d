//! VMware's format: one file with a header, or a description in text that names files.

use std::io::{Read, Seek};

use super::{
    header::{Header, Reference},
    tables::Tables,
};
use crate::image::{
    probe_error::Fault,
    source::{Source, has, le32, le64},
};

/// The place and the length of the description that QEMU looks for inside of a file.
const DESCRIPTION: (u64, usize) = (512, 20 * 512);
/// The most bytes of a description in a file of its own.
const MOST_TEXT: usize = 1 << 20;
/// The place that says that the table is at the end of the file, and that a footer tells where.
const AT_END: u64 = u64::MAX;
const SECTOR: u64 = 512;

pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Header, Fault> {
    let head = source.read(0, 512)?;
    if !has(&head, 0, b"KDMV") {
        let text = source.read(0, MOST_TEXT)?;
        return description(&String::from_utf8_lossy(&text));
    }
    let (at, most) = DESCRIPTION;
    let text = source.read(at, most)?;
    refuse_parent(&String::from_utf8_lossy(&text))?;
    let fields = (|| {
        Some((
            le64(&head, 12)?,
            le64(&head, 20)?,
            le32(&head, 44)?,
            le64(&head, 56)?,
        ))
    })();
    let Some((capacity, grain, entries, directory)) = fields else {
        return Err(Fault::Cut("its header is not whole".to_owned()));
    };
    // QEMU treats the description inside of such a file as one that names others.
    if capacity == 0 || grain == 0 || entries == 0 || grain > 1 << 20 || entries > 512 {
        return Err(Fault::Unusable(
            "its header is that of no VMware disk of one file".to_owned(),
        ));
    }
    let end = source.bytes();
    if directory == AT_END {
        let footer = source.read(end.saturating_sub(1024), 4)?;
        if !has(&footer, 0, b"KDMV") {
            return Err(Fault::Cut("its footer is not there".to_owned()));
        }
    } else {
        let tables = capacity.div_ceil(grain.saturating_mul(entries.into()));
        check_whole(
            source,
            directory.saturating_mul(SECTOR),
            tables,
            entries.into(),
        )?;
    }
    Ok(Header {
        disk_bytes: Some(capacity.saturating_mul(SECTOR)),
        ..Header::default()
    })
}

fn check_whole<R: Read + Seek>(
    source: &mut Source<R>,
    directory: u64,
    count: u64,
    entries: u64,
) -> Result<(), Fault> {
    let mut tables = Tables::new(source);
    tables.has("its table of pieces", directory)?;
    let end = tables.end();
    let mut second = Vec::new();
    tables.each(directory, count, |entry| {
        second.push(u64::from(u32::from_le_bytes(entry)) * SECTOR);
        Ok(())
    })?;
    for place in second.into_iter().filter(|place| *place != 0) {
        tables.has("a table of pieces", place)?;
        tables.each(place, entries, |entry| {
            let place = u64::from(u32::from_le_bytes(entry)) * SECTOR;
            match place < end {
                true => Ok(()),
                false => Err(Fault::cut("a piece of its disk", place, end)),
            }
        })?;
    }
    Ok(())
}

/// Returns the files that a description names.
fn description(text: &str) -> Result<Header, Fault> {
    refuse_parent(text)?;
    let lines = text.split(['\n', '\r']).map(str::trim_start);
    let extents = lines.filter(|line| {
        let access = line.split_ascii_whitespace().next();
        // QEMU compares five characters of the word.
        matches!(access, Some(word) if ["RW", "RDONL", "NOACC"].iter().any(|known| word.starts_with(known)))
    });
    let mut header = Header::default();
    for line in extents {
        let kind = line.split_ascii_whitespace().nth(2);
        if kind == Some("ZERO") {
            continue;
        }
        let name = line.split('"').nth(1);
        let name = name.filter(|name| is_plain(name)).ok_or_else(|| {
            Fault::Unusable(format!(
                "it names a part that is no plain file name beside it: {}",
                line.trim_end()
            ))
        })?;
        header.extents.push(Reference {
            name: name.to_owned(),
            format: None,
        });
    }
    if header.extents.is_empty() {
        return Err(Fault::Unusable("its description names no file".to_owned()));
    }
    Ok(header)
}

/// Returns true for names that QEMU opens beside the description: no folder, no protocol, no other description.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ._-()".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain)
}

fn refuse_parent(text: &str) -> Result<(), Fault> {
    let lower = text.to_ascii_lowercase();
    let no_parent = |rest: &str| {
        rest.trim_start_matches(['=', ' ', '\t'])
            .starts_with("ffffffff")
    };
    let has_parent = lower
        .split("parentcid")
        .skip(1)
        .any(|rest| !no_parent(rest));
    if has_parent || lower.contains("parentfilenamehint") {
        return Err(Fault::Unusable(
            "it is the difference to another VMware disk; consolidate them, or convert the chain with \
            `qemu-img convert`"
                .to_owned(),
        ));
    }
    Ok(())
}
