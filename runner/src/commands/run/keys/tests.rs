use std::collections::BTreeSet;

use scenarios::{Keyboard, Library, Machine, Plan, Render, Source, Vars};

use super::*;
use crate::engine::{JobImage, Media, Visit};

/// The job of a scenario of these files.
fn job(files: &[(&str, &str)], name: &str) -> Job {
    let sources = files.iter().map(|(path, text)| Source::new(*path, *text));
    let (library, findings) = Library::read(sources);
    assert_eq!(findings, []);
    let plan = Plan::new(&library, &[name.to_owned()]).expect("a plan");
    let chain = plan.chains().remove(0);
    let mut vars = Vars::new();
    vars.set("user", "alice");
    let stage = |scenario: &Arc<scenarios::Scenario>| Stage {
        scenario: Arc::clone(scenario),
        steps: scenarios::expand(scenario, &library, &vars).expect("steps"),
        keyboard: Keyboard::default(),
        vars: vars.clone(),
        off: Vec::new(),
        watches: scenarios::watches(None, scenario)
            .into_iter()
            .map(|watch| watch.render(&vars).expect("a watch"))
            .collect(),
        key: None,
        shared: scenario.name != name,
    };
    Job {
        name: name.to_owned(),
        cell: 0,
        stages: chain.stages.iter().map(stage).collect(),
        image: JobImage {
            name: "disk".to_owned(),
            disk: Ok(Some("disk.img".into())),
            kernel: None,
            digest: Some("sha256:00".to_owned()),
            is_cdrom: false,
            content: None,
            stamp: None,
            firmware_vars: None,
        },
        machine: Machine::preset("bios-x86_64").expect("a preset"),
        media: Media::default(),
        base: None,
        visit: Visit::default(),
        remarks: Vec::new(),
        unfit: None,
    }
}

/// Gives keys to jobs, on a host with some QEMU and no checkpoint.
fn give(jobs: &mut [Job]) {
    give_where(jobs, |_| None);
}

fn give_where(jobs: &mut [Job], left: impl Fn(&CheckpointKey) -> Option<SavedFor>) {
    give_on(Date::new(2026, 3, 31), jobs, left);
}

