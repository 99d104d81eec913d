//! Disk images of every format: whole, cut off, and with headers that lie.

use std::io::Cursor;

use proptest::prelude::*;

use super::*;

/// Returns a qcow2 file of version 3 with one table of clusters. It has one piece of its disk in its last cluster.
fn qcow2() -> Vec<u8> {
    const CLUSTER: usize = 1 << 16;
    let mut file = vec![0; 5 * CLUSTER];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"QFI\xfb");
    put(4, &3_u32.to_be_bytes());
    put(20, &16_u32.to_be_bytes());
    put(24, &(1_u64 << 20).to_be_bytes());
    put(36, &1_u32.to_be_bytes());
    put(40, &(2 * CLUSTER as u64).to_be_bytes());
    put(48, &(CLUSTER as u64).to_be_bytes());
    put(56, &1_u32.to_be_bytes());
    put(96, &4_u32.to_be_bytes());
    put(100, &104_u32.to_be_bytes());
    put(
        2 * CLUSTER,
        &((1 << 63) | (3 * CLUSTER as u64)).to_be_bytes(),
    );
    put(
        3 * CLUSTER,
        &((1 << 63) | (4 * CLUSTER as u64)).to_be_bytes(),
    );
    file
}

/// Returns the same file with a name, a format and a data file.
fn qcow2_on(name: &str, extensions: &[(u32, &str)], features: u64) -> Vec<u8> {
    let mut file = qcow2();
    let mut at = 104;
    for (kind, text) in extensions {
        file[at..at + 4].copy_from_slice(&kind.to_be_bytes());
        file[at + 4..at + 8].copy_from_slice(&(text.len() as u32).to_be_bytes());
        file[at + 8..at + 8 + text.len()].copy_from_slice(text.as_bytes());
        at += 8 + text.len().next_multiple_of(8);
    }
    at += 8;
    file[8..16].copy_from_slice(&(at as u64).to_be_bytes());
    file[16..20].copy_from_slice(&(name.len() as u32).to_be_bytes());
    file[at..at + name.len()].copy_from_slice(name.as_bytes());
    file[72..80].copy_from_slice(&features.to_be_bytes());
    file
}

fn read_bytes(format: FileFormat, bytes: Vec<u8>) -> Result<Header, Fault> {
    read(format, &mut Source::new(Cursor::new(bytes)).unwrap())
}

#[track_caller]
fn refused(format: FileFormat, bytes: Vec<u8>, part: &str) {
    let said = match read_bytes(format, bytes).unwrap_err() {
        Fault::Cut(why) => format!("cut: {why}"),
        Fault::Unusable(why) => format!("unusable: {why}"),
        Fault::Unreadable(error) => format!("unreadable: {error}"),
    };
    assert!(said.contains(part), "{said}");
}

#[test]
fn a_qcow2_header_says_what_the_file_stands_on() {
    let plain = read_bytes(FileFormat::Qcow2, qcow2()).unwrap();
    assert_eq!(plain.disk_bytes, Some(1 << 20));
    assert_eq!((plain.backing, plain.data), (None, None));
    let bytes = qcow2_on(
        "base.img",
        &[
            (0xe279_2aca, "raw"),
            (0x1234_5678, "x"),
            (0x4441_5441, "bytes.raw"),
        ],
        1 << 2,
    );
    // Its pieces are in another file.
    let header = read_bytes(FileFormat::Qcow2, bytes).unwrap();
    let reference = |name: &str| {
        Some(Reference {
            name: name.to_owned(),
            format: Some("raw".to_owned()),
        })
    };
    assert_eq!(header.backing, reference("base.img"));
    assert_eq!(header.data, reference("bytes.raw"));
}

#[test]
fn a_qcow2_file_that_ends_too_early_is_cut_off_wherever_it_ends() {
    let whole = qcow2();
    // The last piece may end early: the rest of it reads as zeros.
    read_bytes(FileFormat::Qcow2, whole[..(4 << 16) + 1].to_vec()).unwrap();
    for length in [4, 72, 104, 1 << 16, 2 << 16, 3 << 16, 4 << 16] {
        refused(FileFormat::Qcow2, whole[..length].to_vec(), "cut: ");
    }
}

