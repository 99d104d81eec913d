//! `report.html`.

use proptest::prelude::*;
use reports::{ChangedArea, Earlier, Entry, Event, FilmPart, FilmPicture, Run, html};
use serde_json::{Value, json};

use crate::sample::{RUNS, log_of};

fn page(entries: &[Entry]) -> String {
    html(&Run::of(entries), &Earlier::default()).expect("a page")
}

/// The page without style and script: these change for reasons of their own.
pub(crate) fn content(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").expect("a style");
    let (_, rest) = rest.split_once("</style>").expect("its end");
    let (body, rest) = rest.split_once("<script>").expect("a script");
    let (_, tail) = rest.split_once("</script>").expect("its end");
    format!("{head}<style/>{body}<script/>{tail}")
}

#[test]
fn every_run_has_its_page() {
    for name in RUNS {
        insta::assert_snapshot!(format!("html_{name}"), content(&page(&log_of(name))));
    }
}

#[test]
fn a_page_needs_no_network() {
    for name in RUNS {
        let page = page(&log_of(name));
        for outside in [
            "http:",
            "https:",
            "src=\"//",
            "href=\"//",
            "@import",
            "url(",
        ] {
            assert!(!page.contains(outside), "{name} has {outside}");
        }
    }
}

#[test]
fn the_cause_stands_before_any_step_and_the_failed_step_shows_its_evidence_there() {
    let page = page(&log_of("failed-look"));
    let at = |part: &str| {
        page.find(part)
            .unwrap_or_else(|| panic!("{part} is missing"))
    };
    let cause = at("class=\"message\">no needle tagged `gnome-overview` matched within 3m<");
    let picture = at("<img src=\"gnome-login/frames/0004.png\"");
    let steps = at("<ol class=\"steps\">");
    assert!(cause < picture && picture < steps);
    assert!(at("area 1: 0.83 of 0.96") < steps);
    assert!(page.contains("shown above"));
    assert!(page.contains("14 px right and 5 px down of where it was recorded"));
}

#[test]
fn steps_that_were_not_reached_are_counted() {
    let page = page(&log_of("watch-breach"));
    assert!(page.contains(">4 more steps were not reached<"));
}

#[test]
fn what_gates_comes_first() {
    let page = page(&log_of("failed-look"));
    let failed = page.find("id=\"scenario-1\"").expect("a scenario");
    assert!(
        page[failed..].find("<h2>gnome-login</h2>")
            < page[failed..].find("<h2>gnome-calculator</h2>")
    );
    assert!(page.contains("<h1>1 of 2 scenarios failed</h1>"));
}

#[test]
fn boxes_are_drawn_where_areas_were_found() {
    let page = page(&log_of("failed-look"));
    assert!(page.contains("<rect class=\"bad\" x=\"404\" y=\"45\" width=\"244\" height=\"36\"/>"));
    assert!(
        page.contains("<rect class=\"recorded\" x=\"390\" y=\"40\" width=\"244\" height=\"36\"/>")
    );
    assert!(
        page.contains("<rect class=\"good\" x=\"314\" y=\"695\" width=\"424\" height=\"64\"/>")
    );
    assert!(page.contains(">1 · 0.83 of 0.96</text>"));
}

#[test]
fn a_log_cut_short_says_so_and_shows_no_passed_scenario() {
    let page = page(&log_of("cut-short"));
    assert!(page.contains("The event log stops before the end of the run."));
    assert!(page.contains("2 of 2 scenarios broke off with an error"));
    assert!(!page.contains("class=\"scenario is-passed\""));
}

#[test]
fn links_lead_to_files_of_the_run_only() {
    let page = page(&log_of("hostile"));
    assert!(
        !page.contains("=\"javascript:"),
        "an address that runs code"
    );
    let page = content(&page);
    assert!(!page.contains("<script>alert"), "markup from the guest");
    for address in page
        .split("href=\"")
        .skip(1)
        .chain(page.split("src=\"").skip(1))
    {
        let address = address.split('"').next().expect("an end");
        assert!(
            !address.starts_with('/') && !address.contains(".."),
            "{address}"
        );
    }
}

#[test]
fn a_run_without_scenarios_has_a_page() {
    assert!(page(&[]).contains("<h1>No scenario ran</h1>"));
}

