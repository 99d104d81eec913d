//! Finds what a machine lacks for the steps of a job, before the machine starts.

use scenarios::{Action, Over, PlannedStep, Power, RebootBy};
use vm::{Capabilities, Capability};

use crate::plan::draft::DraftJob;
use crate::plan::subject::Target;

/// The capabilities that a step needs: one of them is enough.
type AnyOf = &'static [Capability];

/// Returns a message about the first step that needs something that the machine lacks. Steps with a condition are left
/// out: whether they run is not known yet.
pub(super) fn missing(draft: &DraftJob) -> Option<String> {
    let machine = &draft.subject.machine;
    // The other lacks of a virtual machine are told by `requires:`, by its drives and when it starts.
    machine.board.as_ref()?;
    let capabilities = draft.subject.target.as_ref().map(Target::capabilities);
    let capabilities = capabilities.ok()?;
    draft.stages.iter().find_map(|stage| {
        let lack = first_lack(&stage.steps, &capabilities)?;
        Some(format!(
            "`{}` of `{}`: {lack} (`{}`)",
            lack_line(&stage.steps, &capabilities),
            stage.scenario.name,
            machine.name
        ))
    })
}

fn lack_line(steps: &[PlannedStep], has: &Capabilities) -> String {
    lacking(steps, has).map_or_else(String::new, |(step, _)| step.written_line())
}

fn first_lack(steps: &[PlannedStep], has: &Capabilities) -> Option<vm::Lack> {
    lacking(steps, has).map(|(_, lack)| lack)
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
            let own = needs(step).iter().find_map(|any_of| {
                let mut lacks = any_of.iter().filter_map(|need| has.require(*need).err());
                let first = lacks.next()?;
                // One that it has is enough.
                (1 + lacks.count() == any_of.len()).then_some((step, first))
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
    const GUEST: AnyOf = &[C::Agent, C::Serial];
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
        Action::Run(run) => match run.over {
            Some(Over::Agent) => vec![&[C::Agent]],
            Some(Over::Serial) => vec![&[C::Serial]],
            None => vec![GUEST],
        },
        Action::Reboot(reboot) => match reboot.by {
            RebootBy::Guest => vec![GUEST],
            RebootBy::Reset => vec![&[C::Reset]],
        },
        Action::Shutdown => vec![&[C::Agent, C::PowerButton, C::Serial]],
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
