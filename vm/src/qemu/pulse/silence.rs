//! Counts how long a QEMU has been silent, and how much of that time its machine did not run. Pure bookkeeping.
//!
//! ```text
//!  answered, runs                asked              answered, runs
//! ------'--------------------------'--- nothing ----------'------> time
//!        <------- lost, if the main thread did nothing --->
//! ```
//!
//! A stopped or frozen process uses no processor time and does not wait for a processor. A slow process does one of
//! both: that is the host's starvation, which is counted elsewhere. The time is counted from the last sign of life,
//! because the exact moment of the stop is not known.

use std::time::Duration;

/// The longest time that a question may wait before the main thread must have done something.
const AT_ONCE: Duration = Duration::from_millis(300);

/// The same time if the kernel does not report the work of threads.
const AT_ONCE_UNSEEN: Duration = Duration::from_secs(3);

/// The delay after which an answer may never come.
const ANSWERS: Duration = Duration::from_millis(500);

/// The way in which a machine is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// QEMU does not answer.
    Silent,
    /// QEMU reports that the machine is stopped.
    Stands,
}

/// The work of a thread so far, as the kernel counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The time that it had a processor.
    pub(crate) ran: Duration,
    /// The time that it was ready and had none.
    pub(crate) waited: Duration,
}

/// The meaning of an answer for the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// The machine's time passes: it runs, sleeps, or has ended by itself.
    Runs,
    /// The machine was stopped from outside.
    Stands,
}

/// The bookkeeping of one QEMU. All times are those in which this program ran.
#[derive(Debug)]
pub(crate) struct Silence {
    /// The time of the last answer that the machine runs.
    ran: Duration,
    asked: Option<Asked>,
    stands: bool,
    /// True if the main thread was seen to do nothing since the question.
    is_still: bool,
    lost: Duration,
}

#[derive(Debug)]
struct Asked {
    at: Duration,
    /// The time that the thread had waited until then.
    waited: Duration,
    /// The last progress that was seen, and its time.
    seen: Option<Progress>,
    since: Duration,
}

impl Silence {
    pub(crate) fn new(now: Duration) -> Self {
        Self {
            ran: now,
            asked: None,
            stands: false,
            is_still: false,
            lost: Duration::ZERO,
        }
    }

    /// Notes that a question was sent.
    pub(crate) fn asks(&mut self, now: Duration, progress: Option<Progress>) {
        self.asked = Some(Asked {
            at: now,
            waited: progress.map(|progress| progress.waited).unwrap_or_default(),
            seen: progress,
            since: now,
        });
    }

    /// Notes what the main thread does while the question waits.
    pub(crate) fn looks(&mut self, now: Duration, progress: Option<Progress>) {
        let Some(asked) = &mut self.asked else {
            return;
        };
        if progress != asked.seen {
            asked.seen = progress;
            asked.since = now;
            return;
        }
        let at_once = match progress {
            Some(_) => AT_ONCE,
            None => AT_ONCE_UNSEEN,
        };
        self.is_still |= now.saturating_sub(asked.since) > at_once;
    }

    /// Notes that the answer came.
    pub(crate) fn answers(&mut self, now: Duration, said: Said) {
        let is_back = said == Said::Runs;
        if is_back {
            self.lost = self.lost(now);
            self.ran = now;
            self.is_still = false;
        }
        self.stands = !is_back;
        self.asked = None;
    }

    /// Returns the time that the machine has lost until now.
    pub(crate) fn lost(&self, now: Duration) -> Duration {
        let current = if self.stands || self.is_still {
            now.saturating_sub(self.ran)
        } else {
            Duration::ZERO
        };
        self.lost + current
    }

    /// Returns how long it has not answered, without the time in which its main thread had no processor.
    pub(crate) fn silent(&self, now: Duration, progress: Option<Progress>) -> Duration {
        self.asked.as_ref().map_or(Duration::ZERO, |asked| {
            let waited = progress.map(|progress| progress.waited).unwrap_or_default();
            let starved = waited.saturating_sub(asked.waited);
            now.saturating_sub(asked.at).saturating_sub(starved)
        })
    }

