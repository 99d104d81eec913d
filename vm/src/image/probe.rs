use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileTypeExt,
    path::{Path, PathBuf},
};

/// What a disk image's first bytes say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// QEMU's own copy-on-write format.
    Qcow2,
    /// The bytes of a disk, with a GUID partition table.
    RawGpt,
    /// The bytes of a disk, with a boot sector or MBR partition table.
    RawMbr,
    /// An ISO 9660 file system (CD, DVD), be it a hybrid with a boot sector or not.
    Iso,
}

/// A file that is a disk image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbedImage {
    /// Its format.
    pub format: ImageFormat,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Size of the disk in bytes, as a machine sees it.
    pub disk_bytes: u64,
}

/// Why a path is no disk image.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Nothing is there.
    #[error("no image at {}; check the path, or build a reference image with `qa image build`", path.display())]
    Missing {
        /// The path asked for.
        path: PathBuf,
    },
    /// A folder is there.
    #[error("{} is a directory, not a disk image; name the file in it", path.display())]
    Directory {
        /// The path asked for.
        path: PathBuf,
    },
    /// A file of no bytes is there.
    #[error("{} is empty; the copy or download of it was probably cut off, get it again", path.display())]
    Empty {
        /// The path asked for.
        path: PathBuf,
    },
    /// A file is there that no firmware would boot from.
    #[error("{} is not a disk image: it is {found}; expected qcow2, a raw disk with a partition table or boot sector, or an ISO", path.display())]
    NotADisk {
        /// The path asked for.
        path: PathBuf,
        /// What its first bytes look like.
        found: String,
    },
    /// The file is there but cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The path asked for.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Looks at the file at `path` and says which kind of disk image it is. Reads at most 33 KiB.
///
/// # Errors
/// See [`ProbeError`]; each says what to do next.
pub fn probe(path: &Path) -> Result<ProbedImage, ProbeError> {
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ProbeError::Missing {
            path: path.to_owned(),
        },
        _ => ProbeError::Unreadable {
            path: path.to_owned(),
            source,
        },
    };
    let not_a_disk = |found: String| ProbeError::NotADisk {
        path: path.to_owned(),
        found,
    };
    // Before opening it: to open a pipe waits for somebody to write to it.
    let kind = path.metadata().map_err(unreadable)?.file_type();
    if kind.is_dir() {
        return Err(ProbeError::Directory {
            path: path.to_owned(),
        });
    }
    if !kind.is_file() && !kind.is_block_device() {
        return Err(not_a_disk(
            "no file, but a pipe, socket or device".to_owned(),
        ));
    }
    let mut file = File::open(path).map_err(unreadable)?;
    // The size of a block device is where its end is.
    let bytes = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if bytes == 0 {
        return Err(ProbeError::Empty {
            path: path.to_owned(),
        });
    }
    file.rewind().map_err(unreadable)?;
    let mut head = Vec::with_capacity(HEAD_BYTES);
    file.take(HEAD_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(unreadable)?;
    match format(&head) {
        Some(format) => Ok(ProbedImage {
            format,
            bytes,
            disk_bytes: match format {
                ImageFormat::Qcow2 => qcow2_disk_bytes(&head),
                ImageFormat::RawGpt | ImageFormat::RawMbr | ImageFormat::Iso => bytes,
            },
        }),
        None => Err(not_a_disk(Described(&head).to_string())),
    }
}

/// Enough to see the volume descriptor of an ISO 9660 file system, in the 17th block of 2 KiB.
const HEAD_BYTES: usize = 33 << 10;

/// The size that the header of a qcow2 file tells; nothing where the file is cut off in it.
fn qcow2_disk_bytes(head: &[u8]) -> u64 {
    let field = head.get(24..32).and_then(|field| field.try_into().ok());
    field.map_or(0, u64::from_be_bytes)
}

fn has(head: &[u8], at: usize, mark: &[u8]) -> bool {
    head.get(at..).is_some_and(|rest| rest.starts_with(mark))
}

fn format(head: &[u8]) -> Option<ImageFormat> {
    if has(head, 0, b"QFI\xfb") {
        Some(ImageFormat::Qcow2)
    } else if has(head, 0x8001, b"CD001") {
        // Before the partition tables: a hybrid has both, and is mostly used as a CD.
        Some(ImageFormat::Iso)
    } else if has(head, 512, b"EFI PART") || has(head, 4096, b"EFI PART") {
        Some(ImageFormat::RawGpt)
    } else if has(head, 510, b"\x55\xaa") {
        Some(ImageFormat::RawMbr)
    } else {
        None
    }
}

