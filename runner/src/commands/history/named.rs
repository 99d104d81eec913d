//! Finds the cell that a person names.

use scenarios::nearest;

use crate::failure::Failure;
use crate::history::Cell;

/// Returns the cell of this name. The name of a scenario is enough if the scenario has one cell.
///
/// # Errors
/// When no cell has this name, and when several have it.
pub(super) fn named<'c>(
    typed: &str,
    cells: impl Iterator<Item = &'c Cell> + Clone,
) -> Result<&'c Cell, Failure> {
    if let Some(cell) = cells.clone().find(|cell| cell.as_str() == typed) {
        return Ok(cell);
    }
    let of_scenario: Vec<&Cell> = cells
        .clone()
        .filter(|cell| cell.scenario() == typed)
        .collect();
    match of_scenario.as_slice() {
        [cell] => Ok(cell),
        [] => {
            let names = cells.flat_map(|cell| [cell.as_str(), cell.scenario()]);
            let failure = Failure::usage(format!("the history has no cell `{typed}`"));
            let failure = match nearest(typed, names) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure,
            };
            Err(failure.hint("`qa history` shows all cells"))
        }
        several => {
            let failure = Failure::usage(format!(
                "`{typed}` names {} cells of the history",
                several.len()
            ));
            let names: Vec<String> = several.iter().map(|cell| format!("`{cell}`")).collect();
            Err(failure.hint(format!("name one of them: {}", names.join(", "))))
        }
    }
}
