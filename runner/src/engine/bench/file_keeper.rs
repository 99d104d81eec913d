//! Keeps files of the guest as evidence.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::recorder::{MASK, SECRET_NOT_HIDDEN};

/// The longest name of a kept file in bytes.
const LONGEST: usize = 80;

/// Keeps a file of the guest in the folder `files` of an attempt, and overwrites no other file. `folder` is the folder
/// of the attempt, relative to the folder of the run. Returns the path of the file, relative to the same.
///
/// # Errors
/// The file cannot be written.
pub(super) async fn keep_file(
    run: &Path,
    folder: &str,
    name: &str,
    content: Vec<u8>,
) -> io::Result<String> {
    let folder = format!("{folder}/files");
    let inside = run.join(&folder);
    let name = safe_name(name);
    // Some megabytes take too long for the loop that reacts to the machine.
    let write = move || -> io::Result<String> {
        fs::create_dir_all(&inside)?;
        let mut number = 1;
        loop {
            let name = numbered(&name, number);
            let made = fs::File::create_new(inside.join(&name));
            match made {
                Ok(mut file) => {
                    file.write_all(&content)?;
                    return Ok(name);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    };
    let name = tokio::task::spawn_blocking(write)
        .await
        .map_err(io::Error::other)??;
    Ok(format!("{folder}/{name}"))
}

/// Returns a file name made of a name of the guest: ASCII letters, digits, `-`, `_` and `.`. It does not begin with a
/// dot and is never empty.
fn safe_name(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let kept = name.chars().map(|c| if fits(c) { c } else { '-' });
    let kept: String = kept.take(LONGEST).collect();
    match kept.trim_start_matches('.') {
        "" => "unnamed".to_owned(),
        rest if rest.len() < kept.len() => format!("_{kept}"),
        _ => kept,
    }
}

/// Returns the name with a number before its endings: `log-2.tar.gz`.
fn numbered(name: &str, number: u32) -> String {
    match (number, name.split_once('.')) {
        (1, _) => name.to_owned(),
        (_, Some((stem, endings))) => format!("{stem}-{number}.{endings}"),
        (_, None) => format!("{name}-{number}"),
    }
}

/// The content of a kept file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Concealed {
    /// The content to keep.
    pub(super) content: Vec<u8>,
    /// A remark on secrets in it.
    pub(super) remark: Option<&'static str>,
}

/// Hides secrets in a text. Bytes that are no text stay as they are, because a change could break them.
pub(super) fn conceal(content: Vec<u8>, secrets: &[String]) -> Concealed {
    let has_secret = |secret: &&String| find(&content, secret.as_bytes()).is_some();
    let mut inside: Vec<&String> = secrets.iter().filter(has_secret).collect();
    if inside.is_empty() {
        return Concealed {
            content,
            remark: None,
        };
    }
    if content.contains(&0) {
        return Concealed {
            content,
            remark: Some(SECRET_NOT_HIDDEN),
        };
    }
    // One secret may be the beginning of another.
    inside.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut masked = content;
    for secret in inside {
        let mut rest = masked.as_slice();
        let mut without = Vec::with_capacity(rest.len());
        while let Some(place) = find(rest, secret.as_bytes()) {
            without.extend_from_slice(&rest[..place]);
            without.extend_from_slice(MASK.as_bytes());
            rest = &rest[place + secret.len()..];
        }
        without.extend_from_slice(rest);
        masked = without;
    }
    Concealed {
        content: masked,
        remark: Some("a secret in it is hidden"),
    }
}

/// Returns the place of a part that is not empty.
fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    let first = *part.first()?;
    let mut from = 0;
    while let Some(place) = bytes.get(from..)?.iter().position(|&byte| byte == first) {
        let place = from + place;
        if bytes[place..].starts_with(part) {
            return Some(place);
        }
        from = place + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_guest_stays_in_the_folder() {
        for (name, safe) in [
            ("installer.log", "installer.log"),
            ("log.tar.gz", "log.tar.gz"),
            (".bashrc", "_.bashrc"),
            ("..", "unnamed"),
            ("größe <1>", "gr--e--1-"),
            ("a/b", "a-b"),
            ("", "unnamed"),
        ] {
            assert_eq!(safe_name(name), safe);
        }
        assert_eq!(safe_name(&"x".repeat(300)).len(), LONGEST);
    }

    #[tokio::test]
    async fn files_of_the_same_name_do_not_overwrite_each_other() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut kept = Vec::new();
        for text in ["a", "b", "c"] {
            let file = keep_file(dir.path(), "s", "x.tar.gz", text.into()).await;
            kept.push(file.expect("a file"));
        }
        assert_eq!(
            kept,
            [
                "s/files/x.tar.gz",
                "s/files/x-2.tar.gz",
                "s/files/x-3.tar.gz"
            ]
        );
        let second = fs::read_to_string(dir.path().join(&kept[1]));
        assert_eq!(second.expect("a file"), "b");
        // A link that leads out of the folder is no place for a new file.
        std::os::unix::fs::symlink("/nowhere/x", dir.path().join("s/files/l")).expect("a link");
        let file = keep_file(dir.path(), "s", "l", b"x".to_vec()).await;
        assert_eq!(file.expect("a file"), "s/files/l-2");
        fs::write(dir.path().join("t"), "").expect("a file");
        assert!(keep_file(dir.path(), "t", "x", Vec::new()).await.is_err());
    }

    #[test]
    fn a_secret_in_a_text_is_hidden() {
        let secrets = ["hunter".to_owned(), "hunter2".to_owned()];
        let text = conceal(b"a hunter2 hunter hunterhunter2\n".to_vec(), &secrets);
        assert_eq!(text.content, "a ••• ••• ••••••\n".as_bytes());
        assert!(text.remark.is_some());
        let binary = conceal(b"\0hunter2".to_vec(), &secrets);
        assert_eq!(binary.content, b"\0hunter2");
        assert!(binary.remark.is_some());
        let other = conceal(b"nothing".to_vec(), &secrets);
        assert_eq!((&other.content[..], other.remark), (&b"nothing"[..], None));
    }
}
