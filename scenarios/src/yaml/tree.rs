//! Builds the tree of a YAML file, within limits.

use std::collections::HashMap;
use std::sync::Arc;

use serde_yaml::granit_parser::{self, Event, Parser, ScalarStyle};

use super::merge::merge;
use super::node::{Key, Kind, Node};
use super::syntax::{OpenCollection, offset, syntax};
use crate::bounds::{DEEPEST, MOST_TEXT, too_long};
use crate::finding::{Code, Diagnostic, Source, Span};

/// Real scenarios have a few kilobytes.
const LARGEST_FILE: usize = MOST_TEXT;

/// The greatest number of values in a file. Aliases count as often as they are used. A long scenario has a few
/// thousand.
const MOST_NODES: usize = 50_000;

/// Reads a file into a tree. Adds mistakes that still leave a tree (repeated keys, tags) to `found`.
///
/// # Errors
/// The text is not YAML, has several documents, or is larger than a scenario may be.
pub(crate) fn parse(source: &Arc<Source>, found: &mut Vec<Diagnostic>) -> Result<Node, Diagnostic> {
    if source.text().len() > LARGEST_FILE {
        let size = source.text().len();
        return Err(too_much(
            &Span::new(source, 0..0),
            format!("the file is too large: {size} bytes, at most {LARGEST_FILE}"),
        ));
    }
    let mut builder = Builder {
        source,
        found,
        open: Vec::new(),
        anchors: HashMap::new(),
        root: None,
        nodes: 0,
        copied: 0,
    };
    let options = granit_parser::options! { emit_comments: false };
    for next in Parser::new_from_str_with_options(source.text(), options) {
        match next {
            Ok((event, span)) => {
                let at = Span::new(
                    source,
                    offset(source, &span.start)..offset(source, &span.end),
                );
                builder.take(event, at)?;
            }
            Err(error) => return Err(syntax(source, &error, &builder.open_collections())),
        }
    }
    Ok(builder.root.unwrap_or_else(|| Node {
        kind: Kind::Null,
        at: Span::new(source, 0..0),
    }))
}

/// A list or map that is not closed yet.
struct Open {
    kind: Kind,
    at: Span,
    /// The key for the next value.
    key: Option<Key>,
    /// True if the next value is that of a merge key.
    merges_next: bool,
    /// The values of merge keys.
    merged: Vec<Node>,
    anchor: usize,
    /// The size of the content: an alias to it would add as much.
    size: Size,
}

#[derive(Debug, Clone, Copy)]
struct Size {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

struct Builder<'a> {
    source: &'a Arc<Source>,
    found: &'a mut Vec<Diagnostic>,
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, Size)>,
    root: Option<Node>,
    nodes: usize,
    /// The length of text that anchors and aliases copy.
    copied: usize,
}

