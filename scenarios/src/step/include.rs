//! The verb `include`.

use super::modifiers::fields;
use super::set::read_assignments;
use crate::finding::{Diagnostic, Span, Spanned};
use crate::value::{Phase, Rendered, Text, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `include`: runs the steps of a fragment.
#[derive(Debug, Clone, PartialEq)]
pub struct Include<P: Phase = Rendered> {
    /// The path of the fragment, relative to the file of the step.
    pub file: Spanned<String>,
    /// The values of variables for these steps.
    pub vars: Vec<(String, P::Of<Text>)>,
}

impl Include<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "file",
            Shape::Text,
            "Path of the fragment, relative to this file.",
        ),
        Field::optional(
            "vars",
            Shape::Names(&Shape::Text),
            "Values of variables for its steps.",
        ),
    ];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[Shape::Text, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            let file = reader.plain(node)?;
            return Some(Self {
                file,
                vars: Vec::new(),
            });
        }
        let fields = fields(reader, node, "include", Self::FIELDS)?;
        let file = fields.need("file", reader, Reader::plain);
        let vars = fields.may("vars", reader, read_assignments);
        Some(Self {
            file: file?,
            vars: vars?.unwrap_or_default(),
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Include<V::To>, Diagnostic> {
        Ok(Include {
            file: self.file.clone(),
            vars: visitor.named(&self.vars)?,
        })
    }

    /// Returns the path of the fragment as the library knows it: relative to the same folder as the path of the
    /// including file.
    pub(crate) fn path(&self) -> String {
        joined(&self.file.at, &self.file)
    }
}

/// Resolves `path` from the folder of the file of `at`. Removes `.` and `..` where possible.
fn joined(at: &Span, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let absolute = path.starts_with('/');
    if !absolute {
        parts.extend(at.file().split('/'));
        parts.pop();
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, ".." | "")) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute {
        format!("/{joined}")
    } else {
        joined
    }
}

impl<P: Phase> Include<P> {
    pub(super) fn line(&self) -> String {
        self.file.value.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Source;

    #[test]
    fn a_fragment_is_found_from_the_file_that_includes_it() {
        for (file, path, joined_path) in [
            ("scenarios/a.yaml", "b.yaml", "scenarios/b.yaml"),
            (
                "scenarios/a.yaml",
                "./parts/b.yaml",
                "scenarios/parts/b.yaml",
            ),
            ("scenarios/x/a.yaml", "../b.yaml", "scenarios/b.yaml"),
            ("a.yaml", "../b.yaml", "../b.yaml"),
            ("/p/a.yaml", "b.yaml", "/p/b.yaml"),
            ("/p/a.yaml", "/q/b.yaml", "/q/b.yaml"),
        ] {
            let at = Span::new(&Source::new(file, ""), 0..0);
            assert_eq!(joined(&at, path), joined_path);
        }
    }
}
