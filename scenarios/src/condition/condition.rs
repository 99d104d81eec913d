//! A condition as written, with its place.

use super::expression::Expression;
use super::parser;
use crate::finding::{Diagnostic, Span};
use crate::value::Vars;
use crate::yaml::{Node, Reader};

/// A condition: `firmware == "uefi" and not seen(update-dialog)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    text: String,
    at: Span,
    expression: Expression,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// The first place that is not a condition.
    pub fn parse(text: &str, at: &Span) -> Result<Self, Diagnostic> {
        Ok(Self {
            text: text.to_owned(),
            at: at.clone(),
            expression: parser::parse(text, at)?,
        })
    }

    /// Reads a condition from a file.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let text = reader.scalar(node, "a condition")?;
        reader.take(Self::parse(text, &node.at))
    }

    /// Returns the text as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the parsed expression.
    pub(crate) fn expression(&self) -> &Expression {
        &self.expression
    }

    /// Returns the place of the condition.
    pub fn at(&self) -> &Span {
        &self.at
    }

    /// Returns true if the condition holds. `seen` returns true for the tags of the needle that matched last.
    ///
    /// # Errors
    /// A variable has no value, or is a list where text is needed.
    pub fn holds(&self, vars: &Vars, seen: &dyn Fn(&str) -> bool) -> Result<bool, Diagnostic> {
        self.expression.holds(vars, seen)
    }

    /// Returns the variables that it uses, with their places.
    pub fn variables(&self) -> Vec<(&str, &Span)> {
        let mut names = Vec::new();
        self.expression.visit(&mut |expression| {
            if let Expression::Variable { name, at } = expression {
                names.push((name.as_str(), at));
            }
        });
        names
    }

    /// Returns the tags of its `seen(...)`, with their places.
    pub fn tags(&self) -> Vec<(&str, &Span)> {
        let mut tags = Vec::new();
        self.expression.visit(&mut |expression| {
            if let Expression::Seen { tag, at } = expression {
                tags.push((tag.as_str(), at));
            }
        });
        tags
    }

    /// Returns the value of a condition that no variable and no needle can change.
    pub fn constant(&self) -> Option<bool> {
        self.expression.constant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Source;
    use crate::value::Text;

    fn condition(text: &str) -> Result<Condition, Diagnostic> {
        let source = Source::new("a.yaml", text);
        Condition::parse(text, &Span::new(&source, 0..text.len()))
    }

    fn holds(text: &str) -> Result<bool, String> {
        let mut vars = Vars::new();
        vars.set("user", "alice");
        vars.set("empty", "");
        vars.set("off", "false");
        vars.set("cpus", "2");
        vars.set("password", Text::secret("s3"));
        vars.set_list("apps", vec!["calc".into(), "editor".into()]);
        condition(text)
            .and_then(|condition| condition.holds(&vars, &|tag| tag == "login"))
            .map_err(|error| format!("{}: {error}", error.at.as_ref().map_or(0, |at| at.column())))
    }

    #[test]
    fn conditions_are_true_or_false() {
        for (text, expected) in [
            ("user == \"alice\"", true),
            ("user != 'alice'", false),
            ("cpus == 2", true),
            ("user == user", true),
            ("user", true),
            ("empty", false),
            ("off", false),
            ("apps", true),
            ("true", true),
            ("not true", false),
            ("not not user", true),
            ("off or user", true),
            ("off and user", false),
            ("user or off and off", true),
            ("(user or off) and off", false),
            ("user in [\"bob\", alice_is_no_word]", true),
            ("user in [\"bob\", 'alice']", true),
            ("user not in ['bob']", true),
            ("user in []", false),
            ("\"calc\" in apps", true),
            ("user matches /^ali/", true),
            ("user matches /b.b/", false),
            ("\"a/b\" matches /a\\/b/", true),
            ("seen(login)", true),
            ("seen(\"log out\")", false),
            ("not seen(logout)", true),
            ("password == \"s3\"", true),
        ] {
            if text.contains("alice_is_no_word") {
                assert!(holds(text).is_err());
            } else {
                assert_eq!(holds(text), Ok(expected), "{text}");
            }
        }
    }

    #[test]
    fn a_wrong_condition_is_an_error_at_its_place() {
        for (text, message) in [
            ("", "1: expected a value, found the end"),
            ("user ==", "8: expected a value, found the end"),
            ("user = \"x\"", "6: `=` is no operator"),
            ("user == \"x", "9: the quote is not closed"),
            ("(user", "6: expected `)`, found the end"),
            (
                "user bob",
                "6: expected `and`, `or` or the end, found `bob`",
            ),
            (
                "user matches \"x\"",
                "14: expected `/regex/`, found `\"x\"`",
            ),
            (
                "user matches /(/",
                "14: not a regular expression: unclosed group",
            ),
            ("user matches /x", "14: the `/` is not closed"),
            ("user in 5", "9: expected a list, found `5`"),
            ("user in [\"a\"", "13: expected `,` or `]`, found the end"),
            ("seen(", "6: expected a tag, found the end"),
            (
                "{{ user }} == 1",
                "1: a condition names variables without braces",
            ),
            ("user && off", "6: `&&` is no operator"),
            ("usr == 1", "1: unknown variable `usr`"),
            (
                "apps == \"calc\"",
                "1: the variable `apps` is a list, not text",
            ),
            ("user in user", "9: the variable `user` is text, not a list"),
            ("user == #", "9: unexpected `#`"),
        ] {
            assert_eq!(holds(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_crash() {
        let text = "(".repeat(20_000);
        assert!(
            condition(&text)
                .expect_err("an error")
                .message
                .contains("nested too deeply")
        );
        let text = format!("{} true", "not ".repeat(20_000));
        assert!(condition(&text).is_err());
    }

    #[test]
    fn conditions_that_nothing_can_change_are_known() {
        for (text, expected) in [
            ("true", Some(true)),
            ("\"a\" == \"b\"", Some(false)),
            ("user and false", Some(false)),
            ("user or true", Some(true)),
            ("user or false", None),
            ("seen(x)", None),
            ("not (1 == 1)", Some(false)),
            ("\"a\" in [\"a\"]", Some(true)),
        ] {
            assert_eq!(
                condition(text).expect("a condition").constant(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn variables_and_tags_are_listed() {
        let condition = condition("a == b and seen(x) or c in [d]").expect("a condition");
        let names: Vec<&str> = condition
            .variables()
            .iter()
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        assert_eq!(condition.tags()[0].0, "x");
    }
}
