use super::{
    Assert, Changed, Click, Drag, Each, Gone, Group, Hold, Include, Move, Note, Power, Press,
    Reboot, Run, Screenshot, Scroll, See, Serial, Set, SoftFail, Still, Type,
};
use crate::{Phase, Rendered};

/// What a step does: one case for each verb.
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
    Reboot(Reboot),
    /// `shutdown`: asks the guest to power off and waits until it has.
    Shutdown,
    Power(Power),
    Group(Group<P>),
    Include(Include<P>),
    Each(Each<P>),
    Set(Set<P>),
    Assert(Assert<P>),
    Note(Note<P>),
    SoftFail(SoftFail<P>),
}
