//! Finds files in a folder and in the folders below it. Links out of the folder are not followed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Deeper folders are not entered. No project needs them, and a hostile one must not overflow the stack.
const DEEPEST: usize = 16;

/// Returns every file below `root` whose name ends in one of `extensions`, in the order of their paths. A link is
/// followed only if its target is below `root`, because needle repositories may be from strangers.
///
/// # Errors
/// When `root` cannot be read. Files and folders below it that cannot be read are named in the second value.
pub(crate) fn files_below(
    root: &Path,
    extensions: &[&str],
) -> io::Result<(Vec<PathBuf>, Vec<String>)> {
    let real_root = root.canonicalize()?;
    let mut found = BTreeMap::new();
    let mut refused = Vec::new();
    let mut open = vec![(root.to_owned(), 0_usize)];
    while let Some((folder, depth)) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(error),
            Err(error) => {
                refused.push(format!("`{}` cannot be read: {error}", folder.display()));
                continue;
            }
        };
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            // Only links are resolved: to resolve every file would take most of the time in a large folder.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    if depth < DEEPEST {
                        open.push((path, depth + 1));
                    }
                    continue;
                }
                Ok(kind) if !kind.is_symlink() => {
                    if kind.is_file() && has_extension(&path, extensions) {
                        found.insert(path, ());
                    }
                    continue;
                }
                Ok(_) | Err(_) => {}
            }
            let is_meant = has_extension(&path, extensions);
            let real = match path.canonicalize() {
                Ok(real) => real,
                Err(error) => {
                    if is_meant {
                        refused.push(format!("`{}` cannot be followed: {error}", path.display()));
                    }
                    continue;
                }
            };
            // A link to a file of another kind is ignored, wherever it leads.
            if !real.starts_with(&real_root) && (is_meant || real.is_dir()) {
                refused.push(format!(
                    "`{}` leads out of the folder, to `{}`",
                    path.display(),
                    real.display()
                ));
            } else if is_meant && real.is_file() && real.starts_with(&real_root) {
                found.insert(path, ());
            }
        }
    }
    refused.sort();
    Ok((found.into_keys().collect(), refused))
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| extensions.contains(&extension))
}

/// Returns a path as people write it: relative to `base` if it is below `base`.
pub(crate) fn shown(path: &Path, base: &Path) -> String {
    path.strip_prefix(base)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn files_are_found_in_order_and_links_do_not_leave_the_folder() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let root = dir.path().join("needles");
        fs::create_dir_all(root.join("b/c")).expect("folders");
        for name in ["z.json", "b/a.json", "b/c/d.json", "b/c/d.png"] {
            fs::write(root.join(name), "{}").expect("a file");
        }
        fs::write(dir.path().join("outside.json"), "{}").expect("a file");
        symlink(dir.path().join("outside.json"), root.join("out.json")).expect("a link");
        symlink(&root, root.join("b/loop")).expect("a link");
        symlink("nowhere", root.join("dangling.json")).expect("a link");
        symlink("nowhere", root.join("dangling.txt")).expect("a link");
        symlink(dir.path().join("outside.json"), root.join("disk.img")).expect("a link");
        let (files, refused) = files_below(&root, &["json"]).expect("a listing");
        let files: Vec<_> = files.iter().map(|path| shown(path, &root)).collect();
        assert_eq!(files, ["b/a.json", "b/c/d.json", "z.json"]);
        assert_eq!(refused.len(), 2, "{refused:?}");
        assert!(
            refused[0].contains("dangling.json` cannot be followed"),
            "{refused:?}"
        );
        assert!(
            refused[1].contains("out.json` leads out of the folder"),
            "{refused:?}"
        );
    }
}
