//! The folders in which the files that an image names may be: its own folder, and those that the project allows.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use super::{ProbeError, container::Reference};

/// The places in which files may be that an image names: its own folder, and where the project allows.
#[derive(Debug)]
pub(super) struct Bounds {
    own: Vec<PathBuf>,
    allowed: Vec<PathBuf>,
}

impl Bounds {
    /// Returns the bounds of the image at `image`: the folder in which it was named. If it is a link, the folder of its
    /// target counts as well.
    pub(super) fn new(image: &Path, allowed: &[PathBuf]) -> io::Result<Self> {
        let mut own = vec![folder(image).canonicalize()?];
        own.extend(image.canonicalize()?.parent().map(Path::to_owned));
        Ok(Self {
            own,
            // A path that does not exist allows nothing.
            allowed: allowed
                .iter()
                .filter_map(|path| path.canonicalize().ok())
                .collect(),
        })
    }

    /// Returns true if this file may be opened. Its path must have no link. Hidden files and folders (`.ssh`) belong to
    /// programs and people, and are never opened. The root folder allows nothing.
    fn hold(&self, file: &Path) -> bool {
        let below = |folder: &PathBuf| {
            let rest = file.strip_prefix(folder).ok()?;
            let is_hidden =
                |part: Component<'_>| part.as_os_str().as_encoded_bytes().first() == Some(&b'.');
            Some(folder.parent().is_some() && !rest.components().any(is_hidden))
        };
        self.own.iter().any(|folder| below(folder) == Some(true))
            || self.allowed.iter().any(|allowed| file.starts_with(allowed))
    }

    /// Returns the file, without any link in its path, that the file at `of` names. As in QEMU, a relative name starts
    /// at the folder in which `of` was named. If nothing is there and `of` is a link, it starts at the folder of the
    /// link's target.
    pub(super) fn resolve(&self, named: &Reference, of: &Path) -> Result<PathBuf, ProbeError> {
        let name = named.name.as_str();
        let forbidden = |why: String, advice: &str| ProbeError::Forbidden {
            path: of.to_owned(),
            why,
            advice: advice.to_owned(),
        };
        if name.starts_with("json:") {
            let why = "it stands on a description in JSON, which could be anything".to_owned();
            return Err(forbidden(why, MAKE_PLAIN));
        }
        // QEMU's rule for an address: a colon before any slash.
        if name.find(':') < name.find('/').or(Some(usize::MAX)) && name.contains(':') {
            let why = format!("it stands on `{}`, which is no file", shown(name));
            return Err(forbidden(why, MAKE_PLAIN));
        }
        if name.is_empty() || name.contains('\0') {
            let why = "the name of the file that it stands on is empty or none".to_owned();
            return Err(forbidden(why, MAKE_PLAIN));
        }
        let mut found = folder(of).join(name);
        if !found.exists()
            && let Ok(real) = of.canonicalize()
        {
            let beside = folder(&real).join(name);
            if beside.exists() {
                found = beside;
            }
        }
        let outside = |file: &Path| {
            let why = format!(
                "it stands on {}, which is outside of its folder",
                shown(&file.to_string_lossy())
            );
            forbidden(why, ALLOW)
        };
        let file = match found.canonicalize() {
            Ok(file) => file,
            Err(_) if !self.hold(&without_dots(&found)) => return Err(outside(&found)),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                return Err(ProbeError::Unusable {
                    path: of.to_owned(),
                    why: format!(
                        "it stands on {}, which is not there; put it there, or merge both with `qemu-img convert`",
                        shown(&found.to_string_lossy())
                    ),
                });
            }
            Err(source) => {
                return Err(ProbeError::Unreadable {
                    path: found,
                    source,
                });
            }
        };
        match self.hold(&file) {
            true => Ok(file),
            false => Err(outside(&file)),
        }
    }
}

const ALLOW: &str = "an image opens files of its own folder only, hidden ones excepted; put it there, \
    or allow it with `allow_files:` of the image in qa.yaml";
const MAKE_PLAIN: &str =
    "make one file of it with `qemu-img convert` where you trust it, or stand it on a plain file";

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Returns the absolute path, by its text alone.
fn without_dots(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_default().components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => clean.push(part),
        }
    }
    clean
}

/// Returns a name for a message: of bounded length, in one line. A stranger may have chosen the name.
fn shown(name: &str) -> String {
    const MOST: usize = 200;
    let visible = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut text: String = name.chars().take(MOST).map(visible).collect();
    if name.chars().count() > MOST {
        text.push('…');
    }
    text
}
