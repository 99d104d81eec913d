//! qcow2, versions 2 and 3, as described in QEMU's `docs/interop/qcow2.txt`.

use std::io::{Read, Seek};

use super::{
    header::{Header, Reference},
    tables::Tables,
};
use crate::image::{
    probe_error::Fault,
    source::{Source, be32, be64},
};

/// The most bytes in the name of a backing file.
const LONGEST_NAME: usize = 1023;
/// The largest size of a cluster.
const MOST_CLUSTER_BITS: u32 = 21;
/// The most bytes of the first table of clusters.
const MOST_L1_BYTES: u64 = 32 << 20;
/// The types of header extensions.
const BACKING_FORMAT: u32 = 0xe279_2aca;
const DATA_FILE: u32 = 0x4441_5441;
/// The feature bits that a reader must know.
const CORRUPT: u64 = 1 << 1;
const EXTERNAL_DATA: u64 = 1 << 2;
const LARGE_ENTRIES: u64 = 1 << 4;
/// Dirty, corrupt, external data file, other compression, large entries.
const KNOWN: u64 = 0x1f;
/// The bits of a table's entry that hold the place in the file.
const OFFSET: u64 = 0x00ff_ffff_ffff_fe00;
/// The bit of a compressed cluster.
const COMPRESSED: u64 = 1 << 62;
/// The bit of a cluster that reads as zeros, whatever is in its place.
const ZERO: u64 = 1;

struct Fields {
    version: u32,
    cluster_bits: u32,
    disk_bytes: u64,
    l1_entries: u64,
    l1: u64,
    refcounts: u64,
    features: u64,
}

pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Header, Fault> {
    let head = source.read(0, 1 << MOST_CLUSTER_BITS)?;
    let fields = fields(&head).ok_or_else(|| {
        Fault::Cut(format!(
            "it has {} bytes, fewer than the header of a qcow2 file",
            source.bytes()
        ))
    })?;
    if !matches!(fields.version, 2 | 3) {
        let version = fields.version;
        return Err(Fault::Unusable(format!(
            "its qcow2 version is {version}, and QEMU knows 2 and 3"
        )));
    }
    if !(9..=MOST_CLUSTER_BITS).contains(&fields.cluster_bits) {
        return Err(Fault::Unusable(
            "its header names a cluster size that no qcow2 file has".to_owned(),
        ));
    }
    if be32(&head, 32) != Some(0) {
        return Err(Fault::Unusable(
            "its content is encrypted; decrypt it with `qemu-img convert`".to_owned(),
        ));
    }
    if fields.features & CORRUPT != 0 {
        return Err(Fault::Unusable(
            "it is marked as corrupt; `qemu-img check -r all` on a copy of it may repair it"
                .to_owned(),
        ));
    }
    if fields.features & !KNOWN != 0 {
        return Err(Fault::Unusable(format!(
            "it needs features (bits {:#x}) that are not known; convert it with `qemu-img convert -O qcow2`",
            fields.features & !KNOWN
        )));
    }
    let cluster = 1_usize << fields.cluster_bits;
    let header = names(&head[..head.len().min(cluster)], &fields)?;
    check_whole(source, &fields)?;
    Ok(header)
}

/// Returns the fields of the header. None if the file ends inside of it.
fn fields(head: &[u8]) -> Option<Fields> {
    let version = be32(head, 4)?;
    Some(Fields {
        version,
        cluster_bits: be32(head, 20)?,
        disk_bytes: be64(head, 24)?,
        l1_entries: be32(head, 36)?.into(),
        l1: be64(head, 40)?,
        refcounts: be64(head, 48)?,
        features: match version {
            3 => be64(head, 72)?,
            _ => be64(head, 64).map(|_| 0)?,
        },
    })
}

