//! Tests of cuts and checkpoint keys.

use std::collections::{BTreeMap, BTreeSet};

use scenarios::{Keyboard, Library, Machine, Plan, Render, Source, Vars};
use vm::MachineSpec;

use super::*;
use crate::plan::draft::{DraftJob, WholeStage};
use crate::plan::media::Media;
use crate::plan::put_files::PutFiles;
use crate::plan::subject::{JobImage, Subject, Target};

/// Returns the checked job of a scenario in these files.
fn job(files: &[(&str, &str)], name: &str) -> CheckedJob {
    job_on(files, name, |_| {})
}

/// Returns the checked job on a changed image and machine.
fn job_on(files: &[(&str, &str)], name: &str, change: impl FnOnce(&mut Subject)) -> CheckedJob {
    let sources = files.iter().map(|(path, text)| Source::new(*path, *text));
    let (library, findings) = Library::read(sources);
    assert_eq!(findings, []);
    let plan = Plan::new(&library, &[name.to_owned()]).expect("a plan");
    let chain = plan.chains().remove(0);
    let mut vars = Vars::new();
    vars.set("user", "alice");
    let stage = |scenario: &Arc<scenarios::Scenario>| WholeStage {
        scenario: Arc::clone(scenario),
        steps: scenarios::expand(scenario, &library, &vars).expect("steps"),
        keyboard: Keyboard::default(),
        vars: vars.clone(),
        off: Vec::new(),
        watches: scenarios::watches(None, scenario)
            .into_iter()
            .map(|watch| watch.render(&vars).expect("a watch"))
            .collect(),
        shared: scenario.name != name,
    };
    let mut subject = Subject {
        image: JobImage {
            digest: Some("sha256:00".to_owned()),
            ..JobImage::without_disk("disk")
        },
        machine: Machine::preset("bios-x86_64").expect("a preset"),
        target: Ok(Target::Virtual(Box::new(MachineSpec::desktop(
            vm::Arch::X86_64,
        )))),
        secrets: Vec::new(),
    };
    change(&mut subject);
    CheckedJob {
        draft: DraftJob {
            health_of: None,
            name: name.to_owned(),
            place: 0,
            cell: 0,
            subject: Arc::new(subject),
            stages: chain.stages.iter().map(stage).collect(),
            known_vars: BTreeSet::new(),
            secrets: Vec::new(),
        },
        media: Media::default(),
        put_files: PutFiles::default(),
        missing: None,
    }
}

/// Plans the stages of jobs, on a host with some QEMU and no checkpoint.
fn planned(jobs: &[CheckedJob]) -> Vec<PlannedStages> {
    planned_where(jobs, None, &|_| None)
}

fn planned_where(jobs: &[CheckedJob], part: Option<&Part>, saved: Saved<'_>) -> Vec<PlannedStages> {
    planned_on(Date::new(2026, 3, 31), jobs, part, saved)
}

fn planned_on(
    today: Option<Date>,
    jobs: &[CheckedJob],
    part: Option<&Part>,
    saved: Saved<'_>,
) -> Vec<PlannedStages> {
    stages(
        jobs,
        &StageSources {
            store: &NeedleStore::open(&[]),
            identity: &|spec| Some(format!("{spec:?}")),
            today,
            saved,
            part,
        },
    )
}

/// Returns the keys of a job's stages.
fn keys(files: &[(&str, &str)], name: &str) -> Vec<String> {
    shown(&planned(&[job(files, name)])[0])
}

fn shown(job: &PlannedStages) -> Vec<String> {
    let key = |stage: &Stage| stage.key.map(|key| key.short()).unwrap_or_default();
    job.stages.iter().map(key).collect()
}

/// Returns the number of steps of each stage.
fn counts(job: &PlannedStages) -> Vec<usize> {
    job.stages.iter().map(|stage| stage.steps.len()).collect()
}

const LOGIN: (&str, &str) = ("login.yaml", "steps: [{ type: '{{ user }}' }]\n");
const ONE: (&str, &str) = ("one.yaml", "after: login\nsteps: [{ type: a }]\n");

#[test]
fn equal_ways_have_equal_keys_and_every_stage_its_own() {
    let first = keys(&[LOGIN, ONE], "one");
    assert_eq!(first, keys(&[LOGIN, ONE], "one"));
    assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), 2);
    assert_eq!(keys(&[LOGIN, ONE], "login"), first[..1]);
}

