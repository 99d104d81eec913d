//! All formats say the same of any log.

use proptest::prelude::*;
use proptest::test_runner::Config;
use reports::{Entry, FlakyPolicy, Run, json, junit, tap};

use crate::junit::{named, parse};
use crate::sample::random;
use crate::{json as document, tap as stream};

/// The numbers of scenarios, as far as all formats can tell them.
#[derive(Debug, PartialEq, Eq)]
struct Totals {
    scenarios: usize,
    gating: usize,
    skipped: usize,
}

fn of_junit(run: &Run) -> Totals {
    let elements = parse(&junit(run, "results"));
    let count = |name: &str| named(&elements, name).len();
    let root = &named(&elements, "testsuites")[0].attributes;
    let suites = named(&elements, "testsuite");
    for (total, element) in [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ] {
        let of_suites = suites.iter().map(|suite| &suite.attributes[total]);
        let sum: usize = of_suites
            .map(|sum| sum.parse::<usize>().expect("a number"))
            .sum();
        assert_eq!(sum, count(element), "{total}");
        if total != "skipped" {
            assert_eq!(root[total], sum.to_string(), "{total}");
        }
    }
    Totals {
        scenarios: count("testcase"),
        gating: count("failure") + count("error"),
        skipped: count("skipped"),
    }
}

fn of_tap(run: &Run) -> Totals {
    let (points, _) = stream::read(&tap(run, "results"));
    let has = |point: &&stream::Point, word: &str| {
        point
            .directive
            .as_ref()
            .is_some_and(|(found, _)| found == word)
    };
    Totals {
        scenarios: points.len(),
        gating: points
            .iter()
            .filter(|point| !point.ok && !has(point, "TODO"))
            .count(),
        skipped: points.iter().filter(|point| has(point, "SKIP")).count(),
    }
}

fn of_json(run: &Run) -> Totals {
    let document = document::read(&json(run, "results").expect("a document"));
    let total = |name: &str| -> usize {
        let number = document["totals"][name].as_u64().expect("a number");
        usize::try_from(number).expect("a small number")
    };
    let listed = document["scenarios"].as_array().expect("a list").len();
    assert_eq!(listed, total("scenarios"));
    let verdicts = [
        "passed",
        "soft-failed",
        "flaky",
        "failed",
        "error",
        "skipped",
        "cancelled",
    ];
    assert_eq!(verdicts.map(total).iter().sum::<usize>(), listed);
    Totals {
        scenarios: listed,
        gating: total("gating"),
        skipped: total("skipped"),
    }
}

fn agree(entries: &[Entry], goes_on: bool, flaky: FlakyPolicy) {
    let mut run = match goes_on {
        true => Run::so_far(entries),
        false => Run::of(entries),
    };
    run.rules.flaky = flaky;
    let expected = of_json(&run);
    assert_eq!(of_junit(&run), expected);
    assert_eq!(of_tap(&run), expected);
}

fn policy() -> impl Strategy<Value = FlakyPolicy> {
    prop_oneof![Just(FlakyPolicy::Pass), Just(FlakyPolicy::Fail)]
}

// Ten thousand logs in all: two tests, so that two processors share them.
proptest! {
    #![proptest_config(Config::with_cases(5_000))]

    #[test]
    fn any_run_has_the_same_totals_in_all_formats(
        entries in random::log(&["a", "b"]), goes_on in any::<bool>(), flaky in policy()
    ) {
        agree(&entries, goes_on, flaky);
    }

    #[test]
    fn any_entries_have_the_same_totals_in_all_formats(
        entries in random::entries(), goes_on in any::<bool>(), flaky in policy()
    ) {
        agree(&entries, goes_on, flaky);
    }
}
