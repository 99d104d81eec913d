//! The needle file: JSON as openQA's editor and twelve years of people wrote it.
//!
//! os-autoinst reads every value with "or else the default", so `null`, `0`, `""`, `"0"` and `false` all
//! mean "not given". That is kept for openQA's own fields. Our additions sit in an object named `qa` in an
//! area, which openQA ignores:
//!
//! ```json
//! { "xpos": 10, "ypos": 20, "width": 300, "height": 40,
//!   "qa": { "match": 0, "margin": 0, "colour": true, "anchor": true, "text": { "regex": "^Version 4[0-9]" } } }
//! ```
//!
//! and in a property of the needle, `"part-of:NAME"`: it is meant to match the picture of needle NAME as well.

mod areas;
mod own_fields;
mod reader;
#[cfg(test)]
mod tests;
mod write;
