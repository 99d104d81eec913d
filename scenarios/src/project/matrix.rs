use crate::{Span, Spanned};

/// Combinations of images, machines and scenarios to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Its name.
    pub name: String,
    /// The images.
    pub images: Vec<Spanned<String>>,
    /// The machines; none: each image's own.
    pub machines: Vec<Spanned<String>>,
    /// The scenarios; none: all.
    pub scenarios: Vec<Spanned<String>>,
    /// Where it is declared.
    pub at: Span,
}
