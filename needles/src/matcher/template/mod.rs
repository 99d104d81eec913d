//! A needle's match areas prepared for comparison: blurred levels, and the features of their blocks.

mod levels;
mod pixels;
mod prepared_needle;
mod ranges;
mod sized_blocks;
mod table;
mod template;
mod template_blocks;

pub(super) use levels::Levels;
pub use prepared_needle::PreparedNeedle;
pub(crate) use prepared_needle::paintable;
pub(super) use ranges::Ranges;
pub(super) use sized_blocks::{Position, SizedBlocks};
pub(super) use template::Template;
pub(super) use template_blocks::TemplateBlocks;