fn give_on(
    today: Option<Date>,
    jobs: &mut [Job],
    left: impl Fn(&CheckpointKey) -> Option<SavedFor>,
) {
    let store = NeedleStore::open(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let images = ImageStore::open(folder.path()).expect("a store");
    let mut keys = Keys::new(&store, &images, today);
    for job in &*jobs {
        let (Some(digest), Some(spec)) = (&job.image.digest, job.spec()) else {
            continue;
        };
        let machine = format!("{digest} {spec:?}");
        let sum = Sha256::digest(machine.as_bytes()).into();
        keys.power_on.insert(machine, Some(sum));
    }
    keys.give(jobs, left);
}

/// The keys of a job's stages.
fn keys(files: &[(&str, &str)], name: &str) -> Vec<String> {
    let mut jobs = [job(files, name)];
    give(&mut jobs);
    shown(&jobs[0])
}

fn shown(job: &Job) -> Vec<String> {
    let key = |stage: &Stage| stage.key.map(|key| key.short()).unwrap_or_default();
    job.stages.iter().map(key).collect()
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
    let mut jobs = [(); 5].map(|()| job(&[LOGIN], "login"));
    jobs[1].image.digest = Some("sha256:01".to_owned());
    jobs[2].machine.memory_mib += 1;
    // Who is logged in on the serial line.
    for (job, user) in jobs[3..].iter_mut().zip(["root", "alice"]) {
        let (user, password, prompt) = (user.to_owned(), None, None);
        job.machine.login = Some(scenarios::Login {
            user,
            password,
            prompt,
        });
    }
    give(&mut jobs);
    let all: BTreeSet<_> = jobs.iter().flat_map(shown).collect();
    assert_eq!(all.len(), 5, "{all:?}");
}

/// The scenario fails from then on: a checkpoint of better days would let it pass.
#[test]
fn an_excuse_that_is_over_leaves_no_key() {
    let excused = "steps:\n- type: a\n- group: { name: known, steps: [\
        { soft_fail: { reason: r, ticket: t, expires: 2026-03-31 } }, \
        { soft_fail: { reason: r, ticket: t, expires: 2027-01-01 } }] }\n- type: b\n";
    let after = "after: login\nsteps: [{ type: c }]\n";
    let mut jobs = [
        job(&[("login.yaml", excused), ("one.yaml", after)], "one"),
        job(&[("login.yaml", excused), ("one.yaml", after)], "one"),
    ];
    let (last_day, day_after) = jobs.split_at_mut(1);
    give_on(Date::new(2026, 3, 31), last_day, |_| None);
    give_on(Date::new(2026, 4, 1), day_after, |_| None);
    assert!(!shown(&jobs[0]).contains(&String::new()));
    assert_eq!(shown(&jobs[1]), ["", ""]);
}

#[test]
fn nothing_is_saved_where_something_is_not_known() {
    let mut jobs = [job(&[LOGIN, ONE], "one")];
    jobs[0].image.digest = None;
    give(&mut jobs);
    assert_eq!(shown(&jobs[0]), ["", ""]);
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
    let mut jobs = [job(&files, "a"), job(&files, "b")];
    give(&mut jobs);
    for job in &jobs {
        let shared: Vec<_> = job.stages.iter().map(|stage| stage.shared).collect();
        assert_eq!(shared, [true, false]);
        assert!(job.after().is_empty(), "it is one scenario all the same");
    }
    let (a, b) = (shown(&jobs[0]), shown(&jobs[1]));
    assert_eq!(a[0], b[0]);
    assert_ne!(a[1], b[1]);
    // Alone it is not cut.
    assert_eq!(keys(&files, "a").len(), 1);
}

/// Some scenarios of which two begin with two groups, and one with the first of them.
const GROUP: &str = "  - group: { name: one, steps: [{ type: one }] }\n";
const SECOND: &str = "  - group: { name: two, steps: [{ type: two }] }\n";

/// The steps of each stage of a scenario alone, where there are checkpoints of its first so many steps.
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
            let mut jobs = [job(&[("s.yaml", head.as_str())], "s")];
            give(&mut jobs);
            jobs[0].stages[0].key.expect("a key")
        })
        .collect();
    let mut jobs = [job(&files, "s")];
    give_where(&mut jobs, |key| held.contains(key).then_some(saved_for));
    let stages = jobs[0].stages.iter();
    assert!(stages.clone().all(|stage| !stage.shared), "none is made");
    stages.map(|stage| stage.steps.len()).collect()
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
    assert_eq!(alone_where(&steps, &[1, 2], SavedFor::Visit), [3]);
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
        let mut jobs = [job(&[("login.yaml", head.as_str())], "login")];
        give(&mut jobs);
        jobs[0].stages[0].key
    };
    let counts = |login_is_there: bool| {
        let mut jobs = [job(&files, "one")];
        give_where(&mut jobs, |key| {
            let is_there = Some(*key) == group || (login_is_there && key.short() == keys[0]);
            is_there.then_some(SavedFor::Scenarios)
        });
        let stages = jobs[0].stages.iter();
        stages.map(|stage| stage.steps.len()).collect::<Vec<_>>()
    };
    assert_eq!(counts(false), [1, 1, 1]);
    assert_eq!(counts(true), [2, 1]);
}

#[test]
fn a_stage_is_cut_where_a_person_wants_to_begin_and_its_end_stays_the_same() {
    let files = [(
        "s",
        "image: disk\nsteps: [{ note: a }, { type: b }, { type: c }, { type: d }]\n",
    )];
    let whole = {
        let mut jobs = [job(&files, "s")];
        give(&mut jobs);
        jobs[0].stages[0].key
    };
    for (from, steps) in [("1", vec![4]), ("2", vec![1, 3]), ("4", vec![3, 1])] {
        let mut jobs = [job(&files, "s")];
        jobs[0].visit.from = Some(from.parse().expect("a step"));
        give(&mut jobs);
        let stages = &jobs[0].stages;
        let counts: Vec<_> = stages.iter().map(|stage| stage.steps.len()).collect();
        assert_eq!(counts, steps, "{from}");
        assert_eq!(stages.last().and_then(|stage| stage.key), whole, "{from}");
    }
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
    jobs[2].cell = 1;
    give(&mut jobs);
    let stages = jobs.each_ref().map(|job| job.stages.len());
    assert_eq!(stages, [2, 2, 1]);
    assert_eq!(jobs[0].stages[0].key, jobs[1].stages[0].key);
}

#[test]
fn what_is_in_a_medium_counts_and_where_nobody_knows_there_is_no_key() {
    const ISO: (&str, &str) = ("iso.yaml", "steps: [{ media: { insert: a.iso } }]\n");
    let key = |digests: &[(&str, &str)], file| {
        let mut jobs = [job(&[file], "iso")];
        let digests = digests.iter();
        let digests = digests.map(|(path, digest)| ((*path).to_owned(), (*digest).to_owned()));
        jobs[0].media = Media::new(".".into(), digests.collect());
        give(&mut jobs);
        shown(&jobs[0]).remove(0)
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
