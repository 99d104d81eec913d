//! The needles of a test distribution.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use needles::Needle;

use crate::failure::Failure;
use crate::files_below::{files_below, shown};
use crate::text_file::read_text;

/// A needle that comes over.
#[derive(Debug)]
pub(super) struct FoundNeedle {
    json: PathBuf,
    png: PathBuf,
    /// Its path in the new folder of needles, without the ending.
    place: PathBuf,
}

/// The needles of a distribution.
#[derive(Debug, Default)]
pub(super) struct FoundNeedles {
    pub(super) needles: Vec<FoundNeedle>,
    /// The tags of each.
    pub(super) tags: Vec<BTreeSet<String>>,
    /// The JSON files that are no other kind of file.
    pub(super) files: BTreeSet<PathBuf>,
    /// Those that stay behind, as sentences with their path.
    pub(super) problems: Vec<String>,
}

/// Finds the needles below a folder.
pub(super) fn find(root: &Path) -> Result<FoundNeedles, Failure> {
    let unread = |error: std::io::Error| {
        Failure::usage(format!("`{}` cannot be read: {error}", root.display()))
    };
    let (files, refused) = files_below(root, &["json"]).map_err(unread)?;
    let mut found = FoundNeedles {
        problems: refused,
        ..FoundNeedles::default()
    };
    let mut places: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for json in files {
        let Ok(text) = read_text(&json) else {
            continue;
        };
        let png = json.with_extension("png");
        let is_needle = text.contains("\"area\"") && (text.contains("\"tags\"") || png.is_file());
        if !is_needle {
            continue;
        }
        found.files.insert(json.clone());
        let path = shown(&json, root);
        let name = json
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let needle = match Needle::from_json(&name, text.as_bytes()) {
            Ok(needle) => needle,
            Err(error) => {
                found
                    .problems
                    .push(format!("{path}:1: the needle stays behind: {error}"));
                continue;
            }
        };
        if !png.is_file() {
            found.problems.push(format!(
                "{path}:1: the needle stays behind: it has no picture"
            ));
            continue;
        }
        let below = json.strip_prefix(root).unwrap_or(&json);
        let mut place = place(below).with_extension("");
        // Two folders of needles may have the same names.
        if places.contains_key(&place) {
            place = below.with_extension("");
        }
        places.insert(place.clone(), found.needles.len());
        found.tags.push(needle.tags().iter().cloned().collect());
        found.needles.push(FoundNeedle { json, png, place });
    }
    Ok(found)
}

/// Returns the path below the folder `needles`, if there is one.
fn place(below: &Path) -> PathBuf {
    let parts: Vec<_> = below.components().collect();
    let folder = parts.iter().rposition(|part| part.as_os_str() == "needles");
    match folder {
        Some(at) => parts.iter().skip(at + 1).collect(),
        None => below.to_owned(),
    }
}

impl FoundNeedles {
    /// Copies all needles, byte for byte, into a folder.
    pub(super) fn copy(&self, into: &Path) -> Result<(), Failure> {
        for needle in &self.needles {
            let place = into.join(&needle.place);
            let failed = |error: std::io::Error| {
                Failure::error(format!("cannot write `{}`: {error}", place.display()))
            };
            if let Some(folder) = place.parent() {
                fs::create_dir_all(folder).map_err(failed)?;
            }
            for (from, ending) in [(&needle.json, "json"), (&needle.png, "png")] {
                let mut name = place.clone().into_os_string();
                name.push(format!(".{ending}"));
                fs::copy(from, PathBuf::from(name)).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Returns the folder of all needles that stay where they are: the longest that all have.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        let mut all = self
            .needles
            .iter()
            .map(|needle| needle.json.parent().map(Path::to_owned));
        let first = all.next()??;
        all.try_fold(first, |common, folder| {
            let folder = folder?;
            let parts = common.components().zip(folder.components());
            Some(
                parts
                    .take_while(|(one, other)| one == other)
                    .map(|(one, _)| one)
                    .collect(),
            )
        })
    }
}
