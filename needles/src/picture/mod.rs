//! Pictures: reads and writes them, draws on them, and compares two of them.

mod changed_rect;
mod draw;
mod kept_columns;
mod likeness;
mod picture;
mod png;
mod ppm;
mod transparency;

pub use changed_rect::changed_rect;
pub use draw::Colour;
pub use likeness::{ChangeLevel, Likeness};
pub use picture::{Picture, PictureError};
pub use transparency::Transparency;
