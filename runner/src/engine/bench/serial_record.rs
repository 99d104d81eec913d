//! Records the lines of the serial console with their times, as far as the event log has room for them.

use std::time::Duration;

use reports::{Event, LONGEST_TEXT};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use vm::Serial;

use crate::recorder::Recorder;

/// Lines that come within this time are one event.
const TOGETHER: Duration = Duration::from_millis(250);

/// The bytes that are recorded at once. A Linux system prints about 100 KiB while it boots.
const ROOM: usize = 256 << 10;

/// The bytes by which the room grows each second.
const GROWS: usize = 256;

/// The record of the serial console of a machine that runs. Ends with it.
#[derive(Debug)]
pub(super) struct SerialRecord {
    /// Ends the record when it is dropped.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl SerialRecord {
    /// Begins to record the lines that begin at a position or later, after those of the machine before.
    pub(super) fn begin(
        before: Option<Self>,
        serial: Serial,
        from: u64,
        recorder: Recorder,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let lines = Lines {
            next: from,
            room: Room::new(Instant::now()),
            serial,
            recorder,
        };
        let task = tokio::spawn(async move {
            if let Some(before) = before {
                before.stop().await;
            }
            record(lines, stopped).await;
        });
        Self { stop, task }
    }

    /// Ends the record with everything that the console has said.
    pub(super) async fn stop(self) {
        drop(self.stop);
        // A task that failed leaves its lines in the serial log.
        let _ = self.task.await;
    }
}

async fn record(mut lines: Lines, mut stopped: oneshot::Receiver<()>) {
    let mut length = lines.serial.watch();
    loop {
        tokio::select! {
            biased;
            _ = &mut stopped => break,
            changed = length.changed() => if changed.is_err() {
                break;
            }
        }
        tokio::select! {
            biased;
            _ = &mut stopped => break,
            () = tokio::time::sleep(TOGETHER) => {}
        }
        length.mark_unchanged();
        lines.take();
    }
    lines.take_rest();
}

/// The lines that are recorded next.
#[derive(Debug)]
struct Lines {
    serial: Serial,
    recorder: Recorder,
    /// The position from which on nothing is recorded yet.
    next: u64,
    room: Room,
}

impl Lines {
    /// Records the lines that have ended.
    fn take(&mut self) {
        let (text, next) = self.serial.ended_lines(self.next);
        self.next = next;
        self.record(&text);
    }

    /// Records all lines, also the one that has not ended.
    fn take_rest(&mut self) {
        let text = self.serial.text_from(self.next);
        self.next = self.serial.position();
        self.record(&text);
        let left_out = std::mem::take(&mut self.room.left_out);
        if left_out > 0 {
            self.recorder.record(Event::Serial {
                lines: Vec::new(),
                left_out,
            });
        }
    }

    fn record(&mut self, text: &str) {
        let lines: Vec<&str> = text.lines().collect();
        let Some((mut left_out, lines)) = self.room.choose(&lines, Instant::now()) else {
            return;
        };
        let mut rest = lines;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(fitting(rest));
            self.recorder.record(Event::Serial {
                lines: part.iter().map(|line| (*line).to_owned()).collect(),
                left_out: std::mem::take(&mut left_out),
            });
            rest = after;
        }
    }
}

/// Returns the number of lines, at least one, that fit into one event without being cut.
fn fitting(lines: &[&str]) -> usize {
    let mut bytes = 0;
    let fit = lines.iter().take_while(|line| {
        bytes += line.len() + 1;
        bytes <= LONGEST_TEXT
    });
    fit.count().max(1)
}

/// The room for lines in the event log. It grows with time, so that a guest that writes without end does not fill it.
#[derive(Debug)]
struct Room {
    bytes: usize,
    since: Instant,
    /// The lines that were left out since the last that were kept.
    left_out: usize,
}

impl Room {
    fn new(now: Instant) -> Self {
        Self {
            bytes: ROOM,
            since: now,
            left_out: 0,
        }
    }

    /// Returns the number of lines to leave out, and the last of these lines, for which there is room. None if there is
    /// no room for any.
    fn choose<'l, 't>(
        &mut self,
        lines: &'l [&'t str],
        now: Instant,
    ) -> Option<(usize, &'l [&'t str])> {
        let passed = now.saturating_duration_since(self.since);
        let grown = usize::try_from(passed.as_secs()).unwrap_or(usize::MAX);
        self.since += Duration::from_secs(passed.as_secs());
        self.bytes = (self.bytes.saturating_add(grown.saturating_mul(GROWS))).min(ROOM);
        let mut begin = lines.len();
        for line in lines.iter().rev() {
            let Some(left) = self.bytes.checked_sub(line.len() + 1) else {
                break;
            };
            self.bytes = left;
            begin -= 1;
        }
        self.left_out += begin;
        if begin == lines.len() {
            return None;
        }
        Some((std::mem::take(&mut self.left_out), &lines[begin..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_lines_the_last_are_kept_and_the_others_are_counted() {
        let began = Instant::now();
        let mut room = Room::new(began);
        let line = "x".repeat(1023);
        let lines: Vec<&str> = vec![&line; 300];
        let (left_out, kept) = room.choose(&lines, began).expect("room");
        assert_eq!((left_out, kept.len()), (44, 256));
        assert_eq!(room.choose(&lines[..7], began), None, "no room is left");
        // After 8 seconds there is room for two lines.
        let (left_out, kept) = room
            .choose(&lines[..5], began + Duration::from_secs(8))
            .expect("room");
        assert_eq!((left_out, kept.len()), (10, 2), "seven and three");
    }

    #[test]
    fn room_does_not_grow_without_end() {
        let began = Instant::now();
        let mut room = Room::new(began);
        assert_eq!(room.choose(&[], began + Duration::from_secs(1 << 30)), None);
        assert_eq!(room.bytes, ROOM);
    }
}
