//! The action of a step, with one case for each verb.

use super::assert::Assert;
use super::boot::Boot;
use super::changed::Changed;
use super::click::Click;
use super::drag::Drag;
use super::each::Each;
use super::get::Get;
use super::gone::Gone;
use super::group::Group;
use super::hold::Hold;
use super::include::Include;
use super::media::Media;
use super::move_to::Move;
use super::note::Note;
use super::pause::Pause;
use super::power::Power;
use super::press::Press;
use super::put::Put;
use super::reboot::Reboot;
use super::run::Run;
use super::screenshot::Screenshot;
use super::scroll::Scroll;
use super::see::See;
use super::serial::Serial;
use super::set::Set;
use super::shutdown::read_shutdown;
use super::soft_fail::SoftFail;
use super::still::Still;
use super::type_text::Type;
use super::verb::Verb;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Renderer, Vars, Visitor, Written};
use crate::yaml::{Node, Reader, Shape};

/// The action of a step: one case for each verb.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "each case is the type of its verb, which says it"
)]
pub enum Action<P: Phase = Rendered> {
    See(See<P>),
    Gone(Gone<P>),
    Still(Still<P>),
    Changed(Changed<P>),
    Screenshot(Screenshot<P>),
    Press(Press<P>),
    Hold(Hold<P>),
    Type(Type<P>),
    Click(Click<P>),
    Move(Move<P>),
    Drag(Drag<P>),
    Scroll(Scroll<P>),
    Serial(Serial<P>),
    Run(Run<P>),
    Put(Put<P>),
    Get(Get<P>),
    Reboot(Reboot),
    /// `shutdown`: asks the guest to power off and waits until it has.
    Shutdown,
    Power(Power),
    Media(Media<P>),
    Boot(Boot<P>),
    Group(Group<P>),
    Include(Include<P>),
    Each(Each<P>),
    Set(Set<P>),
    Assert(Assert<P>),
    Note(Note<P>),
    SoftFail(SoftFail<P>),
    Pause(Pause<P>),
}

impl Verb {
    /// Returns the shape of the value after the verb.
    pub(crate) fn shape(self) -> Shape {
        match self {
            Self::See => See::SHAPE,
            Self::Gone => Gone::SHAPE,
            Self::Still => Still::SHAPE,
            Self::Changed => Changed::SHAPE,
            Self::Screenshot => Screenshot::SHAPE,
            Self::Press => Press::SHAPE,
            Self::Hold => Hold::SHAPE,
            Self::Type => Type::SHAPE,
            Self::Click => Click::SHAPE,
            Self::Move => Move::SHAPE,
            Self::Drag => Drag::SHAPE,
            Self::Scroll => Scroll::SHAPE,
            Self::Serial => Serial::SHAPE,
            Self::Run => Run::SHAPE,
            Self::Put => Put::SHAPE,
            Self::Get => Get::SHAPE,
            Self::Reboot => Reboot::SHAPE,
            Self::Shutdown => Shape::OneOf(&[Shape::Nothing, Shape::Fields(&[])]),
            Self::Power => Power::SHAPE,
            Self::Media => Media::SHAPE,
            Self::Boot => Boot::SHAPE,
            Self::Group => Group::SHAPE,
            Self::Include => Include::SHAPE,
            Self::Each => Each::SHAPE,
            Self::Set => Set::SHAPE,
            Self::Assert => Assert::SHAPE,
            Self::Note => Note::SHAPE,
            Self::SoftFail => SoftFail::SHAPE,
            Self::Pause => Pause::SHAPE,
        }
    }

