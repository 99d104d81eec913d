//! Needles as their files describe them. [`json`] reads and writes the files.

mod area;
mod click_point;
mod json;
mod margin;
mod match_level;
mod needle;
mod needle_error;
mod needle_set;
mod text_pattern;
mod workaround;

pub use area::{Area, AreaKind, Channels, Freedom};
pub use click_point::{ClickPlace, ClickPoint, UnknownClickPoint};
pub use margin::{Margin, SearchRatio};
pub use match_level::MatchLevel;
pub use needle::Needle;
pub use needle_error::NeedleError;
pub use needle_set::{NeedleSet, is_asked_for, split_tags};
pub use text_pattern::TextPattern;
pub use workaround::Workaround;
