//! The results of a matrix, as a table: a row for each scenario, a column for each image and machine.

use super::link::anchor_of;
use super::mark::mark;
use crate::duration::human_duration;
use crate::plain_text::plain_line;
use crate::run::{Run, Scenario};

pub(super) struct MatrixView {
    pub(super) name: String,
    /// Image and machine of each column.
    pub(super) columns: Vec<(String, String)>,
    pub(super) rows: Vec<MatrixRow>,
}

pub(super) struct MatrixRow {
    pub(super) scenario: String,
    /// One for each column; none where the matrix does not run the scenario.
    pub(super) cells: Vec<Option<MatrixCell>>,
}

pub(super) struct MatrixCell {
    pub(super) anchor: String,
    pub(super) verdict: &'static str,
    pub(super) mark: &'static str,
    pub(super) duration: String,
}

impl MatrixView {
    /// Returns the table. `shown` are the scenarios in the order of the page.
    pub(super) fn of(name: &str, run: &Run, shown: &[&Scenario]) -> Self {
        let mut places: Vec<(&str, &str)> = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for scenario in &run.scenarios {
            if !places.contains(&place(scenario)) {
                places.push(place(scenario));
            }
            if !names.contains(&scenario.info.own_name()) {
                names.push(scenario.info.own_name());
            }
        }
        let cell = |own_name: &str, on: (&str, &str)| {
            let is_it = |scenario: &&Scenario| {
                scenario.info.own_name() == own_name && place(scenario) == on
            };
            let at = shown.iter().position(is_it)?;
            let scenario = shown.get(at)?;
            Some(MatrixCell {
                anchor: anchor_of(at + 1),
                verdict: scenario.verdict.word(),
                mark: mark(scenario.verdict),
                duration: human_duration(scenario.duration_ms()),
            })
        };
        Self {
            name: plain_line(name),
            columns: places
                .iter()
                .map(|(image, machine)| (plain_line(image), plain_line(machine)))
                .collect(),
            rows: names
                .iter()
                .map(|own_name| MatrixRow {
                    scenario: plain_line(own_name),
                    cells: places.iter().map(|on| cell(own_name, *on)).collect(),
                })
                .collect(),
        }
    }
}

fn place(scenario: &Scenario) -> (&str, &str) {
    (&scenario.info.image, &scenario.info.machine)
}
