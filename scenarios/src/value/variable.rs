//! The names of variables.

use crate::finding::{Code, Diagnostic, Span, Spanned, did_you_mean};
use crate::yaml::{Node, Reader};

/// The names of the variables that every scenario has. The caller sets them. A file cannot declare them.
///
/// [`ATTEMPT`] is one of them. It has a value only in steps.
pub(crate) const BUILT_IN: &[&str] = &[
    "accel", ATTEMPT, "arch", "firmware", "image", "machine", "scenario",
];

/// The built-in variable with the number of the attempt, from 1, so that repetitions can differ. See
/// [`Vars::set_attempt`](super::vars::Vars::set_attempt).
///
/// Scenarios before the judged one run once for all attempts, so the variable is 1 in their steps. It does not exist
/// outside of steps (`vars:`, lists, watches), because these are evaluated before there are attempts. No checkpoint
/// contains a step that uses it, or any step after that.
pub(crate) const ATTEMPT: &str = "attempt";

/// Returns true if a variable can have this name.
pub(crate) fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// Makes the finding about a variable that has no value.
pub(crate) fn unknown_variable<'a>(
    name: &str,
    at: &Span,
    names: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    if name == ATTEMPT {
        let message = "`attempt` has no value here: this is made once for all attempts";
        return Diagnostic::new(Code::UnknownVariable, at, message)
            .with_help("use it in a step itself: `type: \"echo {{ attempt }}\\n\"`");
    }
    let help = did_you_mean(name, names).unwrap_or_else(|| {
        format!("declare it in `vars:`; `--var {name}=...` gives it another value")
    });
    Diagnostic::new(
        Code::UnknownVariable,
        at,
        format!("unknown variable `{name}`"),
    )
    .with_help(help)
}

/// Reads the name of a variable.
pub(crate) fn read_variable(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.scalar(node, "the name of a variable")?;
    checked_name(reader, text, &node.at)
}

/// Returns the name if a variable can have it. Reports it otherwise.
pub(crate) fn checked_name(reader: &mut Reader, name: &str, at: &Span) -> Option<String> {
    if is_variable(name) {
        return Some(name.to_owned());
    }
    reader.invalid(
        at,
        format!("`{name}` cannot be the name of a variable"),
        "use letters, digits, `_` and `-`, and a letter first",
    )
}

/// Returns the name of a variable that a file declares or sets. Reports a wrong name, and the name of a built-in
/// variable.
pub(crate) fn own_name(reader: &mut Reader, name: &Spanned<String>) -> Option<String> {
    let own = checked_name(reader, &name.value, &name.at)?;
    if BUILT_IN.contains(&own.as_str()) {
        let message = format!("the variable `{own}` is built in");
        return reader.invalid(&name.at, message, "choose another name");
    }
    Some(own)
}
