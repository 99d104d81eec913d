//! Files that ask for more than anybody has are refused at their place, before anything is made of them.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may end where it is wrong"
)]

use std::collections::BTreeMap;
use std::fmt::Write;

use scenarios::{
    Code, Diagnostic, Library, Plan, Project, Scenario, Source, VarSources, Vars, VarsTooLong,
    expand, lint,
};

const MIB: usize = 1 << 20;

fn shown(findings: &[Diagnostic]) -> Vec<String> {
    let line = |f: &Diagnostic| format!("{} {}: {f}", f.place().unwrap_or_default(), f.code);
    findings.iter().map(line).collect()
}

/// The words of `qa check` and `qa run` about scenario files before a machine starts.
fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let sources = files.iter().map(|(path, text)| Source::new(*path, *text));
    let (library, mut findings) = Library::read(sources);
    findings.extend(lint(None, &library, &[]));
    findings.retain(Diagnostic::is_error);
    for finding in &findings {
        assert!(
            finding.help.is_some(),
            "{finding:?} does not say what to do"
        );
    }
    shown(&findings)
}

/// Values that each double the one before.
fn doubling(levels: usize) -> String {
    let mut vars = String::from("vars:\n  v0: \"0123456789abcdef\"\n");
    for level in 1..=levels {
        let before = level - 1;
        writeln!(
            vars,
            "  v{level}: \"{{{{ v{before} }}}}{{{{ v{before} }}}}\""
        )
        .expect("a line");
    }
    vars
}

#[test]
fn variables_that_double_are_told_where_they_are_too_long() {
    let vars = doubling(30);
    assert!(vars.len() < 1000);
    let scenario = format!("{vars}steps: [{{ type: \"{{{{ v30 }}}}\" }}]\n");
    let told = findings(&[("s/a.yaml", &scenario)]);
    // 16 bytes, doubled: all values together pass a mebibyte with the sixteenth.
    assert_eq!(
        told,
        [
            "s/a.yaml:18:8 too-much-text: all values of `vars:` in this file would be longer than 1048576 bytes"
        ]
    );
    let (project, found) = Project::read(&Source::new("qa.yaml", vars));
    assert_eq!(found, []);
    let (scenario, _) = Scenario::read(&Source::new("s/b.yaml", "steps: [{ note: x }]\n"));
    let sources = VarSources {
        project: project.as_ref(),
        image: None,
        machine: None,
        scenario: &scenario.expect("a scenario"),
        matrix: None,
        command_line: &[],
        secrets: &BTreeMap::new(),
        built_in: &[],
    };
    let told = shown(&sources.resolve().expect_err("too much"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("qa.yaml:18:8 too-much-text"),
        "{told:?}"
    );
}

#[test]
fn lists_of_long_values_count_with_all_their_items() {
    let mut vars = doubling(10);
    let items = "\"{{ v10 }}\", ".repeat(100);
    writeln!(vars, "  all: [{items}]").expect("a line");
    let scenario = format!("{vars}steps: [{{ note: x }}]\n");
    let told = findings(&[("s/a.yaml", &scenario)]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("too-much-text"), "{told:?}");
}

#[test]
fn aliases_of_aliases_and_of_long_text_are_refused() {
    let mut bomb = String::from("vars:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let before = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(bomb, "  a{level}: &a{level} [{before}]").expect("a line");
    }
    bomb.push_str("steps: [{ note: x }]\n");
    let told = findings(&[("s/a.yaml", &bomb)]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("too many values"), "{told:?}");

    let long = "x".repeat(200_000);
    let uses = "*long, ".repeat(40_000);
    let text = format!("vars:\n  long: &long {long}\n  all: [{uses}]\nsteps: [{{ note: x }}]\n");
    let told = findings(&[("s/a.yaml", &text)]);
    assert_eq!(
        told,
        [
            "s/a.yaml:3:37 too-much-text: the text that anchors and aliases repeat would be longer than 1048576 bytes"
        ]
    );
}

#[test]
fn a_long_step_for_many_items_is_kept_once_and_refused_where_its_text_is_too_much() {
    let items = "i, ".repeat(9_000);
    let text = format!(
        "steps:\n  - each:\n      in: [{items}]\n      steps:\n        - type: \"{}\"\n",
        "x".repeat(100_000)
    );
    let told = findings(&[("s/a.yaml", &text)]);
    assert_eq!(
        told,
        [
            "s/a.yaml:5:11 too-much-text: the text of the scenario's steps would be longer than 1048576 bytes"
        ]
    );
}

#[test]
fn each_inside_include_inside_each_is_bounded_in_number_and_text() {
    let ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
    let file = |next: &str| {
        format!("fragment: true\nsteps:\n  - each:\n      in: {ten}\n      steps: [{{ {next} }}]\n")
    };
    let a = format!("steps:\n  - each:\n      in: {ten}\n      steps: [{{ include: b.yaml }}]\n");
    let (b, c) = (file("include: c.yaml"), file("include: d.yaml"));
    let d = file("note: x");
    let told = findings(&[
        ("s/a.yaml", &a),
        ("s/b.yaml", &b),
        ("s/c.yaml", &c),
        ("s/d.yaml", &d),
    ]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("the scenario has more than 10000 steps"),
        "{told:?}"
    );
}

#[test]
fn what_includes_hand_on_doubled_is_bounded_even_where_it_is_empty_or_not_known() {
    for first in ["\"\"", "x", "\"{{ made }}\""] {
        let mut files = vec![(
            "s/a.yaml".to_owned(),
            format!(
                "vars: {{ made: \"\" }}\nsteps:\n  - set: {{ made: y }}\n  \
                - include: {{ file: f0.yaml, vars: {{ x: {first} }} }}\n"
            ),
        )];
        for level in 0..40 {
            let next = match level {
                39 => "type: \"{{ x }}\"".to_owned(),
                _ => format!(
                    "include: {{ file: f{}.yaml, vars: {{ x: \"{{{{ x }}}}{{{{ x }}}}\" }} }}",
                    level + 1
                ),
            };
            let text = format!("fragment: true\nvars: {{ x: \"\" }}\nsteps: [{{ {next} }}]\n");
            files.push((format!("s/f{level}.yaml"), text));
        }
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(p, t)| (p.as_str(), t.as_str()))
            .collect();
        let told = findings(&files);
        assert_eq!(told.len(), 1, "{first}: {told:?}");
        assert!(told[0].contains("too-much-text"), "{first}: {told:?}");
    }
}

