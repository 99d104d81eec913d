use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// `qmp.log`: what was said between this program and QEMU, a line each with seconds since the start of the machine.
///
/// `>` is to QEMU, `<` from QEMU, `!` a remark or QEMU's stderr. The captures of the screen, many a second, are left out unless they fail.
#[derive(Debug, Clone)]
pub(crate) struct QmpLog {
    file: Option<Arc<Mutex<File>>>,
    start: Instant,
}

/// Who said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToQemu,
    FromQemu,
    Remark,
}

impl QmpLog {
    /// Appends to the log at `path`.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self {
            file: Some(Arc::new(Mutex::new(file))),
            start: Instant::now(),
        })
    }

    /// A log that keeps nothing.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        Self {
            file: None,
            start: Instant::now(),
        }
    }

    pub(crate) fn write(&self, direction: Direction, text: impl fmt::Display) {
        let Some(file) = &self.file else { return };
        let mark = match direction {
            Direction::ToQemu => '>',
            Direction::FromQemu => '<',
            Direction::Remark => '!',
        };
        // One write, so that lines of several tasks do not mix.
        let line = format!(
            "{:10.3} {mark} {text}\n",
            self.start.elapsed().as_secs_f64()
        );
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written (disk full) must not end the machine: QEMU tells of a full disk itself.
        drop(file.write_all(line.as_bytes()));
    }
}
