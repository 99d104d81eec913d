use std::fmt::Debug;

use super::templated::{FromText, Shown, Templated};

/// The phase of an action: its values are as written, with `{{ variables }}` in them, or rendered and ready to be acted
/// on.
///
/// `Action<Written>` is what a scenario file holds; [`Action`](crate::Action), that is `Action<Rendered>`, is what an
/// engine gets from [`PlannedStep::render`](crate::PlannedStep::render) just before the step runs. A value that still
/// has a variable in it cannot be acted on by mistake: it has another type.
pub trait Phase: Debug + Clone + PartialEq {
    /// A value of the type `T` in this phase.
    type Of<T: FromText>: Shown + Debug + Clone + PartialEq;
}

/// Values as they are written: `Of<T>` is [`Templated<T>`].
#[derive(Debug, Clone, PartialEq)]
pub struct Written;

/// Values ready to be acted on: `Of<T>` is `T`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered;

impl Phase for Written {
    type Of<T: FromText> = Templated<T>;
}

impl Phase for Rendered {
    type Of<T: FromText> = T;
}
