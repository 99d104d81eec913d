//! Plays runs through the schedule.

use std::cell::RefCell;
use std::net::Ipv4Addr;

use scenarios::{Forward, Network, Nic, Protocol};

use super::*;
use crate::plan::Trust;

/// A simulated run: jobs by the names of their stages, and the checkpoints that exist.
struct Play {
    schedule: Schedule,
    jobs: Vec<Arc<Job>>,
    there: RefCell<BTreeSet<CheckpointKey>>,
    can_save: bool,
}

/// Returns the key of the stage with this name.
fn key(name: &str) -> CheckpointKey {
    let mut bytes = [0; 32];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    CheckpointKey::from_bytes(bytes)
}

/// Returns the cell and the stages of a chain such as `2:login one`; `login one` is in cell 0.
fn cell_of(way: &str) -> (usize, &str) {
    match way.split_once(':') {
        Some((cell, way)) => (cell.parse().expect("a number"), way),
        None => (0, way),
    }
}

/// Returns the name of a scenario in a cell: `one` in cell 0, else `one@2`.
fn called(name: &str, cell: usize) -> String {
    match cell {
        0 => name.to_owned(),
        cell => format!("{name}@{cell}"),
    }
}

/// Returns the cell and the scenario of such a name.
fn in_cell(called: &str) -> (usize, &str) {
    match called.split_once('@') {
        Some((name, cell)) => (cell.parse().expect("a number"), name),
        None => (0, called),
    }
}

/// Makes a job of these stages. Others start at all stages but the last, and at that one if another job begins with it.
fn job(way: &str, ways: &[&str]) -> Arc<Job> {
    let (cell, way) = cell_of(way);
    let names: Vec<_> = way.split(' ').collect();
    let stage = |name: &&str| {
        let starts_after = |way: &&str| {
            cell_of(way)
                .1
                .split(' ')
                .rev()
                .skip(1)
                .any(|other| other == *name)
        };
        Stage {
            key: Some(key(&called(name, cell))),
            shared: ways.iter().any(starts_after),
            ..Stage::sample(name)
        }
    };
    let name = names
        .last()
        .map_or_else(String::new, |name| called(name, cell));
    Arc::new(Job {
        cell,
        ..Job::sample(&name, names.iter().map(stage).collect())
    })
}

fn policy(slots: usize) -> Policy {
    Policy {
        trust: Trust::AnyRun,
        confirm: true,
        retries: 0,
        repeat: 1,
        until_fail: false,
        slots,
    }
}

impl Play {
    fn new(ways: &[&str], policy: Policy) -> Self {
        let jobs: Vec<_> = ways.iter().map(|way| job(way, ways)).collect();
        Self {
            schedule: Schedule::new(&jobs, policy),
            jobs,
            there: RefCell::default(),
            can_save: true,
        }
    }

    /// Makes the machines of these cells use the same port of the host.
    fn forwards(mut self, port: u16, cells: &[usize]) -> Self {
        for job in &mut self.jobs {
            if cells.contains(&job.cell) {
                let job = Arc::make_mut(job);
                let forward = Forward {
                    protocol: Protocol::Tcp,
                    host: Ipv4Addr::LOCALHOST,
                    host_port: port,
                    guest_port: 22,
                };
                job.machine.network = Network::Cards(vec![Nic {
                    forward: vec![forward],
                    ..Nic::default()
                }]);
            }
        }
        self.schedule = Schedule::new(&self.jobs, self.schedule.policy);
        self
    }

    fn cached(self, name: &str) -> Self {
        self.there.borrow_mut().insert(key(name));
        self
    }

    /// Starts everything that can start now, and returns it in short. `left` is the scenario that left a running
    /// machine, by its name in its cell.
    fn starts(&mut self, mut left: Option<&str>) -> Vec<String> {
        let mut started = Vec::new();
        let has = |stage: &Stage| {
            stage
                .key
                .is_some_and(|key| self.there.borrow().contains(&key))
        };
        let lacks = |stage: &Stage| self.can_save && !has(stage);
        while let Some(next) = self.schedule.next(left.map(in_cell), has, lacks) {
            let name = |unit: Unit| format!("{}#{}", self.jobs[unit.job].name(), unit.number);
            started.push(match next {
                Start::Run {
                    unit,
                    goes_on: false,
                } => name(unit),
                Start::Run {
                    unit,
                    goes_on: true,
                } => {
                    left = None;
                    format!("{} goes on", name(unit))
                }
                Start::Skip {
                    unit,
                    after,
                    verdict,
                } => format!("{} skipped, {after} {verdict}", name(unit)),
            });
        }
        started
    }

