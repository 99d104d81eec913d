//! Values as files write them, with variables in them, and the values that result.
//!
//! ```text
//! "{{ user }}@host" --Template--> Templated<T> --render(Vars)--> T
//! ```

mod duration;
mod pattern;
mod phase;
mod render;
mod secret;
mod tag_pattern;
mod tag_query;
mod tag_set;
mod template;
mod templated;
mod text;
mod variable;
mod vars;
mod visitor;
mod written_value;

pub use duration::parse_duration;
pub use pattern::Pattern;
pub use phase::{Phase, Rendered, Written};
pub use render::Render;
pub use secret::{Secret, SecretSource};
pub(crate) use tag_pattern::TagPattern;
pub use tag_query::TagQuery;
pub use tag_set::TagSet;
pub use template::Template;
pub use templated::{FromText, Shown, Templated};
pub(crate) use templated::{not_a, secret_shown, show_no_secret};
pub use text::{MASK, Text};
pub(crate) use variable::{ATTEMPT, BUILT_IN};
pub(crate) use variable::{is_variable, own_name, read_variable, unknown_variable};
pub use vars::{Value, Vars};
pub(crate) use visitor::{Renderer, Visitor};
pub use written_value::WrittenValue;
