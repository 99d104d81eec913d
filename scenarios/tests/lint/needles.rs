//! Needles and tags.

use scenarios::{Code, Library, NeedleFacts, Source, lint};

use super::{Case, needle};

#[test]
fn an_unknown_tag_says_the_nearest() {
    Case::new()
        .steps("  - see: logn\n")
        .finds(Code::UnknownTag, "unknown_tag");
}

#[test]
fn an_unknown_tag_far_from_any_says_how_to_cut_one() {
    Case::new()
        .steps("  - click: firefox\n")
        .finds(Code::UnknownTag, "unknown_tag_far_from_any");
}

#[test]
fn tags_in_every_place_of_the_language_are_checked() {
    let steps = "  - see: { needle: t1, not: t2 }
  - gone: t3
  - press: { keys: tab, until: t4 }
  - click: t5
  - move: { needle: t6 }
  - drag: { from: t7, to: { needle: t8 } }
  - scroll: { direction: up, at: t9 }
  - note: { text: a, when: seen(t10) }
  - assert: seen(t11)
  - group: { name: a, steps: [{ see: t12 }] }
  - hold: { keys: shift, steps: [{ see: t13 }] }
  - each: { in: [x], steps: [{ see: t14 }] }
";
    let mut case = Case::new().steps(steps);
    case.files[0].1.push_str("watch: [{ needle: t15 }]\n");
    let findings = case.findings();
    for number in 1..=15 {
        let message = format!("no needle carries the tag `t{number}`");
        let found = findings.iter().filter(|f| f.message == message).count();
        assert_eq!(found, 1, "{message}: {findings:?}");
    }
}

#[test]
fn tags_that_no_needle_has_together_are_an_error() {
    Case::new()
        .steps("  - see: login desktop\n")
        .finds(Code::UnknownTag, "tags_not_together");
}

#[test]
fn a_tag_with_a_variable_is_checked_by_its_value() {
    let case = |value: &str| {
        let text = format!(
            "vars: {{ screen: {value} }}\nsteps:\n  - see: '{{{{ screen }}}}'\n  - see: [login, desktop]\n"
        );
        Case::new().file("boot", &text)
    };
    case("desktop").clean();
    case("dektop").finds(Code::UnknownTag, "unknown_tag_in_a_variable");
}

#[test]
fn a_tag_whose_variable_is_set_later_is_checked_by_what_is_around_it() {
    let run = "  - run: { command: hostname, save: host }\n";
    Case::new()
        .needle(needle("a", &["host-a"]))
        .steps(&format!("{run}  - see: 'host-{{{{ host }}}}'\n"))
        .clean();
    Case::new()
        .steps(&format!("{run}  - see: 'host-{{{{ host }}}}'\n"))
        .finds(Code::UnknownTag, "unknown_tag_around_a_variable");
}

#[test]
fn items_of_each_are_tags_too() {
    Case::new()
        .needle(needle("a", &["app-calc"]))
        .steps("  - each: { in: [calc, edtor], as: app, steps: [{ see: 'app-{{ app }}' }] }\n")
        .finds(Code::UnknownTag, "unknown_tag_of_an_item");
}

#[test]
fn a_needle_that_nothing_looks_for_is_a_warning() {
    Case::new()
        .needle(needle("old", &["old", "ancient"]))
        .needle(needle("bare", &[]))
        .steps("")
        .finds(Code::UnusedNeedle, "unused_needle");
}

#[test]
fn a_broken_needle_is_an_error_and_its_tags_are_known() {
    Case::new()
        .needle(NeedleFacts {
            problem: Some("needle `menu` has no picture: `needles/menu.png` is missing".to_owned()),
            ..needle("menu", &["menu"])
        })
        .needle(NeedleFacts {
            problem: Some("area 1 lies outside the picture of 1024x768".to_owned()),
            ..needle("panel", &["panel"])
        })
        .steps("  - see: menu\n")
        .finds(Code::BrokenNeedle, "broken_needle");
}

#[test]
fn two_needles_of_one_name_are_a_warning_with_both_paths() {
    let mut second = needle("login", &["login"]);
    second.path = "needles/more/login.json".to_owned();
    Case::new()
        .needle(second)
        .steps("")
        .finds(Code::DuplicateName, "two_needles_of_one_name");
}

#[test]
fn a_click_point_must_be_in_the_needle() {
    let dialog = NeedleFacts {
        click_points: vec!["ok".to_owned(), "cancel".to_owned()],
        ..needle("dialog", &["dialog"])
    };
    Case::new()
        .needle(dialog.clone())
        .steps("  - click: { needle: dialog, point: ok }\n")
        .clean();
    Case::new()
        .needle(dialog)
        .steps("  - click: { needle: dialog, point: cancle }\n  - move: { needle: login, point: ok }\n")
        .finds(Code::ClickPoint, "unknown_click_point");
}

#[test]
fn nothing_is_called_unused_while_a_scenario_cannot_be_read() {
    let needle = [needle("login", &["login"])];
    let unused = |text: &str| {
        let (library, _) = Library::read([
            Source::new("scenarios/a.yaml", text),
            Source::new(
                "scenarios/part.yaml",
                "fragment: true\nsteps: [{ note: x }]\n",
            ),
        ]);
        let findings = lint(None, &library, &needle);
        findings.iter().map(|f| f.code).collect::<Vec<_>>()
    };
    assert_eq!(
        unused("image: a.qcow2\nsteps: [{ note: x }]\n"),
        [Code::UnusedNeedle, Code::Unreachable]
    );
    let broken =
        unused("image: a.qcow2\nsteps:\n  - note: x\n  - sea: login\n  - include: part.yaml\n");
    assert!(!broken.contains(&Code::UnusedNeedle), "{broken:?}");
    assert_eq!(unused("steps: [\n"), []);
}
