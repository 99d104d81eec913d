//! The book is built by mdBook, and its links hold as a browser follows them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use mdbook_driver::MDBook;
use regex::Regex;

use super::page::root;

/// A page as mdBook made it.
struct Built {
    links: BTreeSet<String>,
    ids: BTreeSet<String>,
}

/// Pages that repeat others, in which links are relative to somewhere else.
const REPEATED: [&str; 3] = ["print.html", "404.html", "toc.html"];

/// Appends the pages below a folder, by their paths from the root of the book.
fn collect(book: &Path, folder: &Path, pages: &mut BTreeMap<PathBuf, Built>) {
    let link = Regex::new(r#"(?:href|src)="([^"]+)""#).unwrap();
    let id = Regex::new(r#"\bid="([^"]+)""#).unwrap();
    let all = |regex: &Regex, text: &str| -> BTreeSet<String> {
        let found = regex.captures_iter(text);
        found
            .map(|capture| capture[1].replace("&amp;", "&"))
            .collect()
    };
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(book, &path, pages);
        } else if path.extension().is_some_and(|ending| ending == "html") {
            let text = fs::read_to_string(&path).unwrap();
            let built = Built {
                links: all(&link, &text),
                ids: all(&id, &text),
            };
            pages.insert(path.strip_prefix(book).unwrap().to_owned(), built);
        }
    }
}

/// Returns a path without `..`.
fn resolved(folder: &Path, link: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path
}

#[test]
fn the_book_is_built_and_its_links_hold() {
    let book = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
    let mut source = MDBook::load(root().join("docs")).unwrap();
    source.config.build.build_dir.clone_from(&book);
    source.build().unwrap();
    let mut pages = BTreeMap::new();
    collect(&book, &book, &mut pages);
    assert!(pages.len() > 30, "{}", pages.len());
    let mut problems = Vec::new();
    for (path, page) in &pages {
        if REPEATED.iter().any(|name| path == Path::new(name)) {
            continue;
        }
        for link in page.links.iter().filter(|link| !link.contains(':')) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = path.parent().unwrap();
            let target = match file {
                "" => path.clone(),
                file => resolved(folder, file),
            };
            let has_anchor = |page: &Built| anchor.is_empty() || page.ids.contains(anchor);
            let holds = match pages.get(&target) {
                Some(page) => has_anchor(page),
                None => book.join(&target).is_file(),
            };
            if !holds {
                problems.push(format!("{}: {link} leads nowhere", path.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
