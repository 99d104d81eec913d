use super::vars::Vars;
use crate::finding::Diagnostic;

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
