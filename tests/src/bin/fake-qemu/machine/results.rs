//! The folder into which the parent process writes what it sees.

use std::{fs, io, os::unix::fs::symlink, path::PathBuf};

use rustix::process::getppid;

/// Makes every further picture of the screen one for which no space is left.
pub(super) fn fill() -> io::Result<()> {
    let frames = scenario()?.join("frames");
    for number in 1..100 {
        let picture = frames.join(format!("{number:04}.png"));
        if !picture.exists() {
            symlink("/dev/full", picture)?;
        }
    }
    Ok(())
}

/// Puts a file where the copies of needles would go.
pub(super) fn spoil_needles() -> io::Result<()> {
    fs::write(scenario()?.join("needles"), "")
}

/// Removes it, with all that is in it.
pub(super) fn remove() -> io::Result<()> {
    fs::remove_dir_all(scenario()?)
}

/// The folder of the scenario: that of the log that the parent has open.
fn scenario() -> io::Result<PathBuf> {
    let parent = getppid().ok_or(io::ErrorKind::NotFound)?;
    for open in fs::read_dir(format!("/proc/{}/fd", parent.as_raw_nonzero()))? {
        // It may have been closed meanwhile.
        let Ok(file) = fs::read_link(open?.path()) else {
            continue;
        };
        if file.ends_with("serial0.log")
            && let Some(folder) = file.parent()
        {
            return Ok(folder.to_owned());
        }
    }
    Err(io::ErrorKind::NotFound.into())
}