impl Builder<'_> {
    /// Returns the lists and maps that are not closed yet, the outermost first.
    fn open_collections(&self) -> Vec<OpenCollection<'_>> {
        let open = self.open.iter().map(|open| OpenCollection {
            at: &open.at,
            is_list: matches!(open.kind, Kind::List(_)),
        });
        open.collect()
    }

    fn take(&mut self, event: Event<'_>, at: Span) -> Result<(), Diagnostic> {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(
                    Diagnostic::new(Code::Syntax, &at, "a second document in one file")
                        .with_help("write each scenario into a file of its own"),
                )
            }
            Event::Scalar(text, style, anchor, tag) => {
                if tag.is_some() {
                    self.refuse_tag(&at);
                }
                self.count(1, &at)?;
                let quoted = style != ScalarStyle::Plain;
                let kind = if !quoted && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
                    Kind::Null
                } else {
                    Kind::Scalar {
                        text: text.into_owned(),
                        quoted,
                    }
                };
                let size = Size {
                    nodes: 1,
                    bytes: kind.length(),
                    depth: 0,
                };
                self.add(Node { kind, at }, anchor, size)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.begin(Kind::List(Vec::new()), at, anchor, tag.is_some())
            }
            Event::MappingStart(_, anchor, tag) => {
                self.begin(Kind::Map(Vec::new()), at, anchor, tag.is_some())
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(&at),
            Event::Alias(id) => {
                let Some(size) = self.anchors.get(&id).map(|(_, size)| *size) else {
                    let message = "an alias inside what it stands for";
                    return Err(Diagnostic::new(Code::Syntax, &at, message));
                };
                // Must happen before the copy.
                self.count_copy(size, &at)?;
                let kind = self.anchors.get(&id).map(|(node, _)| node.kind.clone());
                let kind = kind.unwrap_or(Kind::Null);
                self.add(Node { kind, at }, 0, size)
            }
            Event::UnresolvedAlias(name) => Err(Diagnostic::new(
                Code::Syntax,
                &at,
                format!("nothing has the anchor `&{name}`"),
            )),
            // The ends of stream and document, comments and names of anchors have no values.
            _ => Ok(()),
        }
    }

    fn refuse_tag(&mut self, at: &Span) {
        self.found.push(
            Diagnostic::new(Code::Syntax, at, "YAML tags (`!name`) mean nothing here")
                .with_help("leave the tag out"),
        );
    }

    fn begin(
        &mut self,
        kind: Kind,
        at: Span,
        anchor: usize,
        tagged: bool,
    ) -> Result<(), Diagnostic> {
        if tagged {
            self.refuse_tag(&at);
        }
        if self.open.len() >= DEEPEST {
            return Err(too_much(
                &at,
                format!("nested too deeply: more than {DEEPEST} levels"),
            ));
        }
        self.count(1, &at)?;
        self.open.push(Open {
            kind,
            at,
            key: None,
            merges_next: false,
            merged: Vec::new(),
            anchor,
            size: Size {
                nodes: 1,
                bytes: 0,
                depth: 1,
            },
        });
        Ok(())
    }

    fn end(&mut self, at: &Span) -> Result<(), Diagnostic> {
        let Some(mut open) = self.open.pop() else {
            return Ok(());
        };
        let start = open.at.range().start;
        let end = match &open.kind {
            Kind::List(items) => items
                .last()
                .map_or(at.range().end, |last| last.at.range().end),
            Kind::Map(entries) => entries
                .last()
                .map_or(at.range().end, |(_, last)| last.at.range().end),
            Kind::Null | Kind::Scalar { .. } => at.range().end,
        };
        if let Kind::Map(entries) = &mut open.kind {
            self.found.extend(merge(entries, open.merged));
        }
        let node = Node {
            kind: open.kind,
            at: Span::new(self.source, start..end.max(start)),
        };
        self.add(node, open.anchor, open.size)
    }

    fn count(&mut self, more: usize, at: &Span) -> Result<(), Diagnostic> {
        self.nodes += more;
        if self.nodes > MOST_NODES {
            return Err(too_much(
                at,
                format!("too many values: more than {MOST_NODES}, aliases counted"),
            ));
        }
        Ok(())
    }

    fn count_copy(&mut self, size: Size, at: &Span) -> Result<(), Diagnostic> {
        self.copied = self.copied.saturating_add(size.bytes);
        if self.copied > MOST_TEXT {
            return Err(too_long(at, "the text that anchors and aliases repeat"));
        }
        self.count(size.nodes, at)
    }

    fn add(&mut self, node: Node, anchor: usize, size: Size) -> Result<(), Diagnostic> {
        if self.open.len() + size.depth > DEEPEST {
            return Err(too_much(
                &node.at,
                format!("nested too deeply: more than {DEEPEST} levels"),
            ));
        }
        if anchor != 0 {
            self.count_copy(size, &node.at)?; // The copy that is kept.
            self.anchors.insert(anchor, (node.clone(), size));
        }
        self.place(node, size)
    }

    fn place(&mut self, node: Node, size: Size) -> Result<(), Diagnostic> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.size.nodes += size.nodes;
        open.size.bytes = open.size.bytes.saturating_add(size.bytes);
        open.size.depth = open.size.depth.max(size.depth + 1);
        match &mut open.kind {
            Kind::List(items) => items.push(node),
            Kind::Map(entries) => match open.key.take() {
                Some(_) if open.merges_next => {
                    open.merges_next = false;
                    open.merged.push(node);
                }
                Some(key) => {
                    let first = entries.iter().find(|(other, _)| other.name == key.name);
                    if let Some((first, _)) = first {
                        self.found.push(
                            Diagnostic::new(
                                Code::DuplicateKey,
                                &key.at,
                                format!("`{}` is written twice", key.name),
                            )
                            .with_help(format!("the first one is in line {}", first.at.line())),
                        );
                    } else {
                        entries.push((key, node));
                    }
                }
                None => {
                    let name = match node.kind {
                        Kind::Scalar { text, quoted } => {
                            open.merges_next = !quoted && text == "<<";
                            text
                        }
                        Kind::Null => String::new(),
                        Kind::List(_) | Kind::Map(_) => {
                            return Err(Diagnostic::new(
                                Code::Syntax,
                                &node.at,
                                "a list or map as a key",
                            )
                            .with_help(
                                "quote text that begins with `[` or `{`: `\"{{ name }}\"`",
                            ));
                        }
                    };
                    open.key = Some(Key { name, at: node.at });
                }
            },
            Kind::Null | Kind::Scalar { .. } => {}
        }
        Ok(())
    }
}

fn too_much(at: &Span, message: String) -> Diagnostic {
    Diagnostic::new(Code::Syntax, at, message)
        .with_help("write less into one file: `include:` takes steps from another")
}
