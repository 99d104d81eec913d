//! Tests of planning: cells, plans, parts and secrets.

mod mistakes;
pub(super) mod sample;
mod selection;

use self::sample::{SampleProject, of_matrix, part_of, request};
use super::cell::Cell;
use super::*;

const PROJECT: &str = "\
images:
  disk: { path: disk.img, machine: pc }
  other: { path: other.img, machine: pc, vars: { user: bob } }
machines:
  pc: { preset: bios-x86_64, memory: 64M }
  big: { preset: bios-x86_64, memory: 128M }
vars: { user: alice, lang: en, apps: [calc] }
secrets: { password: { file: password.txt } }
matrix:
  nightly:
    images: [disk, other]
    machines: [pc, big]
    scenarios: [login, calc]
    include:
      - { image: other, scenario: editor, vars: { lang: '{{ user }} {{ \"{{\" }}', apps: [one, two] } }
";

const LOGIN: &str = "steps: [{ type: '{{ user }} {{ machine }}' }, { type: '{{ password }}' }]\n";
const CALC: &str = "after: login\nsteps: [{ type: '12+30' }, { note: sum }]\n";
const EDITOR: &str = "\
after: login
steps:
  - each: { in: apps, steps: [{ type: '{{ item }} {{ lang }}' }] }
  - include: parts/save.yaml
";

fn project() -> SampleProject {
    SampleProject::new(&[
        ("qa.yaml", PROJECT),
        ("scenarios/login.yaml", LOGIN),
        ("scenarios/calc.yaml", CALC),
        ("scenarios/editor.yaml", EDITOR),
        (
            "scenarios/parts/save.yaml",
            "fragment: true\nsteps: [{ press: ctrl-s }]\n",
        ),
        ("password.txt", "s3cret"),
    ])
}

/// Returns the text of a plan, and the keys of its checkpoints.
fn shown(run: &PlannedRun) -> (String, Vec<String>) {
    let tree = plan_tree(
        &run.jobs,
        &TreeSources {
            cached: &|_| None,
            durations: &Durations::default(),
            places: RootPlaces::Shown,
        },
    );
    let stages = run.jobs.iter().flat_map(|job| &job.stages);
    let keys = stages.map(|stage| stage.key.map_or_else(String::new, |key| key.to_string()));
    (tree.to_text(), keys.collect())
}

/// Returns the cells as another process reads them.
fn handed_over(cells: &[Cell]) -> Vec<Cell> {
    let json = serde_json::to_string(cells).expect("JSON");
    serde_json::from_str(&json).expect("cells")
}

#[test]
fn a_matrix_that_is_handed_over_as_data_comes_to_the_same_plan() {
    let project = project();
    let request = RunRequest {
        vars: vec![Setting {
            name: "password".to_owned(),
            value: "typed".to_owned(),
        }],
        ..of_matrix(request(&[]), "nightly")
    };
    let cells = project.cells(&request).expect("cells");
    let json = serde_json::to_string(&cells).expect("JSON");
    for secret in ["s3cret", "typed"] {
        assert!(!json.contains(secret), "{json}");
    }
    let read = handed_over(&cells);
    assert_eq!(read, cells);
    let here = project.plan(&cells, &request.vars).expect("a plan");
    let there = project.plan(&read, &request.vars).expect("a plan");
    assert_eq!(shown(&here), shown(&there));
    let (text, keys) = shown(&here);
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("power-on"))
            .count(),
        4,
        "{text}"
    );
    assert!(keys.iter().all(|key| !key.is_empty()), "{keys:?}");
    let names: Vec<_> = here.jobs.iter().map(|job| job.name()).collect();
    assert_eq!(
        names,
        [
            "login@disk+pc",
            "calc@disk+pc",
            "login@disk+big",
            "calc@disk+big",
            "login@other+pc",
            "calc@other+pc",
            "editor@other+pc",
            "login@other+big",
            "calc@other+big",
        ]
    );
}

#[test]
fn each_cell_alone_comes_to_the_same_stages_as_all_together() {
    let project = project();
    let cells = project
        .cells(&of_matrix(request(&[]), "nightly"))
        .expect("cells");
    let together = project.plan(&cells, &[]).expect("a plan");
    let keys = |job: &Job| -> Vec<_> { job.stages.iter().map(|stage| stage.key).collect() };
    for (number, cell) in cells.iter().enumerate() {
        let alone = project
            .plan(&handed_over(std::slice::from_ref(cell)), &[])
            .expect("a plan");
        let same: Vec<_> = together
            .jobs
            .iter()
            .filter(|job| job.cell == number)
            .collect();
        assert_eq!(alone.jobs.len(), same.len());
        for (one, other) in alone.jobs.iter().zip(same) {
            assert_eq!(one.name, other.name);
            assert_eq!(keys(one), keys(other), "{}", one.name);
        }
    }
}

#[test]
fn the_value_of_a_secret_is_given_again_where_the_cell_is_run() {
    let project = project();
    let password = |value: &str| Setting {
        name: "password".to_owned(),
        value: value.to_owned(),
    };
    let request = RunRequest {
        vars: vec![password("typed")],
        ..of_matrix(request(&["calc@disk+pc"]), "nightly")
    };
    let cells = project.cells(&request).expect("cells");
    let error = project.plan(&cells, &[]).expect_err("no value");
    assert_eq!(
        error.to_string(),
        "error: the variable `password` was set for this run, but its value was not stored\n  \
        next: give it again: --var password=VALUE"
    );
    let keys = |value: &str| shown(&project.plan(&cells, &[password(value)]).expect("a plan")).1;
    assert_eq!(keys("typed"), keys("typed"));
    assert_ne!(keys("typed"), keys("other"));
    let run = project.plan(&cells, &[password("typed")]).expect("a plan");
    assert!(run.secrets.contains(&"typed".to_owned()));
}

