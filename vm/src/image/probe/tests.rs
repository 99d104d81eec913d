//! Files of every kind, as strangers give them: whole, cut off, misnamed, and with names of other files.

use std::{fs, os::unix::fs::symlink};

use super::*;

/// Some bytes at a place.
type Mark<'a> = (usize, &'a [u8]);

/// Returns the first bytes of a disk: `marks` at their places, zeros elsewhere.
fn head(marks: &[Mark<'_>]) -> Vec<u8> {
    let mut bytes = vec![0; 40 << 10];
    for (at, mark) in marks {
        bytes[*at..at + mark.len()].copy_from_slice(mark);
    }
    bytes
}

const BOOT: Mark<'_> = (510, b"\x55\xaa");

/// Returns an empty qcow2 file with this backing file.
fn qcow2_on(name: &str, format: Option<&str>) -> Vec<u8> {
    let mut file = vec![0; 1 << 16];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"QFI\xfb\0\0\0\x03");
    put(20, &16_u32.to_be_bytes());
    put(24, &(20_u64 << 30).to_be_bytes());
    put(100, &104_u32.to_be_bytes());
    if let Some(format) = format {
        put(104, &0xe279_2aca_u32.to_be_bytes());
        put(108, &(format.len() as u32).to_be_bytes());
        put(112, format.as_bytes());
    }
    if !name.is_empty() {
        put(8, &1024_u64.to_be_bytes());
        put(16, &(name.len() as u32).to_be_bytes());
        put(1024, name.as_bytes());
    }
    file
}

fn probe_bytes(bytes: &[u8]) -> Result<ProbedImage, ProbeError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    probe(file.path())
}

/// A folder with a folder for the image in it, and a file outside of that.
struct Host {
    dir: tempfile::TempDir,
}

impl Host {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let host = Self { dir };
        fs::create_dir(host.path("images")).unwrap();
        fs::write(host.path("outside.raw"), head(&[BOOT])).unwrap();
        host.put("images/base.raw", &head(&[BOOT]))
    }

    fn path(&self, name: &str) -> PathBuf {
        // Without links, as the files of an image are reported.
        self.dir.path().canonicalize().unwrap().join(name)
    }

    fn put(self, name: &str, bytes: &[u8]) -> Self {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
        self
    }

    fn files(&self, image: &ImageFile) -> Result<Vec<(PathBuf, FileFormat)>, String> {
        let opened = image.open().map_err(|error| error.to_string())?;
        let layers = opened.layers().iter();
        Ok(layers
            .map(|layer| (layer.path.clone(), layer.format))
            .collect())
    }
}

