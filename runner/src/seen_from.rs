//! The path of a folder as seen from another one.

use std::path::{Component, Path, PathBuf};

/// Returns the path of `to` as seen from the folder `from`. Either need not exist.
pub(crate) fn seen_from(from: &Path, to: &Path) -> String {
    let (from, to) = (whole(from), whole(to));
    let common = from
        .components()
        .zip(to.components())
        .take_while(|(one, other)| one == other)
        .count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(common)).collect();
    match path.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => path.to_string_lossy().into_owned(),
    }
}

/// Returns the whole path, without links where it exists.
fn whole(path: &Path) -> PathBuf {
    let whole = path.canonicalize().or_else(|_| std::path::absolute(path));
    let whole = whole.unwrap_or_else(|_| path.to_owned());
    whole
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_seen_from_its_neighbour_and_from_far_away() {
        for (from, to, seen) in [
            ("/nowhere/r/1", "/nowhere/r/2", "../2"),
            ("/nowhere/r/1", "/nowhere/other/x/2", "../../other/x/2"),
            ("/nowhere/r/1", "/nowhere/r/1", "."),
            ("/nowhere/new", "/nowhere/new/needles", "needles"),
            (
                "/nowhere/./new",
                "/elsewhere/needles",
                "../../elsewhere/needles",
            ),
        ] {
            assert_eq!(seen_from(Path::new(from), Path::new(to)), seen);
        }
    }
}
