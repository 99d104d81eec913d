//! Files that people give as images by mistake: their kinds, and the advice for each.

use super::{
    packed::Packing,
    source::{has, le16, le32},
};

/// A file that is no disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// The name of its kind.
    pub(super) found: String,
    /// The advice on the next step.
    pub(super) advice: String,
}

impl Known {
    /// The files that are images.
    pub(super) const EXPECTED: &'static str = "expected qcow2, qed, vmdk, vdi, vhd, vhdx, a raw disk with a partition \
        table or boot sector, or an ISO, also packed by gzip, xz, zstd or bzip2";

    /// The advice on a page of the web, which a failed download leaves.
    pub(super) fn is_page(&self) -> bool {
        self.found == PAGE
    }

    /// The advice on text of an unknown kind.
    pub(super) fn is_text(&self) -> bool {
        self.found.starts_with(TEXT)
    }

    fn new(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            found: found.into(),
            advice: advice.into(),
        }
    }

    /// Describes the first bytes of a file of an unknown kind.
    pub(super) fn unknown(head: &[u8]) -> Self {
        if head.iter().all(|&byte| byte == 0) {
            return Self::new("zeros from its start on", Self::EXPECTED);
        }
        let first = head.iter().take(8);
        let bytes: String = first.map(|byte| format!(" {byte:02x}")).collect();
        Self::new(
            format!("data that starts with the bytes{bytes}"),
            Self::EXPECTED,
        )
    }
}

const PAGE: &str = "a page of the web";
const TEXT: &str = "text that starts with ";
const KERNEL: &str =
    "a machine starts it by `kernel:` of an image in qa.yaml, with `initrd:` and `cmdline:`";
const FILE_SYSTEM: &str = "firmware starts from a disk with a partition table; beside `kernel:` in qa.yaml, \
    `path:` takes it as it is";
const ARCHIVE: &str = "unpack it and name the disk that is in it";

