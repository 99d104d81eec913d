//! Virtual PC's format. It is called VHD, and `vpc` by QEMU.

use std::io::{Read, Seek};

use super::{header::Header, tables::Tables};
use crate::image::{
    probe_error::Fault,
    source::{Source, be32, be64, has},
};

const FOOTER: u64 = 512;
const MARK: &[u8] = b"conectix";
const FIXED: u32 = 2;
const GROWING: u32 = 3;
/// The entry of a piece that was never written.
const NONE: u32 = u32::MAX;

pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Header, Fault> {
    let end = source.bytes();
    let footer = source.read(end.saturating_sub(FOOTER), 512)?;
    if !has(&footer, 0, MARK) {
        return Err(Fault::Cut(
            "the footer that ends every such disk is not there".to_owned(),
        ));
    }
    let fields = (be64(&footer, 16), be64(&footer, 48), be32(&footer, 60));
    let (Some(header), Some(size), Some(kind)) = fields else {
        return Err(Fault::Cut("its footer is not whole".to_owned()));
    };
    match kind {
        FIXED => {
            if size > end {
                return Err(Fault::cut("the end of its disk", size, end));
            }
        }
        GROWING => check_whole(source, header)?,
        _ => {
            return Err(Fault::Unusable(
                "it is the difference to another disk; merge them with Hyper-V's `Merge-VHD`"
                    .to_owned(),
            ));
        }
    }
    // Which of the two sizes in the footer is right depends on the program that made the file. QEMU knows those
    // programs.
    Ok(Header::default())
}

fn check_whole<R: Read + Seek>(source: &mut Source<R>, header: u64) -> Result<(), Fault> {
    let bytes = source.read(header, 1024)?;
    let fields = (be64(&bytes, 16), be32(&bytes, 28));
    let (true, (Some(table), Some(entries))) = (has(&bytes, 0, b"cxsparse"), fields) else {
        return Err(Fault::Unusable(
            "its second header is not where its footer says".to_owned(),
        ));
    };
    let mut tables = Tables::new(source);
    tables.has("its table of pieces", table)?;
    let end = tables.end();
    tables.each(table, entries.into(), |entry| {
        let place = u32::from_be_bytes(entry);
        let at = u64::from(place) * 512;
        match place == NONE || at < end {
            true => Ok(()),
            false => Err(Fault::cut("a piece of its disk", at, end)),
        }
    })
}
