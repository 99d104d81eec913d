//! Mistakes in the descriptions of boards that need what this program knows of boards: its profiles, and openQA's
//! variables.

use scenarios::board::Board;
use scenarios::{Code, Diagnostic, Machine};
use vm::board::{GeneralHw, Profile};

use crate::project::Project;

/// Returns the mistakes of all boards of a project.
pub(crate) fn board_findings(project: &Project) -> Vec<Diagnostic> {
    let machines = project.file.iter().flat_map(|file| file.machines.values());
    let boards = machines.filter_map(|machine| Some((machine, machine.board.as_ref()?)));
    boards
        .flat_map(|(machine, board)| {
            let profile = profile(board).err();
            let general = general_hw(machine, board).err();
            profile.into_iter().chain(general)
        })
        .collect()
}

/// Returns the profile of a board. None if it names none.
///
/// # Errors
/// There is none of this name.
pub(crate) fn profile(board: &Board) -> Result<Option<Profile>, Diagnostic> {
    let Some(name) = &board.profile else {
        return Ok(None);
    };
    Profile::named(&name.value).map(Some).map_err(|_| {
        let names = Profile::names();
        let help = match scenarios::nearest(&name.value, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the profiles are {}", names.join(", ")),
        };
        let message = format!("unknown profile `{}` of a board", name.value);
        Diagnostic::new(Code::InvalidValue, &name.at, message).with_help(help)
    })
}

/// Returns the sources that openQA's variables of a board describe.
///
/// # Errors
/// A variable is wrong, or nothing gives the board power.
pub(crate) fn general_hw(machine: &Machine, board: &Board) -> Result<GeneralHw, Diagnostic> {
    let name = &machine.name;
    let invalid = |message: String| Diagnostic::new(Code::InvalidValue, &board.at, message);
    let general = GeneralHw::read(&board.general_hw).map_err(|fault| {
        let finding = invalid(format!("`general_hw` of the board `{name}`: {fault}"));
        match fault.advice {
            Some(advice) => finding.with_help(advice),
            None => finding,
        }
    })?;
    if board.power.is_none() && general.power.is_none() {
        let finding = invalid(format!("the board `{name}` has no source of power"));
        return Err(finding.with_help(
            "write `power:` under `board:`, or `GENERAL_HW_POWERON_CMD` and `GENERAL_HW_POWEROFF_CMD` under \
            `general_hw:`",
        ));
    }
    Ok(general)
}
