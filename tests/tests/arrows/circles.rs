//! Circles of files: files of one crate that use each other, directly or by way of others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path,
};

use super::{
    modules::{Arrows, Modules},
    rust_file::{Path, RustFile},
};

/// The most files that a circle of each crate may have. Lower a figure once the code allows it; never raise one.
const MOST_FILES: [(&str, usize); 5] = [
    ("needles", 4),
    ("reports", 4),
    ("runner", 4),
    ("scenarios", 4),
    ("vm", 4),
];

/// The circles, the largest first.
fn circles(arrows: &Arrows) -> Vec<BTreeSet<Path>> {
    let reached: BTreeMap<&Path, BTreeSet<&Path>> = arrows
        .keys()
        .map(|start| (start, reached_from(arrows, start)))
        .collect();
    let mut circles: Vec<BTreeSet<Path>> = Vec::new();
    for (start, ends) in &reached {
        let comes_back = |end: &&&Path| reached.get(**end).is_some_and(|ends| ends.contains(start));
        let circle: BTreeSet<Path> = ends
            .iter()
            .filter(comes_back)
            .map(|end| (*end).clone())
            .collect();
        if !circle.is_empty() && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

fn reached_from<'a>(arrows: &'a Arrows, start: &'a Path) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(module) = open.pop() {
        for next in arrows.get(module).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

/// A circle's arrows, one a line, with the names that tie them.
fn described(circle: &BTreeSet<Path>, arrows: &Arrows) -> String {
    let mut text = format!("a circle of {} files:\n", circle.len());
    for module in circle {
        for (used, names) in arrows
            .get(module)
            .into_iter()
            .flatten()
            .filter(|(used, _)| circle.contains(*used))
        {
            let names = names.iter().cloned().collect::<Vec<_>>().join(", ");
            let _ = writeln!(
                text,
                "  {} -> {}: {names}",
                module.join("::"),
                used.join("::")
            );
        }
    }
    text
}

#[test]
fn no_circle_of_files_is_larger_than_its_crate_allows() {
    let mut faults = String::new();
    for (folder, most) in MOST_FILES {
        let source = path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(folder)
            .join("src");
        let arrows = Modules::read(&source).arrows();
        assert!(!arrows.is_empty(), "{folder}: no arrow was found");
        for circle in circles(&arrows) {
            if circle.len() > most {
                let _ = writeln!(
                    faults,
                    "{folder} allows {most}: {}",
                    described(&circle, &arrows)
                );
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

/// The sizes of the circles of a crate with these files, each given as the path of its module and its text.
fn sizes(files: &[(&[&str], &str)]) -> Vec<usize> {
    let file = |(module, text): &(&[&str], &str)| {
        let module: Path = module.iter().map(|name| (*name).to_owned()).collect();
        (module, RustFile::read(text))
    };
    let arrows = Modules::new(files.iter().map(file).collect()).arrows();
    circles(&arrows).iter().map(BTreeSet::len).collect()
}

#[test]
fn a_circle_is_found_behind_re_exports() {
    let root: (&[&str], &str) = (
        &[],
        "mod a; mod b; mod c; pub use a::A; pub use b::B; pub use c::{C, D};",
    );
    let a: (&[&str], &str) = (&["a"], "use crate::{B, C}; pub struct A(B, C);");
    let b: (&[&str], &str) = (
        &["b"],
        "pub struct B; impl B { fn a(&self) -> Option<crate::A> { None } }",
    );
    let c: (&[&str], &str) = (
        &["c"],
        "pub struct C; pub use crate::A as D; #[cfg(test)] mod tests { use crate::A; }",
    );
    assert_eq!(sizes(&[root, a, b, c]), [2]);
    assert_eq!(sizes(&[root, a, c]), [0; 0]);
}
