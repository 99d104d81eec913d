//! The log of the control connection.

use std::{
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use crate::capped_log::{CappedLog, LogLoss};

/// The longest text of a line. Answers about QEMU itself have some tens of kilobytes.
const LONGEST: usize = 64 << 10;

/// The bytes of a longer text that are shown of its end.
const END: usize = 4 << 10;

/// `qmp.log`: the messages between this program and QEMU, one per line, with the seconds since the start of the
/// machine.
///
/// `>` is to QEMU, `<` from QEMU, `!` a remark or QEMU's stderr. The captures of the screen, many a second, are left
/// out unless they fail. Long lines are shortened, and a log without end is cut.
#[derive(Debug, Clone)]
pub(crate) struct QmpLog {
    file: Option<Arc<Mutex<CappedLog>>>,
    loss: LogLoss,
    start: Instant,
}

/// The direction of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ToQemu,
    FromQemu,
    Remark,
}

impl QmpLog {
    /// Opens the log at `path`, and appends to it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = CappedLog::open(path)?;
        Ok(Self {
            loss: file.loss(),
            file: Some(Arc::new(Mutex::new(file))),
            start: Instant::now(),
        })
    }

    /// Returns a log that keeps nothing.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        Self {
            file: None,
            loss: LogLoss::default(),
            start: Instant::now(),
        }
    }

    /// Returns the report of lost lines.
    pub(crate) fn loss(&self) -> LogLoss {
        self.loss.clone()
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
            "{:10.3} {mark} {}\n",
            self.start.elapsed().as_secs_f64(),
            cut(text.to_string())
        );
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.append(line.as_bytes());
    }
}

/// Returns a long text without its middle.
fn cut(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let is_between = |at: &usize| text.is_char_boundary(*at);
    let (head, tail) = (LONGEST - END, text.len() - END);
    let head = (0..=head).rev().find(is_between).unwrap_or(0);
    let tail = (tail..=text.len()).find(is_between).unwrap_or(text.len());
    let left_out = tail - head;
    format!(
        "{} [{left_out} bytes left out] {}",
        &text[..head],
        &text[tail..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_in_its_middle_between_characters() {
        assert_eq!(cut("ä".repeat(LONGEST / 2)), "ä".repeat(LONGEST / 2));
        let line = cut(format!("a{}z", "ä".repeat(1 << 20)));
        assert!(line.len() < LONGEST + 100);
        assert!(line.starts_with("aä") && line.ends_with("äz"));
        assert!(line.contains(" bytes left out] "));
    }
}
