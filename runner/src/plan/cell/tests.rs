//! Tests of cells as stored data.

use scenarios::WrittenValue;

use super::*;
use crate::plan::tests::sample::{SampleProject, of_matrix, request};

const PROJECT: &str = "\
images: { disk: { path: disk.img, machine: pc } }
machines: { pc: { preset: bios-x86_64, memory: 64M } }
vars: { user: alice }
matrix: { night: { images: disk, vars: { user: bob } } }
";

fn project() -> SampleProject {
    SampleProject::new(&[
        ("qa.yaml", PROJECT),
        ("scenarios/login.yaml", "steps: [{ type: '{{ user }}' }]\n"),
        (
            "scenarios/calc.yaml",
            "after: login\nsteps: [{ note: x }]\n",
        ),
    ])
}

#[test]
fn the_stored_form_is_what_other_programs_may_rely_on() {
    let mut cells = project()
        .cells(&of_matrix(request(&["calc"]), "night"))
        .expect("cells");
    let mut cell = cells.remove(0);
    assert!(cells.is_empty());
    let files: Vec<_> = cell
        .files
        .keys()
        .map(|path| path.display().to_string())
        .collect();
    assert_eq!(
        files,
        ["qa.yaml", "scenarios/calc.yaml", "scenarios/login.yaml"]
    );
    cell.files.clear();
    assert_eq!(
        serde_json::to_string(&cell).expect("JSON"),
        concat!(
            r#"{"format":1,"scenarios":[{"name":"calc@disk+pc","place":0,"way":["login","calc"]}],"#,
            r#""image":{"declared":"disk"},"machine":"pc","vars":{"user":"bob"},"settings":[],"withheld":[],"#,
            r#""part":null,"files":{}}"#
        )
    );
}

#[test]
fn a_value_means_the_same_when_it_is_read_again() {
    for value in [
        CellValue::Text("plain".to_owned()),
        CellValue::Text("{{ user }} of {{ \"{{\" }}".to_owned()),
        CellValue::List(vec!["a".to_owned(), "{{ user }}".to_owned()]),
        CellValue::List(Vec::new()),
    ] {
        let written = value.written("x").expect("a value");
        assert_eq!(CellValue::from(&written.value), value);
        let json = serde_json::to_string(&value).expect("JSON");
        let read: CellValue = serde_json::from_str(&json).expect("a value");
        assert_eq!(read, value, "{json}");
        match (&written.value, &value) {
            (WrittenValue::Text(_), CellValue::Text(_))
            | (WrittenValue::List(_), CellValue::List(_)) => {}
            (written, value) => panic!("{written:?} is no {value:?}"),
        }
    }
    let error = CellValue::Text("{{ user".to_owned())
        .written("x")
        .expect_err("an error");
    assert_eq!(
        error.place().as_deref(),
        Some("`x` of the matrix:1:1"),
        "{error}"
    );
}

#[test]
fn what_this_version_does_not_know_is_refused() {
    let cells = project().cells(&request(&["login"])).expect("cells");
    let json = serde_json::to_value(&cells[0]).expect("JSON");
    for (field, value) in [
        ("format", serde_json::json!(2)),
        ("image", serde_json::json!({ "board": "rpi" })),
        ("colour", serde_json::json!("red")),
    ] {
        let mut changed = json.clone();
        changed[field] = value;
        assert!(serde_json::from_value::<Cell>(changed).is_err(), "{field}");
    }
}

#[test]
fn a_cell_whose_way_is_not_that_of_the_scenario_is_refused() {
    let project = project();
    let cells = project.cells(&request(&["calc"])).expect("cells");
    for (way, expected) in [
        (
            vec!["calc"],
            "`calc` does not start after the scenarios that the cell names",
        ),
        (vec!["login", "clac"], "1 error found; nothing was run"),
        (vec![], "1 error found; nothing was run"),
    ] {
        let mut cell = cells[0].clone();
        cell.scenarios[0].way = way.iter().map(|name| (*name).to_owned()).collect();
        let error = project.plan(&[cell], &[]).expect_err("a refusal");
        assert_eq!(error.message(), expected, "{way:?}");
    }
    let empty = Cell {
        scenarios: Vec::new(),
        ..cells[0].clone()
    };
    let error = project.plan(&[empty], &[]).expect_err("a refusal");
    assert_eq!(error.message(), "the cell has no scenario");
}
