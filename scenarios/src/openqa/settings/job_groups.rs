//! Job groups and scenario definitions.

use super::document::{entries, field, get, items, text};
use super::job::{Jobs, Layers, Settings, Tables, settings};
use crate::yaml::{Kind, Node};

/// Returns the settings of a product: `distri`, `version`, `flavor` and its own.
fn product(node: &Node, arch: &str) -> Settings {
    let mut all = settings(get(node, "settings"));
    for (name, key) in [
        ("DISTRI", "distri"),
        ("VERSION", "version"),
        ("FLAVOR", "flavor"),
    ] {
        if let Some(value) = field(node, key) {
            all.insert(name.to_owned(), value.to_owned());
        }
    }
    all.insert(
        "ARCH".to_owned(),
        field(node, "arch").unwrap_or(arch).to_owned(),
    );
    all
}

/// Returns the key of a product in the tables.
fn key(product: &Settings) -> String {
    let part = |name| product.get(name).map_or("", String::as_str);
    ["DISTRI", "VERSION", "FLAVOR", "ARCH"].map(part).join("-")
}

/// Adds the settings that only the tables have.
fn with_table(mut own: Settings, tables: &Tables) -> Settings {
    for (name, value) in tables.products.get(&key(&own)).into_iter().flatten() {
        own.entry(name.clone()).or_insert_with(|| value.clone());
    }
    own
}

/// Reads a job group in YAML.
pub(super) fn group(path: &str, name: &str, root: &Node, tables: &Tables, jobs: &mut Jobs) {
    let empty = Settings::new();
    for (arch, products) in get(root, "scenarios").map(entries).unwrap_or_default() {
        let defaults = get(root, "defaults").and_then(|defaults| get(defaults, &arch.name));
        let usual = settings(defaults.and_then(|defaults| get(defaults, "settings")));
        for (product_name, suites) in entries(products) {
            let Some(node) = get(root, "products").and_then(|all| get(all, &product_name.name))
            else {
                let line = product_name.at.line();
                jobs.problems.push(format!(
                    "{path}:{line}: no product is called `{}`",
                    product_name.name
                ));
                continue;
            };
            let product = with_table(product(node, &arch.name), tables);
            for suite in items(suites) {
                let (scenario, options) = match &suite.kind {
                    Kind::Scalar { text, .. } => (text.as_str(), None),
                    Kind::Map(pairs) => match pairs.first() {
                        Some((key, value)) => (key.name.as_str(), Some(value)),
                        None => continue,
                    },
                    Kind::Null | Kind::List(_) => continue,
                };
                let table = match options.and_then(|options| get(options, "testsuite")) {
                    Some(node) => text(node).unwrap_or_default(),
                    None => scenario,
                };
                let mut own = usual.clone();
                own.extend(settings(
                    options.and_then(|options| get(options, "settings")),
                ));
                let machines = options
                    .and_then(|options| get(options, "machine"))
                    .or_else(|| defaults.and_then(|defaults| get(defaults, "machine")));
                for machine in machines
                    .map(items)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(text)
                {
                    let machine = machine_settings(machine, None, tables);
                    jobs.add(&Layers {
                        group: name,
                        suite: scenario,
                        place: format!("{path}:{}", suite.at.line()),
                        layers: [
                            &product,
                            &machine,
                            tables.suites.get(table).unwrap_or(&empty),
                            &own,
                        ],
                    });
                }
                if machines.is_none() {
                    let line = suite.at.line();
                    jobs.problems
                        .push(format!("{path}:{line}: no machine for `{scenario}`"));
                }
            }
        }
    }
}

/// Returns the settings of a machine of a file, or else of the tables.
fn machine_settings(name: &str, node: Option<&Node>, tables: &Tables) -> Settings {
    let mut all = match node {
        Some(node) => settings(get(node, "settings")),
        None => tables.machines.get(name).cloned().unwrap_or_default(),
    };
    if let Some(backend) = node.and_then(|node| field(node, "backend")) {
        all.insert("BACKEND".to_owned(), backend.to_owned());
    }
    all.insert("MACHINE".to_owned(), name.to_owned());
    all
}

/// Reads `scenario-definitions.yaml`.
pub(super) fn definitions(path: &str, name: &str, root: &Node, tables: &Tables, jobs: &mut Jobs) {
    let empty = Settings::new();
    for (key, template) in get(root, "job_templates").map(entries).unwrap_or_default() {
        let place = format!("{path}:{}", key.at.line());
        let named = |field_name: &str, all: &str| {
            let name = field(template, field_name)?;
            Some((name, get(root, all).and_then(|all| get(all, name))))
        };
        let product = match named("product", "products") {
            Some((_, Some(node))) => with_table(product(node, ""), tables),
            Some((name, None)) => {
                jobs.problems
                    .push(format!("{place}: no product is called `{name}`"));
                continue;
            }
            None => Settings::new(),
        };
        let machine = match named("machine", "machines") {
            Some((name, node)) => machine_settings(name, node, tables),
            None => Settings::new(),
        };
        let own = settings(get(template, "settings"));
        jobs.add(&Layers {
            group: name,
            suite: &key.name,
            place,
            layers: [&product, &machine, &empty, &own],
        });
    }
}
