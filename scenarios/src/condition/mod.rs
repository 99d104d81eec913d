//! Conditions of `when` and `assert`.

use crate::{Diagnostic, Span, Vars};

/// A condition: `firmware == "uefi" and not seen(update-dialog)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    text: String,
    at: Span,
}

impl Condition {
    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it is written.
    pub fn at(&self) -> &Span {
        &self.at
    }

    /// Whether it is true. `seen` says whether the needle that matched last carries a tag.
    ///
    /// # Errors
    /// A variable that has no value.
    pub fn holds(&self, vars: &Vars, seen: &dyn Fn(&str) -> bool) -> Result<bool, Diagnostic> {
        let _ = (vars, seen);
        todo!()
    }
}
