//! Writes the scenarios, and the fragments that several of them share.

use std::collections::BTreeMap;

use super::plan::Plan;
use crate::openqa::report::ImportReport;
use crate::openqa::schedule::{Node, Tree};
use crate::openqa::settings::file_name;
use crate::openqa::steps::{Entry, Module, comment, has_step, scalar, write};

/// Returns the files by their path.
pub(super) fn scenario_files(
    plan: &Plan,
    tree: &Tree,
    names: &[String],
    images: &BTreeMap<usize, String>,
    report: &mut ImportReport,
) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for node in &tree.nodes {
        *times.entry(&node.module).or_default() += 1;
    }
    let usual = images.values().next().cloned();
    for (index, (node, name)) in tree.nodes.iter().zip(names).enumerate() {
        let Some((file, module)) = plan.modules.get(&node.module) else {
            continue;
        };
        let is_shared = times
            .get(node.module.as_str())
            .is_some_and(|times| *times > 1);
        let image = images.get(&index).or(usual.as_ref()).cloned();
        let image = image.unwrap_or_else(|| "image".to_owned());
        let mut lines = head(node, names, &file.path, module, &image);
        if is_shared {
            let fragment = file_name(&node.module.replace('/', "-"));
            lines.push("steps:".to_owned());
            lines.push(format!("  - include: modules/{fragment}.yaml"));
            let path = format!("scenarios/modules/{fragment}.yaml");
            files.entry(path).or_insert_with(|| {
                let mut lines = vec![
                    format!("# {}", comment(&file.path)),
                    "fragment: true".to_owned(),
                ];
                steps(&module.entries, &file.path, &mut lines);
                lines.join("\n") + "\n"
            });
        } else {
            steps(&module.entries, &file.path, &mut lines);
        }
        files.insert(format!("scenarios/{name}.yaml"), lines.join("\n") + "\n");
        report.scenarios += 1;
    }
    files
}

fn head(node: &Node, names: &[String], path: &str, module: &Module, image: &str) -> Vec<String> {
    let title = match &module.title {
        Some(title) => title.clone(),
        None => {
            let stem = node.module.rsplit('/').next().unwrap_or(&node.module);
            stem.replace('_', " ")
        }
    };
    let title = title.replace("{{", "{ {");
    let mut lines = vec![
        format!("# {}", comment(path)),
        format!("title: {}", scalar(&comment(&title))),
    ];
    match node.after.and_then(|after| names.get(after)) {
        Some(after) => lines.push(format!("after: {}", scalar(after))),
        None => lines.push(format!("image: {}", scalar(image))),
    }
    lines
}

/// Writes the steps of a module. A scenario has at least one.
fn steps(entries: &[Entry], path: &str, lines: &mut Vec<String>) {
    lines.push("steps:".to_owned());
    if !has_step(entries) {
        lines.push(format!(
            "  - note: {}",
            scalar(&format!("nothing of {path} could be told").replace("{{", "{ {"))
        ));
    }
    write(entries, 2, lines);
}