/// Reads the names in the first cluster.
fn names(cluster: &[u8], fields: &Fields) -> Result<Header, Fault> {
    let broken = |what: &str| Fault::Unusable(format!("{what} in its header is not whole"));
    let text = |bytes: &[u8], what: &str| match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(Fault::Unusable(format!(
            "{what} in its header is not UTF-8"
        ))),
    };
    let place = be64(cluster, 8).unwrap_or(0);
    let mut backing = None;
    let mut extensions_end = cluster.len();
    if place != 0 {
        let length = be32(cluster, 16).unwrap_or(0) as usize;
        let at = usize::try_from(place).unwrap_or(usize::MAX);
        let name = cluster.get(at..).and_then(|rest| rest.get(..length));
        let name = name.filter(|name| name.len() <= LONGEST_NAME);
        let name = name.ok_or_else(|| broken("the name of the file that it stands on"))?;
        extensions_end = at;
        backing = Some(text(name, "the name of the file that it stands on")?);
    }
    let (mut format, mut data) = (None, None);
    let mut at = match fields.version {
        3 => be32(cluster, 100).unwrap_or(0) as usize,
        _ => 72,
    };
    while at < extensions_end {
        let (Some(kind), Some(length)) = (be32(cluster, at), be32(cluster, at + 4)) else {
            break;
        };
        if kind == 0 {
            break;
        }
        let content = cluster
            .get(at + 8..)
            .and_then(|rest| rest.get(..length as usize));
        let content = content.ok_or_else(|| broken("an extension"))?;
        match kind {
            BACKING_FORMAT => format = Some(text(content, "the format of its backing file")?),
            DATA_FILE => data = Some(text(content, "the name of its data file")?),
            _ => {}
        }
        at = at + 8 + content.len().next_multiple_of(8);
    }
    let has_data = fields.features & EXTERNAL_DATA != 0;
    if has_data && data.is_none() {
        return Err(Fault::Unusable(
            "its bytes are in another file, which its header does not name".to_owned(),
        ));
    }
    Ok(Header {
        disk_bytes: Some(fields.disk_bytes),
        backing: backing
            .filter(|name| !name.is_empty())
            .map(|name| Reference { name, format }),
        data: data.filter(|_| has_data).map(|name| Reference {
            name,
            format: Some("raw".to_owned()),
        }),
        extents: Vec::new(),
    })
}

/// Checks that the file has the tables, and everything that they point to.
fn check_whole<R: Read + Seek>(source: &mut Source<R>, fields: &Fields) -> Result<(), Fault> {
    let mut tables = Tables::new(source);
    let l1_bytes = fields.l1_entries * 8;
    if l1_bytes > MOST_L1_BYTES {
        return Err(Fault::Unusable(
            "its table of clusters is larger than that of any qcow2 file".to_owned(),
        ));
    }
    tables.has("its table of reference counts", fields.refcounts)?;
    if l1_bytes > 0 {
        let last = fields.l1.saturating_add(l1_bytes - 1);
        tables.has("the end of its table of clusters", last)?;
    }
    let mut second = Vec::new();
    tables.each(fields.l1, fields.l1_entries, |entry| {
        second.push(u64::from_be_bytes(entry) & OFFSET);
        Ok(())
    })?;
    let compressed_bits = 62 - (fields.cluster_bits - 8);
    let entry_bytes = match fields.features & LARGE_ENTRIES {
        0 => 8,
        _ => 16,
    };
    let entries = (1 << fields.cluster_bits) / entry_bytes;
    let end = tables.end();
    let check = |entry: u64| {
        let place = match entry & COMPRESSED {
            0 if entry & ZERO != 0 => return Ok(()),
            0 => entry & OFFSET,
            _ => entry & ((1 << compressed_bits) - 1),
        };
        match place < end {
            true => Ok(()),
            false => Err(Fault::cut("a piece of its disk", place, end)),
        }
    };
    for place in second.into_iter().filter(|place| *place != 0) {
        tables.has("a table of clusters", place)?;
        if fields.features & EXTERNAL_DATA != 0 {
            continue;
        }
        match entry_bytes {
            8 => tables.each(place, entries, |entry| check(u64::from_be_bytes(entry)))?,
            _ => tables.each(place, entries, |entry: [u8; 16]| {
                let mut first = [0; 8];
                first.copy_from_slice(&entry[..8]);
                // The lowest bit of such an entry has no meaning.
                check(u64::from_be_bytes(first) & !ZERO)
            })?,
        }
    }
    Ok(())
}
