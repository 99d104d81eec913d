//! Checks the variables and tags in values.

use super::needle_index::NeedleIndex;
use crate::finding::{Code, Diagnostic, did_you_mean};
use crate::value::{
    FromText, Render, TagPattern, TagSet, Templated, Text, Value, Vars, Visitor, Written,
    secret_shown, unknown_variable,
};

/// Checks the variables and tags in the values of a step or a watch.
pub(super) struct ValueCheck<'a, 'n> {
    /// The variables that exist here, whatever their values.
    pub(super) scope: &'a Vars,
    /// The variables whose values are known before the scenario runs.
    pub(super) fixed: &'a Vars,
    pub(super) needles: &'a mut NeedleIndex<'n>,
    pub(super) findings: &'a mut Vec<Diagnostic>,
}

impl ValueCheck<'_, '_> {
    /// Checks the variables of a value. Returns the value if it is known and correct.
    fn check<T: FromText>(&mut self, value: &Templated<T>, what: &str) -> Option<T> {
        let mut wrong = false;
        let mut known = true;
        for (name, at) in value.template().variables() {
            let finding = match self.scope.get(name) {
                None => Some(unknown_variable(name, at, self.scope.names())),
                Some(Value::Text(text)) if text.is_secret() && !T::TAKES_SECRETS => {
                    Some(secret_shown(at, what))
                }
                // The error of rendering says what to do with a list.
                Some(Value::List(_)) => value.template().render(self.scope).err(),
                Some(Value::Text(_)) => None,
            };
            wrong |= finding.is_some();
            self.findings.extend(finding);
            known &= self.fixed.text(name).is_some();
        }
        if wrong || !known {
            return None;
        }
        match value.render(self.fixed) {
            Ok(value) => Some(value),
            Err(finding) => {
                self.findings.push(finding);
                None
            }
        }
    }
}

impl Visitor for ValueCheck<'_, '_> {
    type To = Written;

    fn value<T: FromText>(&mut self, value: &Templated<T>) -> Result<Templated<T>, Diagnostic> {
        self.check(value, "a value that reports show");
        Ok(value.clone())
    }

    fn tags(&mut self, tags: &Templated<TagSet>) -> Result<Templated<TagSet>, Diagnostic> {
        let before = self.findings.len();
        let known = self.check(tags, "a tag");
        if self.findings.len() > before {
            return Ok(tags.clone());
        }
        let template = tags.template();
        if let Some(set) = &known {
            let finding = self.needles.look_for(set.tags(), tags.at()).err();
            self.findings.extend(finding);
        }
        if template.literal().is_none() {
            // `--var` can give the variable any other value, so the needles of all values are used.
            let pattern = TagPattern::new(template);
            let finding = self
                .needles
                .look_like(&pattern, &template.written(), tags.at())
                .err();
            if known.is_none() {
                self.findings.extend(finding);
            }
        }
        Ok(tags.clone())
    }
}

/// Checks the click point that a step names, if it is known.
pub(super) fn check_point(
    needles: &NeedleIndex<'_>,
    tags: &Templated<TagSet>,
    point: &Templated<Text>,
    fixed: &Vars,
) -> Vec<Diagnostic> {
    let (Ok(set), Ok(id)) = (tags.render(fixed), point.render(fixed)) else {
        return Vec::new();
    };
    let lacking = needles.without_point(set.tags(), id.shown());
    lacking
        .into_iter()
        .map(|needle| {
            let help = did_you_mean(id.shown(), needle.click_points.iter().map(String::as_str))
                .unwrap_or_else(|| match needle.click_points.as_slice() {
                    [] => format!("{} names no click point by `id`", needle.path),
                    points => format!("its click points are {}", points.join(", ")),
                });
            let message = format!("the needle `{}` has no click point `{id}`", needle.name);
            Diagnostic::new(Code::ClickPoint, point.at(), message).with_help(help)
        })
        .collect()
}
