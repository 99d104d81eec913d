//! Replaces variables by their values.

use super::vars::Vars;
use crate::finding::Diagnostic;

/// A written value that becomes a ready one when its variables have values.
pub trait Render {
    /// The type of the ready value.
    type Output;

    /// Replaces variables by their values.
    ///
    /// # Errors
    /// A variable has no value, or a value that does not fit its place.
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