    /// Returns how the machine is lost, if it has been lost for `patience`.
    pub(crate) fn loss(
        &self,
        now: Duration,
        progress: Option<Progress>,
        patience: Duration,
    ) -> Option<Loss> {
        let silent = self.silent(now, progress);
        if silent >= patience {
            return Some(Loss::Silent);
        }
        // A QEMU that does not answer now may hang: its earlier answer is out of date.
        (silent < ANSWERS && self.stood(now) >= patience).then_some(Loss::Stands)
    }

    /// Returns how long it has reported that the machine is stopped.
    pub(crate) fn stood(&self, now: Duration) -> Duration {
        if self.stands {
            now.saturating_sub(self.ran)
        } else {
            Duration::ZERO
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn progress(ran: u64, waited: u64) -> Option<Progress> {
        Some(Progress {
            ran: ms(ran),
            waited: ms(waited),
        })
    }

    #[test]
    fn a_qemu_that_hangs_is_silent_whatever_it_said_of_the_machine_before() {
        let mut silence = Silence::new(ms(0));
        let loss = |silence: &Silence, now| silence.loss(ms(now), progress(0, 0), ms(30_000));
        silence.asks(ms(0), progress(0, 0));
        silence.answers(ms(10), Said::Stands);
        silence.asks(ms(510), progress(0, 0));
        assert_eq!(
            loss(&silence, 30_400),
            None,
            "it stands, but has not answered"
        );
        assert_eq!(loss(&silence, 30_510), Some(Loss::Silent));
        silence.answers(ms(30_600), Said::Stands);
        assert_eq!(loss(&silence, 30_700), Some(Loss::Stands));
    }

    #[test]
    fn a_stopped_process_loses_the_time_since_its_last_answer() {
        let mut silence = Silence::new(ms(0));
        silence.asks(ms(500), progress(7, 0));
        silence.answers(ms(501), Said::Runs);
        silence.asks(ms(1_000), progress(8, 0));
        silence.looks(ms(1_250), progress(8, 0));
        assert_eq!(silence.lost(ms(1_250)), ms(0), "it may answer yet");
        silence.looks(ms(1_500), progress(8, 0));
        assert_eq!(silence.lost(ms(1_500)), ms(999));
        assert_eq!(silence.lost(ms(9_000)), ms(8_499));
        silence.answers(ms(9_001), Said::Runs);
        assert_eq!(silence.lost(ms(20_000)), ms(8_500));
    }

    #[test]
    fn a_busy_process_loses_nothing_here_and_is_not_silent_while_it_is_starved() {
        let mut silence = Silence::new(ms(0));
        silence.asks(ms(0), progress(0, 0));
        for step in 1..=100_u64 {
            silence.looks(ms(step * 250), progress(0, step * 240));
        }
        assert_eq!(silence.lost(ms(25_000)), ms(0));
        assert_eq!(silence.silent(ms(25_000), progress(0, 24_000)), ms(1_000));
    }

    #[test]
    fn a_machine_that_was_paused_from_outside_loses_the_time() {
        let mut silence = Silence::new(ms(0));
        silence.answers(ms(1_000), Said::Runs);
        silence.answers(ms(1_500), Said::Stands);
        silence.answers(ms(5_000), Said::Stands);
        assert_eq!(silence.stood(ms(6_000)), ms(5_000));
        silence.answers(ms(7_000), Said::Runs);
        assert_eq!(silence.lost(ms(8_000)), ms(6_000));
        assert_eq!(silence.stood(ms(8_000)), ms(0));
    }

    #[test]
    fn without_the_kernels_word_seconds_of_silence_count() {
        let mut silence = Silence::new(ms(0));
        silence.asks(ms(0), None);
        silence.looks(ms(2_900), None);
        assert_eq!(silence.lost(ms(2_900)), ms(0));
        silence.looks(ms(3_100), None);
        assert_eq!(silence.lost(ms(3_100)), ms(3_100));
    }
}
