use std::collections::BTreeMap;

use super::fields::wrong;
use super::{Kind, Node};
use crate::nearest::did_you_mean;
use crate::{
    Area, Code, Condition, Diagnostic, FromText, Pattern, Span, Spanned, TagQuery, Template,
    Templated, Written, WrittenValue,
};

/// Findings about one file: who has made more has one reason for them all, and reads no further.
const MOST_FINDINGS: usize = 200;

/// Reads values out of a tree and collects what is wrong with them. Its functions give `None` for a value that is wrong
/// and have reported it then, so that the next value is read all the same.
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

    /// A scalar as written.
    pub(crate) fn scalar<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::Scalar { text, .. } => Some(text),
            Kind::Null | Kind::List(_) | Kind::Map(_) => {
                self.report(wrong(node, expected));
                None
            }
        }
    }

    /// A scalar as written, with its place; no variables in it.
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

    /// Text in which variables may stand.
    pub(crate) fn template(&mut self, node: &Node) -> Option<Template> {
        let text = self.scalar(node, "text")?;
        self.take(Template::parse(text, &node.at))
    }

    /// A value in which variables may stand.
    pub(crate) fn value<T: FromText>(&mut self, node: &Node) -> Option<Templated<T>> {
        let template = self.template(node)?;
        self.take(Templated::new(template))
    }

    /// As [`Reader::value`], of something that must not be nothing.
    pub(crate) fn filled<T: FromText>(&mut self, node: &Node) -> Option<Templated<T>> {
        let value = self.value::<T>(node)?;
        if value
            .template()
            .literal()
            .is_some_and(|text| text.trim().is_empty())
        {
            return self.invalid(
                &node.at,
                "expected text, found nothing",
                "write what is meant",
            );
        }
        Some(value)
    }

    pub(crate) fn pattern(&mut self, node: &Node) -> Option<Templated<Pattern>> {
        self.value(node)
    }

    /// One tag string, or a list of which any will do.
    pub(crate) fn tags(&mut self, node: &Node) -> Option<TagQuery<Written>> {
        let any_of = match &node.kind {
            Kind::List(items) if items.is_empty() => {
                return self.invalid(
                    &node.at,
                    "expected a tag, found an empty list",
                    "name at least one tag",
                );
            }
            Kind::List(items) => self.all(items, Self::value)?,
            Kind::Null | Kind::Scalar { .. } | Kind::Map(_) => {
                self.scalar(node, "a tag or a list of tags")?;
                vec![self.value(node)?]
            }
        };
        Some(TagQuery { any_of })
    }

    /// Reads every item, also after a wrong one.
    pub(crate) fn all<'n, T>(
        &mut self,
        items: &'n [Node],
        mut read: impl FnMut(&mut Self, &'n Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let read: Vec<Option<T>> = items.iter().map(|item| read(self, item)).collect();
        read.into_iter().collect()
    }

    /// A list.
    pub(crate) fn list<'n, T>(
        &mut self,
        node: &'n Node,
        expected: &str,
        read: impl FnMut(&mut Self, &'n Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        match &node.kind {
            Kind::List(items) => self.all(items, read),
            Kind::Null => Some(Vec::new()),
            Kind::Scalar { .. } | Kind::Map(_) => {
                self.report(wrong(node, expected));
                None
            }
        }
    }

    /// A single value, or a list of them.
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

    /// A map from free names, each read by `read`.
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
            self.report(wrong(node, expected));
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

    /// `true` or `false`.
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
                self.report(wrong(node, "`true` or `false`"));
                None
            }
        }
    }

    /// A whole number without variables, within a range.
    pub(crate) fn whole(&mut self, node: &Node, least: u32, most: u32) -> Option<u32> {
        let expected = format!("a whole number from {least} to {most}");
        let text = self.scalar(node, &expected)?;
        match text.parse::<u32>() {
            Ok(number) if (least..=most).contains(&number) => Some(number),
            Ok(_) | Err(_) => {
                self.report(wrong(node, &expected));
                None
            }
        }
    }

    /// One of a closed set of words.
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

    /// A name of a variable.
    pub(crate) fn variable(&mut self, node: &Node) -> Option<String> {
        let text = self.scalar(node, "the name of a variable")?;
        self.variable_name(text, &node.at)
    }

    pub(crate) fn variable_name(&mut self, name: &str, at: &Span) -> Option<String> {
        if crate::template::is_name(name) {
            return Some(name.to_owned());
        }
        self.invalid(
            at,
            format!("`{name}` cannot be the name of a variable"),
            "use letters, digits, `_` and `-`, and a letter first",
        )
    }

    /// A condition.
    pub(crate) fn condition(&mut self, node: &Node) -> Option<Condition> {
        let text = self.scalar(node, "a condition")?;
        self.take(Condition::parse(text, &node.at))
    }

    /// `vars:`.
    pub(crate) fn vars(&mut self, node: &Node) -> Option<BTreeMap<String, Spanned<WrittenValue>>> {
        let read = self.names(
            node,
            "a map from names of variables to values",
            |reader, _, value| {
                let value = match &value.kind {
                    Kind::List(items) => WrittenValue::List(reader.all(items, Self::template)?),
                    Kind::Null => WrittenValue::Text(Template::empty(&value.at)),
                    Kind::Scalar { .. } | Kind::Map(_) => {
                        WrittenValue::Text(reader.template(value)?)
                    }
                };
                Some(value)
            },
        )?;
        let mut vars = BTreeMap::new();
        for (name, value) in read {
            let key = self.variable_name(&name.value, &name.at)?;
            if crate::BUILT_IN.contains(&key.as_str()) {
                return self.invalid(
                    &name.at,
                    format!("the variable `{key}` is built in"),
                    "choose another name",
                );
            }
            vars.insert(key, Spanned { value, at: name.at });
        }
        Some(vars)
    }

    /// A rectangle of the screen.
    pub(crate) fn area(&mut self, node: &Node) -> Option<Area> {
        let fields = self.fields(node, "an area", &[Area::FIELDS])?;
        let x = fields.need("x", self, |r, n| r.whole(n, 0, Area::LARGEST));
        let y = fields.need("y", self, |r, n| r.whole(n, 0, Area::LARGEST));
        let width = fields.need("width", self, |r, n| r.whole(n, 1, Area::LARGEST));
        let height = fields.need("height", self, |r, n| r.whole(n, 1, Area::LARGEST));
        Some(Area {
            x: x?,
            y: y?,
            width: width?,
            height: height?,
        })
    }
}
