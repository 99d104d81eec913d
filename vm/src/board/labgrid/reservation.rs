//! Reservations, as `labgrid-client reserve` and `labgrid-client wait` print them.

/// A reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reservation {
    pub(super) token: String,
    pub(super) state: ReservationState,
}

/// The state of a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReservationState {
    /// It waits for a place.
    Waiting,
    /// This place is kept for it.
    Allocated(String),
    /// It has ended, with this state of labgrid.
    Over(String),
}

impl Reservation {
    /// Reads the last reservation of a text. None if there is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mut token, mut state, mut place) = (None, None, None);
        for line in text.lines() {
            match line.trim().split_once(": ") {
                Some(("owner", _)) => (token, state, place) = (None, None, None),
                Some(("token", value)) => token = Some(value),
                Some(("state", value)) => state = Some(value),
                // The entry of the filters has the same name, and comes first.
                Some(("main", value)) => place = Some(value),
                Some(_) | None => {}
            }
        }
        let state = match (state?, place) {
            ("waiting", _) => ReservationState::Waiting,
            ("allocated" | "acquired", Some(place)) => {
                ReservationState::Allocated(place.to_owned())
            }
            (other, _) => ReservationState::Over(other.to_owned()),
        };
        Some(Self {
            token: token?.to_owned(),
            state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::labgrid::fake::recording;

    #[test]
    fn recorded_reservations_are_read() {
        let reserved = Reservation::parse(&recording("reserved")).unwrap();
        assert_eq!(reserved.token, "UF7SYFUZGA");
        assert_eq!(reserved.state, ReservationState::Allocated("b1".to_owned()));
        let waiting = recording("reserved-waiting");
        assert_eq!(
            Reservation::parse(&waiting).unwrap().state,
            ReservationState::Waiting
        );
        let waited = Reservation::parse(&format!("{waiting}{}", recording("waited"))).unwrap();
        assert_eq!(waited, reserved);
        let expired = Reservation::parse("owner: a/b\ntoken: T\nstate: expired\n").unwrap();
        assert_eq!(expired.state, ReservationState::Over("expired".to_owned()));
        assert_eq!(Reservation::parse("<html>"), None);
    }
}