    /// Reads the value after the verb.
    pub(super) fn read(self, reader: &mut Reader, node: &Node) -> Option<Action<Written>> {
        Some(match self {
            Self::See => Action::See(See::read(reader, node)?),
            Self::Gone => Action::Gone(Gone::read(reader, node)?),
            Self::Still => Action::Still(Still::read(reader, node)?),
            Self::Changed => Action::Changed(Changed::read(reader, node)?),
            Self::Screenshot => Action::Screenshot(Screenshot::read(reader, node)?),
            Self::Press => Action::Press(Press::read(reader, node)?),
            Self::Hold => Action::Hold(Hold::read(reader, node)?),
            Self::Type => Action::Type(Type::read(reader, node)?),
            Self::Click => Action::Click(Click::read(reader, node)?),
            Self::Move => Action::Move(Move::read(reader, node)?),
            Self::Drag => Action::Drag(Drag::read(reader, node)?),
            Self::Scroll => Action::Scroll(Scroll::read(reader, node)?),
            Self::Serial => Action::Serial(Serial::read(reader, node)?),
            Self::Run => Action::Run(Run::read(reader, node)?),
            Self::Put => Action::Put(Put::read(reader, node)?),
            Self::Get => Action::Get(Get::read(reader, node)?),
            Self::Reboot => Action::Reboot(Reboot::read(reader, node)?),
            Self::Shutdown => {
                read_shutdown(reader, node)?;
                Action::Shutdown
            }
            Self::Power => Action::Power(Power::read(reader, node)?),
            Self::Media => Action::Media(Media::read(reader, node)?),
            Self::Boot => Action::Boot(Boot::read(reader, node)?),
            Self::Group => Action::Group(Group::read(reader, node)?),
            Self::Include => Action::Include(Include::read(reader, node)?),
            Self::Each => Action::Each(Each::read(reader, node)?),
            Self::Set => Action::Set(Set::read(reader, node)?),
            Self::Assert => Action::Assert(Assert::read(reader, node)?),
            Self::Note => Action::Note(Note::read(reader, node)?),
            Self::SoftFail => Action::SoftFail(SoftFail::read(reader, node)?),
            Self::Pause => Action::Pause(Pause::read(reader, node)?),
        })
    }
}

impl<P: Phase> Action<P> {
    /// Returns the verb.
    pub fn verb(&self) -> Verb {
        match self {
            Self::See(_) => Verb::See,
            Self::Gone(_) => Verb::Gone,
            Self::Still(_) => Verb::Still,
            Self::Changed(_) => Verb::Changed,
            Self::Screenshot(_) => Verb::Screenshot,
            Self::Press(_) => Verb::Press,
            Self::Hold(_) => Verb::Hold,
            Self::Type(_) => Verb::Type,
            Self::Click(_) => Verb::Click,
            Self::Move(_) => Verb::Move,
            Self::Drag(_) => Verb::Drag,
            Self::Scroll(_) => Verb::Scroll,
            Self::Serial(_) => Verb::Serial,
            Self::Run(_) => Verb::Run,
            Self::Put(_) => Verb::Put,
            Self::Get(_) => Verb::Get,
            Self::Reboot(_) => Verb::Reboot,
            Self::Shutdown => Verb::Shutdown,
            Self::Power(_) => Verb::Power,
            Self::Media(_) => Verb::Media,
            Self::Boot(_) => Verb::Boot,
            Self::Group(_) => Verb::Group,
            Self::Include(_) => Verb::Include,
            Self::Each(_) => Verb::Each,
            Self::Set(_) => Verb::Set,
            Self::Assert(_) => Verb::Assert,
            Self::Note(_) => Verb::Note,
            Self::SoftFail(_) => Verb::SoftFail,
            Self::Pause(_) => Verb::Pause,
        }
    }

    /// Returns the action in one short line, such as `type "calc"`. Secrets appear as `•••`.
    pub fn line(&self) -> String {
        let rest = match self {
            Self::See(see) => see.line(),
            Self::Gone(gone) => gone.needle.to_string(),
            Self::Still(still) => still.line(),
            Self::Changed(_) | Self::Shutdown => String::new(),
            Self::Screenshot(screenshot) => screenshot.line(),
            Self::Press(press) => press.line(),
            Self::Hold(hold) => hold.line(),
            Self::Type(text) => text.line(),
            Self::Click(click) => click.line(),
            Self::Move(to) => to.target.line(),
            Self::Drag(drag) => drag.line(),
            Self::Scroll(scroll) => scroll.line(),
            Self::Serial(serial) => serial.line(),
            Self::Run(run) => run.line(),
            Self::Put(put) => put.line(),
            Self::Get(get) => get.line(),
            Self::Reboot(reboot) => reboot.line(),
            Self::Power(power) => power.line(),
            Self::Media(media) => media.line(),
            Self::Boot(boot) => boot.line(),
            Self::Group(group) => group.line(),
            Self::Include(include) => include.line(),
            Self::Each(each) => each.line(),
            Self::Set(set) => set.line(),
            Self::Assert(assert) => assert.line(),
            Self::Note(note) => note.line(),
            Self::SoftFail(soft_fail) => soft_fail.line(),
            Self::Pause(pause) => pause.line(),
        };
        short(&format!("{} {rest}", self.verb().name()))
    }
}