#[test]
fn a_cell_of_another_state_of_the_project_is_refused_with_the_file() {
    for (changed, text) in [
        ("scenarios/login.yaml", "steps: [{ type: other }]\n"),
        (
            "scenarios/parts/save.yaml",
            "fragment: true\nsteps: [{ press: ctrl-x }]\n",
        ),
        ("qa.yaml", &PROJECT.replace("en,", "de,")),
    ] {
        let project = project();
        let cells = project
            .cells(&of_matrix(request(&["editor"]), "nightly"))
            .expect("cells");
        project.write("scenarios/unrelated.yaml", b"steps: [{ note: x }]\n");
        assert!(project.plan(&cells, &[]).is_ok());
        project.write(changed, text.as_bytes());
        let error = project.plan(&cells, &[]).expect_err("a refusal");
        assert_eq!(
            error.message(),
            format!("`{changed}` differs from the file that the cell was planned from")
        );
    }
}

#[test]
fn scenarios_on_different_machines_are_in_different_cells_and_keep_their_order() {
    let without_matrix = PROJECT.split("matrix:").next().expect("a project");
    let project = SampleProject::new(&[
        ("qa.yaml", without_matrix),
        ("scenarios/a.yaml", "image: disk\nsteps: [{ note: x }]\n"),
        (
            "scenarios/b.yaml",
            "image: disk\nafter: a\nmachine: big\nsteps: [{ note: x }]\n",
        ),
        ("scenarios/c.yaml", "image: disk\nsteps: [{ note: x }]\n"),
        ("password.txt", "s3cret"),
    ]);
    let cells = project.cells(&request(&[])).expect("cells");
    let scenarios: Vec<Vec<&str>> = cells
        .iter()
        .map(|cell| {
            cell.scenarios
                .iter()
                .map(|judged| judged.name.as_str())
                .collect()
        })
        .collect();
    assert_eq!(scenarios, [vec!["a", "c"], vec!["b"]]);
    let run = project.plan(&cells, &[]).expect("a plan");
    let places: Vec<_> = run
        .jobs
        .iter()
        .map(|job| (job.name(), job.cell, job.machine.name.as_str()))
        .collect();
    assert_eq!(places, [("a", 0, "pc"), ("b", 1, "big"), ("c", 0, "pc")]);
}

#[test]
fn a_part_is_of_one_scenario_and_of_its_steps() {
    let project = project();
    let on_disk = |words: &[&str], part| {
        let mut request = part_of(request(words), part);
        request.selection.image = Some("disk".to_owned());
        project.planned(&request)
    };
    let from = |step: &str| Part::From(step.parse().expect("a step"));
    let until = |step: &str| Part::Until(step.parse().expect("a step"));
    let error = on_disk(&[], from("1")).expect_err("several");
    assert_eq!(
        error.to_string(),
        "error: `--from` needs exactly one scenario, but 3 are selected\n  \
        next: name one: `qa run SCENARIO --from STEP`"
    );
    let error = on_disk(&["calc"], until("7")).expect_err("no step");
    assert_eq!(
        error.to_string(),
        "error: `calc` has no step 7\n  \
        next: the nearest are 1 `type \"12+30\"`, 2 `note sum`"
    );
    let run = on_disk(&["calc"], until("1")).expect("a plan");
    let job = &run.jobs[0];
    let steps: Vec<_> = job.stages.iter().map(|stage| stage.steps.len()).collect();
    assert_eq!(steps, [2, 1]);
    let last = job.stages.last().expect("a stage");
    assert_eq!((last.key, last.shared), (None, false));
    assert_eq!(job.inspection.part.as_deref(), Some("up to step 1"));
    assert_eq!(
        job.inspection.stays,
        Some(Stay::Person("step 1 is done".into()))
    );
    let run = on_disk(&["calc"], from("2")).expect("a plan");
    let job = &run.jobs[0];
    let steps: Vec<_> = job.stages.iter().map(|stage| stage.steps.len()).collect();
    assert_eq!(steps, [2, 1, 1]);
    assert!(job.inspection.from.is_some() && job.inspection.stays.is_none());
}

#[test]
fn a_machine_that_no_host_could_build_is_refused_before_it_starts() {
    let disk = "{ size: 1G, bus: usb }";
    let disks = [disk; 9].join(", ");
    let machines = format!(
        "images: {{ disk: {{ path: disk.img }} }}\nmachines: {{ pc: {{ disks: [{disks}] }} }}\n"
    );
    let project = SampleProject::new(&[
        ("qa.yaml", &machines),
        ("scenarios/a.yaml", "machine: pc\nsteps: [{ note: x }]\n"),
    ]);
    let error = project.planned(&request(&["a"])).expect_err("a refusal");
    assert_eq!(
        error.to_string(),
        "error: machine `pc` cannot be built: 9 disks cannot be attached by USB; 8 can"
    );
}
