//! Reads sizes such as `3G`.

use crate::finding::{Code, Diagnostic};
use crate::yaml::{Node, Reader};

/// Reads a size in MiB: `512M`, `3G`, `1T`, also `3GiB`.
pub(super) fn read_mib(reader: &mut Reader, node: &Node) -> Option<u64> {
    let text = reader.scalar(node, "a size such as `3G`")?;
    match parse(text) {
        Some(mib) if mib > 0 => Some(mib),
        Some(_) | None => {
            let finding = Diagnostic::new(
                Code::WrongType,
                &node.at,
                format!("expected a size, found `{text}`"),
            );
            reader.report(finding.with_help("write it like `512M` or `3G`"));
            None
        }
    }
}

/// Larger than any disk. Keeps products in range.
const LARGEST_MIB: u64 = 1 << 30;

fn parse(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match &text[digits..] {
        "M" | "MiB" => 1,
        "G" | "GiB" => 1 << 10,
        "T" | "TiB" => 1 << 20,
        _ => return None,
    };
    number.checked_mul(unit).filter(|mib| *mib <= LARGEST_MIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_unit() {
        for (text, mib) in [
            ("512M", Some(512)),
            ("3G", Some(3072)),
            ("3GiB", Some(3072)),
            ("1T", Some(1 << 20)),
            ("3072", None),
            ("3g", None),
            ("", None),
            ("G", None),
            ("99999999999T", None),
        ] {
            assert_eq!(parse(text), mib, "{text}");
        }
    }
}
