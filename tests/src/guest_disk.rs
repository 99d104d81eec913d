/// Content of a raw disk that firmware would boot from: a boot sector that halts, and its signature.
#[must_use]
pub fn boot_disk() -> Vec<u8> {
    boot_disk_with(&[
        0xfa, // cli
        0xf4, // hlt
        0xeb, 0xfd, // jmp to the hlt
    ])
}

/// The same with a program of real-mode code, which begins at 0000:7c00.
///
/// # Panics
/// When the program is longer than the 446 bytes that a boot sector has for it.
#[must_use]
pub fn boot_disk_with(program: &[u8]) -> Vec<u8> {
    assert!(program.len() <= 446, "a boot sector has 446 bytes for code");
    let mut disk = vec![0; 64 << 10];
    disk[..program.len()].copy_from_slice(program);
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    disk
}

/// Content of a CD as far as `qa` looks at it, the descriptor of an ISO 9660 volume, which has this label.
///
/// # Panics
/// When the label is longer than the 32 bytes that there are for it.
#[must_use]
pub fn cd(label: &str) -> Vec<u8> {
    assert!(label.len() <= 32, "a volume has 32 bytes for its label");
    let mut cd = vec![0; 64 << 10];
    cd[0x8000..0x8007].copy_from_slice(b"\x01CD001\x01");
    cd[0x8028..][..label.len()].copy_from_slice(label.as_bytes());
    cd
}
