//! Reads text files, which may be from a stranger.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// Larger needles and scenarios are refused without reading them. The JSON of the largest real needle has a few
/// kilobytes.
pub(crate) const LARGEST_TEXT: u64 = 4 << 20;

/// Reads a text file whole.
///
/// # Errors
/// When it cannot be read, is larger than [`LARGEST_TEXT`], or is not UTF-8 (with the offset of the first bad byte).
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let facts = fs::metadata(path)?;
    if !facts.is_file() {
        // A device or a pipe may have no end, and opening it may block forever.
        return Err(io::Error::other("it is no regular file"));
    }
    let too_large = |size: u64| {
        let message = format!("it has {size} bytes, more than the {LARGEST_TEXT} that are read");
        Err(io::Error::other(message))
    };
    if facts.len() > LARGEST_TEXT {
        return too_large(facts.len());
    }
    let mut bytes = Vec::new();
    // The file may have grown since its size was read.
    let mut file = fs::File::open(path)?.take(LARGEST_TEXT + 1);
    file.read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_TEXT {
        return too_large(bytes.len() as u64);
    }
    String::from_utf8(bytes).map_err(|error| {
        io::Error::other(format!(
            "it is not UTF-8: byte {} is wrong",
            error.utf8_error().valid_up_to()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_not_utf8_names_the_byte() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("bad.yaml");
        fs::write(&path, b"title: \xff").expect("a file");
        let error = read_text(&path).expect_err("not UTF-8");
        assert_eq!(error.to_string(), "it is not UTF-8: byte 7 is wrong");
    }
}
