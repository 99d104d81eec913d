//! Acquires a place: at once, or when it becomes free.

use std::{collections::BTreeMap, time::Duration};

use super::{
    LabgridSpec, Owner, Place, Version,
    client::{Call, Client, not_understood},
    failure::{held, unknown_place},
    hold::{Hold, Reserved},
    places::KnownPlace,
    reservation::{Reservation, ReservationState},
};
use crate::board::{BoardFault, FaultKind};

/// Checks that the program is there and new enough, that the coordinator answers, and that it knows the place.
///
/// # Errors
/// When one of these does not hold.
pub(super) async fn check(spec: &LabgridSpec) -> Result<Version, BoardFault> {
    let client = Client::new(spec, None);
    let version = client.version().await?;
    check_files(spec)?;
    fitting(spec, &client, &client.places().await?).map(|_| version)
}

fn check_files(spec: &LabgridSpec) -> Result<(), BoardFault> {
    let fault = |words: String| BoardFault::new(FaultKind::Refused, words);
    match &spec.environment {
        Some(file) if !file.is_file() => Err(fault(format!(
            "there is no labgrid environment file {}",
            file.display()
        ))
        .advice("correct its path in the description of the board")),
        None if spec.state.is_some() => Err(fault(
            "a state of a labgrid strategy needs an environment file, which has the strategy"
                .to_owned(),
        )
        .advice("name the file as `environment` of the board")),
        Some(_) | None => Ok(()),
    }
}

/// Acquires a place for this owner. Calls `on_wait` with a sentence when it must wait, at most for `patience`.
///
/// # Errors
/// When no place fits, all that fit are held by others for longer than `patience`, or the program fails.
pub(super) async fn acquire(
    spec: &LabgridSpec,
    owner: &Owner,
    patience: Duration,
    on_wait: impl Fn(&str),
) -> Result<(Client, Hold), BoardFault> {
    check_files(spec)?;
    let client = Client::new(spec, Some(owner.clone()));
    let known = client.places().await?;
    let fitting = fitting(spec, &client, &known)?;
    let filters = match &spec.place {
        Place::Named(_) => {
            let name = fitting[0].name.as_str();
            match take(&client, name, owner).await {
                Err(fault) if fault.kind == FaultKind::Held && !patience.is_zero() => {}
                Err(fault) if fault.kind == FaultKind::Held => {
                    return Err(with_holder(fault, &client, &[name]).await);
                }
                taken => return taken.map(|hold| (client, hold)),
            }
            // The name of a place counts as a tag. So all who wait get it in their order.
            vec![format!("name={name}")]
        }
        Place::Tagged(tags) => Place::filters(tags),
    };
    let names: Vec<&str> = fitting.iter().map(|place| place.name.as_str()).collect();
    let (reserved, name) = reserve(&client, filters, &names, patience, on_wait).await?;
    let hold = take(&client, &name, owner).await?;
    // With the place released later, the reservation would keep it for another minute.
    reserved.cancel().await;
    Ok((client, hold))
}

/// Returns the places that the description fits: exactly one for a name, one or more for tags.
fn fitting<'k>(
    spec: &LabgridSpec,
    client: &Client,
    known: &'k [KnownPlace],
) -> Result<Vec<&'k KnownPlace>, BoardFault> {
    let all = |fits: &dyn Fn(&KnownPlace) -> bool| {
        known.iter().filter(|place| fits(place)).collect::<Vec<_>>()
    };
    match &spec.place {
        Place::Named(name) => {
            // The program itself takes a part of a name for the whole.
            let exact = all(&|place| place.name == *name);
            let found = if exact.is_empty() {
                all(&|place| place.is_called(name))
            } else {
                exact
            };
            match found.as_slice() {
                [_] => Ok(found),
                _ => {
                    let names: Vec<&str> = known.iter().map(|place| place.name.as_str()).collect();
                    Err(unknown_place(&client.address(), name, &names))
                }
            }
        }
        Place::Tagged(tags) => {
            check_tags(tags)?;
            let found = all(&|place| place.has(tags));
            if !found.is_empty() {
                return Ok(found);
            }
            let words = format!(
                "the labgrid coordinator at {} knows no {}",
                client.address(),
                &spec.place.to_string()[2..]
            );
            let known: Vec<String> = known
                .iter()
                .flat_map(|place| Place::filters(&place.tags))
                .collect();
            Err(
                BoardFault::new(FaultKind::Refused, words).advice(match known.as_slice() {
                    [] => "no place has tags: `labgrid-client set-tags` gives them".to_owned(),
                    known => format!(
                        "it knows: {}",
                        crate::board::command::last_lines(&known.join(", "))
                    ),
                }),
            )
        }
    }
}

