//! The files of a machine that starts without a disk: a kernel, and its initial RAM disk. A file that is surely
//! something else is refused before anything starts.

use std::path::Path;

use super::{
    ProbeError, container,
    not_a_disk::{Known, known},
    packed::Packing,
    probe::{HEAD_BYTES, open, unreadable},
    source::{has, le16, le32},
};
use crate::Arch;

/// The range in which QEMU looks for the mark of a multiboot kernel, and that mark.
const MULTIBOOT: (usize, &[u8; 4]) = (8192, b"\x02\xb0\xad\x1b");

/// The length of text from which a file is surely no kernel. Shorter text may be anything.
const SHORT_TEXT: usize = 512;

const EXPECTED: &str =
    "`kernel:` takes what the kernel's build calls bzImage or Image, an EFI program, or vmlinux";

/// Checks that the file may be a kernel for machines of this architecture. A file that is not recognized is accepted.
///
/// # Errors
/// When it does not exist, cannot be read, or surely is no such kernel.
pub fn check_kernel(path: &Path, arch: Arch) -> Result<(), ProbeError> {
    let head = head(path)?;
    let no_kernel = |found: &str, advice: &str| ProbeError::NotAKernel {
        path: path.to_owned(),
        found: found.to_owned(),
        advice: advice.to_owned(),
    };
    let Some((kind, own)) = kernel(&head) else {
        let Some(other) = other(&head) else {
            return Ok(());
        };
        let is_packed = Packing::of(&head).is_some();
        // QEMU unpacks some of them for processors other than the PC's.
        if is_packed && arch != Arch::X86_64 {
            return Ok(());
        }
        return Err(no_kernel(&other.found, &other.advice));
    };
    match own {
        Some(own) if own != arch => Err(no_kernel(
            &format!("{kind} for {own}, and the machine is {arch}"),
            "name a machine of that architecture, or the kernel for this one",
        )),
        _ => Ok(()),
    }
}

/// Checks that the file may be an initial RAM disk.
///
/// # Errors
/// When it does not exist, cannot be read, or surely is none.
pub fn check_initrd(path: &Path) -> Result<(), ProbeError> {
    let head = head(path)?;
    let found = match kernel(&head) {
        Some((kind, _)) => Some(kind.to_owned()),
        // A kernel may have any program to unpack it, and a file system may be an initial RAM disk as well.
        None if Packing::of(&head).is_some() => None,
        None => disk(&head).or_else(|| page(&head)).map(|other| other.found),
    };
    match found {
        Some(found) => Err(ProbeError::NotAnInitrd {
            path: path.to_owned(),
            found,
        }),
        None => Ok(()),
    }
}

fn head(path: &Path) -> Result<Vec<u8>, ProbeError> {
    let mut source = open(path)?;
    let head = source.read(0, HEAD_BYTES);
    head.map_err(|source| unreadable(path, source))
}

/// Returns the kind of the kernel, and its architecture if that is known.
fn kernel(head: &[u8]) -> Option<(&'static str, Option<Arch>)> {
    let marks: [(usize, &[u8], &str, Arch); 3] = [
        (0x202, b"HdrS", "a Linux kernel", Arch::X86_64),
        (56, b"ARM\x64", "a Linux kernel", Arch::Aarch64),
        (56, b"RSC\x05", "a Linux kernel", Arch::Riscv64),
    ];
    if let Some((.., kind, arch)) = marks.iter().find(|(at, mark, ..)| has(head, *at, mark)) {
        return Some((kind, Some(*arch)));
    }
    if has(head, 0, b"\x7fELF") {
        let arch = match le16(head, 18)? {
            3 | 62 => Some(Arch::X86_64),
            183 => Some(Arch::Aarch64),
            243 => Some(Arch::Riscv64),
            258 => Some(Arch::Loongarch64),
            _ => None,
        };
        return Some(("a program", arch));
    }
    if has(head, 0, b"MZ") {
        let at = le32(head, 60)? as usize;
        let arch = match (has(head, at, b"PE\0\0"), le16(head, at + 4)?) {
            (true, 0x8664) => Some(Arch::X86_64),
            (true, 0xaa64) => Some(Arch::Aarch64),
            (true, 0x5064) => Some(Arch::Riscv64),
            (true, 0x6264) => Some(Arch::Loongarch64),
            _ => None,
        };
        return Some(("an EFI program", arch));
    }
    let (most, mark) = MULTIBOOT;
    let is_multiboot = head.chunks_exact(4).take(most / 4).any(|word| word == mark);
    is_multiboot.then_some(("a multiboot kernel", Some(Arch::X86_64)))
}

/// Recognizes a file that surely is something else.
fn other(head: &[u8]) -> Option<Known> {
    disk(head)
        .or_else(|| page(head))
        .or_else(|| known(head).filter(|known| !known.is_text() || head.len() >= SHORT_TEXT))
        .map(|other| {
            let advice = match other.advice.as_str() {
                Known::EXPECTED => EXPECTED.to_owned(),
                _ => other.advice,
            };
            Known { advice, ..other }
        })
}

fn page(head: &[u8]) -> Option<Known> {
    known(head).filter(Known::is_page)
}

