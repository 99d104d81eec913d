//! What only the project as a whole shows: names, tags, variables, needles, reachability.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may end where it is wrong"
)]

mod golden;

use golden::assert_golden;
use scenarios::{Code, Date, Diagnostic, Library, NeedleFacts, Project, Source, expired, lint};

/// A project under test: by default one image, and needles `login` and `desktop`.
struct Case {
    project: Option<String>,
    files: Vec<(String, String)>,
    needles: Vec<NeedleFacts>,
}

fn needle(name: &str, tags: &[&str]) -> NeedleFacts {
    NeedleFacts {
        name: name.to_owned(),
        path: format!("needles/{name}.json"),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..NeedleFacts::default()
    }
}

impl Case {
    fn new() -> Self {
        Self {
            project: Some("images: { gnome: { recipe: gnome } }\n".to_owned()),
            files: Vec::new(),
            needles: vec![needle("login", &["login"]), needle("desktop", &["desktop"])],
        }
    }

    /// Replaces the project file.
    fn project(mut self, text: &str) -> Self {
        self.project = Some(text.to_owned());
        self
    }

    fn without_project(mut self) -> Self {
        self.project = None;
        self
    }

    /// A file below `scenarios/`.
    fn file(mut self, name: &str, text: &str) -> Self {
        self.files
            .push((format!("scenarios/{name}.yaml"), text.to_owned()));
        self
    }

    /// A scenario that looks for both needles, with more steps.
    fn steps(self, steps: &str) -> Self {
        let text = format!("title: Boot\nsteps:\n  - see: [login, desktop]\n{steps}");
        self.file("boot", &text)
    }

    fn needle(mut self, needle: NeedleFacts) -> Self {
        self.needles.push(needle);
        self
    }

    fn findings(&self) -> Vec<Diagnostic> {
        let project = self.project.as_ref().map(|text| {
            let (project, findings) = Project::read(&Source::new("qa.yaml", text.as_str()));
            assert_eq!(findings, [], "the project file itself is right");
            project.expect("a project")
        });
        let sources = self
            .files
            .iter()
            .map(|(path, text)| Source::new(path.as_str(), text.as_str()));
        let (library, findings) = Library::read(sources);
        assert_eq!(findings, [], "each file by itself is right");
        lint(project.as_ref(), &library, &self.needles)
    }

    /// Nothing is found.
    #[track_caller]
    fn clean(&self) {
        assert_eq!(self.findings(), []);
    }

    /// The check finds it, and the whole answer is the golden one.
    #[track_caller]
    fn finds(&self, code: Code, name: &str) {
        let findings = self.findings();
        assert!(
            findings.iter().any(|finding| finding.code == code),
            "{code} was not found: {findings:?}"
        );
        assert_golden("lint", name, &findings);
    }
}

#[test]
fn a_good_project_has_no_findings() {
    Case::new()
        .project("images: { gnome: { recipe: gnome, vars: { user: alice } } }\nsecrets: { password: { env: P } }\nvars: { apps: [calc] }\n")
        .file("part", "fragment: true\nvars: { greeting: hello }\nsteps:\n  - type: '{{ greeting }} {{ name }}'\n")
        .file("login", "steps:\n  - see: login\n  - type: '{{ user }}{{ password }}'\n  - run: { command: uname, save: kernel }\n")
        .file(
            "desktop",
            "after: login\nsteps:\n  - see: desktop\n  - include: { file: part.yaml, vars: { name: '{{ kernel }}' } }\n  \
             - each: { in: apps, steps: [{ type: '{{ item }}' }] }\n  - note: { text: a, when: \"kernel == 'Linux' and not seen(login)\" }\n",
        )
        .clean();
}