/// The greatest length of a line in characters: the width of a report's column.
const LONGEST: usize = 100;

/// Returns the text as one line of limited length without control characters.
pub(crate) fn short(text: &str) -> String {
    let text = text
        .trim()
        .lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ");
    let mut line: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect();
    if text.chars().count() > LONGEST {
        line.pop();
        line.push('…');
    }
    line
}

impl Action<Written> {
    /// Replaces variables by their values.
    ///
    /// # Errors
    /// A variable has no value, or a value that does not fit its place.
    pub fn render(&self, vars: &Vars) -> Result<Action, Diagnostic> {
        Ok(match self.visit(&mut Renderer(vars))? {
            Action::Type(text) => Action::Type(text.mask()),
            Action::Serial(serial) => Action::Serial(serial.mask()),
            other => other,
        })
    }

    /// Passes all values through a visitor.
    pub(crate) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Action<V::To>, Diagnostic> {
        Ok(match self {
            Self::See(see) => Action::See(see.visit(visitor)?),
            Self::Gone(gone) => Action::Gone(gone.visit(visitor)?),
            Self::Still(still) => Action::Still(still.visit(visitor)?),
            Self::Changed(changed) => Action::Changed(changed.visit(visitor)?),
            Self::Screenshot(screenshot) => Action::Screenshot(screenshot.visit(visitor)?),
            Self::Press(press) => Action::Press(press.visit(visitor)?),
            Self::Hold(hold) => Action::Hold(hold.visit(visitor)?),
            Self::Type(text) => Action::Type(text.visit(visitor)?),
            Self::Click(click) => Action::Click(click.visit(visitor)?),
            Self::Move(to) => Action::Move(to.visit(visitor)?),
            Self::Drag(drag) => Action::Drag(drag.visit(visitor)?),
            Self::Scroll(scroll) => Action::Scroll(scroll.visit(visitor)?),
            Self::Serial(serial) => Action::Serial(serial.visit(visitor)?),
            Self::Run(run) => Action::Run(run.visit(visitor)?),
            Self::Put(put) => Action::Put(put.visit(visitor)?),
            Self::Get(get) => Action::Get(get.visit(visitor)?),
            Self::Reboot(reboot) => Action::Reboot(reboot.clone()),
            Self::Shutdown => Action::Shutdown,
            Self::Power(power) => Action::Power(*power),
            Self::Media(media) => Action::Media(media.visit(visitor)?),
            Self::Boot(boot) => Action::Boot(boot.visit(visitor)?),
            Self::Group(group) => Action::Group(group.visit(visitor)?),
            Self::Include(include) => Action::Include(include.visit(visitor)?),
            Self::Each(each) => Action::Each(each.visit(visitor)?),
            Self::Set(set) => Action::Set(set.visit(visitor)?),
            Self::Assert(assert) => Action::Assert(assert.visit(visitor)?),
            Self::Note(note) => Action::Note(note.visit(visitor)?),
            Self::SoftFail(soft_fail) => Action::SoftFail(soft_fail.visit(visitor)?),
            Self::Pause(pause) => Action::Pause(pause.visit(visitor)?),
        })
    }

    /// Returns the variables that it sets.
    pub(crate) fn sets(&self) -> Vec<&str> {
        match self {
            Self::Set(set) => set.vars.iter().map(|(name, _)| name.as_str()).collect(),
            Self::Run(run) => run.save.as_deref().into_iter().collect(),
            Self::Get(get) => get.save.as_deref().into_iter().collect(),
            Self::Serial(serial) => serial.saved().into_iter().collect(),
            _ => Vec::new(),
        }
    }
}
