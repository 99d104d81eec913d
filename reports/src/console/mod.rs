//! The output on a terminal: a line for each event, and the summary at the end.

mod ending;
mod line;
mod summary;
mod width;

pub use crate::plain_text::{is_obeyed, plain_line};
pub use crate::words::on_machine;
pub use ending::BadEnd;
pub use line::Lines;
pub use summary::{SummaryStyle, summary};
pub(crate) use summary::{counts, details, overview};
pub use width::{columns, cut, cut_middle};