/// What the first bytes of a file that is no disk look like.
struct Described<'a>(&'a [u8]);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PACKED: [(&[u8], &str); 6] = [
            (b"\x1f\x8b", "gzip"),
            (b"\xfd7zXZ\0", "xz"),
            (b"\x28\xb5\x2f\xfd", "zstd"),
            (b"BZh", "bzip2"),
            (b"PK\x03\x04", "zip"),
            (b"7z\xbc\xaf\x27\x1c", "7z"),
        ];
        const OTHER: [(&[u8], &str); 7] = [
            (b"KDMV", "a VMware disk"),
            (b"# Disk DescriptorFile", "the description of a VMware disk"),
            (b"vhdxfile", "a Hyper-V disk"),
            (b"conectix", "a Virtual PC disk"),
            (b"<<< ", "a VirtualBox disk"),
            (b"\x7fELF", "a program"),
            (b"\x89PNG", "a picture"),
        ];
        let head = self.0;
        let starts = |(mark, _): &&(&[u8], &str)| head.starts_with(mark);
        if let Some((_, name)) = PACKED.iter().find(starts) {
            return write!(f, "packed with {name}, unpack it first");
        }
        if let Some((_, name)) = OTHER.iter().find(starts) {
            f.write_str(name)?;
            if name.ends_with("disk") {
                f.write_str(", convert it with `qemu-img convert -O qcow2`")?;
            }
            return Ok(());
        }
        if has(head, 1080, b"\x53\xef") {
            return f.write_str("an ext file system without a partition table");
        }
        if head.iter().all(|&byte| byte == 0) {
            return f.write_str("zeros from its start on");
        }
        let text = head.iter().take(40);
        if text
            .clone()
            .all(|&byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
        {
            let line: String = text
                .map(|&byte| char::from(byte))
                .take_while(|&c| c != '\n' && c != '\r')
                .collect();
            return write!(f, "text that starts with `{}`", line.trim_end());
        }
        f.write_str("data that starts with the bytes")?;
        head.iter()
            .take(8)
            .try_for_each(|byte| write!(f, " {byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    /// Bytes at a place.
    type Mark<'a> = (usize, &'a [u8]);

    /// The first bytes of a disk: `marks` at their places, zeros elsewhere.
    fn head(marks: &[Mark<'_>]) -> Vec<u8> {
        let mut bytes = vec![0; 40 << 10];
        for (at, mark) in marks {
            bytes[*at..at + mark.len()].copy_from_slice(mark);
        }
        bytes
    }

    fn probe_bytes(bytes: &[u8]) -> Result<ProbedImage, ProbeError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        probe(file.path())
    }

    #[test]
    fn every_format_is_known_by_its_marks() {
        use ImageFormat::{Iso, Qcow2, RawGpt, RawMbr};
        const BOOT: Mark<'_> = (510, b"\x55\xaa");
        let rows: [(&[Mark<'_>], ImageFormat); 6] = [
            (&[(0, b"QFI\xfb")], Qcow2),
            (&[BOOT], RawMbr),
            (&[BOOT, (512, b"EFI PART")], RawGpt),
            (&[BOOT, (4096, b"EFI PART")], RawGpt),
            (&[(0x8001, b"CD001")], Iso),
            (&[BOOT, (512, b"EFI PART"), (0x8001, b"CD001")], Iso),
        ];
        for (marks, format) in rows {
            let found = probe_bytes(&head(marks)).unwrap();
            assert_eq!(found.format, format);
            assert_eq!(found.bytes, 40 << 10);
        }
        // A boot sector alone is a disk as well.
        assert_eq!(probe_bytes(&head(&[BOOT])[..512]).unwrap().format, RawMbr);
    }

    #[test]
    fn what_is_no_disk_is_told_by_what_it_looks_like() {
        let rows: [(&[u8], &str); 8] = [
            (b"\x1f\x8b\x08", "packed with gzip, unpack it first"),
            (b"PK\x03\x04", "packed with zip, unpack it first"),
            (
                b"KDMV\x01",
                "a VMware disk, convert it with `qemu-img convert -O qcow2`",
            ),
            (
                b"<!DOCTYPE html>\n<html>",
                "text that starts with `<!DOCTYPE html>`",
            ),
            (b"\0\0\0", "zeros from its start on"),
            (
                &head(&[(1080, b"\x53\xef")]),
                "an ext file system without a partition table",
            ),
            (b"\x01\x02", "data that starts with the bytes 01 02"),
            (b"\x7fELF\x02", "a program"),
        ];
        for (bytes, expected) in rows {
            match probe_bytes(bytes).unwrap_err() {
                ProbeError::NotADisk { found, .. } => assert_eq!(found, expected),
                other => panic!("{other}"),
            }
        }
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
    fn the_size_of_a_disk_is_not_that_of_a_packed_file() {
        let size = (20_u64 << 30).to_be_bytes();
        let of = |bytes: &[u8]| {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), bytes).unwrap();
            probe(file.path()).unwrap().disk_bytes
        };
        assert_eq!(of(&head(&[(0, b"QFI\xfb"), (24, &size)])), 20 << 30);
        assert_eq!(of(b"QFI\xfb"), 0);
        let raw = head(&[(510, b"\x55\xaa")]);
        assert_eq!(of(&raw), raw.len() as u64);
    }

    #[test]
    fn a_huge_sparse_disk_costs_nothing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), head(&[(510, b"\x55\xaa")])).unwrap();
        file.as_file().set_len(1 << 42).unwrap();
        assert_eq!(probe(file.path()).unwrap().bytes, 1 << 42);
    }
}
