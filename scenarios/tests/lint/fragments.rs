//! Fragments.

use scenarios::Code;

use super::Case;

#[test]
fn a_fragment_that_is_not_there_is_an_error() {
    Case::new()
        .file("parts/login", "fragment: true\nsteps: [{ see: desktop }]\n")
        .file(
            "boot",
            "steps: [{ see: login }, { include: part/login.yaml }]\n",
        )
        .finds(Code::UnknownFragment, "unknown_fragment");
}

#[test]
fn a_scenario_is_no_fragment() {
    Case::new()
        .file("login", "steps: [{ see: [login, desktop] }]\n")
        .file("boot", "steps: [{ include: login.yaml }]\n")
        .finds(Code::UnknownFragment, "scenario_as_fragment");
}

#[test]
fn fragments_that_include_each_other_are_an_error() {
    Case::new()
        .file("x", "fragment: true\nsteps: [{ include: y.yaml }]\n")
        .file(
            "y",
            "fragment: true\nsteps: [{ see: login }, { include: x.yaml }]\n",
        )
        .file("boot", "steps: [{ see: desktop }, { include: x.yaml }]\n")
        .finds(Code::IncludeCycle, "include_cycle");
}

#[test]
fn a_fragment_that_nothing_includes_is_a_warning() {
    Case::new()
        .file("x", "fragment: true\nsteps: [{ see: login }]\n")
        .steps("")
        .finds(Code::Unreachable, "lonely_fragment");
}

#[test]
fn mistakes_in_a_fragment_are_found_in_its_own_file() {
    Case::new()
        .file(
            "x",
            "fragment: true\nsteps: [{ see: lgin }, { type: '{{ name }}' }]\n",
        )
        .file(
            "a",
            "steps: [{ see: [login, desktop] }, { include: x.yaml }]\n",
        )
        .file(
            "b",
            "steps: [{ include: { file: x.yaml, vars: { name: a } } }]\n",
        )
        .finds(Code::UnknownTag, "mistakes_in_a_fragment");
}

#[test]
fn fragments_that_multiply_are_stopped() {
    let mut case = Case::new();
    for depth in 0..20 {
        let twice = format!(
            "fragment: true\nsteps: [{{ include: f{0}.yaml }}, {{ include: f{0}.yaml }}]\n",
            depth + 1
        );
        case = case.file(&format!("f{depth}"), &twice);
    }
    case.file("f20", "fragment: true\nsteps: [{ note: a }]\n")
        .file(
            "boot",
            "steps: [{ see: [login, desktop] }, { include: f0.yaml }]\n",
        )
        .finds(Code::InvalidValue, "fragments_that_multiply");
}