#[test]
fn a_qcow2_file_that_qemu_could_not_or_should_not_use_is_refused() {
    type Change = fn(&mut Vec<u8>);
    let rows: [(Change, &str); 6] = [
        (|file| file[7] = 9, "version is 9"),
        (|file| file[23] = 40, "cluster size"),
        (|file| file[35] = 2, "encrypted"),
        (|file| file[79] = 2, "marked as corrupt"),
        (|file| file[72] = 1, "features"),
        (|file| file[79] = 4, "does not name"),
    ];
    for (change, part) in rows {
        let mut file = qcow2();
        change(&mut file);
        refused(FileFormat::Qcow2, file, part);
    }
    // Lengths that would fill the memory of the host.
    let mut file = qcow2();
    file[36..40].copy_from_slice(&u32::MAX.to_be_bytes());
    refused(FileFormat::Qcow2, file, "larger than that of any");
    let mut file = qcow2_on("x", &[], 0);
    file[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
    refused(FileFormat::Qcow2, file, "is not whole");
}

#[test]
fn a_vmware_description_names_plain_files_only() {
    let text = |line: &str| {
        format!("# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\n{line}\n").into_bytes()
    };
    let good = text("RW 2048 FLAT \"disk-flat.vmdk\" 0\n RW 1 ZERO");
    let header = read_bytes(FileFormat::Vmdk, good).unwrap();
    assert_eq!(header.extents.len(), 1);
    for line in [
        "RW 2048 FLAT \"/etc/shadow\" 0",
        "RW 2048 FLAT \"../../etc/shadow\" 0",
        "\t RW 2048 FLAT \"nbd:127.0.0.1:1\" 0",
        "RW 2048 FLAT \"json:{}\" 0",
        "RW 1 FLAT \"a.vmdk\" 0\rRW 2048 FLAT \"/etc/shadow\" 0",
        "RDONLY 2048 FLAT \"/etc/shadow\" 0",
        "NOACCESS 2048 FLAT \"/etc/shadow\" 0",
        "RW 2048 FLAT disk.vmdk 0",
    ] {
        refused(FileFormat::Vmdk, text(line), "no plain file name");
    }
    refused(
        FileFormat::Vmdk,
        text("parentFileNameHint=\"/etc/shadow\"\nRW 1 FLAT \"a\" 0"),
        "difference to another",
    );
    refused(
        FileFormat::Vmdk,
        text("parentCID=12345678"),
        "difference to another",
    );
    // A header without a capacity makes QEMU search the description for names.
    let mut header = b"KDMV".to_vec();
    header.resize(4096, 0);
    refused(FileFormat::Vmdk, header, "no VMware disk of one file");
}

#[test]
fn differences_to_other_disks_are_refused() {
    let mut vhd = vec![0; 4096];
    for at in [0, 4096 - 512] {
        vhd[at..at + 8].copy_from_slice(b"conectix");
        vhd[at + 63] = 4;
    }
    refused(FileFormat::Vhd, vhd, "difference");
    let mut vdi = vec![0; 4096];
    vdi[0x40..0x44].copy_from_slice(&0xbeda_107f_u32.to_le_bytes());
    vdi[0x4c] = 4;
    assert_eq!(signature(&vdi), Some(FileFormat::Vdi));
    refused(FileFormat::Vdi, vdi, "difference");
}

const FORMATS: [(FileFormat, &[u8]); 7] = [
    (FileFormat::Raw, b""),
    (FileFormat::Qcow2, b"QFI\xfb\0\0\0\x03"),
    (FileFormat::Qed, b"QED\0\0\0\x01\0\x01\0\0\0"),
    (FileFormat::Vmdk, b"KDMV"),
    (FileFormat::Vdi, b"<<< "),
    (FileFormat::Vhd, b"conectix"),
    (FileFormat::Vhdx, b"vhdxfile"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_a_parser_panic(
        (format, mark) in proptest::sample::select(&FORMATS[..]),
        rest in proptest::collection::vec(any::<u8>(), 0..6000),
    ) {
        let _ = read_bytes(format, [mark, &rest].concat());
    }

    #[test]
    fn no_change_of_a_header_makes_the_parser_panic(
        changes in proptest::collection::vec((0..128_usize, any::<u8>()), 1..8),
    ) {
        let mut file = qcow2_on("base.img", &[(0xe279_2aca, "raw")], 0);
        for (at, byte) in changes {
            file[at] = byte;
        }
        let _ = read_bytes(FileFormat::Qcow2, file);
    }
}