#[test]
fn what_is_on_a_disk_is_known_by_its_marks() {
    let gpt = |sector_bytes| DiskContent::Gpt { sector_bytes };
    let rows: [(&[Mark<'_>], DiskContent); 4] = [
        (&[BOOT], DiskContent::Mbr),
        (&[BOOT, (512, b"EFI PART")], gpt(512)),
        (&[BOOT, (4096, b"EFI PART")], gpt(4096)),
        (
            &[BOOT, (0x8001, b"CD001"), (512, b"EFI PART")],
            DiskContent::Iso(Default::default()),
        ),
    ];
    for (marks, content) in rows {
        let found = probe_bytes(&head(marks)).unwrap();
        match (found.content.as_ref().unwrap(), &content) {
            (DiskContent::Iso(_), DiskContent::Iso(_)) => assert!(found.is_cd()),
            (found, content) => assert_eq!(found, content),
        }
        assert_eq!((found.format(), found.bytes), (FileFormat::Raw, 40 << 10));
    }
    // A boot sector alone is a disk as well.
    assert!(probe_bytes(&head(&[BOOT])[..512]).is_ok());
}

#[test]
fn what_is_no_disk_is_told_by_what_it_is_and_what_to_write_instead() {
    let mut program = head(&[
        (0, b"MZ"),
        (60, &128_u32.to_le_bytes()),
        (128, b"PE\0\0\x64\x86\x01\0"),
    ]);
    let unified = {
        let mut bytes = program.clone();
        bytes[152..159].copy_from_slice(b".linux\0");
        bytes
    };
    program[300] = 1;
    let rows: [(&[u8], &str, &str); 17] = [
        (b"\x1f\x8b\x08", "packed with gzip", "gzip -dk"),
        (b"PK\x03\x04", "a zip archive", "unpack it"),
        (
            b"<!DOCTYPE html>\n<html>",
            "a page of the web",
            "get it again",
        ),
        (
            b"\xef\xbb\xbf<!-- 404 --><html>",
            "a page of the web",
            "get it again",
        ),
        (
            "Brot für\nmorgen".as_bytes(),
            "text that starts with `Brot für`",
            "expected qcow2",
        ),
        (
            b"milk\nbread\n",
            "text that starts with `milk`",
            "expected qcow2",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1",
            "a pointer of Git LFS",
            "git lfs pull",
        ),
        (b"\0\0\0", "zeros from its start on", "expected qcow2"),
        (
            &head(&[(1080, b"\x53\xef")]),
            "an ext file system without",
            "partition table",
        ),
        (
            &head(&[(0, b"hsqs")]),
            "a squashfs file system",
            "partition table",
        ),
        (
            b"\x01\x02",
            "data that starts with the bytes 01 02",
            "expected",
        ),
        (b"\x7fELF\x02", "a program", "`kernel:`"),
        (
            &head(&[BOOT, (0x202, b"HdrS"), (0, b"MZ")]),
            "a Linux kernel (bzImage)",
            "`kernel:`",
        ),
        (
            &head(&[(56, b"ARM\x64"), (0, b"MZ")]),
            "a Linux kernel (Image for arm64)",
            "`kernel:`",
        ),
        (&program, "an EFI program", "::EFI/BOOT/BOOTX64.EFI"),
        (&unified, "a unified kernel image", "::EFI/BOOT/BOOTX64.EFI"),
        (b"070701", "an initial RAM disk", "`initrd:`"),
    ];
    for (bytes, is, instead) in rows {
        match probe_bytes(bytes).unwrap_err() {
            ProbeError::NotADisk { found, advice, .. } => {
                assert!(found.contains(is), "{found}, not {is}");
                assert!(advice.contains(instead), "{found}: {advice}");
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_disk_that_goes_on_beyond_its_file_is_cut_off() {
    let gpt = |last: u64| {
        let mut bytes = head(&[BOOT, (512, b"EFI PART")]);
        bytes[544..552].copy_from_slice(&last.to_le_bytes());
        bytes
    };
    let mbr = |count: u32| {
        let mut bytes = head(&[BOOT, (450, b"\x83"), (454, &[1])]);
        bytes[458..462].copy_from_slice(&count.to_le_bytes());
        bytes
    };
    let iso = |blocks: u32| {
        let mut bytes = head(&[(0x8000, b"\x01CD001")]);
        bytes[0x8050..0x8054].copy_from_slice(&blocks.to_le_bytes());
        bytes[0x8080..0x8082].copy_from_slice(&2048_u16.to_le_bytes());
        bytes
    };
    for whole in [gpt(79), mbr(79), iso(20)] {
        probe_bytes(&whole).unwrap();
    }
    for (cut, part) in [
        (gpt(80), "the second copy of its partition table"),
        (mbr(80), "the end of its partition 1"),
        (
            iso(21),
            "its volume has 43008 bytes, and the file has 40960",
        ),
    ] {
        let error = probe_bytes(&cut).unwrap_err();
        assert!(matches!(error, ProbeError::Cut { .. }), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    // In the boot sector of a file system, program code takes the place of partitions.
    let mut fat = mbr(80);
    fat[54..59].copy_from_slice(b"FAT16");
    probe_bytes(&fat).unwrap();
}

#[test]
fn a_disk_of_virtual_pc_that_lost_its_end_is_cut_off() {
    let mut footer = vec![0; 512];
    footer[..8].copy_from_slice(b"conectix");
    footer[48..56].copy_from_slice(&(40_u64 << 10).to_be_bytes());
    footer[63] = 2;
    let disk = head(&[BOOT]);
    let whole = [&disk[..], &footer].concat();
    let host = Host::new()
        .put("images/whole.vhd", &whole)
        .put("images/cut.VHD", &disk)
        .put("images/raw.img", &disk)
        .put("images/page.vhd", b"<!DOCTYPE html><html>");
    let files = |name: &str| host.files(&ImageFile::new(host.path(name)));
    assert_eq!(files("images/whole.vhd").unwrap()[0].1, FileFormat::Vhd);
    assert_eq!(files("images/raw.img").unwrap()[0].1, FileFormat::Raw);
    let error = files("images/cut.VHD").unwrap_err();
    assert!(error.contains("is cut off: the footer"), "{error}");
    let error = files("images/page.vhd").unwrap_err();
    assert!(error.contains("a page of the web"), "{error}");
}

#[test]
fn a_raw_disk_stays_one_whatever_a_guest_wrote_to_it() {
    let host = Host::new();
    let host = host.put("images/disk", &qcow2_on("/etc/hostname", Some("raw")));
    let mut image = ImageFile::new(host.path("images/disk"));
    assert!(
        host.files(&image)
            .unwrap_err()
            .contains("outside of its folder")
    );
    image.format = Some(FileFormat::Raw);
    image.purpose = Purpose::Data;
    assert_eq!(
        host.files(&image).unwrap(),
        [(host.path("images/disk"), FileFormat::Raw)]
    );
}

#[test]
fn an_image_stands_on_files_of_its_own_folder_only() {
    let outside = Host::new().path("outside.raw");
    let rows = [
        ("base.raw", None),
        ("../images/base.raw", None),
        ("deeper/base.raw", None),
        ("../outside.raw", Some("outside of its folder")),
        ("/etc/hostname", Some("outside of its folder")),
        ("/nowhere/at/all", Some("outside of its folder")),
        ("link.raw", Some("outside of its folder")),
        (".ssh/id_rsa", Some("outside of its folder")),
        ("gone.raw", Some("which is not there")),
        ("nbd:127.0.0.1:10809", Some("is no file")),
        ("http://127.0.0.1/x", Some("is no file")),
        ("file:base.raw", Some("is no file")),
        ("fat:rw:/etc", Some("is no file")),
        ("json:{\"driver\":\"raw\"}", Some("JSON")),
        ("pipe", Some("pipe, socket or device")),
    ];
    for (name, refused) in rows {
        let host = Host::new()
            .put("images/top.qcow2", &qcow2_on(name, Some("raw")))
            .put("images/deeper/base.raw", &head(&[BOOT]))
            .put("images/.ssh/id_rsa", b"secret");
        symlink(host.path("outside.raw"), host.path("images/link.raw")).unwrap();
        let pipe = std::process::Command::new("mkfifo")
            .arg(host.path("images/pipe"))
            .status();
        assert!(pipe.unwrap().success());
        let found = host.files(&ImageFile::new(host.path("images/top.qcow2")));
        match (found, refused) {
            (Ok(files), None) => assert_eq!(files.len(), 2, "{name}"),
            (Err(error), Some(part)) => assert!(error.contains(part), "{name}: {error}"),
            (found, _) => panic!("{name}: {found:?}; {}", outside.display()),
        }
    }
}

#[test]
fn a_project_may_allow_more() {
    let host = Host::new();
    let outside = host.path("outside.raw");
    let host = host.put(
        "images/top.qcow2",
        &qcow2_on(outside.to_str().unwrap(), Some("raw")),
    );
    for allowed in [outside.clone(), host.path(".")] {
        let image = ImageFile {
            allowed: vec![allowed],
            ..ImageFile::new(host.path("images/top.qcow2"))
        };
        let expected = [
            (host.path("images/top.qcow2"), FileFormat::Qcow2),
            (outside.clone(), FileFormat::Raw),
        ];
        assert_eq!(host.files(&image).unwrap(), expected);
    }
    let image = ImageFile {
        allowed: vec![host.path("nowhere"), host.path("images")],
        ..ImageFile::new(host.path("images/top.qcow2"))
    };
    assert!(host.files(&image).is_err());
}

#[test]
fn a_relative_name_starts_where_a_link_is_and_else_where_it_leads_to() {
    let host = Host::new()
        .put("store/top.qcow2", &qcow2_on("base.raw", Some("raw")))
        .put("store/base.raw", &head(&[BOOT]));
    symlink(host.path("store/top.qcow2"), host.path("images/top.qcow2")).unwrap();
    let image = ImageFile::new(host.path("images/top.qcow2"));
    let base = |files: Result<Vec<(PathBuf, FileFormat)>, String>| files.unwrap()[1].0.clone();
    // As QEMU does.
    assert_eq!(base(host.files(&image)), host.path("images/base.raw"));
    fs::remove_file(host.path("images/base.raw")).unwrap();
    assert_eq!(base(host.files(&image)), host.path("store/base.raw"));
}

#[test]
fn the_format_of_what_an_image_stands_on_is_the_one_in_its_header() {
    let inner = qcow2_on("/etc/hostname", Some("raw"));
    let host = Host::new()
        .put("images/inner", &inner)
        .put("images/raw.qcow2", &qcow2_on("inner", Some("raw")))
        .put("images/unsaid.qcow2", &qcow2_on("inner", None))
        .put("images/odd.qcow2", &qcow2_on("inner", Some("blkdebug")))
        .put("images/wrong.qcow2", &qcow2_on("base.raw", Some("qcow2")));
    let files = |name: &str| host.files(&ImageFile::new(host.path(name)));
    assert_eq!(files("images/raw.qcow2").unwrap()[1].1, FileFormat::Raw);
    // The name that QEMU would guess is within the same bounds.
    assert!(
        files("images/unsaid.qcow2")
            .unwrap_err()
            .contains("outside of its folder")
    );
    assert!(
        files("images/odd.qcow2")
            .unwrap_err()
            .contains("opened by `blkdebug`")
    );
    assert!(
        files("images/wrong.qcow2")
            .unwrap_err()
            .contains("is said to be qcow2")
    );
}

#[test]
fn images_that_stand_on_themselves_or_too_high_are_refused() {
    let host = Host::new()
        .put("images/self.qcow2", &qcow2_on("self.qcow2", Some("qcow2")))
        .put("images/a.qcow2", &qcow2_on("b.qcow2", Some("qcow2")))
        .put("images/b.qcow2", &qcow2_on("./a.qcow2", Some("qcow2")));
    for name in ["images/self.qcow2", "images/a.qcow2"] {
        let error = host.files(&ImageFile::new(host.path(name))).unwrap_err();
        assert!(error.contains("it stands on itself"), "{error}");
    }
    for number in 0..=MOST_LAYERS {
        let below = format!("{}.qcow2", number + 1);
        let bytes = qcow2_on(&below, Some("qcow2"));
        fs::write(host.path(&format!("images/{number}.qcow2")), bytes).unwrap();
    }
    let error = host
        .files(&ImageFile::new(host.path("images/0.qcow2")))
        .unwrap_err();
    assert!(error.contains("more than 64 files"), "{error}");
}

#[test]
fn a_path_without_a_file_is_told_apart_from_one_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("empty"), "").unwrap();
    symlink("loop", at("loop")).unwrap();
    assert!(matches!(
        probe(&at("none")),
        Err(ProbeError::Missing { .. })
    ));
    assert!(matches!(
        probe(&at("empty/disk")),
        Err(ProbeError::Missing { .. })
    ));
    assert!(matches!(
        probe(folder.path()),
        Err(ProbeError::Directory { .. })
    ));
    assert!(matches!(probe(&at("empty")), Err(ProbeError::Empty { .. })));
    assert!(matches!(
        probe(&at("loop")),
        Err(ProbeError::Unreadable { .. })
    ));
}

#[test]
fn a_pipe_is_refused_without_waiting_for_a_writer() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let error = probe(&pipe).unwrap_err().to_string();
    assert!(
        error.contains("it is no file, but a pipe, socket or device"),
        "{error}"
    );
}

#[test]
fn the_size_of_a_disk_is_not_that_of_its_file() {
    let qcow2 = probe_bytes(&qcow2_on("", None)).unwrap();
    assert_eq!(qcow2.disk_bytes, Some(20 << 30));
    assert_eq!(qcow2.bytes, 1 << 16);
    let raw = head(&[BOOT]);
    assert_eq!(probe_bytes(&raw[..1000]).unwrap().disk_bytes, Some(1024));
}

#[test]
fn a_huge_sparse_disk_costs_nothing() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), head(&[BOOT])).unwrap();
    file.as_file().set_len(1 << 42).unwrap();
    assert_eq!(probe(file.path()).unwrap().bytes, 1 << 42);
}