/// Recognizes a disk or CD, which belongs to `path:`.
fn disk(head: &[u8]) -> Option<Known> {
    let format = container::signature(head).map(|format| format!("a disk image ({format})"));
    let is_cd = has(head, 0x8001, b"CD001");
    let has_table = [512, 4096].iter().any(|at| has(head, *at, b"EFI PART"));
    let found = format
        .or_else(|| is_cd.then(|| "a CD".to_owned()))
        .or_else(|| has_table.then(|| "a disk with a partition table".to_owned()))?;
    Some(Known {
        found,
        advice: "`path:` of an image names a disk or CD".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write};

    use super::*;

    type Mark<'m> = (usize, &'m [u8]);

    fn file(marks: &[Mark<'_>]) -> tempfile::NamedTempFile {
        let mut bytes = vec![0; 40 << 10];
        for (at, mark) in marks {
            bytes[*at..*at + mark.len()].copy_from_slice(mark);
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        file
    }

    const BZIMAGE: &[Mark<'_>] = &[(510, b"\x55\xaa"), (0x202, b"HdrS")];
    const ARM: &[Mark<'_>] = &[(0, b"MZ"), (56, b"ARM\x64")];
    const VMLINUX: &[Mark<'_>] = &[(0, b"\x7fELF"), (18, &[62, 0])];
    const EFI: &[Mark<'_>] = &[(0, b"MZ"), (60, &[128]), (128, b"PE\0\0\x64\xaa")];
    const MULTI: &[Mark<'_>] = &[(4096, b"\x02\xb0\xad\x1b")];
    const QCOW2: &[Mark<'_>] = &[(0, b"QFI\xfb\0\0\0\x03")];
    const GPT: &[Mark<'_>] = &[(510, b"\x55\xaa"), (512, b"EFI PART")];
    const CD: &[Mark<'_>] = &[(0x8001, b"CD001")];
    const GZIP: &[Mark<'_>] = &[(0, b"\x1f\x8b\x08")];

    #[test]
    fn a_kernel_for_another_machine_and_what_is_no_kernel_are_told() {
        let (pc, arm) = (Arch::X86_64, Arch::Aarch64);
        let rows: [(&[Mark<'_>], Arch, Option<&str>); 16] = [
            (BZIMAGE, pc, None),
            (ARM, arm, None),
            (VMLINUX, pc, None),
            (MULTI, pc, None),
            (EFI, arm, None),
            (GZIP, arm, None),
            (&[(5, b"anything")], pc, None),
            (
                BZIMAGE,
                arm,
                Some("a Linux kernel for x86_64, and the machine is aarch64"),
            ),
            (ARM, pc, Some("for aarch64, and the machine is x86_64")),
            (VMLINUX, arm, Some("a program for x86_64")),
            (EFI, pc, Some("an EFI program for aarch64")),
            (GZIP, pc, Some("packed with gzip; unpack it first")),
            (QCOW2, pc, Some("a disk image (qcow2); `path:`")),
            (GPT, arm, Some("a disk with a partition table")),
            (CD, pc, Some("a CD")),
            (&[(0, b"070701")], pc, Some("an initial RAM disk")),
        ];
        for (marks, arch, refused) in rows {
            let file = file(marks);
            match (check_kernel(file.path(), arch), refused) {
                (Ok(()), None) => {}
                (Err(error), Some(part)) => {
                    assert!(error.is_of_the_file(), "{error}");
                    assert!(error.to_string().contains(part), "{part}: {error}");
                }
                (found, _) => panic!("{marks:?} on {arch}: {found:?}"),
            }
        }
    }

    #[test]
    fn an_initial_ram_disk_is_neither_a_kernel_nor_a_disk() {
        for fine in [
            &[(0, b"070701".as_slice())][..],
            GZIP,
            &[(0, b"hsqs")],
            &[(3, b"x")],
        ] {
            check_initrd(file(fine).path()).unwrap();
        }
        for other in [BZIMAGE, ARM, EFI, QCOW2, GPT, CD] {
            let error = check_initrd(file(other).path()).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("is no initial RAM disk: it is a"),
                "{error}"
            );
        }
    }

    #[test]
    fn texts_pages_and_empty_files_are_no_kernels() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("linux");
        let told = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            let kernel = check_kernel(&path, Arch::X86_64)
                .err()
                .map(|error| error.to_string());
            let initrd = check_initrd(&path).err().map(|error| error.to_string());
            (kernel.unwrap_or_default(), initrd.unwrap_or_default())
        };
        for page in [
            &b"<!DOCTYPE html><html>"[..],
            b"\xef\xbb\xbf\n<HTML>",
            b"<!-- 404 --><html>",
        ] {
            let (kernel, initrd) = told(page);
            assert!(
                kernel.contains("is no kernel: it is a page of the web"),
                "{kernel}"
            );
            assert!(initrd.contains("a page of the web"), "{initrd}");
        }
        let (kernel, initrd) = told(b"");
        assert!(
            kernel.contains("is empty") && initrd.contains("is empty"),
            "{kernel} {initrd}"
        );
        let (kernel, _) = told("not found\n".repeat(100).as_bytes());
        assert!(
            kernel.contains("text that starts with `not found`"),
            "{kernel}"
        );
        assert_eq!(told(b"kernel"), (String::new(), String::new()));
    }
}
