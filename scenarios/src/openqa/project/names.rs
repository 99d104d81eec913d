//! The names of scenarios.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;
use crate::openqa::schedule::Tree;
use crate::openqa::settings::file_name;

/// Returns the name of each node: that of its module where that is enough.
pub(super) fn names(tree: &Tree, plan: &Plan) -> Vec<String> {
    let stem = |module: &str| file_name(module.rsplit('/').next().unwrap_or(module));
    let mut stems: BTreeMap<String, usize> = BTreeMap::new();
    for module in plan.modules.keys() {
        *stems.entry(stem(module)).or_default() += 1;
    }
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for node in &tree.nodes {
        *times.entry(&node.module).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let mut names = Vec::new();
    for node in &tree.nodes {
        let short = stem(&node.module);
        let base = match stems.get(&short) {
            Some(1) => short,
            _ => file_name(&node.module.replace('/', "-")),
        };
        let base = match times.get(node.module.as_str()) {
            Some(1) => base,
            _ => file_name(&format!("{}-{base}", node.suite)),
        };
        let mut name = base.clone();
        let mut number = 2;
        while !taken.insert(name.to_ascii_lowercase()) {
            name = format!("{base}-{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}
