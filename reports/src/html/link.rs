//! Turns names of files in an event log into addresses in a page.

/// Returns the address of a file of the run's folder, relative to the report; none for a name outside of the folder.
pub(super) fn link(file: &str) -> Option<String> {
    let inside = file.split('/').all(|part| !matches!(part, "" | "." | ".."));
    inside.then(|| encode(file))
}

/// Returns the address of a file of another run, whose folder is `folder` as seen from the report; none for a name
/// outside of that folder.
pub(super) fn link_in(folder: &str, file: &str) -> Option<String> {
    let file = link(file)?;
    Some(format!("{}/{file}", encode(folder.trim_end_matches('/'))))
}

fn encode(file: &str) -> String {
    let mut address = String::with_capacity(file.len());
    for byte in file.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                address.push(char::from(byte));
            }
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                address.push('%');
                address.push(char::from(DIGITS[usize::from(byte >> 4)]));
                address.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    address
}

/// Returns the place of the scenario with this number in the page.
pub(super) fn anchor_of(number: usize) -> String {
    format!("scenario-{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_addresses_that_stay_in_the_folder() {
        assert_eq!(
            link("a/frames/0001.png").as_deref(),
            Some("a/frames/0001.png")
        );
        assert_eq!(
            link("a b/#1?\"<é>%.png").as_deref(),
            Some("a%20b/%231%3F%22%3C%C3%A9%3E%25.png")
        );
        assert_eq!(
            link("javascript:alert(1)").as_deref(),
            Some("javascript%3Aalert%281%29")
        );
        for out in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "//host/x",
            "./x",
        ] {
            assert_eq!(link(out), None, "{out}");
        }
    }
}
