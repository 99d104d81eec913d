//! Whatever is written, reading it ends with findings and not with a panic.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may end where it is wrong"
)]

use proptest::prelude::*;
use scenarios::{
    Colour, Condition, FromText, KeyCombo, Library, Pattern, Plan, Project, Scenario, Shown,
    Source, Span, TagSet, Template, Text, Vars, expand, lint,
};
use std::time::Duration;

/// Pieces that scenarios are made of, right and wrong ones: random text alone never gets past the first line.
const PIECES: &[&str] = &[
    "steps:",
    "title:",
    "after:",
    "image:",
    "vars:",
    "secrets:",
    "watch:",
    "fragment: true",
    "- ",
    "  ",
    "    ",
    "\n",
    "\n",
    "\n",
    "see:",
    "click:",
    "type:",
    "press:",
    "run:",
    "serial:",
    "group:",
    "each:",
    "include:",
    "set:",
    "assert:",
    "hold:",
    "still:",
    "drag:",
    "scroll:",
    "power:",
    "soft_fail:",
    "within:",
    "when:",
    "needle:",
    "keys:",
    "for:",
    "in:",
    "as:",
    "name:",
    "text:",
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "'",
    "\"",
    "\\n",
    "{{",
    "}}",
    "{{ x }}",
    "&a",
    "*a",
    "!t",
    "|",
    ">",
    "#",
    "~",
    "null",
    "true",
    "5s",
    "60",
    "0x1F",
    "ctrl-alt-",
    "a",
    "login",
    "ä",
    "\u{0}",
    "\u{feff}",
    "\u{2028}",
    "\t",
    "\r\n",
    "---",
    "...",
];

fn yaml_like() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            9 => proptest::sample::select(PIECES).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
        ],
        0..60,
    )
    .prop_map(|pieces| pieces.concat())
}

/// Everything that is done with a file before a machine starts.
fn read_everything(text: &str) {
    let source = Source::new("scenarios/a.yaml", text);
    let (_, findings) = Scenario::read(&source);
    for finding in &findings {
        assert!(!finding.render(Colour::Off).is_empty());
        assert!(finding.at.is_some(), "{finding:?} has no place");
    }
    let (project, findings) = Project::read(&Source::new("qa.yaml", text));
    for finding in &findings {
        assert!(!finding.render(Colour::On).is_empty());
    }
    let (library, _) = Library::read([
        source,
        Source::new("scenarios/b.yaml", "steps: [{ see: a }]"),
    ]);
    for finding in lint(project.as_ref(), &library, &[]) {
        assert!(!finding.render(Colour::Off).is_empty());
    }
    // A plan, its steps or errors: either is an answer.
    if let Ok(plan) = Plan::new(&library, &[]) {
        for chain in plan.chains() {
            for stage in &chain.stages {
                for step in expand(stage, &library, &Vars::new()).unwrap_or_default() {
                    assert!(!step.written_line().is_empty());
                    assert!(
                        step.render(&Vars::new())
                            .map_or(true, |step| !step.line.is_empty())
                    );
                }
            }
        }
    }
}

