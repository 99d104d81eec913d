//! Tests of the overall progress.

use super::*;

/// A run, its clock, and what is known of earlier runs.
struct Watched {
    overall: Overall,
    usual: Usual,
    now: Instant,
}

impl Watched {
    fn of(names: &[&str], rules: Rules) -> Self {
        let infos: Vec<ScenarioInfo> = names.iter().copied().map(ScenarioInfo::named).collect();
        let mut overall = Overall::default();
        overall.begin(&infos, rules);
        Self {
            overall,
            usual: Usual::default(),
            now: Instant::now(),
        }
    }

    fn usually(mut self, scenario: &str, seconds: u64) -> Self {
        let duration = Duration::from_secs(seconds);
        self.usual.set_duration(scenario, duration);
        self
    }

    fn begins(&mut self, scenario: &str, attempt: u32) {
        let number = Some(attempt);
        self.overall.attempt_begins(scenario, number, self.now);
    }

    fn ends(&mut self, scenario: &str, attempt: u32, verdict: Verdict, seconds: u64) {
        let took = Duration::from_secs(seconds);
        let number = Some(attempt);
        self.overall.attempt_ends(scenario, number, verdict, took);
    }

    fn line(&self, width: usize) -> String {
        let line = self.overall.line(self.now, &self.usual, width);
        line.unwrap_or_default().trim_start().to_owned()
    }
}

#[test]
fn what_has_ended_and_what_runs_is_counted() {
    let mut run = Watched::of(&["a", "b", "c", "d"], Rules::default());
    assert_eq!(run.line(80), "0/4");
    run.begins("a", 1);
    run.begins("b", 1);
    assert_eq!(run.line(80), "0/4, 2 running");
    run.ends("a", 1, Verdict::Failed, 60);
    run.ends("c", 1, Verdict::Error, 0);
    assert_eq!(
        run.line(80),
        "2/4, 1 failed, 1 error, 1 running, about 1 min left"
    );
    // The number of those that run gives way first, then the estimate.
    assert_eq!(run.line(50), "2/4, 1 failed, 1 error, about 1 min left");
    assert_eq!(run.line(40), "2/4, 1 failed, 1 error");
}

#[test]
fn a_scenario_that_is_tried_again_has_not_ended_and_its_last_attempt_counts() {
    let mut run = Watched::of(&["a", "b"], Rules::default());
    run.begins("a", 1);
    run.ends("a", 1, Verdict::Failed, 300);
    assert!(
        run.line(80).starts_with("1/2, 1 failed"),
        "{}",
        run.line(80)
    );
    run.begins("a", 2);
    assert!(
        run.line(80).starts_with("0/2, 1 running"),
        "{}",
        run.line(80)
    );
    run.ends("a", 2, Verdict::Passed, 300);
    assert!(run.line(80).starts_with("1/2, about"), "{}", run.line(80));
}

#[test]
fn repetitions_are_counted_one_by_one() {
    let rules = |attempts| Rules {
        repeats: true,
        attempts,
        ..Rules::default()
    };
    let mut run = Watched::of(&["a"], rules(Some(40)));
    let mut open = Watched::of(&["a"], rules(None));
    for run in [&mut run, &mut open] {
        for attempt in 1..=10 {
            run.begins("a", attempt);
            let verdict = match attempt {
                3 => Verdict::Failed,
                _ => Verdict::Passed,
            };
            run.ends("a", attempt, verdict, 60);
        }
        run.begins("a", 11);
    }
    assert_eq!(
        run.line(80),
        "10/40, 1 failed, 1 running, about 30 min left"
    );
    assert_eq!(open.line(80), "10 ended, 1 failed, 1 running");
}

#[test]
fn one_scenario_needs_no_overall_progress() {
    let run = Watched::of(&["a"], Rules::default());
    assert_eq!(run.line(80), "");
}

#[test]
fn the_rest_is_estimated_from_earlier_runs_or_else_from_this_one() {
    let mut run = Watched::of(&["a", "b", "c", "d"], Rules::default())
        .usually("a", 600)
        .usually("b", 600);
    run.begins("a", 1);
    // Nothing is known of c and d.
    assert_eq!(run.line(80), "0/4, 1 running");
    run.now += Duration::from_secs(300);
    run.ends("a", 1, Verdict::Passed, 300);
    run.begins("b", 1);
    run.now += Duration::from_secs(60);
    // 9 minutes of b, and 5 of c and d each, as a took in this run.
    assert_eq!(run.line(80), "1/4, 1 running, about 19 min left");
    // Two at once take half of the time.
    run.begins("c", 1);
    assert_eq!(run.line(80), "1/4, 2 running, about 10 min left");
    run.now += Duration::from_secs(3_600);
    // What should have ended long ago says nothing; one scenario waits.
    assert_eq!(run.line(80), "1/4, 2 running, about 5 min left");
    run.begins("d", 1);
    run.now += Duration::from_secs(3_600);
    assert_eq!(run.line(80), "1/4, 3 running");
}

#[test]
fn a_skipped_scenario_tells_nothing_of_the_others() {
    let mut run = Watched::of(&["a", "b"], Rules::default());
    run.ends("a", 1, Verdict::Skipped, 0);
    assert_eq!(run.line(80), "1/2");
}

#[test]
fn an_estimate_is_rounded_up() {
    for (seconds, expected) in [
        (1, "about 1 min left"),
        (61, "about 2 min left"),
        (20 * 60, "about 20 min left"),
        (21 * 60, "about 25 min left"),
        (55 * 60, "about 55 min left"),
        (56 * 60, "about 1 h left"),
        (71 * 60, "about 1 h 20 min left"),
    ] {
        assert_eq!(left_text(Duration::from_secs(seconds)), expected);
    }
}
