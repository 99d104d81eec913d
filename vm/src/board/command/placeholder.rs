//! Placeholders in a line for `/bin/sh`: `{image}` becomes an environment variable in quotes.
//!
//! The value itself never gets into the line, so that blanks, quotes and `$` in a path have no meaning.

/// The way in which `/bin/sh` reads the characters at a place of the line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

/// Replaces each `{name}` by the variable of that name, quoted as its place needs. Leaves `${name}` alone. Inside
/// `"$(...)"` the variable must be written and quoted by the user.
pub(super) fn replace(line: &str, variables: &[(&str, &str)]) -> String {
    let mut quotes = Quotes::None;
    let mut replaced = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        if let Some((variable, length)) = placeholder(rest, &replaced, variables) {
            replaced.push_str(&quoted(variable, quotes));
            rest = &rest[length..];
            continue;
        }
        let mut length = character.len_utf8();
        quotes = match (quotes, character) {
            (Quotes::None, '\'') => Quotes::Single,
            (Quotes::None, '"') => Quotes::Double,
            (Quotes::Single, '\'') | (Quotes::Double, '"') => Quotes::None,
            (Quotes::None | Quotes::Double, '\\') => {
                // The next character has no meaning of its own.
                length += rest[length..].chars().next().map_or(0, char::len_utf8);
                quotes
            }
            (quotes, _) => quotes,
        };
        replaced.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    replaced
}

/// Returns the variable of the placeholder at the start of `rest`, and the length of the placeholder.
fn placeholder<'v>(
    rest: &str,
    before: &str,
    variables: &[(&str, &'v str)],
) -> Option<(&'v str, usize)> {
    if before.ends_with('$') {
        return None;
    }
    variables.iter().find_map(|(name, variable)| {
        let inner = rest.strip_prefix('{')?.strip_prefix(name)?;
        inner
            .starts_with('}')
            .then_some((*variable, name.len() + 2))
    })
}

fn quoted(variable: &str, quotes: Quotes) -> String {
    match quotes {
        Quotes::None => format!("\"${{{variable}}}\""),
        Quotes::Double => format!("${{{variable}}}"),
        Quotes::Single => format!("'\"${{{variable}}}\"'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_becomes_a_quoted_variable_wherever_it_is() {
        let variables = [("image", "I"), ("size", "S")];
        let rows = [
            ("dd if={image}", "dd if=\"${I}\""),
            ("dd \"if={image}\" x", "dd \"if=${I}\" x"),
            ("dd 'if={image}'", "dd 'if='\"${I}\"''"),
            ("a \\\"{image}\\\"", "a \\\"\"${I}\"\\\""),
            ("a \"\\\"{image}\" {size}", "a \"\\\"${I}\" \"${S}\""),
            (
                "${image} {a,b} {imageX} {image",
                "${image} {a,b} {imageX} {image",
            ),
            ("é{size}\\", "é\"${S}\"\\"),
        ];
        for (line, expected) in rows {
            assert_eq!(replace(line, &variables), expected, "{line}");
        }
    }
}