#[test]
fn tags_are_closed_in_the_order_in_which_they_were_opened() {
    const VOID: [&str; 3] = ["meta", "img", "!DOCTYPE"];
    for name in RUNS {
        let page = content(&page(&log_of(name)));
        let mut open = Vec::new();
        for tag in page.split('<').skip(1) {
            let tag = tag.split('>').next().expect("an end");
            let name_of = |tag: &str| tag.split([' ', '\n']).next().unwrap_or_default().to_owned();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(closed), "{name}: {tag}");
            } else if !tag.ends_with('/') && !VOID.contains(&name_of(tag).as_str()) {
                open.push(name_of(tag));
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_shown_as_text(text in "[<>&\"'/ a-z\\x00-\\x1f=]{0,40}") {
        let marked = format!("<b onclick=x>{text}</script></style></details>");
        let mut log = crate::sample::Writer::new(&[(&marked, &marked, &[&marked])]);
        log.begin(&marked, 1, Some(&marked)).stage(&marked, 2).machine().held("1", &marked, 3).note(&marked);
        log.finish(reports::Verdict::Passed, None)
            .checkpoint_blamed(&marked, &marked)
            .begin(&marked, 2, Some(&marked))
            .stage(&marked, 1)
            .start("1", &marked, None);
        let page = page(&log.killed());
        let content = content(&page);
        prop_assert!(!content.contains("<b onclick"));
        prop_assert_eq!(content.matches("<script").count(), 1);
    }
}

/// The log of a run whose film has these shots: time and picture.
fn filmed(shots: &[(u64, Option<FilmPicture>)], input: &str) -> Vec<Entry> {
    let mut log = log_of("failed-look");
    let about = log
        .iter()
        .find(|entry| matches!(entry.event, Event::StepStarted { .. }))
        .expect("a step")
        .envelope
        .clone();
    let shots = shots.iter().map(|(at, picture)| Event::Shot {
        frame: picture.as_ref().map(|_| *at),
        shown_ms: *at,
        picture: picture.clone(),
    });
    let input = Event::Input {
        step: "1".to_owned(),
        what: input.to_owned(),
        at: Some([30, 40]),
        times: 1,
        done_ms: 1500,
        arrival: None,
        before: None,
        change: None,
    };
    // Before the end of the run.
    let end = log.pop().expect("an end");
    log.extend(shots.chain([input]).map(|event| Entry {
        envelope: about.clone(),
        event,
    }));
    log.push(end);
    log
}

fn picture(file: &str, part: Option<&str>) -> Option<FilmPicture> {
    Some(FilmPicture {
        file: file.to_owned(),
        width: 800,
        height: 600,
        part: part.map(|base| FilmPart {
            area: ChangedArea {
                x: 10,
                y: 20,
                width: 30,
                height: 40,
            },
            base: base.to_owned(),
        }),
    })
}

/// The data of the only film of a page.
fn film(page: &str) -> Value {
    let (_, rest) = page
        .split_once("<script type=\"application/json\">")
        .expect("a film");
    let (data, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(data).expect("JSON")
}

#[test]
fn a_film_has_its_shots_with_their_files_steps_and_inputs() {
    let shots = [
        (1000, picture("a b/film/0001.png", None)),
        (
            1400,
            picture("a b/film/0002.png", Some("a b/film/0001.png")),
        ),
        (2000, None),
    ];
    let page = page(&filmed(&shots, "press </script><b>"));
    let film = film(&page);
    assert_eq!(
        film["files"],
        json!(["a%20b/film/0001.png", "a%20b/film/0002.png"])
    );
    assert_eq!(
        film["shots"],
        json!([
            [1000, 1000, 800, 600, 0, -1, 0, 0, 0, 0],
            [1400, 1400, 800, 600, 1, 0, 10, 20, 30, 40],
            [2000],
        ])
    );
    assert_eq!(
        film["inputs"],
        json!([[1500, "press </script><b>", 30, 40]])
    );
    let step = film["steps"][0].as_array().expect("a step");
    let anchor = step[5].as_str().expect("an anchor");
    assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
}

#[test]
fn a_film_shows_no_file_outside_of_the_run_and_none_is_no_film() {
    let shots = [
        (1, picture("../../etc/x.png", None)),
        (2, picture("s/film/1.png", None)),
    ];
    assert_eq!(film(&page(&filmed(&shots, "x")))["shots"][0], json!([1]));
    let dark = page(&filmed(&[(1, None)], "x"));
    assert!(!dark.contains("application/json"));
}
