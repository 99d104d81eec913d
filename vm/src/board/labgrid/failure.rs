//! The faults of `labgrid-client`, from what it writes when it fails.

use super::{Owner, Version};
use crate::board::{
    BoardFault, FaultKind,
    command::{last_lines, plain},
};

/// The advice for a host without a usable labgrid.
pub(super) const INSTALL: &str = "`qa doctor --install --boards` installs labgrid for this user";

/// The subject of a call of the program.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    /// The address of the coordinator, for people.
    pub(super) coordinator: &'a str,
    /// The place. Empty if the call had none.
    pub(super) place: &'a str,
    /// The request to the program, as the end of a sentence: "power on".
    pub(super) doing: &'a str,
}

impl About<'_> {
    /// Returns the fault of a program that failed with this error output.
    pub(super) fn fault(self, stderr: &str) -> BoardFault {
        let Self {
            coordinator, place, ..
        } = self;
        // The last line is the reason; the lines before are logs and tracebacks.
        let reason = stderr
            .lines()
            .map(plain)
            .rfind(|line| !line.is_empty())
            .unwrap_or_default();
        let has = |text: &str| stderr.contains(text);
        if has("invalid choice: 'version'") {
            return too_old(None);
        }
        if has("Could not connect to coordinator") || has("coordinator became unavailable") {
            let detail =
                between(stderr, "last error: ", "\n").or(between(stderr, "is unavailable: ", "\n"));
            let detail = detail
                .map(|detail| format!(": {}", last_lines(detail)))
                .unwrap_or_default();
            let words = format!("the labgrid coordinator at {coordinator} does not answer{detail}");
            return BoardFault::new(FaultKind::Unreachable, words)
                .advice("check that it runs, and that its address is right: `coordinator`, or LG_COORDINATOR");
        }
        if has("matches nothing") || has(" does not exist") {
            return unknown_place(coordinator, place, &[]);
        }
        if let Some(holder) = between(&reason, "is already acquired by ", ". ") {
            return held(place, Owner::parse(holder).as_ref());
        }
        if has("You have already acquired place")
            || has("is already acquired")
            || has("was not reserved for")
        {
            return held(place, None);
        }
        if has("is not acquired") {
            let by = between(&reason, ", acquired by ", ". ").or(between(
                &reason,
                ", acquired on ",
                ". ",
            ));
            return taken(place, by);
        }
        if has("has an orphaned resource") {
            let exporter =
                between(&reason, "(exporter ", " disconnected").unwrap_or("of its resources");
            let words = format!("the labgrid exporter `{exporter}` of the place `{place}` is gone");
            return BoardFault::new(FaultKind::Unreachable, words).advice(
                "start the exporter again: labgrid then gives the place its resources back",
            );
        }
        if let Some(pattern) = between(&reason, "Match ", " has no matching remote resource") {
            let words =
                format!("no labgrid exporter offers `{pattern}`, which the place `{place}` needs");
            return BoardFault::new(FaultKind::Unreachable, words)
                .advice("start the exporter of the place");
        }
        self.of_the_board(&reason, stderr)
    }

    /// Returns the fault of a place that was acquired.
    fn of_the_board(self, reason: &str, stderr: &str) -> BoardFault {
        let Self { place, doing, .. } = self;
        let has = |text: &str| stderr.contains(text);
        if has("multiple resources matching") {
            let words = format!("the place `{place}` has several resources to {doing} with");
            return BoardFault::new(FaultKind::Refused, words)
                .advice(format!("name one: {}", names(reason)));
        }
        if has("no compatible resource available")
            || has("NoSupplierFoundError")
            || has("NoResourceFoundError")
        {
            let words = format!("the place `{place}` has no resource to {doing} with");
            let advice = format!(
                "`labgrid-client -p {place} show` lists what it has; its exporter must offer more"
            );
            return BoardFault::new(FaultKind::NoResource, words).advice(advice);
        }
        let shown = last_lines(reason);
        if has("NoConfigFoundError")
            || has("InvalidConfigError")
            || has("not found in configuration file")
        {
            let words = format!(
                "the labgrid environment file cannot be used: {}",
                last_lines(stderr)
            );
            return BoardFault::new(FaultKind::Refused, words)
                .advice(format!("it needs a target with the RemotePlace `{place}`"));
        }
        if has("driver found in") || has("Error in configuration") {
            return BoardFault::new(
                FaultKind::Refused,
                format!("labgrid cannot {doing}: {shown}"),
            )
            .advice("add the driver to the environment file of the site");
        }
        let lost = [
            "ConnectionError",
            "Connection refused",
            "ConnectTimeout",
            "No route to host",
            "timed out",
        ];
        let kind = if lost.iter().any(|words| reason.contains(words)) {
            FaultKind::Unreachable
        } else {
            FaultKind::Refused
        };
        let advice = if has("No space left on device") {
            "the image does not fit: use a larger medium, or a smaller image".to_owned()
        } else {
            format!("try it by hand with `labgrid-client -p {place}`")
        };
        let shown = if shown.is_empty() {
            "it wrote no reason".to_owned()
        } else {
            shown
        };
        BoardFault::new(
            kind,
            format!("labgrid could not {doing} on the place `{place}`: {shown}"),
        )
        .advice(advice)
    }
}