// Needles and tags.

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
fn two_needles_of_one_name_are_an_error() {
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

// Variables.

#[test]
fn an_unknown_variable_says_the_nearest() {
    Case::new()
        .project("images: { gnome: { recipe: gnome } }\nvars: { user: alice }\n")
        .steps("  - type: '{{ usr }}'\n")
        .finds(Code::UnknownVariable, "unknown_variable");
}

#[test]
fn variables_in_every_place_of_the_language_are_checked() {
    let steps = "  - see: { needle: login, for: '{{ v1 }}', within: '{{ v2 }}', title: '{{ v3 }}' }
  - type: { text: '{{ v4 }}', every: '{{ v5 }}' }
  - press: { keys: '{{ v6 }}', repeat: '{{ v7 }}' }
  - click: { x: '{{ v8 }}', y: '{{ v9 }}' }
  - serial: { send: '{{ v10 }}', regex: '{{ v11 }}' }
  - run: { command: '{{ v12 }}', output: '{{ v13 }}', user: '{{ v14 }}', stdin: '{{ v15 }}' }
  - set: { a: '{{ v16 }}' }
  - assert: { that: v17 == 'x', message: '{{ v18 }}' }
  - note: '{{ v19 }}'
  - soft_fail: { reason: '{{ v20 }}', ticket: '{{ v21 }}' }
  - each: { in: ['{{ v22 }}'], steps: [{ note: a }] }
  - group: { name: '{{ v23 }}', steps: [{ screenshot: '{{ v24 }}' }] }
  - hold: { keys: '{{ v25 }}', for: '{{ v26 }}' }
  - still: { for: '{{ v27 }}', level: '{{ v28 }}' }
  - note: { text: a, when: not v29 }
";
    let mut case = Case::new().steps(steps);
    case.files[0]
        .1
        .push_str("watch: [{ serial: '{{ v30 }}' }, { run: '{{ v31 }}', every: '{{ v32 }}' }]\n");
    let findings = case.findings();
    for number in 1..=32 {
        let message = format!("unknown variable `v{number}`");
        let found = findings.iter().filter(|f| f.message == message).count();
        assert_eq!(found, 1, "{message}: {findings:?}");
    }
}

#[test]
fn a_variable_is_known_only_after_the_step_that_sets_it() {
    Case::new()
        .steps("  - note: '{{ kernel }}'\n  - run: { command: uname, save: kernel }\n  - note: '{{ kernel }}'\n")
        .finds(Code::UnknownVariable, "variable_before_it_is_set");
}

#[test]
fn what_an_earlier_stage_sets_is_known() {
    Case::new()
        .file(
            "a",
            "steps:\n  - see: [login, desktop]\n  - set: { x: '1' }\n",
        )
        .file("b", "after: a\nsteps:\n  - note: '{{ x }}'\n")
        .clean();
}

#[test]
fn a_bound_variable_is_known_only_inside() {
    Case::new()
        .steps("  - each: { in: [a], as: app, steps: [{ note: '{{ app }}' }] }\n  - note: '{{ app }}'\n")
        .finds(Code::UnknownVariable, "bound_variable_outside");
}

#[test]
fn variables_of_another_image_are_not_known() {
    Case::new()
        .project("images:\n  one: { recipe: a, vars: { user: alice } }\n  two: { recipe: b }\n")
        .file(
            "a",
            "image: one\nsteps: [{ see: [login, desktop] }, { type: '{{ user }}' }]\n",
        )
        .file("b", "image: two\nsteps: [{ type: '{{ user }}' }]\n")
        .finds(Code::UnknownVariable, "variable_of_another_image");
}

#[test]
fn a_list_where_text_is_needed_is_an_error() {
    Case::new()
        .file(
            "boot",
            "vars: { apps: [a, b] }\nsteps:\n  - see: [login, desktop]\n  - type: '{{ apps }}'\n",
        )
        .finds(Code::WrongType, "list_as_text");
}

#[test]
fn text_where_a_list_is_needed_is_an_error() {
    Case::new()
        .file("boot", "vars: { app: a }\nsteps:\n  - see: [login, desktop]\n  - each: { in: app, steps: [{ note: a }] }\n")
        .finds(Code::WrongType, "text_as_list");
}

#[test]
fn variables_that_need_each_other_are_an_error() {
    Case::new()
        .file(
            "boot",
            "vars: { a: '{{ b }}', b: '{{ a }}' }\nsteps: [{ see: [login, desktop] }]\n",
        )
        .finds(Code::VariableCycle, "variable_cycle");
}

#[test]
fn a_value_that_does_not_fit_its_place_is_found_before_the_run() {
    Case::new()
        .file("boot", "vars: { time: '60' }\nsteps:\n  - see: { needle: [login, desktop], within: '{{ time }}' }\n")
        .finds(Code::WrongType, "value_that_does_not_fit");
}

#[test]
fn a_secret_must_not_stand_where_it_is_shown() {
    Case::new()
        .file(
            "boot",
            "secrets: { pin: { env: PIN } }\nvars: { both: 'x{{ pin }}' }\nsteps:\n  - see: [login, desktop]\n  - type: '{{ pin }}'\n  \
             - see: '{{ pin }}'\n  - press: '{{ both }}'\n",
        )
        .finds(Code::SecretShown, "secret_shown");
}

// Scenarios, images, machines.

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

// Fragments.

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

// Habits.

#[test]
fn a_sleep_is_a_warning() {
    let mut case = Case::new().steps(
        "  - run: sleep 30\n  - type: \"sleep 5; poweroff\\n\"\n  - serial: { send: \"sleep 1\\n\" }\n  \
         - run: until test -e /x; do sleep 1; done\n",
    );
    case.files[0]
        .1
        .push_str("watch: [{ run: 'sleep 1; true', every: 5s }]\n");
    let sleeps = case
        .findings()
        .iter()
        .filter(|f| f.code == Code::Sleep)
        .count();
    assert_eq!(sleeps, 4);
    case.finds(Code::Sleep, "sleep");
}

#[test]
fn a_deadline_of_no_time_is_an_error() {
    Case::new()
        .steps("  - see: { needle: login, within: 0s }\n")
        .finds(Code::DeadlineZero, "deadline_of_no_time");
}

#[test]
fn a_condition_that_nothing_can_change_is_a_warning() {
    Case::new()
        .steps("  - note: { text: a, when: '\"arch\" == \"x86_64\"' }\n  - assert: 1 == 1\n")
        .finds(Code::DeadWhen, "dead_condition");
}

#[test]
fn a_watch_that_is_not_there_cannot_be_switched_off() {
    Case::new()
        .project("images: { gnome: { recipe: gnome } }\nwatch: [{ name: kernel, serial: panic }]\n")
        .file("a", "watch: [{ off: kernle }, { name: x, serial: a }, { name: x, serial: b }]\nsteps: [{ see: [login, desktop] }]\n")
        .finds(Code::UnknownWatch, "unknown_watch");
}

#[test]
fn a_watch_that_is_switched_off_is_not_checked() {
    Case::new()
        .project("images: { gnome: { recipe: gnome } }\nwatch: [{ name: oops, needle: oops }]\n")
        .file(
            "a",
            "watch: [{ off: oops }]\nsteps: [{ see: [login, desktop] }]\n",
        )
        .clean();
}

#[test]
fn the_number_of_the_attempt_is_a_variable_of_steps() {
    Case::new()
        .steps("  - type: 'echo {{ attempt }}'\n  - note: { text: a, when: \"attempt == '1'\" }\n")
        .clean();
}

#[test]
fn what_is_made_once_for_all_attempts_cannot_use_their_number() {
    Case::new()
        .file(
            "boot",
            "vars: { word: '{{ attempt }}' }\nwatch: [{ run: 'echo {{ attempt }}', every: 5s }]\n\
             steps: [{ see: [login, desktop] }]\n",
        )
        .finds(Code::UnknownVariable, "attempt_outside_steps");
}

#[test]
fn a_scenario_that_others_start_after_should_not_differ_from_attempt_to_attempt() {
    Case::new()
        .file(
            "boot",
            "steps:\n  - see: login\n  - group: { name: g, steps: [{ press: a }, { type: 'echo {{ attempt }}' }] }\n",
        )
        .file("next", "after: boot\nsteps:\n  - see: desktop\n  - type: '{{ attempt }}'\n")
        .finds(Code::AttemptShared, "attempt_shared");
}

#[test]
fn a_soft_failure_is_over_after_its_day() {
    let text = "steps:\n  - soft_fail: { reason: slow, ticket: '#1', expires: 2026-03-31 }\n  - soft_fail: { reason: x, ticket: '#2' }\n";
    let (library, _) = Library::read([Source::new("scenarios/boot.yaml", text)]);
    let on = |day: u8, month: u8| expired(&library, Date::new(2026, month, day).expect("a day"));
    assert_eq!(on(31, 3), []);
    assert_golden("lint", "expired", &on(1, 4));
}
