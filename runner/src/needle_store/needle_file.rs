//! Reads the files of one needle far enough to know its tags, and if it can be used.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use needles::{Needle, Picture, PictureError};
use serde::{Deserialize, Serialize};

use crate::text_file::LARGEST_TEXT;

/// The first bytes of a picture file: they contain the size of a PNG, or show that it is a git-lfs pointer.
const HEADER: u64 = 64;

/// A needle that cannot be used, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NeedleFault {
    /// The file, or the folder's entry.
    pub path: PathBuf,
    /// Its tags, if they could be read.
    pub tags: Vec<String>,
    /// The fault: a fragment that names the needle.
    pub message: String,
}

/// The facts of a needle that are known before it is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Facts {
    /// Its tags, if they could be read.
    pub(super) tags: Vec<String>,
    /// The ids of its click points.
    pub(super) click_points: Vec<String>,
    /// True if it can be told by its text only.
    pub(super) only_read: bool,
    /// The fault, if it has one: a fragment that names the needle.
    pub(super) fault: Option<String>,
}

impl Facts {
    fn broken(tags: &[String], fault: String) -> Self {
        Self {
            tags: tags.to_vec(),
            click_points: Vec::new(),
            only_read: false,
            fault: Some(fault),
        }
    }
}

/// Returns the name of a needle: the file name without `.json`.
pub(super) fn name(path: &Path) -> String {
    let stem = path.file_stem();
    stem.map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Reads a needle file and the beginning of its picture. The second value is the file; empty if it could not be read.
pub(super) fn read(path: &Path) -> (Facts, Vec<u8>) {
    let name = name(path);
    let size = fs::metadata(path).map_or(0, |facts| facts.len());
    if size > LARGEST_TEXT {
        let fault =
            format!("needle `{name}`: the file has {size} bytes, more than any needle needs");
        return (Facts::broken(&[], fault), Vec::new());
    }
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let fault = format!("needle `{name}` cannot be read: {error}");
            return (Facts::broken(&[], fault), Vec::new());
        }
    };
    let needle = match Needle::from_json(&name, &bytes) {
        Ok(needle) => needle,
        Err(error) => return (Facts::broken(&tags_of(&bytes), error.to_string()), bytes),
    };
    let click_points = needle
        .match_areas()
        .filter_map(|area| area.click_point.as_ref()?.id.clone());
    let facts = match picture_fault(&name, &path.with_extension("png")) {
        Some(fault) => Facts::broken(needle.tags(), fault),
        None => Facts {
            tags: needle.tags().to_vec(),
            click_points: click_points.collect(),
            only_read: needle.is_only_read(),
            fault: None,
        },
    };
    (facts, bytes)
}

/// Returns the tags of a broken needle, if its file is JSON. So a step that looks for such a tag gets the fault.
fn tags_of(json: &[u8]) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
    let tags = json.get("tags").and_then(|tags| tags.as_array());
    let tags = tags.into_iter().flatten().filter_map(|tag| tag.as_str());
    tags.map(str::to_owned).collect()
}

/// Returns the fault of a picture that is visible in its first bytes.
fn picture_fault(name: &str, picture: &Path) -> Option<String> {
    let shown = picture.display();
    match fs::metadata(picture) {
        Ok(facts) if facts.is_file() && facts.len() > 0 => {
            unfit(picture).map(|error| format!("needle `{name}`: `{shown}`: {error}"))
        }
        Ok(_) => Some(format!("needle `{name}` has an empty picture: `{shown}`")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(format!(
            "needle `{name}` has no picture: `{shown}` is missing"
        )),
        Err(error) => Some(format!(
            "needle `{name}`: `{shown}` cannot be read: {error}"
        )),
    }
}

/// Returns the error in the first bytes of a picture. The rest is read when the needle is first looked for: decoding a
/// whole large set would take seconds before every run.
fn unfit(path: &Path) -> Option<PictureError> {
    let mut beginning = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(HEADER).read_to_end(&mut beginning).ok()?;
    match Picture::from_png(&beginning) {
        Err(error @ (PictureError::Size { .. } | PictureError::LfsPointer)) => Some(error),
        // The end is missing, because only the first bytes were read.
        Ok(_) | Err(_) => None,
    }
}
