//! The inline images of iTerm2: a PNG file in one operating system command.
//!
//! Source: the documentation of iTerm2, "Inline Images Protocol".

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Returns the characters that draw a PNG file in this many columns.
pub(super) fn encoded(png: &[u8], columns: u32) -> String {
    let (bytes, data) = (png.len(), STANDARD.encode(png));
    format!("\x1b]1337;File=inline=1;size={bytes};width={columns};preserveAspectRatio=1:{data}\x07")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_one_command() {
        assert_eq!(
            encoded(b"PNG", 40),
            "\x1b]1337;File=inline=1;size=3;width=40;preserveAspectRatio=1:UE5H\x07"
        );
    }
}
