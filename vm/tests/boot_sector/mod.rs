//! A guest of one sector for BIOS machines: greets on the serial line and the screen, then echoes each key on both. `r` resets the
//! machine, `s` powers it off.

/// What the guest says first.
pub(crate) const GREETING: &str = "GUEST READY";

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
    disk[..CODE.len()].copy_from_slice(&CODE);
    let greeting = format!("{GREETING}\r\n\0");
    disk[CODE.len()..][..greeting.len()].copy_from_slice(greeting.as_bytes());
    disk[510..512].copy_from_slice(&[0x55, 0xAA]);
    disk
}
