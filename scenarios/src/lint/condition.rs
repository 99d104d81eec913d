//! Checks the conditions of `when` and `assert`.

use super::needle_index::NeedleIndex;
use crate::condition::Condition;
use crate::finding::{Code, Diagnostic};
use crate::value::{Vars, unknown_variable};

/// Checks a condition: its variables, its tags, and that something can change it.
pub(super) fn check(
    condition: &Condition,
    scope: &Vars,
    needles: &mut NeedleIndex<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    for (name, at) in condition.variables() {
        if scope.get(name).is_none() {
            findings.push(unknown_variable(name, at, scope.names()));
        }
    }
    for (tag, at) in condition.tags() {
        let tags: Vec<&str> = tag.split_whitespace().collect();
        findings.extend(needles.look_for(&tags, at).err());
    }
    if let Some(value) = condition.constant() {
        let word = if value { "always" } else { "never" };
        let message = format!("the condition is {word} true");
        findings.push(
            Diagnostic::new(Code::DeadWhen, condition.at(), message)
                .with_help("a name without quotes is a variable: `arch == \"x86_64\"`"),
        );
    }
}