#[test]
fn a_change_counts_from_its_stage_on() {
    let before = keys(&[LOGIN, ONE], "one");
    let later = keys(
        &[LOGIN, ("one.yaml", "after: login\nsteps: [{ type: b }]\n")],
        "one",
    );
    assert_eq!(later[0], before[0]);
    assert_ne!(later[1], before[1]);
    let earlier = keys(&[("login.yaml", "steps: [{ type: bob }]\n"), ONE], "one");
    assert_ne!(earlier[0], before[0]);
    assert_ne!(earlier[1], before[1], "what comes after it, too");
}

#[test]
fn what_must_hold_meanwhile_counts() {
    let watched = "watch: [{ serial: panic }]\nsteps: [{ type: '{{ user }}' }]\n";
    assert_ne!(
        keys(&[("login.yaml", watched)], "login"),
        keys(&[LOGIN], "login")
    );
}

#[test]
fn titles_and_comments_do_not_count() {
    let titled = "# Who is it?\ntitle: Log in\nsteps: [{ type: '{{ user }}', title: her name }]\n";
    assert_eq!(
        keys(&[("login.yaml", titled)], "login"),
        keys(&[LOGIN], "login")
    );
}

#[test]
fn the_image_and_the_machine_count() {
    // The login on the serial line.
    let login = |user: &str| scenarios::Login {
        user: user.to_owned(),
        password: None,
        prompt: None,
    };
    let jobs = [
        job(&[LOGIN], "login"),
        job_on(&[LOGIN], "login", |subject| {
            subject.image.digest = Some("sha256:01".to_owned());
        }),
        job_on(&[LOGIN], "login", |subject| {
            match subject.target.as_mut().expect("a target") {
                Target::Virtual(spec) => spec.memory_mib += 1,
                Target::Board(_) => unreachable!("it is virtual"),
            }
        }),
        job_on(&[LOGIN], "login", |subject| {
            subject.machine.login = Some(login("root"));
        }),
        job_on(&[LOGIN], "login", |subject| {
            subject.machine.login = Some(login("alice"));
        }),
    ];
    let all: BTreeSet<_> = planned(&jobs).iter().flat_map(shown).collect();
    assert_eq!(all.len(), 5, "{all:?}");
}

/// A soft failure whose excuse has expired fails. A checkpoint from before that day would let it pass.
#[test]
fn an_excuse_that_is_over_leaves_no_key() {
    let excused = "steps:\n- type: a\n- group: { name: known, steps: [\
        { soft_fail: { reason: r, ticket: t, expires: 2026-03-31 } }, \
        { soft_fail: { reason: r, ticket: t, expires: 2027-01-01 } }] }\n- type: b\n";
    let after = "after: login\nsteps: [{ type: c }]\n";
    let jobs = [job(&[("login.yaml", excused), ("one.yaml", after)], "one")];
    let on = |today| shown(&planned_on(today, &jobs, None, &|_| None)[0]);
    assert!(!on(Date::new(2026, 3, 31)).contains(&String::new()));
    assert_eq!(on(Date::new(2026, 4, 1)), ["", ""]);
}

#[test]
fn nothing_is_saved_where_something_is_not_known() {
    let without_digest = job_on(&[LOGIN, ONE], "one", |subject| subject.image.digest = None);
    let run = planned(&[without_digest]);
    assert_eq!(shown(&run[0]), ["", ""]);
    assert_eq!(run[0].base, None);
}

#[test]
fn equal_beginnings_become_a_stage_that_both_start_after() {
    let text = |types: &str| {
        format!(
            "steps:\n  - group: {{ name: log in, steps: [{{ type: alice }}] }}\n  - type: {types}\n"
        )
    };
    let (a, b) = (text("a"), text("b"));
    let files = [("a.yaml", a.as_str()), ("b.yaml", b.as_str())];
    let run = planned(&[job(&files, "a"), job(&files, "b")]);
    for job in &run {
        let shared: Vec<_> = job.stages.iter().map(|stage| stage.shared).collect();
        assert_eq!(shared, [true, false]);
        let names = job.stages.iter().map(|stage| &stage.scenario.name);
        assert_eq!(
            names.collect::<BTreeSet<_>>().len(),
            1,
            "it is one scenario all the same"
        );
    }
    let (a, b) = (shown(&run[0]), shown(&run[1]));
    assert_eq!(a[0], b[0]);
    assert_ne!(a[1], b[1]);
    // A scenario that runs alone is not cut.
    assert_eq!(keys(&files, "a").len(), 1);
}