fn at(text: &str) -> Span {
    Span::new(&Source::new("a.yaml", text), 0..text.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn yaml_like_text_never_panics(text in yaml_like()) {
        read_everything(&text);
    }

    #[test]
    fn a_step_of_anything_never_panics(verb in proptest::sample::select(scenarios::Verb::ALL), value in yaml_like()) {
        read_everything(&format!("steps:\n  - {}: {value}\n", verb.name()));
    }

    #[test]
    fn any_text_at_all_never_panics(text in any::<String>()) {
        read_everything(&text);
    }

    #[test]
    fn a_shipped_scenario_with_one_piece_changed_never_panics(
        at in 0_usize..4000, piece in proptest::sample::select(PIECES),
    ) {
        let mut text = include_str!("../console-login.yaml").to_owned();
        let mut at = at % text.len();
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.insert_str(at, piece);
        read_everything(&text);
    }

    #[test]
    fn a_template_reads_as_it_is_written(
        parts in proptest::collection::vec(prop_oneof!["[a-z :é]{1,6}", Just("{{ user }}".to_owned())], 0..6),
    ) {
        let text = parts.concat();
        let template = Template::parse(&text, &at(&text)).expect("a template");
        prop_assert_eq!(template.written(), text.as_str());
        let mut vars = Vars::new();
        vars.set("user", "bob");
        let rendered = template.render(&vars).expect("a known variable");
        prop_assert_eq!(rendered.reveal(), text.replace("{{ user }}", "bob"));
    }

    #[test]
    fn a_template_of_braces_and_quotes_never_panics(text in "[{}\" a\u{e4}]{0,20}") {
        if let Ok(template) = Template::parse(&text, &at(&text)) {
            let _ = template.render(&Vars::new()).map_err(|error| error.render(Colour::Off));
        }
    }

    #[test]
    fn a_condition_never_panics_and_its_places_are_in_it(
        text in "(user|and|or|not|in|matches|seen|==|!=|[()\\[\\],/'\" a1é]){0,16}",
    ) {
        match Condition::parse(&text, &at(&text)) {
            Ok(condition) => {
                let mut vars = Vars::new();
                vars.set("user", "x");
                prop_assert_eq!(condition.text(), text.as_str());
                // What needs no variable has the same value with any.
                if let (Some(constant), Ok(value)) = (condition.constant(), condition.holds(&vars, &|_| true)) {
                    prop_assert_eq!(constant, value);
                }
            }
            Err(error) => prop_assert!(error.at.is_some()),
        }
    }

    #[test]
    fn a_shown_duration_reads_as_itself(millis in 0_u64..604_800_000) {
        let duration = Duration::from_millis(millis);
        let shown = duration.shown();
        prop_assert_eq!(Duration::from_text(&Text::open(shown.as_str()), &at(&shown)), Ok(duration));
    }

    #[test]
    fn a_duration_of_anything_never_panics(text in "[0-9.hms e+-]{0,24}") {
        let read = Duration::from_text(&Text::open(text.as_str()), &at(&text));
        if let Ok(duration) = read {
            prop_assert!(duration <= Duration::from_secs(7 * 24 * 3600));
        }
    }

    #[test]
    fn a_shown_key_combination_reads_as_itself(
        text in "(ctrl|alt|shift|super|enter|page-down|f[1-9]|[a-z0-9]|-|,|\\+){0,4}\
            (-(ctrl|a|f2|esc|space|minus)){0,3}",
    ) {
        if let Ok(combo) = KeyCombo::from_text(&Text::open(text.as_str()), &at(&text)) {
            let shown = combo.to_string();
            prop_assert!(!shown.is_empty());
            prop_assert_eq!(KeyCombo::from_text(&Text::open(shown.as_str()), &at(&shown)), Ok(combo));
        }
    }

    #[test]
    fn a_tag_set_has_the_words_of_its_text(text in "[a-z -]{0,20}") {
        match TagSet::from_text(&Text::open(text.as_str()), &at(&text)) {
            Ok(set) => prop_assert_eq!(set.tags().join(" "), text.split_whitespace().collect::<Vec<_>>().join(" ")),
            Err(_) => prop_assert!(text.trim().is_empty()),
        }
    }

    #[test]
    fn a_pattern_of_anything_is_read_or_explained(text in any::<String>()) {
        if let Err(why) = Pattern::new(&text) {
            prop_assert!(!why.is_empty());
        }
    }

    #[test]
    fn a_secret_is_in_no_message(secret in "[A-Z]{12}") {
        let text = "steps:\n  - see: '{{ pin }}'\n  - press: '{{ pin }}'\n  - still: '{{ pin }}'\n  \
            - press: { keys: a, repeat: '{{ pin }}' }\n  \
                    - type: '{{ pin }}'\n  - run: '{{ pin }}'\n  - note: '{{ pin }}'\n  - set: { a: '{{ pin }}' }\n";
        let (library, _) = Library::read([Source::new("a.yaml", text)]);
        let mut vars = Vars::new();
        vars.set("pin", Text::secret(secret.as_str()));
        let scenario = library.find("a").expect("the scenario");
        for step in expand(scenario, &library, &vars).expect("a plan") {
            let shown = match step.render(&vars) {
                Ok(rendered) => format!("{rendered:?}"),
                Err(error) => format!("{error:?} {}", error.render(Colour::Off)),
            };
            prop_assert!(!shown.contains(&secret), "{}", shown);
        }
    }
}
