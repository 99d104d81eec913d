//! Schedules in YAML, and in the setting `SCHEDULE`.

use crate::openqa::settings::{Document, Settings, entries, get, items, text};
use crate::yaml::Node;

/// Reads the setting `SCHEDULE`: paths of modules with commas between them.
pub(in crate::openqa) fn from_list(list: &str) -> Vec<String> {
    list.split(',')
        .map(str::trim)
        .filter(|path| !path.is_empty())
        .map(module)
        .collect()
}

/// Returns the path of a module below `tests/`, without its ending.
pub(super) fn module(path: &str) -> String {
    let path = path.trim().trim_start_matches("./");
    let path = path.strip_prefix("tests/").unwrap_or(path);
    path.strip_suffix(".pm").unwrap_or(path).to_owned()
}

/// Reads the `schedule:` of a document. Adds to `problems` what cannot be told, with the path of the file.
pub(in crate::openqa) fn from_yaml(
    path: &str,
    document: &Document,
    settings: &Settings,
    problems: &mut Vec<String>,
) -> Vec<String> {
    let conditional = get(&document.root, "conditional_schedule");
    let mut modules = Vec::new();
    if let Some(schedule) = get(&document.root, "schedule") {
        add(
            path,
            schedule,
            conditional,
            settings,
            problems,
            &mut modules,
        );
    }
    modules
}

fn add(
    path: &str,
    node: &Node,
    conditional: Option<&Node>,
    settings: &Settings,
    problems: &mut Vec<String>,
    modules: &mut Vec<String>,
) {
    // A schedule may be a list, or a map of lists by their purpose.
    let parts = entries(node);
    if !parts.is_empty() {
        for (_, part) in parts {
            add(path, part, conditional, settings, problems, modules);
        }
        return;
    }
    for item in items(node) {
        let Some(name) = text(item) else {
            add_nested(path, item, conditional, settings, problems, modules);
            continue;
        };
        let Some(inner) = name
            .trim()
            .strip_prefix("{{")
            .and_then(|rest| rest.strip_suffix("}}"))
        else {
            modules.push(module(name));
            continue;
        };
        let branch = conditional.and_then(|all| get(all, inner.trim()));
        let Some(branch) = branch else {
            problems.push(format!(
                "{path}:{}: nothing says what `{name}` is",
                item.at.line()
            ));
            continue;
        };
        for (variable, values) in entries(branch) {
            let value = settings.get(&variable.name).map_or("", String::as_str);
            for module_name in get(values, value)
                .map(items)
                .unwrap_or_default()
                .iter()
                .filter_map(text)
            {
                modules.push(module(module_name));
            }
        }
    }
}

/// A list or map inside the list; the reader of YAML bounds their depth.
fn add_nested(
    path: &str,
    item: &Node,
    conditional: Option<&Node>,
    settings: &Settings,
    problems: &mut Vec<String>,
    modules: &mut Vec<String>,
) {
    let is_empty = entries(item).is_empty() && items(item).is_empty();
    // A scalar is its own only item.
    if !is_empty && text(item).is_none() {
        add(path, item, conditional, settings, problems, modules);
    }
}