/// Scenarios with common beginnings: two begin with two groups, and one with the first of them.
const GROUP: &str = "  - group: { name: one, steps: [{ type: one }] }\n";
const SECOND: &str = "  - group: { name: two, steps: [{ type: two }] }\n";

/// Returns the number of steps of each stage of a scenario that runs alone. There are checkpoints after these numbers
/// of steps.
fn alone(steps: &str, has: &[usize]) -> Vec<usize> {
    alone_where(steps, has, SavedFor::Scenarios)
}

fn alone_where(steps: &str, has: &[usize], saved_for: SavedFor) -> Vec<usize> {
    let text = format!("steps:\n{steps}");
    let files = [("s.yaml", text.as_str())];
    let held: Vec<_> = has
        .iter()
        .map(|count| {
            let head: String = text
                .lines()
                .take(1 + count)
                .map(|line| format!("{line}\n"))
                .collect();
            let run = planned(&[job(&[("s.yaml", head.as_str())], "s")]);
            run[0].stages[0].key.expect("a key")
        })
        .collect();
    let saved = |key: &CheckpointKey| held.contains(key).then_some(saved_for);
    let run = planned_where(&[job(&files, "s")], None, &saved);
    let mut stages = run[0].stages.iter();
    assert!(stages.all(|stage| !stage.shared), "none is made");
    counts(&run[0])
}

#[test]
fn alone_a_scenario_is_cut_where_another_has_left_a_checkpoint() {
    let steps = format!("{GROUP}{SECOND}  - type: a\n  - type: b\n");
    assert_eq!(alone(&steps, &[]), [4]);
    assert_eq!(alone(&steps, &[1]), [1, 3]);
    assert_eq!(alone(&steps, &[2]), [2, 2]);
    assert_eq!(alone(&steps, &[1, 2]), [2, 2], "the nearest is enough");
    assert_eq!(alone(&steps, &[3]), [4], "nobody cuts after a single step");
    assert_eq!(alone(&steps, &[4]), [4], "never at its end");
    let ends = format!("{GROUP}{SECOND}");
    assert_eq!(alone(&ends, &[1, 2]), [1, 1]);
}

#[test]
fn nobody_is_led_to_where_a_person_has_begun() {
    let steps = format!("{GROUP}{SECOND}  - type: a\n");
    assert_eq!(alone_where(&steps, &[1, 2], SavedFor::Inspection), [3]);
}

#[test]
fn it_is_not_cut_where_what_follows_looks_back() {
    let steps = format!("{GROUP}  - type: a\n  - serial: ready\n");
    assert_eq!(alone(&steps, &[1]), [3]);
}

#[test]
fn a_nearer_checkpoint_leaves_what_is_before_it_whole() {
    let login = format!("steps:\n{GROUP}  - type: a\n");
    let files = [("login.yaml", login.as_str()), ONE];
    let keys = keys(&files, "one");
    let group = {
        let head = format!("steps:\n{GROUP}");
        let run = planned(&[job(&[("login.yaml", head.as_str())], "login")]);
        run[0].stages[0].key
    };
    let cut = |login_is_there: bool| {
        let saved = |key: &CheckpointKey| {
            let is_there = Some(*key) == group || (login_is_there && key.short() == keys[0]);
            is_there.then_some(SavedFor::Scenarios)
        };
        counts(&planned_where(&[job(&files, "one")], None, &saved)[0])
    };
    assert_eq!(cut(false), [1, 1, 1]);
    assert_eq!(cut(true), [2, 1]);
}

#[test]
fn a_stage_is_cut_where_a_person_wants_to_begin_and_its_end_stays_the_same() {
    let files = [(
        "s",
        "image: disk\nsteps: [{ note: a }, { type: b }, { type: c }, { type: d }]\n",
    )];
    let jobs = [job(&files, "s")];
    let whole = planned(&jobs)[0].stages[0].key;
    for (from, steps) in [("1", vec![4]), ("2", vec![1, 3]), ("4", vec![3, 1])] {
        let part = Part::From(from.parse().expect("a step"));
        let run = planned_where(&jobs, Some(&part), &|_| None);
        assert_eq!(counts(&run[0]), steps, "{from}");
        let last = run[0].stages.last();
        assert_eq!(last.and_then(|stage| stage.key), whole, "{from}");
    }
}

