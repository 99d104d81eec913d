//! Tests the scenarios that a request selects, and their images and machines.

use super::sample::{SampleProject, of_matrix, request};
use crate::plan::cell::{Cell, ImageChoice};
use crate::plan::request::{Among, RunRequest, Selection};

const PROJECT: &str = "\
images:
  disk: { path: disk.img, machine: pc }
  other: { path: other.img }
machines:
  pc: { preset: bios-x86_64 }
  big: { preset: bios-x86_64, memory: 4G }
matrix:
  night: { images: [disk, other], machines: [pc, big], scenarios: [login], exclude: [{ image: other, machine: big }] }
";

fn project() -> SampleProject {
    SampleProject::new(&[
        ("qa.yaml", PROJECT),
        (
            "scenarios/login.yaml",
            "image: disk\nsteps: [{ note: x }]\n",
        ),
        (
            "scenarios/calc.yaml",
            "after: login\nsteps: [{ note: x }]\n",
        ),
        (
            "scenarios/own.yaml",
            "image: other\nmachine: big\nsteps: [{ note: x }]\n",
        ),
    ])
}

/// The request with an image and a machine for all scenarios.
fn on(request: RunRequest, image: Option<&str>, machine: Option<&str>) -> RunRequest {
    RunRequest {
        selection: Selection {
            image: image.map(str::to_owned),
            machine: machine.map(str::to_owned),
            ..request.selection
        },
        ..request
    }
}

/// Each cell as `scenarios on image and machine`.
fn shown(cells: &[Cell]) -> Vec<String> {
    let cell = |cell: &Cell| {
        let names: Vec<&str> = cell
            .scenarios
            .iter()
            .map(|judged| judged.name.as_str())
            .collect();
        let image = match &cell.image {
            ImageChoice::Declared(name) => name.clone(),
            ImageChoice::File(path) => path.display().to_string(),
        };
        format!("{} on {image} and {}", names.join(", "), cell.machine)
    };
    cells.iter().map(cell).collect()
}

fn cells(request: &RunRequest) -> Vec<String> {
    shown(&project().cells(request).expect("cells"))
}

fn refusal(request: &RunRequest) -> String {
    project().cells(request).expect_err("a refusal").to_string()
}

#[test]
fn without_a_matrix_each_scenario_runs_on_what_it_names() {
    assert_eq!(
        cells(&request(&[])),
        ["login, calc on disk and pc", "own on other and big"]
    );
    assert_eq!(cells(&request(&["calc"])), ["calc on disk and pc"]);
}

#[test]
fn the_call_wins_over_the_scenario_and_the_scenario_over_the_image() {
    for (image, machine, words, expected) in [
        (
            Some("other"),
            None,
            "login",
            "login on other and uefi-x86_64",
        ),
        (Some("other"), Some("pc"), "own", "own on other and pc"),
        (Some("disk"), None, "own", "own on disk and big"),
        (None, Some("big"), "login", "login on disk and big"),
        (
            Some("/x/y.img"),
            None,
            "login",
            "login on /x/y.img and uefi-x86_64",
        ),
    ] {
        let request = on(request(&[words]), image, machine);
        assert_eq!(cells(&request), [expected], "{image:?} {machine:?}");
    }
}

#[test]
fn a_file_that_is_an_image_of_the_project_is_that_image() {
    let project = project();
    let file = project.root().join("other.img");
    let request = on(request(&["login"]), file.to_str(), None);
    let cells = project.cells(&request).expect("cells");
    assert_eq!(shown(&cells), ["login on other and uefi-x86_64"]);
}

#[test]
fn an_image_that_there_is_not_is_told_with_the_nearest_name() {
    let message = refusal(&on(request(&["login"]), Some("dsk"), None));
    assert!(
        message.contains("unknown image `dsk`") && message.contains("did you mean `disk`?"),
        "{message}"
    );
    let outside = SampleProject::new(&[("s.yaml", "steps: [{ note: x }]\n")]);
    let file = outside.root().join("s.yaml");
    let plain = request(&[file.to_str().expect("a path")]);
    for (image, expected) in [
        (None, "no image to test is named"),
        (Some("gnome"), "there is no image `gnome`"),
    ] {
        let refused = outside.cells(&on(plain.clone(), image, None));
        assert_eq!(refused.expect_err("a refusal").message(), expected);
    }
}

#[test]
fn a_matrix_runs_what_it_combines_and_the_call_takes_a_part_of_it() {
    let night = || of_matrix(request(&[]), "night");
    assert_eq!(
        cells(&night()),
        [
            "login@disk+pc on disk and pc",
            "login@disk+big on disk and big",
            "login@other+pc on other and pc",
        ]
    );
    assert_eq!(
        cells(&on(night(), Some("disk"), Some("big"))),
        ["login@disk+big on disk and big"]
    );
    let named = of_matrix(request(&["login@other+pc"]), "night");
    assert_eq!(cells(&named), ["login@other+pc on other and pc"]);
}

#[test]
fn what_a_matrix_does_not_run_is_told_by_its_name() {
    let night = |words: &[&str]| of_matrix(request(words), "night");
    for (request, expected) in [
        (
            night(&["calc"]),
            "the matrix `night` does not run the scenario `calc`",
        ),
        (
            night(&["login@other+big"]),
            "the matrix `night` does not run the combination `login@other+big`",
        ),
        (
            on(night(&[]), Some("gnome"), None),
            "the matrix `night` does not run the image `gnome`",
        ),
        (
            on(night(&[]), None, Some("tiny")),
            "the matrix `night` does not run the machine `tiny`",
        ),
        (
            on(night(&[]), Some("other"), Some("big")),
            "the matrix `night` has no combination with all of these names",
        ),
    ] {
        assert_eq!(
            refusal(&request),
            format!("error: {expected}\n  next: `qa list --matrix night` shows what it runs")
        );
    }
    for (request, expected) in [
        (night(&["lgin"]), "unknown scenario `lgin`"),
        (of_matrix(self::request(&[]), "day"), "unknown matrix `day`"),
    ] {
        let message = refusal(&request);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_result_of_a_matrix_is_run_where_the_matrix_runs_it() {
    let again = |label: &str| {
        let request = request(&["login"]);
        RunRequest {
            selection: Selection {
                among: Among::ResultOf {
                    matrix: "night".to_owned(),
                    label: label.to_owned(),
                },
                ..request.selection
            },
            ..request
        }
    };
    assert_eq!(
        cells(&again("login@disk+big")),
        ["login@disk+big on disk and big"]
    );
    assert!(
        refusal(&again("login@other+big"))
            .contains("the matrix `night` does not run `login@other+big` any more")
    );
}

#[test]
fn a_project_without_scenarios_has_nothing_to_run() {
    let project = SampleProject::new(&[("qa.yaml", "images: { disk: { path: disk.img } }\n")]);
    std::fs::create_dir(project.root().join("scenarios")).expect("a folder");
    let error = project.cells(&request(&[])).expect_err("a refusal");
    assert_eq!(error.message(), "there is no scenario to run");
}
