//! Holds that must be given back to the coordinator: an acquired place, a reservation.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use super::{
    Owner,
    client::{Call, Client},
};
use crate::board::{BoardFault, FaultKind, command::run_blocking, underway};

/// The longest time that a drop without a runtime waits for the coordinator.
const LAST_RESORT: Duration = Duration::from_secs(10);

/// A place that is acquired, or about to be. Dropping it releases the place, by a task that
/// [`all_returned`](crate::board::all_returned) waits for.
#[derive(Debug)]
pub(super) struct Hold {
    client: Client,
    place: String,
    owner: Owner,
    armed: AtomicBool,
}

impl Hold {
    /// Returns the hold of a place that `owner` is about to acquire.
    pub(super) fn new(client: Client, place: &str, owner: Owner) -> Self {
        Self {
            client,
            place: place.to_owned(),
            owner,
            armed: AtomicBool::new(true),
        }
    }

    /// Returns the name of the place.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Gives up the hold of a place that was not acquired.
    pub(super) fn disarm(&self) {
        self.armed.store(false, Ordering::Release);
    }

    /// Releases the place, if this owner has it. Harmless when another one has it.
    ///
    /// # Errors
    /// When the coordinator does not answer. Then dropping tries it once more.
    pub(super) async fn release(&self) -> Result<(), BoardFault> {
        match release(&self.client, &self.place, &self.owner).await {
            Ok(()) => {
                self.disarm();
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.armed.load(Ordering::Acquire) {
            // `qa board reap` finds a place that stays acquired.
            let call = release_call(&self.place, &self.owner);
            call_at_last(self.client.clone(), call);
        }
    }
}

/// Makes a call for a value that is dropped. Nobody is left to tell an error to.
fn call_at_last(client: Client, call: Call) {
    if underway::has_runtime() {
        drop(underway::spawn(async move { client.run(&call).await }));
    } else {
        let _ = run_blocking(client.command(&call), LAST_RESORT);
    }
}

fn release_call(place: &str, owner: &Owner) -> Call {
    // Unlike `release`, it cannot release a place that another one has acquired meanwhile.
    Call::new(
        "release the place",
        place,
        ["release-from".to_owned(), owner.to_string()],
    )
}

/// Releases a place if this owner has it.
///
/// # Errors
/// When the program fails.
pub(super) async fn release(client: &Client, place: &str, owner: &Owner) -> Result<(), BoardFault> {
    match client.run(&release_call(place, owner)).await {
        Ok(_) => Ok(()),
        // It is free.
        Err(fault) if fault.kind == FaultKind::Held => Ok(()),
        Err(fault) => Err(fault),
    }
}

/// A reservation. Dropping it cancels it: otherwise the coordinator keeps a place for it for a minute.
#[derive(Debug)]
pub(super) struct Reserved {
    client: Client,
    token: String,
    armed: bool,
}

impl Reserved {
    pub(super) fn new(client: Client, token: String) -> Self {
        Self {
            client,
            token,
            armed: true,
        }
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Cancels the reservation. A place that was acquired with it stays acquired.
    pub(super) async fn cancel(mut self) {
        // An error means that it is over already, or that the coordinator has gone.
        if self.client.run(&self.call()).await.is_ok() {
            self.armed = false;
        }
    }

    fn call(&self) -> Call {
        Call::new(
            "cancel the reservation",
            "",
            ["cancel-reservation", &self.token],
        )
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.armed {
            call_at_last(self.client.clone(), self.call());
        }
    }
}
