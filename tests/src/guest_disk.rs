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
