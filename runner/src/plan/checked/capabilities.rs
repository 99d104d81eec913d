//! Finds what a machine lacks for the steps of a job, before the machine starts.

use scenarios::{Action, Over, PlannedStep, Power, RebootBy, ResetKind, Step};
use vm::{Capabilities, Capability};

use crate::plan::draft::DraftJob;
use crate::plan::subject::Target;

/// The capabilities that a step needs: one of them is enough.
type AnyOf = &'static [Capability];

/// Returns a message about the first thing that the machine lacks for a job. Steps with a condition are left out:
/// whether they run is not known yet.
pub(super) fn missing(draft: &DraftJob) -> Option<String> {
    let machine = &draft.subject.machine;
    // The lacks of a virtual machine are told by `requires:`, by its drives and when it starts.
    let Ok(Target::Board(board)) = &draft.subject.target else {
        return None;
    };
    if !board.spec.can_be_written() {
        return Some(format!(
            "the image cannot be written to the board `{}`; give it a `storage:` under `board:` of qa.yaml",
            machine.name
        ));
    }
    let capabilities = board.spec.capabilities();
    draft.stages.iter().find_map(|stage| {
        let (step, lack) = lacking(&stage.steps, &capabilities)?;
        Some(format!(
            "`{}` of `{}`: {lack} (`{}`)",
            step.written_line(),
            stage.scenario.name,
            machine.name
        ))
    })
}

/// Returns the first step that certainly runs and needs something that the machine lacks.
fn lacking<'s>(
    steps: &'s [PlannedStep],
    has: &Capabilities,
) -> Option<(&'s PlannedStep, vm::Lack)> {
    steps
        .iter()
        .filter(|step| step.when().is_none())
        .find_map(|step| {
            let mut needs = needs(step);
            needs.extend(expectations(step.step()));
            let own = needs.iter().find_map(|any_of| {
                let lacks = any_of.iter().filter_map(|need| has.require(*need).err());
                let lacks: Vec<vm::Lack> = lacks.collect();
                // One that it has is enough.
                if lacks.len() < any_of.len() {
                    return None;
                }
                // One that can be added helps the reader.
                let told = lacks.iter().find(|lack| lack.remedy.is_some());
                Some((step, *told.or(lacks.first())?))
            });
            own.or_else(|| lacking(&step.steps, has))
        })
}

/// Returns what a step needs, without the steps inside it.
fn needs(step: &PlannedStep) -> Vec<AnyOf> {
    use Capability as C;
    const SCREEN: AnyOf = &[C::Screen];
    const KEYBOARD: AnyOf = &[C::Keyboard];
    const POINTER: AnyOf = &[C::Pointer];
    match &step.step().action {
        Action::See(_)
        | Action::Gone(_)
        | Action::Still(_)
        | Action::Changed(_)
        | Action::Screenshot(_) => vec![SCREEN],
        Action::Press(press) => match press.until {
            Some(_) => vec![KEYBOARD, SCREEN],
            None => vec![KEYBOARD],
        },
        Action::Hold(_) | Action::Type(_) => vec![KEYBOARD],
        // The place is a point of the screen, or a needle on it.
        Action::Click(_) | Action::Move(_) | Action::Drag(_) => vec![POINTER, SCREEN],
        Action::Scroll(_) => vec![POINTER],
        Action::Serial(_) => vec![&[C::Serial]],
        Action::Run(run) => vec![way(run.over)],
        Action::Put(put) => vec![way(put.over)],
        Action::Get(get) => vec![way(get.over)],
        Action::Reboot(reboot) => match reboot.by {
            RebootBy::Guest => vec![way(None)],
            RebootBy::Reset => vec![&[C::Reset]],
        },
        Action::Shutdown => vec![&[C::Agent, C::PowerButton, C::Serial], &[C::PowerOffEvents]],
        Action::Power(power) => match power {
            Power::On => vec![&[C::SwitchOn]],
            Power::Off => vec![&[C::PowerButton]],
            Power::Reset => vec![&[C::Reset]],
            Power::Cut => vec![&[C::PowerCut]],
        },
        Action::Media(_) => vec![&[C::ChangeMedium]],
        Action::Boot(_) => vec![&[C::BootOrder]],
        Action::Group(_)
        | Action::Include(_)
        | Action::Each(_)
        | Action::Set(_)
        | Action::Assert(_)
        | Action::Note(_)
        | Action::SoftFail(_)
        | Action::Pause(_) => Vec::new(),
    }
}

/// Returns what a command in the guest needs.
fn way(over: Option<Over>) -> AnyOf {
    match over {
        Some(Over::Agent) => &[Capability::Agent],
        Some(Over::Serial) => &[Capability::Serial],
        None => &[Capability::Agent, Capability::Serial],
    }
}

/// Returns what a step needs for its `resets` and `powers_off`. Without it they could not be told, and a step that
/// expects none would pass unseen.
fn expectations(step: &Step) -> Vec<AnyOf> {
    let resets = step.resets.iter().flat_map(|resets| resets.iter());
    let mut needs: Vec<AnyOf> = resets
        .filter_map(|(kind, _)| match kind {
            ResetKind::Guest => Some(&[Capability::ResetEvents] as AnyOf),
            ResetKind::Watchdog | ResetKind::Panic => Some(&[Capability::ResetCauses]),
            // `qa` itself does these.
            ResetKind::Host | ResetKind::PowerCut => None,
        })
        .collect();
    if step.powers_off {
        needs.push(&[Capability::PowerOffEvents]);
    }
    needs
}
