//! Reading a project's folders: which files are there, and what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Name of the project file.
pub(crate) const PROJECT_FILE: &str = "qa.yaml";

/// The folder in which a project's runs put their results, unless the call says otherwise.
pub(crate) const RESULTS_FOLDER: &str = "qa-results";

/// Folders deeper than this are not entered: no project nests so deep, and a hostile one must not cost us the stack.
const DEEPEST: usize = 16;

/// Needles and scenarios larger than this are refused unread: the largest real needle's JSON has a few kilobytes.
pub(crate) const LARGEST_TEXT: u64 = 4 << 20;

/// The nearest folder from `start` upwards that has a project file.
pub(crate) fn find_project(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .find(|folder| folder.join(PROJECT_FILE).is_file())
        .map(Path::to_owned)
}

/// Every file below `root` whose name ends in one of `extensions`, in the order of their paths. Links are followed only
/// as long as they stay below `root`: needle repositories come from strangers.
///
/// # Errors
/// When `root` cannot be read. What is unreadable further down is left out, and named in the second value.
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
            // What is no link lies where it seems to: asking where costs most of the time in a large folder.
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
            // A link to a file of another kind would be passed over wherever it leads.
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

/// The files below a folder of scenarios that are no scenarios: a folder may be the whole project.
#[derive(Debug)]
pub(crate) struct Others {
    /// The results of runs, and the needles; without links and dots, as a folder may be written in many ways.
    folders: Vec<PathBuf>,
}

impl Others {
    /// Those of the project in this folder, whose needles are in these.
    pub(crate) fn of(root: &Path, needles: &[PathBuf]) -> Self {
        let results = root.join(RESULTS_FOLDER);
        let folders = std::iter::once(&results).chain(needles);
        Self {
            folders: folders
                .filter_map(|folder| folder.canonicalize().ok())
                .collect(),
        }
    }

    /// Returns whether a file below a folder of scenarios is meant as one: no project file, none of the results of
    /// runs, nothing among needles, and nothing hidden, as what belongs to programs is.
    pub(crate) fn may_be_scenario(&self, below: &Path, file: &Path) -> bool {
        let inner = file.strip_prefix(below).unwrap_or(file);
        let is_hidden = inner
            .components()
            .any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
        let below = below.canonicalize().unwrap_or_else(|_| below.to_owned());
        let real = below.join(inner);
        // Who names one of these folders, or a folder in it, means what is in it.
        let is_other = |other: &PathBuf| real.starts_with(other) && !below.starts_with(other);
        let is_project = file.file_name().is_some_and(|name| name == PROJECT_FILE);
        !(is_hidden || is_project || self.folders.iter().any(is_other))
    }
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| extensions.contains(&extension))
}

/// Reads a text file whole.
///
/// # Errors
/// When it cannot be read, is larger than [`LARGEST_TEXT`], or is not UTF-8 (with the offset of the first bad byte).
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let facts = fs::metadata(path)?;
    if !facts.is_file() {
        // A device or a pipe may have no end, and opening it may wait for ever.
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
    // It may have grown since.
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

/// A path as people write it: relative to `base` where it lies below.
pub(crate) fn shown(path: &Path, base: &Path) -> String {
    path.strip_prefix(base)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

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

    #[test]
    fn what_belongs_to_programs_and_to_runs_is_no_scenario() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let root = dir.path().join(".projects/p");
        for folder in ["qa-results/1", "needles/part", "sub"] {
            fs::create_dir_all(root.join(folder)).expect("folders");
        }
        symlink(".", root.join("loop")).expect("a link");
        let others = Others::of(&root, &[root.join("needles")]);
        for (below, file, expected) in [
            (".", "boot.yaml", true),
            (".", "sub/boot.yaml", true),
            (".", "qa.yaml", false),
            (".", "sub/qa.yaml", false),
            (".", "qa-results/1/boot.yaml", false),
            ("sub/..", "qa-results/1/boot.yaml", false),
            ("loop", "qa-results/1/boot.yaml", false),
            ("..", "p/qa-results/1/boot.yaml", false),
            (".", "needles/part/notes.yaml", false),
            ("needles", "part/boot.yaml", true),
            (".", ".github/workflows/ci.yml", false),
            (".", ".gitlab-ci.yml", false),
        ] {
            let below = root.join(below);
            let is_scenario = others.may_be_scenario(&below, &below.join(file));
            assert_eq!(is_scenario, expected, "{} {file}", below.display());
        }
    }

    #[test]
    fn text_that_is_not_utf8_names_the_byte() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("bad.yaml");
        fs::write(&path, b"title: \xff").expect("a file");
        let error = read_text(&path).expect_err("not UTF-8");
        assert_eq!(error.to_string(), "it is not UTF-8: byte 7 is wrong");
    }

    #[test]
    fn the_project_is_the_nearest_folder_above_with_the_file() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let deep = dir.path().join("a/b");
        fs::create_dir_all(&deep).expect("folders");
        assert_eq!(find_project(&deep), None);
        fs::write(dir.path().join("a/qa.yaml"), "").expect("a file");
        assert_eq!(find_project(&deep), Some(dir.path().join("a")));
    }
}