#[test]
fn files_that_include_ever_deeper_do_not_take_the_stack() {
    let mut files = vec![(
        "s/a.yaml".to_owned(),
        "steps: [{ include: f0.yaml }]\n".to_owned(),
    )];
    for level in 0..5000 {
        let next = match level {
            4999 => "note: x".to_owned(),
            _ => format!("include: f{}.yaml", level + 1),
        };
        files.push((
            format!("s/f{level}.yaml"),
            format!("fragment: true\nsteps: [{{ {next} }}]\n"),
        ));
    }
    let sources = files
        .iter()
        .map(|(path, text)| Source::new(path.as_str(), text.as_str()));
    let (library, found) = Library::read(sources);
    assert_eq!(found, []);
    let told = expand(
        library.get("a").expect("the scenario"),
        &library,
        &Vars::new(),
    );
    assert_eq!(
        shown(&told.expect_err("too deep")),
        ["s/f63.yaml:2:11 invalid-value: more than 64 steps inside each other"]
    );
}

#[test]
fn scenarios_after_each_other_without_end_do_not_take_the_stack() {
    let sources = (0..3000).map(|number: u32| {
        let after = number
            .checked_sub(1)
            .map_or_else(String::new, |before| format!("after: s{before}\n"));
        Source::new(
            format!("s/s{number}.yaml"),
            format!("{after}steps: [{{ note: x }}]\n"),
        )
    });
    let (library, found) = Library::read(sources);
    assert_eq!(found, []);
    let told = Plan::new(&library, &["s2999".to_owned()]).expect_err("too far back");
    assert_eq!(
        shown(&told),
        [
            "s/s2936.yaml:1:8 unreachable: `s2999` starts after 64 scenarios, each after the one before"
        ]
    );
    assert!(Plan::new(&library, &["s63".to_owned()]).is_ok());
}

