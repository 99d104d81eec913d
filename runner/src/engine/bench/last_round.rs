//! The last round of watches at the end of a stage: all events until now are judged, and the guest is asked once more.

use std::time::Duration;
use tokio::time::Instant;

use reports::Event;
use scenarios::WatchedBy;

use crate::engine::bench::Bench;
use crate::engine::session::{Session, Wake};
use crate::engine::stop::Stop;

/// The longest time, before scaling, that all watches may take for it; usually a second.
const LAST_LOOK: Duration = Duration::from_secs(60);

/// The longest time, before scaling, that an agent may take to come back for it.
const AGENT: Duration = Duration::from_secs(10);

impl Bench<'_> {
    /// Checks all watches once more, and records those that could not check their condition.
    ///
    /// # Errors
    /// A watch was breached, or a watch of the scenario itself could not check its condition.
    pub(in crate::engine) async fn last_round_of_watches(
        &mut self,
        stage: &str,
    ) -> Result<(), Stop> {
        let goes_on = |session: &Session| !session.is_over();
        if self.session.as_ref().is_some_and(goes_on) {
            self.settle().await?;
            self.last_look_of_watches().await?;
        }
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let serial = session.machine().serial().clone();
        if let Some(stop) = session.watches().last_look_at_serial(&serial) {
            return Err(stop);
        }
        let mut own = None;
        for unchecked in session.watches().unchecked() {
            self.recorder.record(Event::NotWatched {
                stage: stage.to_owned(),
                watch: unchecked.name.clone(),
                reason: unchecked.reason.clone(),
            });
            if unchecked.by == WatchedBy::Scenario {
                own.get_or_insert(unchecked);
            }
        }
        match own {
            // The scenario itself demands this condition, but it was not checked.
            Some(unchecked) => Err(Stop::missing(format!(
                "the steps of `{stage}` held, but its own watch `{}` could not look: {}",
                unchecked.name, unchecked.reason
            ))
            .hint("watches that ask the guest need qemu-guest-agent in the image, and `agent: true` in the machine")),
            None => {
                self.journal_position = session.watches().journal_position();
                Ok(())
            }
        }
    }

    /// Records the watches that could not check their condition when a step stopped a stage.
    pub(in crate::engine) fn note_unchecked_watches(&mut self, stage: &str) {
        let Some(session) = &mut self.session else {
            return;
        };
        for unchecked in session.watches().unchecked_at_stop() {
            self.recorder.record(Event::NotWatched {
                stage: stage.to_owned(),
                watch: unchecked.name,
                reason: unchecked.reason,
            });
        }
    }

    /// Waits for the agent to come back, if it was there before, and asks the guest once more.
    async fn last_look_of_watches(&mut self) -> Result<(), Stop> {
        let agent_deadline = Instant::now() + self.scale.apply(AGENT);
        let session = self.session()?;
        if session.is_off() {
            return Ok(());
        }
        let agent = session.machine().agent().clone();
        // After a restart the last step may end before the agent is back. The new system must be checked, too.
        while !agent.is_connected() && session.watches().had_answer() {
            if session.wake(Some(agent_deadline)).await? == Wake::Deadline {
                break;
            }
        }
        self.look_of_watches().await
    }

    /// Asks the guest for all watches once more. Also done before a step restarts the guest or powers it off, because
    /// a fault cannot be seen after that.
    pub(in crate::engine) async fn look_of_watches(&mut self) -> Result<(), Stop> {
        let deadline = Instant::now() + self.scale.apply(LAST_LOOK);
        let session = self.session()?;
        session.watches().want_last_look();
        while session.asks_guest() {
            let is_late = session.wake(Some(deadline)).await? == Wake::Deadline;
            if is_late && Instant::now() >= deadline {
                return Ok(());
            }
        }
        Ok(())
    }
}
