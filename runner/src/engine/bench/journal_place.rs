//! The beginning of a stage on a machine on which others ran: what is in its journal up to here is theirs.

use std::time::Duration;

use crate::engine::bench::Bench;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::engine::watches::{place, place_in};

/// How long the guest may take to tell how far its journal goes, before scaling: a second as a rule.
const PLACE: Duration = Duration::from_secs(60);

impl Bench<'_> {
    /// Lets the journal count from where it was read to in the stage before, or else from here: before the first step
    /// may have brought into it what a watch looks for.
    ///
    /// Where nobody can tell, all that the journal has of this boot counts: a breach too many is seen, one too few is
    /// not.
    pub(in crate::engine) async fn begin_journal(&mut self) -> Result<(), Stop> {
        self.find_journal_place().await?;
        let place = self.journal_place.take();
        self.session()?.watches().begin_journal(place.as_ref());
        Ok(())
    }

    /// Asks how far the journal goes, if a watch wants to know and it is not known.
    pub(in crate::engine) async fn find_journal_place(&mut self) -> Result<(), Stop> {
        let limit = self.scale.apply(PLACE);
        let is_known = self.journal_place.is_some();
        let session = self.session()?;
        let agent = session.machine().agent().clone();
        if is_known || !session.watches().want_place() || !agent.is_connected() {
            return Ok(());
        }
        let wait = Wait::new(Some(limit), session.machine().starvation().clone());
        let mut command = place();
        command.timeout = limit;
        let asked = agent.exec_while(&command, || wait.remaining());
        if let Ok(output) = session.during(asked).await? {
            self.journal_place = place_in(&output);
        }
        Ok(())
    }
}
