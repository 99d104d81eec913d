//! Copies files without their zeros.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{Checksum, blocks::for_each_data_run, checksum::ChecksumSum};

/// The result of [`copy_sparse`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SparseCopy {
    /// The length of the file in bytes, holes included.
    pub bytes: u64,
    /// The number of bytes that were written.
    pub written: u64,
    /// The checksum of both files, for [`Draft::note_checksum`](super::Draft::note_checksum).
    pub checksum: Checksum,
}

/// Copies `from` to the new file `to` on all cores. Blocks of 4 KiB that are all zero become holes. The position in
/// `from` does not matter, but it moves. Nothing may write to `from` meanwhile.
///
/// # Errors
/// When `to` exists, reading or writing fails, or `from` becomes shorter. Then `to` is left incomplete.
pub fn copy_sparse(from: &File, to: &Path) -> io::Result<SparseCopy> {
    copy_data(from, &File::create_new(to)?)
}

/// Copies as [`copy_sparse`] does, into an open file that is empty.
pub(crate) fn copy_data(from: &File, to: &File) -> io::Result<SparseCopy> {
    let bytes = from.metadata()?.len();
    // The length first: a file that ends in a hole has it as well.
    to.set_len(bytes)?;
    let written = AtomicU64::new(0);
    let sum = ChecksumSum::default();
    for_each_data_run(from, |run| {
        sum.add(run);
        written.fetch_add(run.bytes.len() as u64, Ordering::Relaxed);
        to.write_all_at(run.bytes, run.offset)
    })?;
    Ok(SparseCopy {
        bytes,
        written: written.into_inner(),
        checksum: sum.finish(),
    })
}

#[cfg(test)]
mod tests {
    use std::{io::Read, os::unix::fs::MetadataExt, time::Instant};

    use proptest::prelude::*;
    use rustix::fs::{MemfdFlags, memfd_create};

    use super::*;

    const BLOCK: usize = 4096;

    fn memory_file(bytes: u64) -> File {
        let file = File::from(memfd_create("guest", MemfdFlags::CLOEXEC).unwrap());
        file.set_len(bytes).unwrap();
        file
    }

    fn copied(from: &File) -> (SparseCopy, File, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ram");
        let copy = copy_sparse(from, &path).unwrap();
        (copy, File::open(path).unwrap(), folder)
    }

    #[test]
    fn holes_and_zeros_become_holes() {
        let from = memory_file(64 << 20);
        from.write_all_at(&[7; BLOCK], 8 << 20).unwrap();
        from.write_all_at(&[0; 4 << 20], 16 << 20).unwrap();
        from.write_all_at(b"the end", (64 << 20) - 7).unwrap();
        let (copy, to, _folder) = copied(&from);
        assert_eq!((copy.bytes, copy.written), (64 << 20, 2 * BLOCK as u64));
        let meta = to.metadata().unwrap();
        assert_eq!(meta.len(), 64 << 20);
        // Some file systems need more blocks for the list of extents.
        assert!(meta.blocks() * 512 < 1 << 20, "{} blocks", meta.blocks());
        assert_eq!(Checksum::of_file(&to).unwrap(), copy.checksum);
    }

    #[test]
    fn an_empty_file_and_one_hole_are_copied() {
        for bytes in [0, 1, 10_000_000] {
            let (copy, to, _folder) = copied(&memory_file(bytes));
            assert_eq!((copy.bytes, copy.written), (bytes, 0));
            assert_eq!(to.metadata().unwrap().len(), bytes);
        }
    }

    #[test]
    fn a_file_that_exists_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ram");
        std::fs::write(&path, "mine").unwrap();
        let error = copy_sparse(&memory_file(10), &path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_copy_has_the_same_bytes(
            bytes in 0..12_000_000_u64,
            writes in prop::collection::vec((any::<prop::sample::Index>(), 1..20_000_usize, 0..3_u8), 0..20),
        ) {
            let from = memory_file(bytes);
            for (place, length, value) in writes {
                if bytes > 0 {
                    let at = place.index(bytes as usize);
                    let data = vec![value; length.min(bytes as usize - at)];
                    from.write_all_at(&data, at as u64).unwrap();
                }
            }
            let (copy, mut to, _folder) = copied(&from);
            let (mut expected, mut found) = (vec![0; bytes as usize], Vec::new());
            from.read_exact_at(&mut expected, 0).unwrap();
            to.read_to_end(&mut found).unwrap();
            prop_assert!(expected == found);
            prop_assert_eq!(Checksum::of_file(&from).unwrap(), copy.checksum);
        }
    }

    /// `cargo test --release -p qa-vm -- --ignored --nocapture sparse_speed`
    #[test]
    #[ignore = "prints how fast this host is"]
    fn sparse_speed() {
        let size = 3_u64 << 30;
        let from = memory_file(size);
        let mut state = 1_u64;
        let mut page = [0_u8; BLOCK];
        let mut data = 0;
        // A third of the memory is in runs of 1 to 64 pages, as in an idle guest.
        let mut at = 0;
        while at < size {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let run = (state >> 40) % 64 + 1;
            for _ in 0..run {
                if at < size {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    page.fill((state >> 33) as u8 | 1);
                    from.write_all_at(&page, at).unwrap();
                    at += BLOCK as u64;
                    data += BLOCK as u64;
                }
            }
            at += 2 * run * BLOCK as u64;
        }
        let folder = tempfile::tempdir_in(".").unwrap();
        let path = folder.path().join("ram");
        let rate = |since: Instant| data as f64 / 1e9 / since.elapsed().as_secs_f64();
        for _ in 0..3 {
            let _ = std::fs::remove_file(&path);
            let began = Instant::now();
            let copy = copy_sparse(&from, &path).unwrap();
            println!(
                "copy_sparse of {} MB: {:.0} ms, {:.2} GB/s",
                copy.written / 1_000_000,
                began.elapsed().as_secs_f64() * 1e3,
                rate(began)
            );
            let to = File::open(&path).unwrap();
            for what in ["first", "again"] {
                let began = Instant::now();
                Checksum::of_file(&to).unwrap();
                println!(
                    "checksum ({what}): {:.0} ms, {:.2} GB/s",
                    began.elapsed().as_secs_f64() * 1e3,
                    rate(began)
                );
            }
        }
        let began = Instant::now();
        File::open(&path).unwrap().sync_all().unwrap();
        println!("sync: {:.0} ms", began.elapsed().as_secs_f64() * 1e3);
    }
}