/// Returns the text between two others.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    let inner = rest.split_once(after).map_or(rest, |(inner, _)| inner);
    (!inner.trim().is_empty()).then(|| inner.trim())
}

/// Returns the names of the resources in the text of an exception.
fn names(reason: &str) -> String {
    let names = reason
        .split("name='")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('\'')?.0));
    // The target has a name as well.
    let names: Vec<String> = names
        .filter(|name| *name != "main")
        .map(|name| format!("`{name}`"))
        .collect();
    last_lines(&names.join(", "))
}

/// Returns the fault of a labgrid that is too old.
pub(super) fn too_old(version: Option<Version>) -> BoardFault {
    let version = version
        .map(|version| format!(" {version}"))
        .unwrap_or_default();
    let oldest = Version::OLDEST;
    let words = format!(
        "labgrid{version} is too old: the protocol of coordinators is that of {oldest} and newer"
    );
    BoardFault::new(FaultKind::Missing, words).advice(INSTALL)
}

/// Returns the fault of a place that the coordinator does not know. `known` are the names of those it knows.
pub(super) fn unknown_place(coordinator: &str, place: &str, known: &[&str]) -> BoardFault {
    let words = format!("the labgrid coordinator at {coordinator} knows no place `{place}`");
    let advice = match known {
        [] => "`labgrid-client places` lists the places".to_owned(),
        known => format!("it knows: {}", last_lines(&known.join(", "))),
    };
    BoardFault::new(FaultKind::Refused, words).advice(advice)
}

/// Returns the fault of a place that another one has.
pub(super) fn held(place: &str, holder: Option<&Owner>) -> BoardFault {
    let fault = |who: String| {
        BoardFault::new(
            FaultKind::Held,
            format!("the place `{place}` is held by {who}"),
        )
    };
    match holder {
        None => fault("another user, or reserved for one".to_owned())
            .advice("`labgrid-client who` and `labgrid-client reservations` say for whom"),
        Some(owner) => match (owner.run(), owner.state()) {
            (Some(run), super::OwnerState::Dead) => fault(format!(
                "the run {run}, which has ended without releasing it"
            ))
            .advice("`qa board reap` releases the places of such runs"),
            (Some(run), _) => fault(format!("the run {run} on {}", owner.host))
                .advice("wait until that run has ended"),
            (None, _) => fault(format!("{} on {}", owner.user, owner.host))
                .advice("ask them to release it, or wait for it with more patience"),
        },
    }
}

