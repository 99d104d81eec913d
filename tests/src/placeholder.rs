//! The pictures that QEMU draws where the guest shows none, as they were captured from it.

const NOT_INITIALIZED: &str = include_str!("../../vm/tests/placeholders/not-initialized.txt");
const NOT_ACTIVE: &str = include_str!("../../vm/tests/placeholders/not-active.txt");

/// "Guest has not initialized the display (yet).", as a capture of a new machine has it.
#[must_use]
pub fn not_initialized() -> Vec<u8> {
    capture(NOT_INITIALIZED, (640, 480), (144, 224))
}

/// "Display output is not active.", as a capture has it after a guest left its mode of 1280x800.
#[must_use]
pub fn not_active() -> Vec<u8> {
    capture(NOT_ACTIVE, (1280, 800), (520, 384))
}

/// A PPM file of a sentence in grey on black.
fn capture(text: &str, size: (usize, usize), corner: (usize, usize)) -> Vec<u8> {
    let header = format!("P6\n{} {}\n255\n", size.0, size.1);
    let mut rgb = vec![0; size.0 * size.1 * 3];
    for (y, row) in text.lines().enumerate() {
        for (x, _) in row.match_indices('#') {
            let place = ((corner.1 + y) * size.0 + corner.0 + x) * 3;
            rgb[place..place + 3].fill(170);
        }
    }
    [header.into_bytes(), rgb].concat()
}
