//! The files of a crate and which of them uses which: each name is followed through re-exports to the file that
//! defines it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, path,
};

use super::rust_file::{Path, RustFile};

/// The files of one crate, each under the path of its module. The crate's root has the empty path.
pub(super) struct Modules(BTreeMap<Path, RustFile>);

/// Which module uses which others, and the names that it uses of them.
pub(super) type Arrows = BTreeMap<Path, BTreeMap<Path, BTreeSet<String>>>;

impl Modules {
    /// Reads every file below a crate's `src`, except `main.rs` and modules for tests alone.
    pub(super) fn read(source: &path::Path) -> Modules {
        let mut files = BTreeMap::new();
        collect(source, &[], &mut files);
        Modules::new(files)
    }

    pub(super) fn new(mut files: BTreeMap<Path, RustFile>) -> Modules {
        let test_modules: Vec<Path> = files
            .iter()
            .flat_map(|(module, file)| file.test_modules.iter().map(|name| child(module, name)))
            .collect();
        files.retain(|module, _| !test_modules.iter().any(|test| module.starts_with(test)));
        Modules(files)
    }

    /// The arrows between the files. A name that a file only hands on makes none.
    pub(super) fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (module, file) in &self.0 {
            let own = file.imports.iter().filter(|import| !import.is_public);
            for path in own.map(|import| &import.path).chain(&file.mentioned) {
                let Some(user) = self.definer(module, path, 0) else {
                    continue;
                };
                if user != *module {
                    let names = arrows
                        .entry(module.clone())
                        .or_default()
                        .entry(user)
                        .or_default();
                    names.extend(path.last().cloned());
                }
            }
        }
        arrows
    }

    /// Every path that a file imports or mentions, with the file's module.
    pub(super) fn paths(&self) -> impl Iterator<Item = (String, &Path)> {
        self.0.iter().flat_map(|(module, file)| {
            let imported = file.imports.iter().map(|import| &import.path);
            let paths = imported.chain(&file.mentioned);
            paths.map(|path| (module.join("::"), path))
        })
    }

    /// The uses of names that the crate's root only hands on: `crate::Span` instead of `crate::finding::Span`.
    pub(super) fn imports_through_root(&self) -> Vec<String> {
        let handed_on = |name: &String| {
            let root = self.0.get(&Path::new());
            root.is_some_and(|root| {
                root.imports
                    .iter()
                    .any(|import| import.is_public && import.name == *name)
            })
        };
        let is_through_root = |path: &Path| match path.as_slice() {
            [first, name] => {
                first == "crate" && handed_on(name) && !self.0.contains_key(&path[1..])
            }
            _ => false,
        };
        self.paths()
            .filter(|(_, path)| is_through_root(path))
            .map(|(module, path)| format!("{module} uses {}", path.join("::")))
            .collect()
    }

    /// The module that defines what `path` names in `module`; none for names of other crates, locals and modules.
    fn definer(&self, module: &[String], path: &[String], depth: usize) -> Option<Path> {
        /// More re-exports of re-exports than anybody writes.
        const DEEPEST: usize = 16;
        let (first, mut rest) = path.split_first()?;
        if depth > DEEPEST {
            return None;
        }
        let mut at = match first.as_str() {
            "crate" => Path::new(),
            "self" => module.to_vec(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            _ if path.len() > 1 && self.0.contains_key(&child(module, first)) => {
                child(module, first)
            }
            _ => return self.named(module, first, rest, depth),
        };
        while let Some((next, behind)) = rest.split_first() {
            if next == "super" {
                at.pop();
            } else if !behind.is_empty() && self.0.contains_key(&child(&at, next)) {
                at.push(next.clone());
            } else {
                let is_module = self.0.contains_key(&child(&at, next));
                let found = self.named(&at, next, behind, depth);
                return found.or_else(|| (!is_module).then_some(at));
            }
            rest = behind;
        }
        None
    }

    /// The module that defines `name`, with `rest` behind it, as `module` knows it: by itself or by an import.
    fn named(&self, module: &[String], name: &str, rest: &[String], depth: usize) -> Option<Path> {
        let file = self.0.get(module)?;
        if file.defined.contains(name) {
            return Some(module.to_vec());
        }
        let by_name = file.imports.iter().filter(|import| import.name == name);
        let mut found = by_name.filter_map(|import| {
            let path = [import.path.as_slice(), rest].concat();
            (path != [name]).then(|| self.definer(module, &path, depth + 1))?
        });
        found.next()
    }
}

fn child(module: &[String], name: &str) -> Path {
    [module, &[name.to_owned()]].concat()
}

fn collect(folder: &path::Path, module: &[String], files: &mut BTreeMap<Path, RustFile>) {
    let entries = fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            collect(&path, &child(module, &name), files);
        } else if path.extension().is_some_and(|ending| ending == "rs") && name != "main" {
            let is_of_folder = name == "mod" || name == "lib" && module.is_empty();
            let module = if is_of_folder {
                module.to_vec()
            } else {
                child(module, &name)
            };
            files.insert(module, RustFile::read(&fs::read_to_string(&path).unwrap()));
        }
    }
}
