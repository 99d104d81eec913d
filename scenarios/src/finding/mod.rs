//! Findings: errors and warnings about files, with their place, help and nearest name.

mod code;
mod diagnostic;
mod nearest;
mod render;
mod severity;
mod source;
mod span;
mod spanned;

pub use code::Code;
pub use diagnostic::{Diagnostic, sort};
pub(crate) use nearest::did_you_mean;
pub use nearest::nearest;
pub use render::Colour;
pub use severity::Severity;
pub use source::Source;
pub use span::Span;
pub use spanned::Spanned;
