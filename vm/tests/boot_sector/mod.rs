//! A guest of one sector for BIOS machines: greets on the serial line and the screen, then echoes each key on both. `r` resets the
//! machine, `s` powers it off.

/// What the guest says first.
pub(crate) const GREETING: &str = "GUEST READY";

/// What it says first where it was started from a CD.
pub(crate) const CD_GREETING: &str = "CD READY";

/// Bytes of a sector of a disk.
const SECTOR: usize = 512;

/// Size of the disk: the sector and some room.
const DISK: usize = 1 << 20;

/// The code up to the greeting, loaded at 0x7C00.
#[rustfmt::skip]
const CODE: [u8; 69] = [
    0x31, 0xC0,             // 00       xor ax, ax
    0x8E, 0xD8,             // 02       mov ds, ax
    0x8E, 0xD0,             // 04       mov ss, ax
    0xBC, 0x00, 0x7C,       // 06       mov sp, 0x7C00
    0xFB,                   // 09       sti
    0xBE, 0x45, 0x7C,       // 0A       mov si, greeting
    0xAC,                   // 0D next: lodsb
    0x84, 0xC0,             // 0E       test al, al
    0x74, 0x05,             // 10       jz wait
    0xE8, 0x24, 0x00,       // 12       call put
    0xEB, 0xF6,             // 15       jmp next
    0x31, 0xC0,             // 17 wait: xor ax, ax
    0xCD, 0x16,             // 19       int 0x16            ; a key into al
    0x3C, b'r',             // 1B       cmp al, 'r'
    0x74, 0x09,             // 1D       je reset
    0x3C, b's',             // 1F       cmp al, 's'
    0x74, 0x0C,             // 21       je off
    0xE8, 0x13, 0x00,       // 23       call put
    0xEB, 0xEF,             // 26       jmp wait
    0xB0, 0xFE,             // 28 reset:mov al, 0xFE
    0xE6, 0x64,             // 2A       out 0x64, al        ; the keyboard controller's reset line
    0xF4,                   // 2C       hlt
    0xEB, 0xFD,             // 2D       jmp $ - 1
    0xBA, 0x04, 0x06,       // 2F off:  mov dx, 0x604       ; the power register of q35
    0xB8, 0x00, 0x20,       // 32       mov ax, 0x2000
    0xEF,                   // 35       out dx, ax
    0xF4,                   // 36       hlt
    0xEB, 0xFD,             // 37       jmp $ - 1
    0xBA, 0xF8, 0x03,       // 39 put:  mov dx, 0x3F8       ; the first serial line
    0xEE,                   // 3C       out dx, al
    0xB4, 0x0E,             // 3D       mov ah, 0x0E
    0xBB, 0x07, 0x00,       // 3F       mov bx, 7
    0xCD, 0x10,             // 42       int 0x10            ; al onto the screen
    0xC3,                   // 44       ret
];

/// A raw disk with the guest in its boot sector.
pub(crate) fn disk() -> Vec<u8> {
    let mut disk = vec![0; DISK];
    disk[..SECTOR].copy_from_slice(&sector(GREETING));
    disk
}

/// A CD whose guest greets otherwise: an ISO 9660 volume with nothing in it but a boot record (El Torito, no emulation).
pub(crate) fn cd() -> Vec<u8> {
    /// Bytes of a block of a CD.
    const BLOCK: usize = 2048;
    let mut blocks = vec![[0; BLOCK]; 21];
    let mut put = |block: usize, at: usize, bytes: &[u8]| {
        blocks[block][at..at + bytes.len()].copy_from_slice(bytes);
    };
    // The descriptors of the volume, of what it boots, and of their end.
    put(16, 0, b"\x01CD001\x01");
    put(17, 0, b"\x00CD001\x01EL TORITO SPECIFICATION");
    put(17, 0x47, &19_u32.to_le_bytes());
    put(18, 0, b"\xFFCD001\x01");
    // The catalog: an entry that makes it valid, whose words add up to zero, and one to boot from the block after it.
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
