//! Merge keys: `<<: *name` takes the fields of another map.

use super::node::{Key, Kind, Node};
use crate::finding::{Code, Diagnostic};

/// Adds the fields of merged maps to a map. A field of the map itself wins, then the map that is named first. Each
/// field keeps its own place, so that a finding shows the line in which it is written.
pub(super) fn merge(entries: &mut Vec<(Key, Node)>, merged: Vec<Node>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for node in merged {
        let maps = match node.kind {
            Kind::List(items) => items,
            Kind::Map(_) | Kind::Null | Kind::Scalar { .. } => vec![node],
        };
        for map in maps {
            let Kind::Map(more) = map.kind else {
                let message = format!("`<<` takes a map, or a list of maps, not {}", map.what());
                let wrong = Diagnostic::new(Code::WrongType, &map.at, message);
                found.push(wrong.with_help(
                    "give a map a name with `&name`, then write `<<: *name`; a key that is called so is quoted",
                ));
                continue;
            };
            for (key, value) in more {
                if !entries.iter().any(|(own, _)| own.name == key.name) {
                    entries.push((key, value));
                }
            }
        }
    }
    found
}