    /// Saves the end of a stage.
    fn saved(&mut self, name: &str) {
        self.there.borrow_mut().insert(key(name));
        self.schedule.settle(&key(name));
    }

    fn unit(&self, name: &str, number: u32) -> Unit {
        let job = self.jobs.iter().position(|job| job.name() == name);
        Unit {
            job: job.expect("a job"),
            number,
        }
    }

    fn held(&mut self, name: &str) {
        let unit = self.unit(name, 1);
        self.schedule.finished(unit, Verdict::Passed, None);
    }

    fn failed(&mut self, name: &str, stage: &str) {
        let unit = self.unit(name, 1);
        self.schedule.finished(unit, Verdict::Failed, Some(stage));
    }
}

const NOTHING: [&str; 0] = [];

#[test]
fn siblings_wait_for_the_stage_that_one_of_them_makes() {
    let mut play = Play::new(&["login one", "login two", "login three"], policy(3));
    assert_eq!(play.starts(None), ["one#1"]);
    assert_eq!(play.starts(None), NOTHING);
    play.saved("login");
    assert_eq!(play.starts(None), ["two#1", "three#1"]);
}

#[test]
fn siblings_start_at_once_where_the_checkpoint_is_there() {
    let mut play = Play::new(&["login one", "login two"], policy(2)).cached("login");
    assert_eq!(play.starts(None), ["one#1", "two#1"]);
}

#[test]
fn no_more_run_at_once_than_there_are_slots() {
    let mut play = Play::new(&["login one", "login two"], policy(1)).cached("login");
    assert_eq!(play.starts(None), ["one#1"]);
    play.held("one");
    assert_eq!(play.starts(None), ["two#1"]);
    let mut none = Play::new(&["one"], policy(0));
    assert_eq!(none.starts(None), ["one#1"], "one runs whatever is said");
}

#[test]
fn a_stage_that_will_not_be_saved_is_waited_for_no_longer() {
    let mut play = Play::new(&["login one", "login two"], policy(2));
    assert_eq!(play.starts(None), ["one#1"]);
    play.schedule.settle(&key("login"));
    assert_eq!(play.starts(None), ["two#1"]);
}

#[test]
fn nobody_waits_where_nothing_can_be_saved() {
    let mut play = Play::new(&["login one", "login two"], policy(2));
    play.can_save = false;
    assert_eq!(play.starts(None), ["one#1", "two#1"]);
}

#[test]
fn the_maker_that_ends_lets_the_others_go_on() {
    let mut play = Play::new(&["login one", "login two"], policy(2));
    assert_eq!(play.starts(None), ["one#1"]);
    play.held("one");
    assert_eq!(play.starts(None), ["two#1"]);
}

#[test]
fn a_scenario_that_is_judged_is_waited_for_by_those_after_it() {
    let mut play = Play::new(&["login", "login one", "other"], policy(3));
    assert_eq!(play.starts(None), ["login#1", "other#1"]);
    play.saved("login");
    // Its verdict decides whether the next one starts.
    assert_eq!(play.starts(None), ["one#1"]);
}

#[test]
fn a_machine_that_was_left_is_gone_on_with() {
    let mut play = Play::new(&["login", "login one", "login two"], policy(1));
    assert_eq!(play.starts(None), ["login#1"]);
    play.held("login");
    assert_eq!(play.starts(Some("login")), ["one#1 goes on"]);
}

#[test]
fn what_needs_a_stage_that_did_not_hold_is_skipped() {
    let mut play = Play::new(
        &["login one", "login two", "login two three", "other"],
        policy(1),
    );
    assert_eq!(play.starts(None), ["one#1"]);
    play.failed("one", "login");
    assert_eq!(
        play.starts(None),
        [
            "two#1 skipped, login failed",
            "three#1 skipped, login failed",
            "other#1"
        ]
    );
}

#[test]
fn a_failure_of_its_own_skips_no_sibling() {
    let mut play = Play::new(&["login one", "login two", "login one more"], policy(1));
    assert_eq!(play.starts(None), ["one#1"]);
    play.failed("one", "one");
    assert_eq!(play.starts(None), ["two#1", "more#1 skipped, one failed"]);
}

#[test]
fn only_what_is_behind_the_nearest_checkpoint_is_waited_for() {
    let mut play = Play::new(&["login", "login app one", "login app two"], policy(3)).cached("app");
    assert_eq!(play.starts(None), ["login#1", "one#1", "two#1"]);
}

