//! Packed files of every kind: whole, cut off, damaged, too large.

use std::{
    io::Write,
    time::{Duration, SystemTime},
};

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// 200,000 bytes, `disk\n` and zeros, packed by `xz -9`.
const XZ: &[u8] = include_bytes!("disk.xz");

/// A disk with data at both ends, and a hole between.
fn disk() -> Vec<u8> {
    let mut disk = vec![0; 3 << 20];
    disk[..4].copy_from_slice(b"disk");
    let last = disk.len() - 3;
    disk[last..].copy_from_slice(b"end");
    disk
}

struct Place {
    dir: tempfile::TempDir,
    store: ImageStore,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = ImageStore::open(dir.path().join("store")).unwrap();
        Self { dir, store }
    }

    fn unpack(
        &self,
        bytes: &[u8],
        limits: UnpackLimits,
    ) -> (Result<PathBuf, UnpackError>, Vec<Unpacking>) {
        let path = self.dir.path().join("packed");
        fs::write(&path, bytes).unwrap();
        let mut told = Vec::new();
        let packing = Packing::of(bytes).unwrap();
        let disk = self
            .store
            .unpacked(&path, packing, limits, |progress| told.push(progress));
        (disk, told)
    }

    /// Counts the files in the store, apart from disks, their notes and locks.
    fn parts(&self) -> usize {
        let entries = fs::read_dir(self.store.folder().join("unpacked")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".part")).count()
    }
}

#[test]
fn every_kind_of_packed_disk_comes_out_as_it_was_and_once() {
    let place = Place::new();
    let mut text = b"disk\n".to_vec();
    text.resize(200_000, 0);
    let twice = [
        zstd(&disk()),
        b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec(),
        zstd(b"more"),
    ]
    .concat();
    for (packed, expected) in [
        (gzip(&disk()), disk()),
        (
            [gzip(&disk()), gzip(b"more")].concat(),
            [&disk()[..], b"more"].concat(),
        ),
        (bzip2(&disk()), disk()),
        (zstd(&disk()), disk()),
        (twice, [&disk()[..], b"more"].concat()),
        (XZ.to_vec(), text),
    ] {
        let (unpacked, told) = place.unpack(&packed, UnpackLimits::default());
        let path = unpacked.unwrap();
        assert!(fs::read(&path).unwrap() == expected);
        assert!(matches!(told[0], Unpacking::Begins { .. }), "{told:?}");
        let (again, told) = place.unpack(&packed, UnpackLimits::default());
        assert_eq!((again.unwrap(), told), (path, Vec::new()));
    }
    assert!(
        place
            .store
            .verify_unpacked()
            .unwrap()
            .iter()
            .all(|(_, whole)| *whole)
    );
}

#[test]
fn a_disk_that_no_run_has_used_for_long_goes_and_comes_back_when_it_is_asked_for() {
    let place = Place::new();
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let age = |disk: &Path, by: Duration| {
        let note = File::options()
            .append(true)
            .open(disk.with_extension("json"))
            .unwrap();
        note.set_modified(SystemTime::now() - by).unwrap();
    };
    let names = |removed: Vec<(PathBuf, u64)>| {
        removed
            .into_iter()
            .map(|(path, _)| path)
            .collect::<Vec<_>>()
    };
    let (old, young) = (gzip(b"old"), gzip(b"young"));
    let unpack = |bytes: &[u8]| place.unpack(bytes, UnpackLimits::default()).0.unwrap();
    let (old_disk, young_disk) = (unpack(&old), unpack(&young));
    assert!(
        place
            .store
            .prune_unpacked(Duration::ZERO)
            .unwrap()
            .is_empty(),
        "both were used today"
    );
    age(&old_disk, hours(50));
    age(&young_disk, hours(30));
    assert!(place.store.prune_unpacked(hours(51)).unwrap().is_empty());
    // Another use makes it young.
    unpack(&young);
    assert_eq!(
        names(place.store.prune_unpacked(hours(25)).unwrap()),
        std::slice::from_ref(&old_disk)
    );
    assert!(!old_disk.exists() && !old_disk.with_extension("json").exists());
    assert_eq!(unpack(&old), old_disk);
    // A month later, the next image that is unpacked replaces it.
    age(&old_disk, hours(31 * 24));
    let next = unpack(&gzip(b"next"));
    assert!(!old_disk.exists() && young_disk.exists() && next.exists());
}

#[test]
fn a_hole_in_a_disk_takes_no_room() {
    use std::os::unix::fs::MetadataExt;
    let place = Place::new();
    let (disk, _) = place.unpack(&gzip(&disk()), UnpackLimits::default());
    let file = disk.unwrap().metadata().unwrap();
    assert_eq!(file.len(), 3 << 20);
    assert!(file.blocks() * 512 < 1 << 20, "{} blocks", file.blocks());
}

#[test]
fn what_is_cut_off_or_damaged_is_told_and_leaves_nothing() {
    let place = Place::new();
    let noise: Vec<u8> = (0..400_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    for packed in [gzip(&noise), bzip2(&noise), zstd(&noise), XZ.to_vec()] {
        let program = Packing::of(&packed).unwrap().program();
        let (cut, _) = place.unpack(&packed[..packed.len() / 2], UnpackLimits::default());
        let error = cut.unwrap_err();
        assert!(
            matches!(error, UnpackError::Cut { .. }),
            "{program}: {error:?}"
        );
        let mut damaged = packed.clone();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 16].fill(0x55);
        let (damaged, _) = place.unpack(&damaged, UnpackLimits::default());
        assert!(damaged.is_err(), "{program}");
        assert_eq!(place.parts(), 0, "{program}");
    }
}

#[test]
fn a_bomb_and_a_full_cache_are_told_with_the_limit() {
    let place = Place::new();
    let small = UnpackLimits {
        most_bytes: 1 << 20,
        ..UnpackLimits::default()
    };
    let (bomb, _) = place.unpack(&gzip(&disk()), small);
    assert!(matches!(
        bomb.unwrap_err(),
        UnpackError::TooLarge {
            limit: 0x10_0000,
            ..
        }
    ));
    let full = UnpackLimits {
        keep_free: u64::MAX,
        ..UnpackLimits::default()
    };
    let (full, _) = place.unpack(&gzip(&disk()), full);
    let error = full.unwrap_err();
    assert!(
        error.to_string().starts_with("there is no room to unpack"),
        "{error}"
    );
    assert!(!error.is_of_the_file());
    assert_eq!(place.parts(), 0);
}

#[test]
fn a_disk_that_somebody_changed_in_the_cache_is_unpacked_anew_or_told() {
    let place = Place::new();
    let packed = gzip(&disk());
    let path = place.unpack(&packed, UnpackLimits::default()).0.unwrap();
    fs::write(&path, "short").unwrap();
    place.unpack(&packed, UnpackLimits::default()).0.unwrap();
    assert!(fs::read(&path).unwrap() == disk());
    let mut bytes = disk();
    bytes[7] = 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(place.store.verify_unpacked().unwrap(), [(path, false)]);
}
