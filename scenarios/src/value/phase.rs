//! The two phases of a value: written and rendered.

use std::fmt::Debug;

use super::templated::{FromText, Shown, Templated};

/// The phase of an action. Its values are either as written, with `{{ variables }}` in them, or rendered and ready to
/// use.
///
/// A scenario file has `Action<Written>`. The engine gets [`Action`](crate::Action), which is `Action<Rendered>`, from
/// [`PlannedStep::render`](crate::PlannedStep::render) just before the step runs. The types differ, so nobody can use a
/// value with variables by mistake.
pub trait Phase: Debug + Clone + PartialEq {
    /// A value of the type `T` in this phase.
    type Of<T: FromText>: Shown + Debug + Clone + PartialEq;
}

/// Values as written: `Of<T>` is [`Templated<T>`].
#[derive(Debug, Clone, PartialEq)]
pub struct Written;

/// Values ready to use: `Of<T>` is `T`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered;

impl Phase for Written {
    type Of<T: FromText> = Templated<T>;
}

impl Phase for Rendered {
    type Of<T: FromText> = T;
}
