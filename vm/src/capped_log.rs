//! Log files of output without end. They never fill the disk, and lost output is reported.
//!
//! ```text
//! serial0.log   its beginning, then a remark that it goes on in
//! serial0-newest.log and serial0-newest-before.log, which change places when the first is full
//! ```

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

/// The bytes of a log that are kept.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// The bytes from its beginning.
    beginning: u64,
    /// The bytes of each of the two files with its end.
    newest: u64,
}

const BOUNDS: Bounds = Bounds {
    beginning: 32 << 20,
    newest: 16 << 20,
};

/// A log that keeps its beginning and its end.
#[derive(Debug)]
pub(crate) struct CappedLog {
    path: PathBuf,
    file: File,
    bounds: Bounds,
    part: Part,
    /// The bytes in the file that is written to.
    written: u64,
    /// The bytes lost since the last successful write.
    missing: u64,
    loss: LogLoss,
}

/// The part of a log that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Beginning,
    Newest,
}

impl Write for CappedLog {
    /// Takes all bytes; see [`CappedLog::append`].
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The reason why a log is not complete: the first failure to write it.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogLoss(Arc<OnceLock<String>>);

impl LogLoss {
    /// Returns the failure, as a lowercase fragment. None if everything was written.
    pub(crate) fn told(&self) -> Option<String> {
        self.0.get().cloned()
    }
}

impl CappedLog {
    /// Opens the log at `path`, and continues at its end.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Self::with(path, BOUNDS)
    }

    fn with(path: &Path, bounds: Bounds) -> io::Result<Self> {
        let file = appending(path)?;
        let written = file.metadata()?.len();
        Ok(Self {
            path: path.to_owned(),
            file,
            bounds,
            part: Part::Beginning,
            written,
            missing: 0,
            loss: LogLoss::default(),
        })
    }

    /// Returns the report of lost output.
    pub(crate) fn loss(&self) -> LogLoss {
        self.loss.clone()
    }

    /// Appends bytes. A log that cannot be written must not end the machine: the loss is noted, and the log continues
    /// when it can.
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        if let Err(error) = self.try_write(bytes) {
            self.missing += bytes.len() as u64;
            let name = self.path.file_name().unwrap_or_default().to_string_lossy();
            let told = format!("`{name}` is not whole: {error}");
            self.loss.0.get_or_init(|| told);
        }
    }

    fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = bytes.len() as u64;
        match self.part {
            Part::Beginning if self.written + length > self.bounds.beginning => {
                let newest = self.beside("newest");
                let remark = format!(
                    "\n[qa: this file has the first {} bytes; the newest are in `{}`, those before them in `{}`, \
                    and what was between is left out]\n",
                    self.written,
                    name(&newest),
                    name(&self.beside("newest-before")),
                );
                self.file.write_all(remark.as_bytes())?;
                self.go_on_in(&newest)?;
            }
            Part::Newest if self.written + length > self.bounds.newest => {
                let newest = self.beside("newest");
                fs::rename(&newest, self.beside("newest-before"))?;
                self.go_on_in(&newest)?;
            }
            Part::Beginning | Part::Newest => {}
        }
        if self.missing > 0 {
            let remark = format!("\n[qa: {} bytes could not be written here]\n", self.missing);
            self.file.write_all(remark.as_bytes())?;
            self.missing = 0;
        }
        self.file.write_all(bytes)?;
        self.written += length;
        Ok(())
    }

    fn go_on_in(&mut self, path: &Path) -> io::Result<()> {
        self.file = appending(path)?;
        self.part = Part::Newest;
        self.written = self.file.metadata()?.len();
        Ok(())
    }

    /// Returns the path of `serial0.log` with the word after its name: `serial0-newest.log`.
    fn beside(&self, word: &str) -> PathBuf {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        self.path.with_file_name(format!("{stem}-{word}.log"))
    }
}

fn appending(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Bounds = Bounds {
        beginning: 100,
        newest: 50,
    };

    #[test]
    fn a_log_without_end_keeps_its_beginning_and_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serial0.log");
        let mut log = CappedLog::with(&path, SMALL).unwrap();
        for number in 0..1000 {
            log.append(format!("line {number:03}\n").as_bytes());
        }
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let beginning = read("serial0.log");
        assert!(beginning.starts_with("line 000\n") && beginning.contains("line 010\n"));
        assert!(
            beginning.ends_with(
                "\n[qa: this file has the first 99 bytes; the newest are in `serial0-newest.log`, \
                 those before them in `serial0-newest-before.log`, and what was between is left out]\n"
            ),
            "{beginning}"
        );
        let newest = read("serial0-newest-before.log") + &read("serial0-newest.log");
        assert!(newest.ends_with("line 998\nline 999\n"), "{newest}");
        assert!((45..=100).contains(&newest.len()), "{newest}");
        assert_eq!(log.loss().told(), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_machine_that_starts_again_goes_on_within_the_same_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("qmp.log");
        for _ in 0..100 {
            let mut log = CappedLog::with(&path, SMALL).unwrap();
            log.append(&[b'x'; 60]);
        }
        let sizes = fs::read_dir(folder.path()).unwrap();
        let total: u64 = sizes
            .map(|file| file.unwrap().metadata().unwrap().len())
            .sum();
        // Each remark has some two hundred bytes, and there is one for each start.
        assert!(total < 100 * 300, "{total}");
    }

    #[test]
    fn what_cannot_be_written_is_told_once_and_marked_where_it_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("serial0.log");
        let mut log = CappedLog::with(&path, SMALL).unwrap();
        let loss = log.loss();
        log.append(b"one\n");
        let whole = std::mem::replace(
            &mut log.file,
            OpenOptions::new().write(true).open("/dev/full").unwrap(),
        );
        log.append(b"two\n");
        log.append(b"three\n");
        let told = loss.told().unwrap();
        assert!(
            told.starts_with("`serial0.log` is not whole: No space left on device"),
            "{told}"
        );
        log.file = whole;
        log.append(b"four\n");
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "one\n\n[qa: 10 bytes could not be written here]\nfour\n"
        );
    }
}
