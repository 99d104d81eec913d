//! `qa board reap`: frees the places of labgrid that dead runs of this host hold.

use std::path::{Path, PathBuf};

use reports::ExitStatus;
use vm::board::BoardFault;
use vm::board::labgrid::{self, OwnerState};

use super::{boards, broken, client_program};
use crate::commands::context::Context;
use crate::commands::print::print;
use crate::failure::Failure;
use crate::project::Project;

/// Runs `qa board reap`. A lab that does not answer does not keep the others from being freed.
///
/// # Errors
/// A lab does not answer. The first fault is returned, the others are said.
pub(super) fn reap(context: &Context, project: &Project) -> Result<ExitStatus, Failure> {
    let mut seen: Vec<(Option<&str>, PathBuf)> = Vec::new();
    let mut freed = 0_u32;
    let mut fault: Option<Failure> = None;
    for (_, board) in boards(project) {
        let Some(labgrid) = &board.labgrid else {
            continue;
        };
        // The places of a lab are asked for once.
        let lab = (labgrid.coordinator.as_deref(), client_program(labgrid)?);
        if seen.contains(&lab) {
            continue;
        }
        match context.block_on(reaped(lab.0, &lab.1, &mut freed))? {
            Ok(()) => {}
            Err(other) if fault.is_some() => context.say(&other.words),
            Err(first) => fault = Some(broken(first)),
        }
        seen.push(lab);
    }
    match fault {
        Some(failure) => Err(failure),
        None => {
            if freed == 0 {
                context.say("no dead run of this host holds a place");
            }
            Ok(ExitStatus::Success)
        }
    }
}

/// Frees the places that dead runs of this host hold. Prints and counts each one.
async fn reaped(
    coordinator: Option<&str>,
    program: &Path,
    freed: &mut u32,
) -> Result<(), BoardFault> {
    for holder in labgrid::holders(coordinator, program).await? {
        match holder.owner.state() {
            OwnerState::Dead => {
                let (place, owner) = (&holder.place, &holder.owner);
                labgrid::release_from(coordinator, program, place, owner).await?;
                *freed += 1;
                // The place is free even if nobody reads that.
                let _ = print(&format!("freed {place}, which the dead run {owner} held"));
            }
            OwnerState::Alive | OwnerState::Unknown => {}
        }
    }
    Ok(())
}
