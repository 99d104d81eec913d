//! Conditions of `when` and `assert`.
//!
//! ```text
//! or      = and { "or" and }
//! and     = not { "and" not }
//! not     = "not" not | test
//! test    = value [ ("==" | "!=") value | ["not"] "in" list | "matches" "/" regex "/" ]
//! list    = "[" [ value { "," value } ] "]" | name
//! value   = "text" | 'text' | number | name | "true" | "false" | "seen" "(" tag ")" | "(" or ")"
//! ```
//!
//! Every value is a text. A text alone is true unless it is empty, `false`, `no` or `0`. A list alone is true unless it
//! is empty.

mod condition;
mod expression;
mod parser;
mod token;

pub use condition::Condition;
pub(crate) use expression::Expression;
