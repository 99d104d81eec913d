//! What a terminal shows: a line for each thing that happens, and the summary at the end.

mod line;
mod summary;

pub use crate::plain_text::{is_obeyed, plain_line};
pub use line::Lines;
pub(crate) use summary::worst_area;
pub use summary::{SummaryStyle, summary};
