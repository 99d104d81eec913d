//! What `openqa-dump-templates --json` writes: machines, products, test suites and job groups of a server.

use super::document::{Document, field, get, items};
use super::job::{Jobs, Layers, Settings, Tables};
use super::job_groups;
use crate::yaml::Node;

/// Returns the settings of a list of `{ key: NAME, value: text }`.
fn pairs(node: &Node) -> Settings {
    let settings = get(node, "settings").map(items).unwrap_or_default();
    let pairs = settings.iter().filter_map(|pair| {
        let (name, value) = (field(pair, "key")?, field(pair, "value")?);
        Some((name.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

fn product(node: &Node) -> Settings {
    let mut all = pairs(node);
    for (name, key) in [
        ("DISTRI", "distri"),
        ("VERSION", "version"),
        ("FLAVOR", "flavor"),
        ("ARCH", "arch"),
    ] {
        if let Some(value) = field(node, key) {
            all.insert(name.to_owned(), value.to_owned());
        }
    }
    all
}

fn key(product: &Settings) -> String {
    let part = |name| product.get(name).map_or("", String::as_str);
    ["DISTRI", "VERSION", "FLAVOR", "ARCH"].map(part).join("-")
}

/// Adds the machines, products and test suites of a dump.
pub(super) fn collect(root: &Node, tables: &mut Tables) {
    for node in get(root, "Machines").map(items).unwrap_or_default() {
        if let Some(name) = field(node, "name") {
            let mut settings = pairs(node);
            if let Some(backend) = field(node, "backend") {
                settings.insert("BACKEND".to_owned(), backend.to_owned());
            }
            tables.machines.insert(name.to_owned(), settings);
        }
    }
    for node in get(root, "TestSuites").map(items).unwrap_or_default() {
        if let Some(name) = field(node, "name") {
            tables.suites.insert(name.to_owned(), pairs(node));
        }
    }
    for node in get(root, "Products").map(items).unwrap_or_default() {
        let product = product(node);
        tables.products.insert(key(&product), product);
    }
}

/// Adds the jobs of a dump: those of its job groups, and its job templates.
pub(super) fn jobs(path: &str, root: &Node, tables: &Tables, jobs: &mut Jobs) {
    for node in get(root, "JobGroups").map(items).unwrap_or_default() {
        let name = field(node, "group_name").unwrap_or("group");
        let Some(template) = field(node, "template") else {
            continue;
        };
        match Document::read(&format!("{path} (group {name})"), template) {
            Ok(document) => {
                jobs.groups += 1;
                job_groups::group(path, name, &document.root, tables, jobs);
            }
            Err(problem) => jobs.problems.push(problem),
        }
    }
    let none = Settings::new();
    for node in get(root, "JobTemplates").map(items).unwrap_or_default() {
        let name = |table: &str, field_name: &str| {
            get(node, table).and_then(|node| field(node, field_name))
        };
        let (Some(suite), Some(machine)) = (name("test_suite", "name"), name("machine", "name"))
        else {
            continue;
        };
        let product = get(node, "product").map(product).unwrap_or_default();
        let product = tables
            .products
            .get(&key(&product))
            .cloned()
            .unwrap_or(product);
        let mut machine_settings = tables.machines.get(machine).cloned().unwrap_or_default();
        machine_settings.insert("MACHINE".to_owned(), machine.to_owned());
        let own = pairs(node);
        jobs.add(&Layers {
            group: field(node, "group_name").unwrap_or("group"),
            suite,
            place: format!("{path}:{}", node.at.line()),
            layers: [
                &product,
                &machine_settings,
                tables.suites.get(suite).unwrap_or(&none),
                &own,
            ],
        });
    }
}