/// Returns the fault of a place that is not ours any more.
fn taken(place: &str, by: Option<&str>) -> BoardFault {
    let words = match by {
        Some(by) => format!(
            "the place `{place}` was taken from this run: it is acquired by {}",
            last_lines(by)
        ),
        None => format!(
            "the place `{place}` was taken from this run: somebody released it, or the coordinator forgot it"
        ),
    };
    BoardFault::new(FaultKind::Held, words).advice("run the scenario again when the place is free")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::labgrid::fake::recording;

    const ABOUT: About<'static> = About {
        coordinator: "lab:20408",
        place: "b1",
        doing: "switch the power",
    };

    /// Checks the fault of each recorded failure: its name, its kind, and how its words begin.
    fn check(rows: &[(&str, FaultKind, &str)]) {
        for (name, kind, words) in rows {
            let fault = ABOUT.fault(&recording(name));
            assert_eq!(fault.kind, *kind, "{name}: {fault:?}");
            assert!(fault.words.starts_with(words), "{name}: {fault:?}");
            assert!(
                fault.words.len() < 450 && fault.advice.is_some(),
                "{name}: {fault:?}"
            );
        }
    }

    #[test]
    fn each_recorded_failure_of_the_lab_has_its_kind_and_words() {
        use FaultKind::{Held, Missing, Refused, Unreachable};
        check(&[
            (
                "too-old",
                Missing,
                "labgrid is too old: the protocol of coordinators is that of 25.0.0 and newer",
            ),
            (
                "coordinator-gone",
                Unreachable,
                "the labgrid coordinator at lab:20408 does not answer: UNKNOWN: ipv4:127.0.0.1:21409: Failed to \
                connect to remote host: Connection refused",
            ),
            (
                "unknown-place",
                Refused,
                "the labgrid coordinator at lab:20408 knows no place `b1`",
            ),
            (
                "held",
                Held,
                "the place `b1` is held by qa-run1-123 on lab-host",
            ),
            (
                "held-by-us",
                Held,
                "the place `b1` is held by another user, or reserved for one",
            ),
            (
                "reserved-for-another",
                Held,
                "the place `b1` is held by another user, or reserved for one",
            ),
            (
                "taken",
                Held,
                "the place `b1` was taken from this run: it is acquired by qa-run1-123",
            ),
            (
                "not-acquired",
                Held,
                "the place `b1` was taken from this run: somebody released it, or the coordinator forgot it",
            ),
            (
                "orphan",
                Unreachable,
                "the labgrid exporter `exp1` of the place `b1` is gone",
            ),
            (
                "no-exporter",
                Unreachable,
                "no labgrid exporter offers `exp1/board1/*`, which the place `b1` needs",
            ),
        ]);
    }

    #[test]
    fn each_recorded_failure_of_a_part_has_its_kind_and_words() {
        use FaultKind::{NoResource, Refused, Unreachable};
        check(&[
            (
                "no-power",
                NoResource,
                "the place `b1` has no resource to switch the power with",
            ),
            (
                "no-storage",
                NoResource,
                "the place `b1` has no resource to switch the power with",
            ),
            (
                "serial-two",
                Refused,
                "the place `b1` has several resources to switch the power with",
            ),
            ("no-strategy", Refused, "labgrid cannot switch the power: "),
            (
                "environment-without-place",
                Refused,
                "the labgrid environment file cannot be used: RemotePlace b1 not",
            ),
            (
                "environment-bad",
                Refused,
                "the labgrid environment file cannot be used: ",
            ),
            (
                "relay-gone",
                Unreachable,
                "labgrid could not switch the power on the place `b1`: ",
            ),
        ]);
        let advice = ABOUT.fault(&recording("serial-two")).advice;
        assert_eq!(advice.as_deref(), Some("name one: `uart0`, `uart1`"));
    }

    #[test]
    fn garbage_is_a_fault_too() {
        let fault = ABOUT.fault("");
        assert_eq!(
            fault.words,
            "labgrid could not switch the power on the place `b1`: it wrote no reason"
        );
        let fault = ABOUT.fault(&format!("<html>{}</html>", "x".repeat(1 << 20)));
        assert!(fault.words.len() < 500, "{}", fault.words.len());
    }

    #[test]
    fn a_holder_that_is_a_run_is_told_as_a_run() {
        let alive = Owner::of_this_process("run7").unwrap();
        let words = held("b1", Some(&alive)).words;
        assert_eq!(
            words,
            format!("the place `b1` is held by the run run7 on {}", alive.host)
        );
        let pid = alive.pid().unwrap();
        let dead = Owner {
            user: format!("qa-run7-{pid}-1-1"),
            ..alive
        };
        let fault = held("b1", Some(&dead));
        assert_eq!(
            fault.words,
            "the place `b1` is held by the run run7, which has ended without releasing it"
        );
        assert!(fault.advice.unwrap().contains("qa board reap"));
    }
}
