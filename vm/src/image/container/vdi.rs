//! VirtualBox's format.

use std::io::{Read, Seek};

use super::header::Header;
use crate::image::{
    probe_error::Fault,
    source::{Source, le32, le64},
};

/// The place of the mark, behind a line of text for people.
const MARK: (usize, u32) = (0x40, 0xbeda_107f);
/// A disk without a parent: growing, or of a fixed size.
const PLAIN: std::ops::RangeInclusive<u32> = 1..=2;

pub(super) fn is_one(head: &[u8]) -> bool {
    le32(head, MARK.0) == Some(MARK.1)
}

pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Header, Fault> {
    let head = source.read(0, 512)?;
    let fields = (|| {
        let block = u64::from(le32(&head, 0x178)?);
        Some((
            le32(&head, 0x4c)?,
            u64::from(le32(&head, 0x158)?),
            le64(&head, 0x170)?,
            block,
            u64::from(le32(&head, 0x184)?),
        ))
    })();
    let Some((kind, data, disk_bytes, block, blocks)) = fields else {
        return Err(Fault::Cut("its header is not whole".to_owned()));
    };
    if !PLAIN.contains(&kind) {
        return Err(Fault::Unusable(
            "it is the difference to another VirtualBox disk; merge them with `VBoxManage clonemedium`"
                .to_owned(),
        ));
    }
    if blocks > 0 {
        // Every program that writes this format writes whole pieces.
        let end = data.saturating_add(blocks.saturating_mul(block));
        if end > source.bytes() {
            return Err(Fault::cut(
                "the end of the last piece of its disk",
                end,
                source.bytes(),
            ));
        }
    }
    Ok(Header {
        disk_bytes: Some(disk_bytes),
        ..Header::default()
    })
}
