//! The output on a terminal: a line for each event, and the summary at the end.

mod line;
mod summary;

pub use crate::plain_text::{is_obeyed, plain_line};
pub use crate::words::on_machine;
pub use line::Lines;
pub use summary::{SummaryStyle, summary};
pub(crate) use summary::{counts, details, overview};
