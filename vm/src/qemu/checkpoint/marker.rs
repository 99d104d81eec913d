//! The marker that makes a folder a store.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use super::{
    CheckpointError,
    lock::{FileLock, LOCK, make_private, open_file},
};

/// The name of the marker, by which backup programs know that they can skip the folder: the cache directory tagging
/// specification.
const TAG: &str = "CACHEDIR.TAG";

/// The specification asks for the first line. The second line is ours.
const SIGNATURE: &str = "Signature: 8a477f597d28d172789f06886806bc55";
const OURS: &str = "# qa checkpoint store: everything in this folder may be removed by qa";
const EXPLANATION: &str = "# A cache directory, tagged as in https://bford.info/cachedir/";

/// The prefix of a marker in the making.
const UNFINISHED: &str = ".tag-";

/// Makes `folder` a store, unless it is one. Returns its absolute path without symbolic links.
pub(super) fn open(folder: &Path) -> Result<PathBuf, CheckpointError> {
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above).map_err(CheckpointError::io("create", above))?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(CheckpointError::io("create", folder)(error));
        }
        _ => {}
    }
    // Absolute, since QEMU resolves the name of an overlay's base from the overlay's own folder.
    let folder = folder
        .canonicalize()
        .map_err(CheckpointError::io("find", folder))?;
    if !is_marked(&folder) {
        mark(&folder)?;
    }
    make_private(&folder).map_err(CheckpointError::io("make private", &folder))?;
    Ok(folder)
}

/// Refuses a folder without our marker.
pub(super) fn check(folder: &Path) -> Result<(), CheckpointError> {
    if is_marked(folder) {
        Ok(())
    } else {
        Err(CheckpointError::NotOurs {
            folder: folder.to_owned(),
        })
    }
}

fn is_marked(folder: &Path) -> bool {
    let Ok(file) = open_file(&folder.join(TAG)) else {
        return false;
    };
    let mut text = String::new();
    let read = file.take(4096).read_to_string(&mut text);
    let mut lines = text.lines();
    read.is_ok() && lines.next() == Some(SIGNATURE) && lines.any(|line| line == OURS)
}

fn mark(folder: &Path) -> Result<(), CheckpointError> {
    let unreadable = || CheckpointError::io("read", folder);
    for entry in fs::read_dir(folder).map_err(unreadable())? {
        // Another process may do the same now.
        let name = entry.map_err(unreadable())?.file_name();
        if !is_of_marking(&name) && !is_marked(folder) {
            return Err(CheckpointError::NotOurs {
                folder: folder.to_owned(),
            });
        }
    }
    let lock = folder.join(LOCK);
    let _lock = FileLock::exclusive(&lock).map_err(CheckpointError::io("lock", &lock))?;
    let tag = folder.join(TAG);
    write_marker(folder, &tag).map_err(CheckpointError::io("write", &tag))
}

fn is_of_marking(name: &OsStr) -> bool {
    name == LOCK
        || name
            .to_str()
            .is_some_and(|name| name.starts_with(UNFINISHED))
}

fn write_marker(folder: &Path, tag: &Path) -> io::Result<()> {
    if is_marked(folder) {
        return Ok(());
    }
    let mut aside = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(folder)?;
    writeln!(aside, "{SIGNATURE}\n{OURS}\n{EXPLANATION}")?;
    aside.as_file().sync_all()?;
    aside.persist_noclobber(tag)?;
    // Markers in the making that killed processes have left here.
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(UNFINISHED))
        {
            fs::remove_file(entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}
