//! What a terminal shows: a line for each thing that happens, and the summary at the end.

mod line;

pub use line::line;
