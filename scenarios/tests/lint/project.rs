//! Scenarios, images, machines.

use scenarios::Code;

use super::Case;

#[test]
fn an_unknown_after_makes_what_follows_unreachable() {
    Case::new()
        .file("login", "steps: [{ see: [login, desktop] }]\n")
        .file("a", "after: logni\nsteps: [{ see: login }]\n")
        .file("b", "after: a\nsteps: [{ see: login }]\n")
        .finds(Code::Unreachable, "unreachable");
}

#[test]
fn a_cycle_of_after_is_one_finding() {
    let case = Case::new()
        .file("a", "after: b\nsteps: [{ see: [login, desktop] }]\n")
        .file("b", "after: a\nsteps: [{ see: login }]\n")
        .file("c", "after: b\nsteps: [{ see: login }]\n");
    let cycles = case
        .findings()
        .iter()
        .filter(|f| f.code == Code::AfterCycle)
        .count();
    assert_eq!(cycles, 1);
    case.finds(Code::AfterCycle, "after_cycle");
}

#[test]
fn a_scenario_stays_on_the_image_it_started_on() {
    Case::new()
        .project("images: { one: { recipe: a }, two: { recipe: b } }\n")
        .file("a", "image: one\nsteps: [{ see: [login, desktop] }]\n")
        .file("b", "after: a\nimage: two\nsteps: [{ see: login }]\n")
        .finds(Code::AfterElsewhere, "after_elsewhere");
}

#[test]
fn an_unknown_image_says_the_nearest() {
    Case::new()
        .file("a", "image: gnmoe\nsteps: [{ see: [login, desktop] }]\n")
        .finds(Code::UnknownImage, "unknown_image");
}

#[test]
fn an_unknown_machine_says_the_nearest() {
    Case::new()
        .file(
            "a",
            "machine: uefi-x86-64\nsteps: [{ see: [login, desktop] }]\n",
        )
        .finds(Code::UnknownMachine, "unknown_machine");
}

#[test]
fn outside_a_project_machines_are_presets_and_images_are_given_later() {
    Case::new()
        .without_project()
        .file("a", "image: whatever\nsteps: [{ see: [login, desktop] }]\n")
        .clean();
    Case::new()
        .without_project()
        .file(
            "a",
            "machine: desktop\nsteps: [{ see: [login, desktop] }]\n",
        )
        .finds(Code::UnknownMachine, "unknown_preset");
}

#[test]
fn a_scenario_needs_an_image_where_there_are_several() {
    Case::new()
        .project("images: { one: { recipe: a }, two: { recipe: b } }\n")
        .file("a", "steps: [{ see: [login, desktop] }]\n")
        .file("b", "after: a\nsteps: [{ see: login }]\n")
        .finds(Code::NoImage, "no_image");
}
