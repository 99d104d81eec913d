//! The list of scenarios at the top of `report.html`.

use reports::{Earlier, Finding, Run, Scenario, Verdict, html};

use crate::sample::log_of;

/// A run of many scenarios: the first ones of a run over and over, each with another name.
fn many(count: usize, mut change: impl FnMut(usize, &mut Scenario)) -> Run {
    let mut run = Run::of(&log_of("failed-look"));
    let scenario = run.scenarios[0].clone();
    run.scenarios = (0..count).map(|_| scenario.clone()).collect();
    for (number, scenario) in run.scenarios.iter_mut().enumerate() {
        scenario.info.name = format!("scenario-of-{number}");
        change(number, scenario);
    }
    run
}

fn page(run: &Run) -> String {
    html(run, &Earlier::default()).expect("a page")
}

fn set_cause(scenario: &mut Scenario, message: &str) {
    let cause = scenario.cause.as_mut().expect("a cause");
    cause.message = message.to_owned();
}

#[test]
fn scenarios_that_fail_for_one_reason_are_one_line() {
    let run = many(24, |number, scenario| {
        let message = match number {
            0..20 => "no needle tagged `x` matched within 3m",
            20..22 => "two of a kind",
            _ => "the guest's kernel panicked",
        };
        set_cause(scenario, message);
    });
    let page = page(&run);
    assert_eq!(page.matches("<details class=\"group").count(), 1);
    assert!(page.contains("<span class=\"name\">20 scenarios</span>"));
}

#[test]
fn a_group_has_one_verdict() {
    let run = many(6, |number, scenario| {
        if number % 2 == 0 {
            scenario.verdict = Verdict::Error;
        }
    });
    let page = page(&run);
    assert_eq!(
        page.matches("<span class=\"name\">3 scenarios</span>")
            .count(),
        2
    );
}

#[test]
fn many_scenarios_can_be_searched_and_few_need_no_search() {
    let filter = "class=\"filter\"";
    assert!(page(&many(8, |_, _| {})).contains(filter));
    assert!(!page(&many(7, |_, _| {})).contains(filter));
    let two_images = page(&many(8, |number, scenario| {
        scenario.info.image = format!("image-{}", number % 2);
    }));
    assert!(two_images.contains("<option>image-1</option>"));
    assert!(
        !two_images.contains("name=\"machine\""),
        "there is one machine"
    );
}

#[test]
fn a_page_of_many_failures_unfolds_the_first_ones() {
    let page = page(&many(50, |number, scenario| {
        set_cause(scenario, &format!("reason {number}"));
    }));
    let open = page.matches("<details class=\"scenario is-failed\"");
    assert_eq!(open.count(), 50);
    assert_eq!(page.matches("\n<noscript>\n").count(), 30);
}

#[test]
fn many_findings_do_not_push_the_list_off_the_page() {
    let with_findings = |count: usize| {
        page(&many(count, |_, scenario| {
            scenario.findings = vec![Finding::EvidenceLost {
                what: "a picture of the screen".to_owned(),
                reason: "the disk is full".to_owned(),
            }];
        }))
    };
    let folded = "<details class=\"banner\"><summary>6 findings beside the verdicts</summary>";
    assert!(with_findings(6).contains(folded));
    assert!(!with_findings(5).contains("findings beside the verdicts"));
}
