//! The graphics protocol of kitty: a PNG file in pieces, each in an application program command.
//!
//! Source: the documentation of kitty, "Terminal graphics protocol", sections "PNG data" and "Remote client".

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The most characters of a piece; all pieces but the last must have a multiple of four.
const PIECE: usize = 4096;

/// Returns the characters that draw a PNG file in this many columns. The terminal sends no answer.
pub(super) fn encoded(png: &[u8], columns: u32) -> String {
    let data = STANDARD.encode(png);
    let pieces = data.len().div_ceil(PIECE);
    let mut text = String::with_capacity(data.len() + pieces * 16);
    for (number, piece) in (1..).zip(data.as_bytes().chunks(PIECE)) {
        text.push_str("\x1b_G");
        if number == 1 {
            // Transmit and show, PNG, no answers.
            text.push_str(&format!("a=T,f=100,q=2,c={columns},"));
        }
        let more = u8::from(number < pieces);
        text.push_str(&format!("m={more};"));
        text.extend(piece.iter().map(|byte| char::from(*byte)));
        text.push_str("\x1b\\");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_is_one_piece() {
        assert_eq!(
            encoded(b"PNG", 40),
            "\x1b_Ga=T,f=100,q=2,c=40,m=0;UE5H\x1b\\"
        );
    }

    #[test]
    fn a_large_file_is_whole_after_all_of_its_pieces() {
        for length in [3_071, 3_072, 3_073, 10_000] {
            let file: Vec<u8> = (0..length).map(|number| (number % 251) as u8).collect();
            let text = encoded(&file, 1);
            let pieces: Vec<&str> = text.split_terminator("\x1b\\").collect();
            let (last, others) = pieces.split_last().unwrap();
            let of = |piece: &str| piece.split_once(';').map(|(_, data)| data.to_owned());
            let data: String = pieces.iter().filter_map(|piece| of(piece)).collect();
            assert_eq!(STANDARD.decode(data).unwrap(), file);
            assert!(last.contains("m=0;"), "{length}");
            for piece in others {
                assert!(piece.contains("m=1;"));
                assert_eq!(of(piece).unwrap().len(), PIECE);
            }
        }
    }
}