#[test]
fn a_part_ends_inside_the_step_that_holds_its_last_one() {
    let text = "steps: [{ note: a }, { group: { name: g, steps: [{ note: b }, { note: c }] } }, { note: d }]\n";
    let jobs = [job(&[("s", text)], "s")];
    let written = |until: &str| {
        let part = Part::Until(until.parse().expect("a step"));
        let run = planned_where(&jobs, Some(&part), &|_| None);
        let stage = run[0].stages.last().expect("a stage");
        assert_eq!((stage.key, stage.shared), (None, false), "{until}");
        let ids = |steps: &[PlannedStep]| -> Vec<String> {
            steps.iter().map(|step| step.id.to_string()).collect()
        };
        let inside = stage.steps.iter().flat_map(|step| ids(&step.steps));
        (
            ids(&stage.steps).join(" "),
            inside.collect::<Vec<_>>().join(" "),
        )
    };
    let of = |top: &str, inside: &str| (top.to_owned(), inside.to_owned());
    assert_eq!(written("1"), of("1", ""));
    assert_eq!(written("2.1"), of("1 2", "2.1"));
    assert_eq!(written("2"), of("1 2", "2.1 2.2"));
    assert_eq!(written("3"), of("1 2 3", "2.1 2.2"));
}

#[test]
fn a_stage_is_cut_where_those_of_its_own_cell_begin_alike() {
    let begins = "steps: [{ group: { name: g, steps: [{ type: a }] } }";
    let (one, two) = (
        format!("{begins}, {{ type: b }}]\n"),
        format!("{begins}, {{ type: c }}]\n"),
    );
    let (one, two) = (("one.yaml", one.as_str()), ("two.yaml", two.as_str()));
    let other = ("one.yaml", "steps: [{ type: d }]\n");
    let mut jobs = [job(&[one], "one"), job(&[two], "two"), job(&[other], "one")];
    jobs[2].draft.cell = 1;
    let run = planned(&jobs);
    let stages: Vec<_> = run.iter().map(|job| job.stages.len()).collect();
    assert_eq!(stages, [2, 2, 1]);
    assert_eq!(run[0].stages[0].key, run[1].stages[0].key);
}

#[test]
fn what_is_in_a_copied_file_counts_and_where_nobody_knows_there_is_no_key() {
    const PUT: (&str, &str) = (
        "put.yaml",
        "steps: [{ put: { file: a.deb, to: /a.deb } }]\n",
    );
    let key = |digests: &[(&str, &str)], file| {
        let digests = digests.iter();
        let digests = digests.map(|(path, digest)| ((*path).to_owned(), (*digest).to_owned()));
        let job = CheckedJob {
            put_files: PutFiles::new(".".into(), digests.collect::<BTreeMap<_, _>>()),
            ..job(&[file], "put")
        };
        shown(&planned(&[job])[0]).remove(0)
    };
    let one = key(&[("a.deb", "1")], PUT);
    assert_ne!(one, "");
    assert_eq!(key(&[("a.deb", "1"), ("b.deb", "2")], PUT), one);
    assert_ne!(key(&[("a.deb", "2")], PUT), one);
    assert_eq!(key(&[("b.deb", "1")], PUT), "");
    let later = (
        "put.yaml",
        "steps: [{ run: { command: ls, save: name } }, { put: { file: '{{ name }}', to: /a } }]\n",
    );
    assert_eq!(key(&[("a.deb", "1")], later), "");
}

#[test]
fn what_is_in_a_medium_counts_and_where_nobody_knows_there_is_no_key() {
    const ISO: (&str, &str) = ("iso.yaml", "steps: [{ media: { insert: a.iso } }]\n");
    let key = |digests: &[(&str, &str)], file| {
        let digests = digests.iter();
        let digests = digests.map(|(path, digest)| ((*path).to_owned(), (*digest).to_owned()));
        let job = CheckedJob {
            media: Media::new(".".into(), digests.collect::<BTreeMap<_, _>>()),
            ..job(&[file], "iso")
        };
        shown(&planned(&[job])[0]).remove(0)
    };
    let one = key(&[("a.iso", "1")], ISO);
    assert_ne!(one, "");
    assert_eq!(key(&[("a.iso", "1"), ("b.iso", "2")], ISO), one);
    assert_ne!(key(&[("a.iso", "2")], ISO), one);
    assert_eq!(key(&[("b.iso", "1")], ISO), "");
    let later = (
        "iso.yaml",
        "steps: [{ set: { name: a.iso } }, { media: { insert: '{{ name }}' } }]\n",
    );
    assert_eq!(key(&[("a.iso", "1")], later), "");
}