#[test]
fn repetitions_share_what_the_first_one_makes() {
    let repeated = Policy {
        repeat: 3,
        ..policy(2)
    };
    let mut play = Play::new(&["login one"], repeated);
    assert_eq!(play.starts(None), ["one#1"]);
    play.saved("login");
    assert_eq!(play.starts(None), ["one#2"]);
    play.held("one");
    assert_eq!(play.starts(None), ["one#3"]);
}

#[test]
fn until_fail_starts_no_repetition_after_one_that_did_not_hold() {
    let until_fail = Policy {
        repeat: 100,
        until_fail: true,
        ..policy(1)
    };
    let mut play = Play::new(&["one", "two"], until_fail);
    assert_eq!(play.starts(None), ["one#1"]);
    play.failed("one", "one");
    assert_eq!(play.starts(None), ["two#1"]);
}

#[test]
fn nothing_starts_once_it_is_cleared() {
    let mut play = Play::new(&["one", "two"], policy(1));
    assert_eq!(play.starts(None), ["one#1"]);
    play.schedule.clear();
    play.held("one");
    assert_eq!(play.starts(None), NOTHING);
}

#[test]
fn every_job_is_started_or_skipped_once_whatever_comes_of_the_others() {
    let ways = [
        "a", "a b", "a b c", "a d", "e", "e f", "a b g", "x y z", "x y w",
    ];
    // Each bit decides whether the next one to end holds.
    for outcomes in 0_u32..1 << 9 {
        let mut play = Play::new(&ways, policy(2));
        let mut seen = BTreeSet::new();
        let mut running = Vec::new();
        for turn in 0.. {
            for started in play.starts(None) {
                let name = started.split('#').next().unwrap_or_default().to_owned();
                assert!(seen.insert(name.clone()), "{name} twice");
                if !started.contains("skipped") {
                    running.push(name);
                }
            }
            if running.is_empty() {
                break;
            }
            let name = running.remove(0);
            if outcomes >> (turn % 9) & 1 == 1 {
                play.held(&name);
            } else {
                play.failed(&name, &name);
            }
        }
        assert_eq!(seen.len(), ways.len(), "{outcomes:b}: {seen:?}");
    }
}

#[test]
fn cells_of_a_matrix_have_nothing_to_do_with_each_other() {
    let mut play = Play::new(
        &["1:login", "1:login one", "2:login", "2:login two"],
        policy(2),
    );
    assert_eq!(play.starts(None), ["login@1#1", "login@2#1"]);
    play.failed("login@1", "login");
    assert_eq!(play.starts(None), ["one@1#1 skipped, login failed"]);
    play.held("login@2");
    assert_eq!(play.starts(Some("login@2")), ["two@2#1 goes on"]);
    let mut other = Play::new(&["1:login", "2:login one"], policy(1));
    assert_eq!(other.starts(None), ["login@1#1"]);
    other.held("login@1");
    // The machine that was left belongs to the other cell.
    assert_eq!(other.starts(Some("login@1")), ["one@2#1"]);
}

#[test]
fn machines_that_want_one_port_run_one_after_the_other() {
    let ways = ["one", "1:two", "2:three"];
    let mut play = Play::new(&ways, policy(3)).forwards(2222, &[0, 1]);
    assert_eq!(play.starts(None), ["one#1", "three@2#1"]);
    play.held("three@2");
    assert_eq!(play.starts(None), NOTHING);
    play.held("one");
    assert_eq!(play.starts(None), ["two@1#1"]);
    let again = Policy {
        repeat: 2,
        ..policy(2)
    };
    let mut twice = Play::new(&["one"], again).forwards(2222, &[0]);
    assert_eq!(twice.starts(None), ["one#1"]);
    twice.held("one");
    assert_eq!(twice.starts(None), ["one#2"]);
}

#[test]
fn a_port_of_a_machine_that_was_left_is_not_free() {
    let ways = ["1:other", "login one", "login"];
    let mut play = Play::new(&ways, policy(1)).forwards(2222, &[0, 1]);
    let unit = play.unit("login", 1);
    play.schedule.pending.retain(|pending| *pending != unit);
    // The job that continues on the machine needs no second port, and comes first.
    assert_eq!(play.starts(Some("login")), ["one#1 goes on"]);
    play.held("one");
    assert_eq!(play.starts(None), ["other@1#1"]);
    let mut unwanted = Play::new(&["1:other", "login"], policy(1)).forwards(2222, &[0, 1]);
    let unit = unwanted.unit("login", 1);
    unwanted.schedule.pending.retain(|pending| *pending != unit);
    assert_eq!(unwanted.starts(Some("login")), NOTHING);
    assert_eq!(unwanted.starts(None), ["other@1#1"], "once it is gone");
}
