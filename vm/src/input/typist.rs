//! Types a text as fast as the guest takes it, and no faster.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{
    InputError, KeyName, Pace,
    plan::Act,
    player::{Done, Manner, PlayerTask, Progress},
    sink::InputSink,
};

/// The time from tap to tap if the device tells that the guest has taken the one before. The driver has it then, and
/// passes it to programs. Linux keeps 64 events for each program: a desktop that gets no processor for a tenth of a
/// second still receives all keys.
const GAP: Duration = Duration::from_millis(10);

/// The time from tap to tap if nothing tells: some 16 characters a second. An emulated guest under load was seen to
/// take them without losing one.
const BLIND_GAP: Duration = Duration::from_millis(60);

/// The least time from tap to tap if nothing tells, whatever a step says: PS/2 keyboards have room for five taps.
const LEAST_BLIND_GAP: Duration = Duration::from_millis(20);

/// The most key events that are sent at once. A program of the guest has room for 64 (Linux, evdev's
/// `EVDEV_MIN_BUFFER_SIZE`), and must not lose one if it does not run for a moment.
const AT_ONCE: usize = 24;

impl<S: InputSink> PlayerTask<S> {
    /// Types a text. Sends as many taps at once as the device has room for and programs of the guest surely take.
    pub(super) async fn type_text(
        &mut self,
        taps: &[Vec<KeyName>],
        pace: Pace,
        manner: Manner,
        progress: &mut Progress,
        done: &mut Done,
    ) -> Result<(), InputError> {
        let mut rest = taps;
        while !rest.is_empty() {
            let count = tokio::select! {
                biased;
                () = done.closed() => return Err(InputError::Gone),
                count = self.at_once(rest, pace, manner, *progress) => count?,
            };
            let (now, later) = rest.split_at(count);
            let sent = Instant::now();
            self.deliver(&Act::Taps(now.to_vec()), manner.secrecy)
                .await?;
            progress.typed += count;
            rest = later;
            let gap = self.gap(pace) * u32::try_from(count).unwrap_or(u32::MAX);
            tokio::select! {
                biased;
                () = done.closed() => return Err(InputError::Gone),
                () = sleep_until(sent + gap) => {}
            }
        }
        Ok(())
    }

    /// Waits until there is room for the first of these taps. Returns how many of them can be sent at once then.
    async fn at_once(
        &mut self,
        taps: &[Vec<KeyName>],
        pace: Pace,
        manner: Manner,
        progress: Progress,
    ) -> Result<usize, InputError> {
        let keys = |count: usize| Act::Taps(taps[..count].to_vec()).keys();
        self.make_room(&keys(1), manner, progress).await?;
        let Some(queue) = self.told else {
            return Ok(1);
        };
        // A step that sets the time from key to key gets it.
        if pace.0.is_some() {
            return Ok(1);
        }
        let fits = |count: &usize| {
            let keys = keys(*count);
            keys.len() <= AT_ONCE && self.sink.cost(&keys) <= queue.room
        };
        Ok((2..=taps.len()).take_while(fits).last().unwrap_or(1))
    }

    /// Returns the time from tap to tap: that of the step, but not less than the device needs.
    fn gap(&self, pace: Pace) -> Duration {
        match (self.told, pace.0) {
            (Some(_), asked) => asked.unwrap_or_default().max(GAP),
            (None, Some(asked)) => asked.max(LEAST_BLIND_GAP),
            (None, None) => BLIND_GAP,
        }
    }
}
