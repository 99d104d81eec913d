//! openQA needles: reading them and finding them in a picture.
//!
//! Bytes in, values out: this crate opens no file, knows no machine, prints nothing.

mod rect;

mod area;
mod click_point;
mod level;
mod margin;
mod needle;
mod needle_error;
mod needle_json;
mod needle_problem;
mod needle_set;
mod text_pattern;
mod workaround;

mod frame_likeness;
mod picture;
mod picture_problem;

mod block_size;
mod find;
mod kernel;
mod outcome;
mod planes;
mod prepared_frame;
mod prepared_needle;
mod ranking;
mod search;
mod smooth;
mod template;
mod template_blocks;

pub use area::{Area, AreaKind, Channels, Freedom};
pub use click_point::{ClickPlace, ClickPoint, UnknownClickPoint};
pub use find::{Depth, find, find_if_there, find_to};
pub use frame_likeness::{ChangeLevel, Likeness};
pub use level::{MatchLevel, Similarity};
pub use margin::{Margin, SearchRatio};
pub use needle::Needle;
pub use needle_error::NeedleError;
pub use needle_problem::NeedleProblem;
pub use needle_set::{NeedleSet, split_tags};
pub use outcome::{AreaMatch, Outcome};
pub use picture::{Colour, Picture, PictureError};
pub use picture_problem::picture_problems;
pub use prepared_frame::PreparedFrame;
pub use prepared_needle::PreparedNeedle;
pub use ranking::{Ranking, best, best_match};
pub use rect::{Point, Rect};
pub use text_pattern::TextPattern;
pub use workaround::Workaround;