/// The marks of files that are no disks, each with its kind and the advice.
const MARKS: &[(usize, &[u8], &str, &str)] = &[
    (0x202, b"HdrS", "a Linux kernel (bzImage)", KERNEL),
    (56, b"ARM\x64", "a Linux kernel (Image for arm64)", KERNEL),
    (56, b"RSC\x05", "a Linux kernel (Image for RISC-V)", KERNEL),
    (
        56,
        b"\xcd\x23\x82\x81",
        "a Linux kernel (with an EFI stub)",
        KERNEL,
    ),
    (
        36,
        b"\x18\x28\x6f\x01",
        "a Linux kernel (zImage for 32-bit Arm)",
        KERNEL,
    ),
    (0, b"\x27\x05\x19\x56", "an image for U-Boot", KERNEL),
    (0, b"ANDROID!", "a boot image of Android", KERNEL),
    (
        0,
        b"\x7fELF",
        "a program",
        "a kernel (vmlinux) is started by `kernel:` of an image in qa.yaml",
    ),
    (
        0,
        b"070701",
        "an initial RAM disk (cpio)",
        "it belongs to `initrd:` beside `kernel:` in qa.yaml",
    ),
    (
        1080,
        b"\x53\xef",
        "an ext file system without a partition table",
        FILE_SYSTEM,
    ),
    (
        0,
        b"XFSB",
        "an XFS file system without a partition table",
        FILE_SYSTEM,
    ),
    (
        0x10040,
        b"_BHRfS_M",
        "a btrfs file system without a partition table",
        FILE_SYSTEM,
    ),
    (
        1024,
        b"\xe2\xe1\xf5\xe0",
        "an EROFS file system without a partition table",
        FILE_SYSTEM,
    ),
    (
        1024,
        b"\x10\x20\xf5\xf2",
        "an F2FS file system without a partition table",
        FILE_SYSTEM,
    ),
    (
        0,
        b"hsqs",
        "a squashfs file system without a partition table",
        FILE_SYSTEM,
    ),
    (
        0,
        b"LUKS\xba\xbe",
        "an encrypted volume (LUKS) without a partition table",
        FILE_SYSTEM,
    ),
    (
        512,
        b"LABELONE",
        "a volume of LVM without a partition table",
        FILE_SYSTEM,
    ),
    (257, b"ustar", "a tar archive", ARCHIVE),
    (0, b"PK\x03\x04", "a zip archive", ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", ARCHIVE),
    (0, b"Rar!", "a rar archive", ARCHIVE),
    (0, b"\x04\x22\x4d\x18", "packed with lz4", "unpack it first"),
    (0, b"\x5d\x00\x00", "packed with lzma", "unpack it first"),
    (
        0,
        b"MSWIM\0\0\0",
        "a Windows image (WIM)",
        "Windows is installed from an ISO",
    ),
    (
        0,
        b"COWD",
        "an old VMware disk",
        "convert it with `qemu-img convert -f vmdk -O qcow2`",
    ),
    (0, b"\x89PNG", "a picture", Known::EXPECTED),
    (0, b"%PDF", "a document", Known::EXPECTED),
    (
        0,
        b"version https://git-lfs",
        "a pointer of Git LFS",
        "get the file itself with `git lfs pull`",
    ),
];

/// Recognizes a file that is surely no disk. Returns none if it may be one.
pub(super) fn known(head: &[u8]) -> Option<Known> {
    if let Some(packing) = Packing::of(head) {
        // Packed files are unpacked before this check. One that is found here is inside of another one, or is a backing
        // file.
        return Some(Known::new(
            format!("packed with {}", packing.program()),
            format!("unpack it first: {}", packing.how_to_unpack()),
        ));
    }
    let mut marks = MARKS.iter();
    if let Some((_, _, found, advice)) = marks.find(|(at, mark, ..)| has(head, *at, mark)) {
        return Some(Known::new(*found, *advice));
    }
    efi_program(head).or_else(|| text(head))
}

/// Recognizes a program for UEFI firmware, such as a unified kernel image.
fn efi_program(head: &[u8]) -> Option<Known> {
    if !has(head, 0, b"MZ") {
        return None;
    }
    let at = le32(head, 60)? as usize;
    if !has(head, at, b"PE\0\0") {
        return None;
    }
    let name = match le16(head, at + 4)? {
        0x8664 => "BOOTX64.EFI",
        0xaa64 => "BOOTAA64.EFI",
        0x5064 => "BOOTRISCV64.EFI",
        0x6264 => "BOOTLOONGARCH64.EFI",
        _ => "BOOTX64.EFI",
    };
    let sections = at + 24 + usize::from(le16(head, at + 20)?);
    let count = usize::from(le16(head, at + 6)?).min(96);
    let is_unified = (0..count).any(|number| has(head, sections + 40 * number, b".linux\0"));
    let found = match is_unified {
        true => "a unified kernel image",
        false => "an EFI program",
    };
    Some(Known::new(
        found,
        format!(
            "put it on a disk from which UEFI starts it: `truncate -s 512M esp.img && mkfs.vfat -F 32 esp.img && mmd \
            -i esp.img ::EFI ::EFI/BOOT && mcopy -i esp.img FILE ::EFI/BOOT/{name}`, and test `esp.img`"
        ),
    ))
}

fn text(head: &[u8]) -> Option<Known> {
    const BYTE_ORDER: &[u8] = "\u{feff}".as_bytes();
    let head = head.strip_prefix(BYTE_ORDER).unwrap_or(head);
    let head = &head[..head.len().min(40)];
    // The last character may be incomplete.
    let start = match std::str::from_utf8(head) {
        Ok(start) => start,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    if start.is_empty()
        || start
            .chars()
            .any(|c| c.is_control() && !c.is_ascii_whitespace())
    {
        return None;
    }
    let lower = start.trim_start().to_ascii_lowercase();
    let marks = ["<!doctype html", "<html", "<?xml", "<!--", "<head", "<body"];
    if marks.iter().any(|mark| lower.starts_with(mark)) {
        return Some(Known::new(
            PAGE,
            "the download gave a page instead of the file: get it again, from the address of the file itself",
        ));
    }
    let line = start.split(['\n', '\r']).next().unwrap_or_default();
    Some(Known::new(
        format!("{TEXT}`{}`", line.trim_end()),
        Known::EXPECTED,
    ))
}
