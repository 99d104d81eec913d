//! The start of the journal for the watches of a stage. Entries before it belong to earlier stages.

use std::time::Duration;

use crate::engine::bench::Bench;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::engine::watches::{position_command, position_in};

/// The longest time, before scaling, that the guest may take to tell the end of its journal; usually a second.
const PLACE: Duration = Duration::from_secs(60);

impl Bench<'_> {
    /// Sets the start of the journal for the watches: the end of the previous stage, or now if that is unknown. Must
    /// run before the first step, whose messages a watch must see.
    ///
    /// If the position is unknown, the watches read the whole journal of this boot. That may report an old entry, but
    /// never misses a new one.
    pub(in crate::engine) async fn begin_journal(&mut self) -> Result<(), Stop> {
        self.find_journal_position().await?;
        let place = self.journal_position.take();
        self.session()?.watches().begin_journal(place.as_ref());
        Ok(())
    }

    /// Asks the guest for the end of its journal, if a watch needs it and it is not known yet.
    pub(in crate::engine) async fn find_journal_position(&mut self) -> Result<(), Stop> {
        let limit = self.scale.apply(PLACE);
        let is_known = self.journal_position.is_some();
        let session = self.session()?;
        let agent = session.machine().agent().clone();
        if is_known || !session.watches().needs_journal_position() || !agent.is_connected() {
            return Ok(());
        }
        let wait = Wait::new(Some(limit), session.machine().starvation().clone());
        let mut command = position_command();
        command.timeout = limit;
        let asked = agent.exec_while(&command, || wait.remaining());
        if let Ok(output) = session.during(asked).await? {
            self.journal_position = position_in(&output);
        }
        Ok(())
    }
}
