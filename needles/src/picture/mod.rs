//! Pictures: reading and writing them, drawing on them, and how two of them differ.

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
