//! YAML as a tree in which everything knows its place.
//!
//! The parser of `serde_yaml` (the package serde-saphyr) gives events with places. Reading them ourselves, instead of
//! through serde, lets a file report *all* its errors at once, each at its place and with the nearest name, and keeps
//! scalars as they are written: `type: 007` types `007`.

mod field;
mod fields;
mod node;
mod reader;
mod tree;

pub(crate) use field::{Field, Need, Shape};
pub(crate) use fields::Fields;
pub(crate) use node::{Key, Kind, Node};
pub(crate) use reader::Reader;
pub(crate) use tree::parse;
