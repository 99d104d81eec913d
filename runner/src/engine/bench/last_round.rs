//! The end of a stage: what the machine did up to now counts, and the watches that ask the guest look once more.

use std::time::Duration;
use tokio::time::Instant;

use reports::Event;
use scenarios::WatchedBy;

use crate::engine::bench::Bench;
use crate::engine::session::{Session, Wake};
use crate::engine::stop::Stop;

/// How long all of them may take for it, before scaling: a second as a rule.
const LAST_LOOK: Duration = Duration::from_secs(60);

/// How long an agent may take to come back for it, before scaling.
const AGENT: Duration = Duration::from_secs(10);

impl Bench<'_> {
    /// Looks once more at everything that is watched, and tells of watches that have seen nothing.
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
        for blind in session.watches().blind() {
            self.recorder.record(Event::NotWatched {
                stage: stage.to_owned(),
                watch: blind.name.clone(),
                reason: blind.reason.clone(),
            });
            if blind.by == WatchedBy::Scenario {
                own.get_or_insert(blind);
            }
        }
        match own {
            // What it says itself must hold all the time, nobody has seen.
            Some(blind) => Err(Stop::missing(format!(
                "the steps of `{stage}` held, but its own watch `{}` could not look: {}",
                blind.name, blind.reason
            ))
            .hint("watches of the guest need qemu-guest-agent in the image, and `agent: true` in the machine")),
            None => {
                self.journal_place = session.watches().journal_place();
                Ok(())
            }
        }
    }

    async fn last_look_of_watches(&mut self) -> Result<(), Stop> {
        let agent_deadline = Instant::now() + self.scale.apply(AGENT);
        let session = self.session()?;
        if session.is_off() {
            return Ok(());
        }
        let agent = session.machine().agent().clone();
        // After a restart the agent may come later than what the last step saw; what the restart
        // brought is to be looked at.
        while !agent.is_connected() && session.watches().had_answer() {
            if session.wake(Some(agent_deadline)).await? == Wake::Deadline {
                break;
            }
        }
        self.look_of_watches().await
    }

    /// The watches that ask the guest look, as they do when the steps have held: before the guest is asked to end, too,
    /// since what is wrong with it then cannot be seen later.
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
