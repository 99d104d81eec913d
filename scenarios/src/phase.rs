use std::fmt::Debug;

use crate::{Diagnostic, FromText, Templated, Vars};

/// Whether the values of an action are as written, with `{{ variables }}` in them, or rendered and ready to be acted on.
///
/// `Action<Written>` is what a scenario file holds; [`Action`](crate::Action), that is `Action<Rendered>`, is what an engine
/// gets from [`PlannedStep::render`](crate::PlannedStep::render) just before the step runs. A value that still has a variable
/// in it cannot be acted on by mistake: it has another type.
pub trait Phase: Debug + Clone + PartialEq {
    /// A value of the type `T` in this phase.
    type Of<T: FromText>: Debug + Clone + PartialEq;
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

/// Something written that becomes something ready when its variables have values.
pub trait Render {
    /// What it becomes.
    type Output;

    /// Replaces variables by their values.
    ///
    /// # Errors
    /// A variable that has no value, or whose value does not fit the place it is used in.
    fn render(&self, vars: &Vars) -> Result<Self::Output, Diagnostic>;
}

impl<T: Render> Render for Option<T> {
    type Output = Option<T::Output>;

    fn render(&self, vars: &Vars) -> Result<Self::Output, Diagnostic> {
        self.as_ref().map(|value| value.render(vars)).transpose()
    }
}

impl<T: Render> Render for Vec<T> {
    type Output = Vec<T::Output>;

    fn render(&self, vars: &Vars) -> Result<Self::Output, Diagnostic> {
        self.iter().map(|value| value.render(vars)).collect()
    }
}
