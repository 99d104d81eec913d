//! The beginning of a stage on a machine on which others ran: what is in its journal up to here is theirs.

use std::time::Duration;

use crate::engine::attempt::Attempt;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::engine::watches;

/// How long the guest may take to tell how far its journal goes, before scaling: a second as a rule.
const PLACE: Duration = Duration::from_secs(60);

impl Attempt<'_> {
    /// Finds where the journal begins to count, before the first step may have brought into it what a watch looks for.
    ///
    /// Where nobody can tell, all that the journal has of this boot counts: a breach too many is seen, one too few is not.
    pub(super) async fn find_journal_place(&mut self) -> Result<(), Stop> {
        let limit = self.scale.apply(PLACE);
        let session = self.session()?;
        let agent = session.machine().agent().clone();
        let is_asked = session.watches().want_place() && agent.is_connected();
        let place = if is_asked {
            let wait = Wait::new(Some(limit), session.machine().starvation().clone());
            let mut command = watches::place();
            command.timeout = limit;
            let asked = agent.exec_while(&command, || wait.remaining());
            match session.during(asked).await? {
                Ok(output) => watches::place_in(&output),
                Err(_) => None,
            }
        } else {
            None
        };
        self.session()?.watches().begin_journal(place.as_ref());
        Ok(())
    }
}
