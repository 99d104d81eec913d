//! Event logs of no particular run: any events, in any order, for property tests.

use proptest::collection::vec;
use proptest::prelude::*;
use reports::{
    AreaFound, Cause, CauseKind, Entry, Envelope, Event, Evidence, ExitStatus, FilmPicture,
    MachineNews, ResetKind, StepOutcome, Verdict,
};

use super::writer::Writer;

/// An event without anything that places it.
fn event() -> impl Strategy<Value = Event> {
    let step = prop_oneof![Just("1"), Just("1.1"), Just("2")];
    let outcome = prop_oneof![
        Just(StepOutcome::Passed),
        Just(StepOutcome::Failed),
        Just(StepOutcome::Error)
    ];
    prop_oneof![
        4 => step.clone().prop_map(|step| Event::StepStarted {
            stage: "login".into(),
            step: step.into(),
            verb: "see".into(),
            text: format!("see {step}"),
            place: "scenarios/login.yaml:3:5".into(),
            deadline_ms: Some(30_000),
        }),
        4 => (step, outcome).prop_map(|(step, outcome)| Event::StepFinished {
            stage: "login".into(),
            step: step.into(),
            outcome,
            duration_ms: 10,
            evidence: Evidence::default(),
        }),
        1 => Just(Event::StageStarted { stage: "login".into(), steps: 2 }),
        1 => Just(Event::Machine {
            what: MachineNews::Reset { kind: ResetKind::Guest, expected: true, after_ms: Some(7) },
        }),
        1 => Just(Event::Note { text: "a remark".into() }),
        1 => Just(Event::SoftFailure { reason: "known".into(), ticket: None }),
        1 => Just(Event::CheckpointUnusable { stage: "login".into(), reason: "it is damaged".into() }),
        1 => Just(Event::CheckpointSaved {
            stage: "login".into(),
            key: "k".into(),
            bytes: 1 << 20,
            duration_ms: 5,
        }),
        1 => Just(Event::CheckpointBlamed { stage: "login".into(), key: "k".into() }),
        1 => Just(Event::NotWatched { stage: "login".into(), watch: "oops".into(), reason: "r".into() }),
        1 => Just(Event::OldClock { stage: "login".into(), behind_ms: 9, reason: "r".into() }),
        1 => Just(Event::EvidenceLost { what: "a picture".into(), reason: "r".into() }),
        2 => (1_u64..9).prop_map(|frame| Event::Shot {
            frame: Some(frame),
            shown_ms: 100 * frame,
            picture: Some(FilmPicture {
                file: format!("login/film/{frame:04}.png"),
                width: 800,
                height: 600,
                part: None,
            }),
        }),
        1 => Just(Event::Shot { frame: None, shown_ms: 5, picture: None }),
        1 => Just(Event::FilmThinned { left: 3 }),
        1 => (0.0..1.0_f64).prop_map(|similarity| Event::Compared {
            step: "1".into(),
            frame: 3,
            needle: "panel".into(),
            areas: vec![AreaFound {
                x: 5, y: 6, width: 70, height: 20, recorded_x: 5, recorded_y: 7, similarity, required: 0.96, ok: false,
            }],
        }),
        1 => ".{0,20}".prop_map(|line| Event::Serial { lines: vec![line], left_out: 2 }),
    ]
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        4 => Just(Verdict::Passed),
        2 => Just(Verdict::Failed),
        1 => Just(Verdict::Error),
        1 => Just(Verdict::SoftFailed),
        1 => Just(Verdict::Skipped),
        1 => Just(Verdict::Cancelled),
    ]
}

/// The end of an attempt, with the cause that every end but a good one has.
fn end(verdict: Verdict) -> Event {
    let held = matches!(verdict, Verdict::Passed | Verdict::SoftFailed);
    Event::ScenarioFinished {
        verdict,
        cause: (!held).then(|| Cause {
            kind: CauseKind::Assertion,
            message: format!("it came out {verdict}"),
            hints: Vec::new(),
            step: None,
            place: None,
        }),
        duration_ms: 50,
        last_frame: None,
        files: Vec::new(),
    }
}

/// The events of one attempt in a sensible order: a beginning, some events, and an end unless it was cut short.
fn attempt() -> impl Strategy<Value = Vec<Event>> {
    let ends = proptest::option::weighted(0.9, verdict());
    (vec(event(), 0..12), ends).prop_map(|(events, ends)| {
        let from = reports::StartedFrom::PowerOn;
        let begins = [
            Event::ScenarioStarted { from, reason: None },
            Event::StageStarted {
                stage: "login".into(),
                steps: 2,
            },
        ];
        let ends = ends.into_iter().map(end);
        begins.into_iter().chain(events).chain(ends).collect()
    })
}

/// A log of these scenarios, each with up to three attempts, all of them side by side.
pub(crate) fn log(scenarios: &'static [&'static str]) -> impl Strategy<Value = Vec<Entry>> {
    let attempts = vec(vec(attempt(), 0..4), scenarios.len());
    let finish = proptest::option::weighted(0.8, Just(()));
    (attempts, finish, any::<u64>()).prop_map(move |(attempts, finish, seed)| {
        let named: Vec<_> = scenarios.iter().map(|name| (*name, "", &[][..])).collect();
        let mut log = Writer::new(&named);
        let mut queues: Vec<(&str, u32, std::vec::IntoIter<Event>)> = Vec::new();
        for (scenario, attempts) in scenarios.iter().zip(attempts) {
            for (number, events) in (1..).zip(attempts) {
                queues.push((scenario, number, events.into_iter()));
            }
        }
        let mut seed = seed;
        while !queues.is_empty() {
            // Any order will do, as long as it comes back.
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let place = usize::try_from(seed >> 33).unwrap_or(0) % queues.len();
            let (scenario, number, events) = &mut queues[place];
            match events.next() {
                Some(event) => {
                    log.after(seed >> 62).push_of(scenario, *number, event);
                }
                None => {
                    queues.remove(place);
                }
            }
        }
        match finish {
            Some(()) => log.run_finished(ExitStatus::Success),
            None => log.killed(),
        }
    })
}

/// Entries with nothing to hold them together.
pub(crate) fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let name = prop_oneof![Just(None), Just(Some("a")), Just(Some("b"))];
    let any_event = prop_oneof![
        3 => event(),
        1 => verdict().prop_map(end),
        1 => Just(Event::ScenarioStarted {
            from: reports::StartedFrom::PowerOn,
            reason: None
        }),
        1 => Just(Event::RunFinished {
            exit: ExitStatus::Failed,
            duration_ms: 9,
            scenarios: None
        }),
    ];
    let entry = (name, proptest::option::of(0_u32..4), any_event, 0_u64..9);
    vec(entry, 0..40).prop_map(|all| {
        let entry =
            |(seq, (scenario, attempt, event, at_ms)): (u64, (Option<&str>, _, _, _))| Entry {
                envelope: Envelope {
                    seq,
                    at_ms,
                    host: "h".into(),
                    scenario: scenario.map(str::to_owned),
                    attempt,
                    machine: None,
                },
                event,
            };
        (0..).zip(all).map(entry).collect()
    })
}
