//! The pages of the documentation, with their blocks and code spans.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The pages outside of the book.
const BESIDE: [&str; 4] = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "vm/images/README.md",
];

/// The folder of the book's pages.
pub(super) const BOOK: &str = "docs/src";

/// A page of the documentation.
#[derive(Debug)]
pub(super) struct Page {
    /// Its path from the root of the repository.
    pub(super) path: String,
    pub(super) text: String,
}

/// A block between fences.
#[derive(Debug)]
pub(super) struct Block {
    /// Where it begins: page and line.
    pub(super) at: String,
    /// The words after the fence: the language first.
    pub(super) info: Vec<String>,
    pub(super) text: String,
}

/// Text between backticks.
#[derive(Debug)]
pub(super) struct CodeSpan {
    /// Where it begins: page and line.
    pub(super) at: String,
    /// The text, on one line.
    pub(super) text: String,
}

/// Returns the root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns every page: those of the book, and those beside it.
pub(super) fn pages() -> Vec<Page> {
    let mut paths: Vec<String> = BESIDE.map(str::to_owned).into();
    collect(BOOK, &mut paths);
    paths.sort();
    paths.into_iter().map(|path| page(&path)).collect()
}

/// Returns the page at a path from the root of the repository.
pub(super) fn page(path: &str) -> Page {
    let file = root().join(path);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    Page {
        path: path.to_owned(),
        text,
    }
}

/// Appends the pages below a folder.
fn collect(folder: &str, paths: &mut Vec<String>) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&path, paths);
        } else if path.ends_with(".md") {
            paths.push(path);
        }
    }
}

impl Page {
    /// Returns its blocks, in order.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut is_open = false;
        for (number, line) in (1..).zip(self.text.lines()) {
            let fence = line.trim_start().strip_prefix("```");
            match (fence, is_open) {
                (Some(info), false) => blocks.push(Block {
                    at: format!("{}:{number}", self.path),
                    info: info.split(',').map(|word| word.trim().to_owned()).collect(),
                    text: String::new(),
                }),
                (None, true) => {
                    let block = blocks.last_mut().unwrap();
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (Some(_), true) | (None, false) => {}
            }
            is_open ^= fence.is_some();
        }
        assert!(!is_open, "{}: a block has no end", self.path);
        blocks
    }

    /// Returns its lines without those of blocks, each with its number.
    pub(super) fn prose(&self) -> Vec<(usize, &str)> {
        let mut is_open = false;
        let mut prose = Vec::new();
        for (number, line) in (1..).zip(self.text.lines()) {
            let is_fence = line.trim_start().starts_with("```");
            is_open ^= is_fence;
            if !is_open && !is_fence {
                prose.push((number, line));
            }
        }
        prose
    }

    /// Returns the code spans of its prose. One may go on in the next line.
    pub(super) fn code_spans(&self) -> Vec<CodeSpan> {
        let mut spans = Vec::new();
        let mut open: Option<(usize, usize, String)> = None;
        for (number, line) in self.prose() {
            // A span ends with its paragraph, and with its row of a table.
            if line.trim().is_empty() || line.starts_with('|') {
                open = None;
            }
            let mut rest = line;
            loop {
                match (open.take(), rest.find('`')) {
                    (None, None) => break,
                    (Some((ticks, at, mut text)), None) => {
                        text.push_str(rest);
                        text.push(' ');
                        open = Some((ticks, at, text));
                        break;
                    }
                    (was_open, Some(at)) => {
                        let ticks = rest[at..].bytes().take_while(|byte| *byte == b'`').count();
                        let before = &rest[..at];
                        rest = &rest[at + ticks..];
                        open = match was_open {
                            None => Some((ticks, number, String::new())),
                            Some((opened_by, from, mut text)) => {
                                text.push_str(before);
                                if ticks == opened_by {
                                    spans.push(CodeSpan {
                                        at: format!("{}:{from}", self.path),
                                        text: text.trim().to_owned(),
                                    });
                                    None
                                } else {
                                    text.push_str(&"`".repeat(ticks));
                                    Some((opened_by, from, text))
                                }
                            }
                        };
                    }
                }
            }
        }
        spans
    }
}

#[test]
fn blocks_and_spans_are_found() {
    let page = Page {
        path: "p.md".to_owned(),
        text: "a `b c\nd` ``e ` f``\n\n```yaml,steps\n- `x`\n```\n| `g` |\n".to_owned(),
    };
    let spans = page.code_spans();
    let spans: Vec<_> = spans
        .iter()
        .map(|span| (span.at.as_str(), span.text.as_str()))
        .collect();
    assert_eq!(
        spans,
        [("p.md:1", "b c d"), ("p.md:2", "e ` f"), ("p.md:7", "g")]
    );
    let blocks = page.blocks();
    assert_eq!(blocks.len(), 1);
    assert_eq!(blocks[0].at, "p.md:4");
    assert_eq!(blocks[0].info, ["yaml", "steps"]);
    assert_eq!(blocks[0].text, "- `x`\n");
}