/// Checks that labgrid takes these tags. It refuses some only after a while.
fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), BoardFault> {
    let is_plain = |text: &str| {
        !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '=' | ','))
    };
    let wrong = tags
        .iter()
        .find(|(key, value)| key.is_empty() || !is_plain(key) || !is_plain(value));
    match wrong {
        None if !tags.is_empty() => Ok(()),
        None => Err(
            BoardFault::new(FaultKind::Refused, "a labgrid place needs a name or a tag")
                .advice("name the place of the board, or its tags"),
        ),
        Some((key, value)) => {
            let words = format!("the labgrid tag `{key}={value}` is not possible");
            Err(BoardFault::new(FaultKind::Refused, words)
                .advice("use letters, digits, `_` and `-`, as in `board=rpi4`"))
        }
    }
}

/// Acquires a place that should be free.
async fn take(client: &Client, name: &str, owner: &Owner) -> Result<Hold, BoardFault> {
    // Made before, since this future may be dropped when the coordinator has it already.
    let hold = Hold::new(client.clone(), name, owner.clone());
    match client
        .run(&Call::new("acquire the place", name, ["acquire"]))
        .await
    {
        Ok(_) => Ok(hold),
        Err(fault) => {
            // After any other fault the coordinator may have granted it, and releasing it is harmless.
            if fault.kind == FaultKind::Held {
                hold.disarm();
            }
            Err(fault)
        }
    }
}

/// Reserves a place with these tags, and waits until it is allocated. Returns its name.
async fn reserve(
    client: &Client,
    filters: Vec<String>,
    names: &[&str],
    patience: Duration,
    on_wait: impl Fn(&str),
) -> Result<(Reserved, String), BoardFault> {
    let words = ["reserve".to_owned()].into_iter().chain(filters);
    let said = client.run(&Call::new("reserve a place", "", words)).await?;
    let reservation =
        Reservation::parse(&said).ok_or_else(|| not_understood("a reservation", &said))?;
    let reserved = Reserved::new(client.clone(), reservation.token);
    let mut state = reservation.state;
    if state == ReservationState::Waiting {
        let fault = with_holder(held(&names.join("`, `"), None), client, names).await;
        if patience.is_zero() {
            reserved.cancel().await;
            return Err(fault);
        }
        on_wait(&format!(
            "{}; waiting for it, at most {} s",
            fault.words,
            patience.as_secs()
        ));
        state = match wait(client, reserved.token(), patience).await {
            Ok(state) => state,
            Err(fault) if fault.kind == FaultKind::TimedOut => {
                reserved.cancel().await;
                let fault = with_holder(held(&names.join("`, `"), None), client, names).await;
                let words = format!(
                    "{}; it did not become free within {} s",
                    fault.words,
                    patience.as_secs()
                );
                return Err(BoardFault { words, ..fault });
            }
            Err(fault) => return Err(fault),
        };
    }
    match state {
        ReservationState::Allocated(name) => Ok((reserved, name)),
        ReservationState::Waiting | ReservationState::Over(_) => {
            let words = format!(
                "the labgrid reservation {} ended without a place",
                reserved.token()
            );
            Err(BoardFault::new(FaultKind::Held, words).advice("run the scenario again"))
        }
    }
}

/// Waits until a reservation does not wait any more. The program asks every second, which keeps the reservation alive.
async fn wait(
    client: &Client,
    token: &str,
    patience: Duration,
) -> Result<ReservationState, BoardFault> {
    let call = Call {
        limit: patience,
        ..Call::new("get a place", "", ["wait", token])
    };
    let said = client.run(&call).await?;
    let reservation =
        Reservation::parse(&said).ok_or_else(|| not_understood("a reservation", &said))?;
    Ok(reservation.state)
}

/// Returns the fault with the holder of the place, if there is one now.
async fn with_holder(fault: BoardFault, client: &Client, names: &[&str]) -> BoardFault {
    let Ok(known) = client.places().await else {
        return fault;
    };
    let mut holders = known
        .iter()
        .filter(|place| names.contains(&place.name.as_str()));
    match holders.find_map(|place| Some((&place.name, place.holder.as_ref()?))) {
        Some((name, owner)) => held(name, Some(owner)),
        None => fault,
    }
}

#[cfg(test)]
#[path = "acquire_tests.rs"]
mod tests;
