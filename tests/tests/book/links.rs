//! Every link of a page leads to a file that is there, and to a heading that is there.

use std::{collections::BTreeSet, path::Path};

use super::page::{BOOK, Page, page, pages, root};

/// A link in the text of a page.
#[derive(Debug, PartialEq, Eq)]
struct Link {
    at: String,
    to: String,
}

/// Returns the links and pictures of a page's prose, without those inside of code spans.
fn links(page: &Page) -> Vec<Link> {
    let mut links = Vec::new();
    for (number, line) in page.prose() {
        let plain: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
        for rest in plain.split("](").skip(1) {
            let to = rest.split(')').next().unwrap_or_default();
            links.push(Link {
                at: format!("{}:{number}", page.path),
                to: to.to_owned(),
            });
        }
    }
    links
}

/// Returns the anchors of a page's headings, as mdBook and code hosts make them.
fn anchors(page: &Page) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for (_, line) in page.prose() {
        let Some(heading) = line.strip_prefix('#') else {
            continue;
        };
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let anchor: String = heading
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c),
                _ => None,
            })
            .collect();
        let again = (1..).map(|number| format!("{anchor}-{number}"));
        let mut candidates = std::iter::once(anchor.clone()).chain(again);
        let free = candidates.find(|candidate| !anchors.contains(candidate));
        anchors.extend(free);
    }
    anchors
}

/// Returns what is wrong with a link.
fn wrong(link: &Link, of: &Page) -> Option<String> {
    if link.to.contains("://") || link.to.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = link.to.split_once('#').unwrap_or((link.to.as_str(), ""));
    let folder = Path::new(&of.path).parent().unwrap_or(Path::new(""));
    let target = match path {
        "" => of.path.clone(),
        path => folder.join(path).to_string_lossy().into_owned(),
    };
    let file = root().join(&target);
    if !file.exists() {
        return Some(format!("{}: there is no {target}", link.at));
    }
    let book = root().join(BOOK).canonicalize().unwrap();
    let is_in_book = |path: &Path| {
        path.canonicalize()
            .is_ok_and(|path| path.starts_with(&book))
    };
    if is_in_book(&root().join(&of.path)) && !is_in_book(&file) {
        return Some(format!("{}: {target} is no page of the book", link.at));
    }
    if !anchor.is_empty() && !anchors(&page(&target)).contains(anchor) {
        return Some(format!("{}: {target} has no heading #{anchor}", link.at));
    }
    None
}

#[test]
fn every_link_leads_somewhere() {
    let (mut count, mut problems) = (0, Vec::new());
    for page in pages() {
        for link in links(&page) {
            count += 1;
            problems.extend(wrong(&link, &page));
        }
    }
    assert!(count > 50, "{count}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_page_of_the_book_is_in_its_summary() {
    let summary = page(&format!("{BOOK}/SUMMARY.md"));
    let listed: BTreeSet<String> = links(&summary).into_iter().map(|link| link.to).collect();
    for page in pages() {
        let Some(name) = page.path.strip_prefix(&format!("{BOOK}/")) else {
            continue;
        };
        assert!(
            name == "SUMMARY.md" || listed.contains(name),
            "{name} is not in the summary"
        );
    }
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let of = Page {
        path: format!("{BOOK}/start.md"),
        text: "a [b](nothing.md), [c](scenarios.md#nothing), [d](../../README.md), `[e](f)`\n"
            .to_owned(),
    };
    let links = links(&of);
    assert_eq!(links.len(), 3, "{links:?}");
    for link in links {
        assert!(wrong(&link, &of).is_some(), "{link:?}");
    }
    let headings = Page {
        path: "p.md".to_owned(),
        text: "# `a` and B, c!\n## x\n## x\n```\n# no\n```\n".to_owned(),
    };
    let expected = ["a-and-b-c", "x", "x-1"].map(str::to_owned);
    assert_eq!(anchors(&headings), expected.into());
}
