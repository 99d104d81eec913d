//! YAML as a tree in which every value has its place.
//!
//! The parser of `serde_yaml` (the package serde-saphyr) returns events with places. This module reads them without
//! serde, for two reasons. A file can report *all* its errors at once, each with its place and the nearest name. And
//! scalars are kept as they are written: `type: 007` types `007`.

mod field;
mod fields;
mod merge;
mod node;
mod reader;
mod syntax;
mod tree;

pub(crate) use field::{Field, Need, Shape};
pub(crate) use fields::Fields;
pub(crate) use node::{Key, Kind, Node};
pub(crate) use reader::Reader;
pub(crate) use tree::parse;
