//! Reads values and collects findings.

use super::node::{Kind, Node};
use crate::finding::{Code, Diagnostic, Span, Spanned, did_you_mean};

/// The greatest number of findings about one file. More have a common cause, and nobody reads them.
const MOST_FINDINGS: usize = 200;

/// Reads values from a tree and collects findings. A function returns `None` after reporting a wrong value, so that
/// reading can continue with the next value.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Reader {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MOST_FINDINGS {
            self.diagnostics.push(diagnostic);
        } else if self.diagnostics.len() == MOST_FINDINGS
            && let Some(at) = &diagnostic.at
        {
            let message = format!("more than {MOST_FINDINGS} mistakes: from here on none is told");
            self.diagnostics.push(
                Diagnostic::new(Code::InvalidValue, at, message)
                    .with_help("mend those above first"),
            );
        }
    }

    pub(crate) fn take<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|diagnostic| self.report(diagnostic)).ok()
    }

    pub(crate) fn invalid<T>(
        &mut self,
        at: &Span,
        message: impl Into<String>,
        help: &str,
    ) -> Option<T> {
        self.report(Diagnostic::new(Code::InvalidValue, at, message).with_help(help));
        None
    }

    /// Reads a scalar as written.
    pub(crate) fn scalar<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::Scalar { text, .. } => Some(text),
            Kind::Null | Kind::List(_) | Kind::Map(_) => {
                self.report(node.unlike(expected));
                None
            }
        }
    }

    /// Reads a scalar without variables, with its place.
    pub(crate) fn plain(&mut self, node: &Node) -> Option<Spanned<String>> {
        let text = self.scalar(node, "text")?;
        if text.is_empty() {
            return self.invalid(
                &node.at,
                "expected text, found nothing",
                "leave the field out, or write its value",
            );
        }
        Some(Spanned {
            value: text.to_owned(),
            at: node.at.clone(),
        })
    }

    /// Reads every item, even after a wrong one.
    pub(crate) fn all<'n, T>(
        &mut self,
        items: &'n [Node],
        mut read: impl FnMut(&mut Self, &'n Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let read: Vec<Option<T>> = items.iter().map(|item| read(self, item)).collect();
        read.into_iter().collect()
    }

    /// Reads a list.
    pub(crate) fn list<'n, T>(
        &mut self,
        node: &'n Node,
        expected: &str,
        read: impl FnMut(&mut Self, &'n Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        match &node.kind {
            Kind::List(items) => self.all(items, read),
            Kind::Null => Some(Vec::new()),
            Kind::Scalar { .. } => {
                self.report(node.unlike(expected));
                None
            }
            Kind::Map(entries) => {
                let glued = entries
                    .iter()
                    .find_map(|(key, _)| key.name.strip_prefix('-'));
                let help = match glued {
                    Some(name) => format!("a space goes after the `-`: `- {name}: ...`"),
                    None => "each entry of a list begins with `- `".to_owned(),
                };
                self.report(node.unlike(expected).with_help(help));
                None
            }
        }
    }

    /// Reads a single value or a list.
    pub(crate) fn one_or_list<'n, T>(
        &mut self,
        node: &'n Node,
        mut read: impl FnMut(&mut Self, &'n Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        match &node.kind {
            Kind::List(items) => self.all(items, read),
            Kind::Null | Kind::Scalar { .. } | Kind::Map(_) => Some(vec![read(self, node)?]),
        }
    }

    /// Reads a map with any names. `read` reads each value.
    pub(crate) fn names<'n, T>(
        &mut self,
        node: &'n Node,
        expected: &str,
        mut read: impl FnMut(&mut Self, &str, &'n Node) -> Option<T>,
    ) -> Option<Vec<(Spanned<String>, T)>> {
        let Kind::Map(entries) = &node.kind else {
            if node.kind == Kind::Null {
                return Some(Vec::new());
            }
            self.report(node.unlike(expected));
            return None;
        };
        let read: Vec<_> = entries
            .iter()
            .map(|(key, value)| {
                let name = Spanned {
                    value: key.name.clone(),
                    at: key.at.clone(),
                };
                read(self, &key.name, value).map(|value| (name, value))
            })
            .collect();
        read.into_iter().collect()
    }

    /// Reads `true` or `false`.
    pub(crate) fn flag(&mut self, node: &Node) -> Option<bool> {
        match &node.kind {
            Kind::Scalar {
                text,
                quoted: false,
            } if text == "true" => Some(true),
            Kind::Scalar {
                text,
                quoted: false,
            } if text == "false" => Some(false),
            Kind::Null | Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) => {
                self.report(node.unlike("`true` or `false`"));
                None
            }
        }
    }

    /// Reads a whole number within a range, without variables.
    pub(crate) fn whole(&mut self, node: &Node, least: u32, most: u32) -> Option<u32> {
        let expected = format!("a whole number from {least} to {most}");
        let text = self.scalar(node, &expected)?;
        match text.parse::<u32>() {
            Ok(number) if (least..=most).contains(&number) => Some(number),
            Ok(_) | Err(_) => {
                self.report(node.unlike(&expected));
                None
            }
        }
    }

    /// Reads one of these words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        node: &Node,
        what: &str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let all: Vec<String> = choices
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let text = self.scalar(node, &format!("{what}: {}", all.join(", ")))?;
        match choices.iter().find(|(name, _)| *name == text) {
            Some((_, value)) => Some(*value),
            None => {
                let help = did_you_mean(text, choices.iter().map(|(name, _)| *name))
                    .unwrap_or_else(|| format!("there are {}", all.join(", ")));
                let message = format!("unknown {what} `{text}`");
                self.report(Diagnostic::new(Code::InvalidValue, &node.at, message).with_help(help));
                None
            }
        }
    }
}
