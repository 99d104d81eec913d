//! The needle file: JSON as openQA's editor, and people over twelve years, have written it.
//!
//! os-autoinst reads every value with "or else the default". So `null`, `0`, `""`, `"0"` and `false` all mean "not
//! given", and this module reads openQA's own fields in the same way. Our additions are in an object named `qa` in an
//! area, which openQA ignores:
//!
//! ```json
//! { "xpos": 10, "ypos": 20, "width": 300, "height": 40,
//!   "qa": { "match": 0, "margin": 0, "colour": true, "anchor": true, "text": { "regex": "^Version 4[0-9]" } } }
//! ```
//!
//! One more is a property of the needle, `"part-of:NAME"`: the needle is meant to match the picture of needle NAME as
//! well.

mod areas;
mod own_fields;
mod reader;
#[cfg(test)]
mod tests;
mod write;
