//! The tree of scenarios that all jobs together make.

use std::collections::BTreeMap;

use crate::openqa::steps::Flags;

/// The longest chain of scenarios that `qa` takes.
const LONGEST_CHAIN: usize = 60;

/// A module at its place after another one.
#[derive(Debug, Clone)]
pub(in crate::openqa) struct Node {
    pub(in crate::openqa) module: String,
    /// The index of the node that it starts after; power-on when absent.
    pub(in crate::openqa) after: Option<usize>,
    /// The suite that brought it in first.
    pub(in crate::openqa) suite: String,
    depth: usize,
}

/// All nodes.
#[derive(Debug, Default)]
pub(in crate::openqa) struct Tree {
    pub(in crate::openqa) nodes: Vec<Node>,
    by_place: BTreeMap<(Option<usize>, String), usize>,
    /// Modules whose chain was too long.
    pub(in crate::openqa) cut: Vec<String>,
}

impl Tree {
    /// Adds the modules of a job in their order. Returns their nodes.
    ///
    /// As openQA has it, a module after a failure goes on from the last milestone. So what follows a module that may
    /// fail starts there, and what follows a fatal module starts after it.
    pub(in crate::openqa) fn add(
        &mut self,
        suite: &str,
        modules: &[String],
        flags: &dyn Fn(&str) -> Flags,
    ) -> Vec<usize> {
        let mut nodes = Vec::new();
        let mut after = None;
        let mut milestone = None;
        for module in modules {
            let node = self.node(after, module, suite);
            if nodes.contains(&node) {
                continue;
            }
            nodes.push(node);
            let flags = flags(module);
            let is_anchor = flags.milestone || (flags.fatal && milestone.is_some());
            after = match () {
                () if flags.always_rollback && milestone.is_some() => milestone,
                () if is_anchor || milestone.is_none() => Some(node),
                () if flags.fatal => Some(node),
                () => milestone,
            };
            if is_anchor && !flags.always_rollback {
                milestone = Some(node);
            }
        }
        nodes
    }

    fn node(&mut self, after: Option<usize>, module: &str, suite: &str) -> usize {
        let depth = after
            .and_then(|after| self.nodes.get(after))
            .map_or(0, |node| node.depth + 1);
        let after = match depth < LONGEST_CHAIN {
            true => after,
            false => {
                self.cut.push(module.to_owned());
                None
            }
        };
        let key = (after, module.to_owned());
        if let Some(node) = self.by_place.get(&key) {
            return *node;
        }
        let node = self.nodes.len();
        self.nodes.push(Node {
            module: module.to_owned(),
            after,
            suite: suite.to_owned(),
            depth: if after.is_some() { depth } else { 0 },
        });
        self.by_place.insert(key, node);
        node
    }
}
