//! The owners of all places of a lab, for commands that look at a whole lab.

use std::path::Path;

use super::{Owner, client::Client, hold};
use crate::board::BoardFault;

/// A place that somebody has acquired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The name of the place.
    pub place: String,
    /// Its owner.
    pub owner: Owner,
}

/// Returns the places of a lab that are acquired, in the order of their names. `coordinator` is its address, or none
/// for the usual one.
///
/// # Errors
/// When the program is missing, or the coordinator does not answer.
pub async fn holders(coordinator: Option<&str>, program: &Path) -> Result<Vec<Holder>, BoardFault> {
    let client = Client::of_lab(coordinator, program.to_owned());
    let places = client.places().await?;
    let held = places.into_iter().filter_map(|place| {
        let owner = place.holder?;
        Some(Holder {
            place: place.name,
            owner,
        })
    });
    Ok(held.collect())
}

/// Releases a place if this owner still has it. Does nothing to a place that another one has meanwhile.
///
/// # Errors
/// When the program is missing, or the coordinator does not answer.
pub async fn release_from(
    coordinator: Option<&str>,
    program: &Path,
    place: &str,
    owner: &Owner,
) -> Result<(), BoardFault> {
    hold::release(
        &Client::of_lab(coordinator, program.to_owned()),
        place,
        owner,
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::{FaultKind, labgrid::fake::Fake};

    #[tokio::test]
    async fn holders_are_listed_and_released_by_name() {
        let fake = Fake::new(
            "case \"$*\" in *places*) says places-reserved;; *release-from*) says released;; esac",
        );
        let program = fake.spec("b1").program;
        let held = holders(Some("lab:1"), &program).await.unwrap();
        let shown: Vec<_> = held
            .iter()
            .map(|held| format!("{} {}", held.place, held.owner))
            .collect();
        assert_eq!(
            shown,
            ["b1 lab-host/qa-run1-123", "b2 lab-host/qa-run1-123"]
        );
        release_from(Some("lab:1"), &program, "b1", &held[0].owner)
            .await
            .unwrap();
        assert_eq!(
            fake.calls().last().unwrap(),
            "-x lab:1 -p b1 release-from lab-host/qa-run1-123"
        );
        // A place that is free already is no fault.
        fake.answers("fails not-acquired");
        release_from(None, &program, "b1", &held[0].owner)
            .await
            .unwrap();
        fake.answers("fails coordinator-gone");
        let fault = holders(None, &program).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unreachable);
    }
}
