//! QED, as described in QEMU's `docs/interop/qed_spec.txt`.

use std::io::{Read, Seek};

use super::{
    header::{Header, Reference},
    tables::Tables,
};
use crate::image::{
    probe_error::Fault,
    source::{Source, le32, le64},
};

const HAS_BACKING: u64 = 1;
const BACKING_IS_RAW: u64 = 1 << 2;
/// Has a backing file, needs a check, backing file is raw.
const KNOWN: u64 = 7;
const LONGEST_NAME: usize = 1023;

pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Header, Fault> {
    let head = source.read(0, 64 << 10)?;
    let fields = (|| {
        let (cluster, table) = (le32(&head, 4)?, le32(&head, 8)?);
        Some((
            cluster,
            table,
            le64(&head, 16)?,
            le64(&head, 40)?,
            le64(&head, 48)?,
            le32(&head, 56)?,
            le32(&head, 60)?,
        ))
    })();
    let Some((cluster, table, features, l1, disk_bytes, name_at, name_bytes)) = fields else {
        return Err(Fault::Cut("its header is not whole".to_owned()));
    };
    if features & !KNOWN != 0
        || !cluster.is_power_of_two()
        || cluster > 64 << 20
        || !(1..=16).contains(&table)
    {
        return Err(Fault::Unusable(
            "its header is that of no QED file that QEMU reads".to_owned(),
        ));
    }
    let mut backing = None;
    if features & HAS_BACKING != 0 {
        let name = head.get(name_at as usize..);
        let name = name.and_then(|rest| rest.get(..name_bytes as usize));
        let name = name.filter(|name| name.len() <= LONGEST_NAME);
        let name = name.and_then(|name| std::str::from_utf8(name).ok());
        let name = name.ok_or_else(|| {
            Fault::Unusable("the name of the file that it stands on is not whole".to_owned())
        })?;
        backing = Some(Reference {
            name: name.to_owned(),
            format: (features & BACKING_IS_RAW != 0).then(|| "raw".to_owned()),
        });
    }
    check_whole(source, l1, u64::from(table) * u64::from(cluster) / 8)?;
    Ok(Header {
        disk_bytes: Some(disk_bytes),
        backing,
        ..Header::default()
    })
}

fn check_whole<R: Read + Seek>(source: &mut Source<R>, l1: u64, entries: u64) -> Result<(), Fault> {
    let mut tables = Tables::new(source);
    tables.has("its table of clusters", l1)?;
    let end = tables.end();
    let mut second = Vec::new();
    tables.each(l1, entries, |entry| {
        second.push(u64::from_le_bytes(entry));
        Ok(())
    })?;
    // 1 stands for a cluster of zeros.
    for place in second.into_iter().filter(|place| *place > 1) {
        tables.has("a table of clusters", place)?;
        tables.each(place, entries, |entry| {
            let place = u64::from_le_bytes(entry);
            match place < end {
                true => Ok(()),
                false => Err(Fault::cut("a piece of its disk", place, end)),
            }
        })?;
    }
    Ok(())
}
