//! No result of a step without proof that the machine ran when it came about.

use tokio::time::Instant;

use reports::CauseKind;
use vm::Lost;

use super::Session;
use crate::engine::held::Held;
use crate::engine::stop::Stop;

/// The result of a step, with QEMU's word that the machine was there. Made by [`Session::vouch`], so
/// that no verb can do without.
#[derive(Debug)]
pub(in crate::engine) struct Vouched(Result<Held, Stop>);

impl Vouched {
    /// Of a step that has no machine to ask.
    pub(in crate::engine) fn without_machine(result: Result<Held, Stop>) -> Self {
        Self(result)
    }

    /// Returns the result.
    pub(in crate::engine) fn into_result(self) -> Result<Held, Stop> {
        self.0
    }
}

impl Session {
    /// Asks QEMU whether the machine runs. If it does not answer, what a step held or missed says nothing
    /// about the system under test.
    pub(in crate::engine) async fn vouch(&mut self, result: Result<Held, Stop>) -> Vouched {
        let says_of_guest = result.as_ref().err().is_none_or(Stop::blames_guest);
        if self.is_over() || !says_of_guest {
            return Vouched(result);
        }
        let starvation = self.machine.starvation().clone();
        let mut cancel = self.cancel.clone();
        tokio::select! {
            biased;
            () = starvation.proven(Instant::now()) => Vouched(result),
            lost = starvation.lost() => Vouched(Err(self.lose(lost))),
            () = cancel.requested() => Vouched(result),
        }
    }

    /// The machine cannot go on, and that is not its guest's fault.
    pub(super) fn lose(&mut self, lost: Lost) -> Stop {
        let stop = Stop::error(CauseKind::Harness, lost.what).hint(lost.advice);
        self.finish(stop)
    }
}
