//! A guest of one sector for BIOS machines. It greets on the serial line and the screen, then echoes each key on both.
//! `r` resets the machine, and `s` powers it off. `w` writes the boot sector over the sector after it, without a flush,
//! and prints `W` when that is done.

/// The greeting of the guest.
pub(crate) const GREETING: &str = "GUEST READY";

/// The greeting of the guest if it was started from a CD.
pub(crate) const CD_GREETING: &str = "CD READY";

/// Bytes of a sector of a disk.
const SECTOR: usize = 512;

/// The place that `w` writes to.
pub(crate) const WRITTEN: std::ops::Range<usize> = SECTOR..2 * SECTOR;

/// Size of the disk: the sector and some room.
const DISK: usize = 1 << 20;

/// The code up to the greeting, loaded at 0x7C00.
#[rustfmt::skip]
const CODE: [u8; 102] = [
    0x31, 0xC0,             // 00       xor ax, ax
    0x8E, 0xD8,             // 02       mov ds, ax
    0x8E, 0xD0,             // 04       mov ss, ax
    0xBC, 0x00, 0x7C,       // 06       mov sp, 0x7C00
    0xFB,                   // 09       sti
    0xBE, 0x66, 0x7C,       // 0A       mov si, greeting
    0xAC,                   // 0D next: lodsb
    0x84, 0xC0,             // 0E       test al, al
    0x74, 0x05,             // 10       jz wait
    0xE8, 0x28, 0x00,       // 12       call put
    0xEB, 0xF6,             // 15       jmp next
    0x31, 0xC0,             // 17 wait: xor ax, ax
    0xCD, 0x16,             // 19       int 0x16            ; a key into al
    0x3C, b'r',             // 1B       cmp al, 'r'
    0x74, 0x0D,             // 1D       je reset
    0x3C, b's',             // 1F       cmp al, 's'
    0x74, 0x10,             // 21       je off
    0x3C, b'w',             // 23       cmp al, 'w'
    0x74, 0x22,             // 25       je write
    0xE8, 0x13, 0x00,       // 27       call put
    0xEB, 0xEB,             // 2A       jmp wait
    0xB0, 0xFE,             // 2C reset:mov al, 0xFE
    0xE6, 0x64,             // 2E       out 0x64, al        ; the keyboard controller's reset line
    0xF4,                   // 30       hlt
    0xEB, 0xFD,             // 31       jmp $ - 1
    0xBA, 0x04, 0x06,       // 33 off:  mov dx, 0x604       ; the power register of q35
    0xB8, 0x00, 0x20,       // 36       mov ax, 0x2000
    0xEF,                   // 39       out dx, ax
    0xF4,                   // 3A       hlt
    0xEB, 0xFD,             // 3B       jmp $ - 1
    0xBA, 0xF8, 0x03,       // 3D put:  mov dx, 0x3F8       ; the first serial line
    0xEE,                   // 40       out dx, al
    0xB4, 0x0E,             // 41       mov ah, 0x0E
    0xBB, 0x07, 0x00,       // 43       mov bx, 7
    0xCD, 0x10,             // 46       int 0x10            ; al onto the screen
    0xC3,                   // 48       ret
    0x31, 0xC0,             // 49 write:xor ax, ax
    0x8E, 0xC0,             // 4B       mov es, ax
    0xB8, 0x01, 0x03,       // 4D       mov ax, 0x0301      ; write one sector
    0xBB, 0x00, 0x7C,       // 50       mov bx, 0x7C00      ; which is this one
    0xB9, 0x02, 0x00,       // 53       mov cx, 2           ; over the second
    0xBA, 0x80, 0x00,       // 56       mov dx, 0x80        ; of the first disk
    0xCD, 0x13,             // 59       int 0x13
    0xB0, b'W',             // 5B       mov al, 'W'
    0x73, 0x02,             // 5D       jnc told
    0xB0, b'E',             // 5F       mov al, 'E'
    0xE8, 0xD9, 0xFF,       // 61 told: call put
    0xEB, 0xB1,             // 64       jmp wait
];

/// A raw disk with the guest in its boot sector.
pub(crate) fn disk() -> Vec<u8> {
    let mut disk = vec![0; DISK];
    disk[..SECTOR].copy_from_slice(&sector(GREETING));
    disk
}

/// Returns a CD whose guest has another greeting: an ISO 9660 volume that has only a boot record (El Torito, no
/// emulation).
pub(crate) fn cd() -> Vec<u8> {
    /// Bytes of a block of a CD.
    const BLOCK: usize = 2048;
    let mut blocks = vec![[0; BLOCK]; 21];
    let mut put = |block: usize, at: usize, bytes: &[u8]| {
        blocks[block][at..at + bytes.len()].copy_from_slice(bytes);
    };
    // The descriptors of the volume, of its boot record, and of their end.
    put(16, 0, b"\x01CD001\x01");
    put(17, 0, b"\x00CD001\x01EL TORITO SPECIFICATION");
    put(17, 0x47, &19_u32.to_le_bytes());
    put(18, 0, b"\xFFCD001\x01");
    // The catalog: an entry that makes it valid, whose words add up to zero, and one that boots from the next block.
    put(19, 0, &[1]);
    put(19, 28, &[0xAA, 0x55, 0x55, 0xAA]);
    put(19, 32, &[0x88, 0, 0, 0, 0, 0, 1, 0]);
    put(19, 40, &20_u32.to_le_bytes());
    put(20, 0, &sector(CD_GREETING));
    // Drives read further than they are asked to.
    blocks.resize(64, [0; BLOCK]);
    blocks.concat()
}

fn sector(greeting: &str) -> [u8; SECTOR] {
    let mut sector = [0; SECTOR];
    sector[..CODE.len()].copy_from_slice(&CODE);
    let greeting = format!("{greeting}\r\n\0");
    sector[CODE.len()..][..greeting.len()].copy_from_slice(greeting.as_bytes());
    sector[510..].copy_from_slice(&[0x55, 0xAA]);
    sector
}