#[test]
fn a_matrix_of_many_times_many_is_refused_where_it_is_too_many() {
    let names = |letter: char| (0..200).map(|n| format!("{letter}{n}")).collect::<Vec<_>>();
    let mut text = String::from("images:\n");
    for image in names('i') {
        writeln!(text, "  {image}: {{ path: {image}.iso }}").expect("a line");
    }
    text.push_str("machines:\n");
    for machine in names('m') {
        writeln!(text, "  {machine}: {{ preset: uefi-x86_64 }}").expect("a line");
    }
    let (images, machines) = (names('i').join(", "), names('m').join(", "));
    writeln!(
        text,
        "matrix:\n  all: {{ images: [{images}], machines: [{machines}] }}"
    )
    .expect("a line");
    let (project, found) = Project::read(&Source::new("qa.yaml", text));
    assert_eq!(found, []);
    let project = project.expect("a project");
    let (library, _) = Library::read([Source::new("s/a.yaml", "steps: [{ note: x }]\n")]);
    let (_, told) = project.matrix[0].combinations(&project, &library);
    let told = shown(&told);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("the matrix `all` has more than 10000 combinations"),
        "{told:?}"
    );
}

#[test]
fn a_file_of_nothing_but_mistakes_is_told_in_part() {
    let text = format!("steps:\n{}", "  - sea: x\n".repeat(5_000));
    let (_, told) = Scenario::read(&Source::new("s/a.yaml", text));
    assert_eq!(told.len(), 201);
    assert_eq!(
        told.last().map(ToString::to_string).as_deref(),
        Some("more than 200 mistakes: from here on none is told")
    );
}

#[test]
fn a_regular_expression_of_any_size_is_refused_in_words() {
    let long = "a".repeat(100_000);
    for (pattern, why) in [
        (
            "(a{1000}){1000}",
            "it is too large once its repetitions are written out",
        ),
        (
            long.as_str(),
            "it has 100000 bytes; at most 65536 can be used",
        ),
    ] {
        let told = findings(&[("s/a.yaml", &format!("steps: [{{ serial: '{pattern}' }}]\n"))]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(why), "{told:?}");
    }
}

#[test]
fn a_variable_that_grows_while_a_scenario_runs_is_refused_and_stays_as_it_was() {
    let scenario = "steps:\n  - set: { v: \"{{ v }}{{ v }}\" }\n";
    let text = format!("vars: {{ v: x }}\n{scenario}");
    let (library, found) = Library::read([Source::new("s/a.yaml", text)]);
    assert_eq!(found, []);
    let mut vars = Vars::new();
    vars.set("v", "x");
    let steps = expand(library.get("a").expect("the scenario"), &library, &vars).expect("steps");
    let mut times = 0;
    let refused = loop {
        match steps[0].render(&vars) {
            Ok(_) => {
                let before = vars.text("v").expect("a value").reveal().to_owned();
                vars.assign("v", format!("{before}{before}"))
                    .expect("not too long yet");
            }
            Err(finding) => break finding,
        }
        times += 1;
        assert!(times < 40, "it grows for ever");
    };
    assert_eq!(times, 20);
    assert_eq!(refused.code, Code::TooMuchText);
    assert_eq!(refused.place().as_deref(), Some("s/a.yaml:3:23"));
    assert_eq!(vars.text("v").map(|text| text.reveal().len()), Some(MIB));
}

#[test]
fn what_is_saved_is_bounded_for_each_variable_and_for_all() {
    let mut vars = Vars::new();
    assert!(matches!(
        vars.assign("a", "x".repeat(MIB + 1)),
        Err(VarsTooLong::One { .. })
    ));
    for name in ["a", "b", "c", "d"] {
        vars.assign(name, "x".repeat(MIB)).expect("it fits");
    }
    let refused = vars.assign("e", "x").expect_err("one too many");
    assert_eq!(
        refused.to_string(),
        "all variables together would hold 4194305 bytes with `e`; at most 4194304 are kept"
    );
    vars.assign("a", "").expect("less");
    vars.assign("e", "x".repeat(MIB))
        .expect("there is room again");
}
