//! The name of a cell: the same one for a run of its own and for a matrix.

use std::fmt;
use std::sync::Arc;

use reports::ScenarioInfo;
use scenarios::Combination;

/// A cell of the history: a scenario on an image and a machine, written `scenario@image+machine`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cell(String);

impl Cell {
    /// Returns the cell of a result. `qa run gnome-login` and the result `gnome-login@gnome+desktop` of a matrix have
    /// the same cell.
    pub(crate) fn of(info: &ScenarioInfo) -> Self {
        let label = label(info, info.own_name());
        if info.name == info.own_name() || info.name == label {
            return Self(label);
        }
        // The health check of a board has a name of its own, and is no result of its scenario.
        Self(self::label(info, &info.name))
    }

    /// Makes a cell of the name that the history has stored.
    pub(super) fn stored(name: String) -> Self {
        Self(name)
    }

    /// Returns its name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name of its scenario.
    pub(crate) fn scenario(&self) -> &str {
        self.0.split('@').next().unwrap_or(&self.0)
    }
}

fn label(info: &ScenarioInfo, scenario: &str) -> String {
    let combination = Combination {
        scenario: scenario.to_owned(),
        image: info.image.clone(),
        machine: info.machine.clone(),
        vars: Arc::default(),
    };
    combination.label()
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(name: &str, scenario: Option<&str>) -> ScenarioInfo {
        ScenarioInfo {
            scenario: scenario.map(str::to_owned),
            image: "gnome".into(),
            machine: "desktop".into(),
            ..ScenarioInfo::named(name)
        }
    }

    #[test]
    fn a_run_of_its_own_and_a_matrix_have_the_same_cell() {
        for (name, scenario) in [("login", None), ("login@gnome+desktop", Some("login"))] {
            let cell = Cell::of(&info(name, scenario));
            assert_eq!(cell.as_str(), "login@gnome+desktop", "{name}");
            assert_eq!(cell.scenario(), "login");
        }
    }

    #[test]
    fn a_health_check_is_no_result_of_its_scenario() {
        let cell = Cell::of(&info("health-of-desktop", Some("login")));
        assert_eq!(cell.as_str(), "health-of-desktop@gnome+desktop");
    }
}
