use std::fmt::Debug;

use crate::templated::Shown;
use crate::{Diagnostic, FromText, TagSet, Templated, Vars};

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

/// Goes through all values of an action and makes an action of another phase of them: one way for
/// rendering and for checks.
pub(crate) trait Visitor: Sized {
    /// The phase of what is made.
    type To: Phase;

    /// Makes a value.
    fn value<T: FromText>(&mut self, value: &Templated<T>) -> Result<Of<Self, T>, Diagnostic>;

    /// Makes a set of tags.
    fn tags(&mut self, tags: &Templated<TagSet>) -> Result<Of<Self, TagSet>, Diagnostic> {
        self.value(tags)
    }

    /// Makes a value that may be absent.
    fn option<T: FromText>(
        &mut self,
        value: &Option<Templated<T>>,
    ) -> Result<Option<Of<Self, T>>, Diagnostic> {
        value.as_ref().map(|value| self.value(value)).transpose()
    }

    /// Makes several.
    fn list<T: FromText>(
        &mut self,
        values: &[Templated<T>],
    ) -> Result<Vec<Of<Self, T>>, Diagnostic> {
        values.iter().map(|value| self.value(value)).collect()
    }

    /// Makes the values of names.
    fn named<T: FromText>(
        &mut self,
        values: &[(String, Templated<T>)],
    ) -> Result<Named<Of<Self, T>>, Diagnostic> {
        values
            .iter()
            .map(|(name, value)| Ok((name.clone(), self.value(value)?)))
            .collect()
    }
}

/// Values with names, in the order written.
type Named<T> = Vec<(String, T)>;

/// A value of the phase a visitor makes.
pub(crate) type Of<V, T> = <<V as Visitor>::To as Phase>::Of<T>;

/// Puts in the values of variables.
pub(crate) struct Renderer<'a>(pub(crate) &'a Vars);

impl Visitor for Renderer<'_> {
    type To = Rendered;

    fn value<T: FromText>(&mut self, value: &Templated<T>) -> Result<T, Diagnostic> {
        value.render(self.0)
    }
}
