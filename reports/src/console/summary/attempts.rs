//! The results of several attempts.

use super::page::{Page, paint_of};
use crate::number_ranges::number_ranges;
use crate::plain_text::plain_line;
use crate::run::{Comparison, Scenario};

impl Page<'_> {
    /// Writes the results of several attempts: one line for each group with the same result, then the steps that
    /// varied.
    pub(super) fn attempts(&mut self, scenario: &Scenario) {
        let Some(comparison) = Comparison::of(scenario) else {
            return;
        };
        self.text.push('\n');
        let name = plain_line(&scenario.info.name);
        self.line(&format!("{name}, {} attempts:", scenario.attempts.len()));
        let most = comparison
            .groups
            .iter()
            .map(|group| group.attempts.len())
            .max();
        let digits = most.unwrap_or(0).to_string().len();
        for group in &comparison.groups {
            let count = format!("{:>digits$} {}", group.attempts.len(), group.verdict);
            let count = self.paint(paint_of(group.verdict), &count);
            let at = match &group.ended_at {
                Some(step) => format!(" at {}", plain_line(&step.text())),
                None => String::new(),
            };
            let time = group.durations.text();
            let which = which(scenario, &group.attempts);
            self.line(&format!("  {count}{at} in {time}: {which}"));
        }
        if !comparison.varied.is_empty() {
            self.line("  steps whose outcome varied:");
            for varied in &comparison.varied {
                let step = plain_line(&varied.step.text());
                self.line(&format!("    {step}: {}", varied.counts()));
            }
        }
        if !comparison.spreads.is_empty() {
            self.line("  durations that varied most:");
            for spread in &comparison.spreads {
                let step = plain_line(&spread.step.text());
                self.line(&format!("    {step}: {}", spread.durations.text()));
            }
        }
    }
}

/// Returns the attempts at these places, by number. If the attempts of the scenario have several origins, it adds the
/// origin of each.
fn which(scenario: &Scenario, places: &[usize]) -> String {
    let mut starts: Vec<(String, Vec<u32>)> = Vec::new();
    for attempt in places.iter().map(|place| &scenario.attempts[*place]) {
        let start = plain_line(&attempt.from.short_text());
        match starts.iter_mut().find(|(known, _)| *known == start) {
            Some((_, numbers)) => numbers.push(attempt.number),
            None => starts.push((start, vec![attempt.number])),
        }
    }
    let mut texts = scenario
        .attempts
        .iter()
        .map(|attempt| attempt.from.short_text());
    let first = texts.next();
    let differ = texts.any(|text| Some(text) != first);
    if !differ {
        starts = vec![(
            String::new(),
            starts
                .into_iter()
                .flat_map(|(_, numbers)| numbers)
                .collect(),
        )];
    }
    let parts = starts.into_iter().map(|(start, numbers)| {
        let word = match numbers.len() {
            1 => "attempt",
            _ => "attempts",
        };
        let numbers = number_ranges(numbers);
        format!("{word} {numbers} {start}").trim_end().to_owned()
    });
    parts.collect::<Vec<_>>().join(", ")
}
