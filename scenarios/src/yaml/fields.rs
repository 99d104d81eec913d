//! Reads maps with known fields.

use super::field::{Field, Need};
use super::node::{Key, Kind, Node};
use super::reader::Reader;
use crate::finding::{Code, Diagnostic, Span, did_you_mean, nearest};

/// A map with known fields.
#[derive(Debug)]
pub(crate) struct Fields<'n> {
    entries: &'n [(Key, Node)],
    what: String,
    /// Fields that are present under a misspelled name, which has a finding of its own.
    meant: Vec<&'static str>,
    pub(crate) at: Span,
}

impl Reader {
    /// Reads a map. Reports fields that are not in `known`. Messages name the owner `what`, such as `` `see` ``.
    pub(crate) fn fields<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&[Field]],
    ) -> Option<Fields<'n>> {
        let Kind::Map(entries) = &node.kind else {
            let wrong = node.unlike(&format!("a map with the fields of {what}"));
            self.report(wrong.with_help(written(known)));
            return None;
        };
        let names = || known.iter().copied().flatten().map(|field| field.name);
        let mut meant = Vec::new();
        for (key, _) in entries {
            if !names().any(|name| name == key.name) {
                let near = names().find(|name| nearest(&key.name, names()) == Some(*name));
                meant.extend(near);
                let help = did_you_mean(&key.name, names())
                    .unwrap_or_else(|| format!("the fields of {what} are {}", listed(names())));
                self.report(
                    Diagnostic::new(
                        Code::UnknownField,
                        &key.at,
                        format!("unknown field `{}` in {what}", key.name),
                    )
                    .with_help(help),
                );
            }
        }
        Some(Fields {
            entries,
            what: what.to_owned(),
            meant,
            at: node.at.clone(),
        })
    }
}

/// Returns names for a message: `` `a`, `b` ``.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    all.join(", ")
}

/// Returns the help for a value that must be a map: the fields that it needs, or else all that it may have.
fn written(known: &[&[Field]]) -> String {
    let fields = || known.iter().copied().flatten();
    let needed: Vec<String> = fields()
        .filter(|field| field.need == Need::Required)
        .map(|field| format!("{}: ...", field.name))
        .collect();
    match needed.is_empty() {
        true => format!(
            "its fields are {}",
            listed(fields().map(|field| field.name))
        ),
        false => format!("write `{{ {} }}`", needed.join(", ")),
    }
}

impl<'n> Fields<'n> {
    /// Returns the value of a field, if it is present.
    pub(crate) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entry(name).map(|(_, node)| node)
    }

    /// Returns the field with its key, if it is present.
    pub(crate) fn entry(&self, name: &str) -> Option<&'n (Key, Node)> {
        self.entries.iter().find(|(key, _)| key.name == name)
    }

    /// Returns true if a field is probably present under a misspelled name.
    pub(crate) fn misspells(&self, name: &str) -> bool {
        self.meant.contains(&name)
    }

    /// Reads a required field. Returns `None` after reporting that it is missing or wrong.
    pub(crate) fn need<T>(
        &self,
        name: &str,
        reader: &mut Reader,
        read: impl FnOnce(&mut Reader, &'n Node) -> Option<T>,
    ) -> Option<T> {
        match self.get(name) {
            Some(node) => read(reader, node),
            None if self.misspells(name) => None,
            None => {
                reader.report(Diagnostic::new(
                    Code::MissingField,
                    &self.at,
                    format!("{} needs the field `{name}`", self.what),
                ));
                None
            }
        }
    }

    /// Reads an optional field. Returns `None` after reporting that it is wrong, `Some(None)` if it is absent.
    pub(crate) fn may<T>(
        &self,
        name: &str,
        reader: &mut Reader,
        read: impl FnOnce(&mut Reader, &'n Node) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.get(name) {
            Some(node) => read(reader, node).map(Some),
            None => Some(None),
        }
    }
}
