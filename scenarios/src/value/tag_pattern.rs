//! Tags of which only a part is known.

use super::template::Template;

/// Stands for a variable. No tag contains this character.
const ANYTHING: char = '\0';

/// Tags with unknown parts: the text around variables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TagPattern {
    words: Vec<String>,
}

impl TagPattern {
    pub(crate) fn new(template: &Template) -> Self {
        Self::of(template.gaps())
    }

    /// Makes a pattern from known texts and, for `None`, unknown ones.
    pub(crate) fn of<'a>(parts: impl Iterator<Item = Option<&'a str>>) -> Self {
        let text: String = parts
            .map(|part| match part {
                Some(literal) => literal.replace(ANYTHING, " "),
                None => ANYTHING.to_string(),
            })
            .collect();
        Self {
            words: text.split_whitespace().map(str::to_owned).collect(),
        }
    }

    /// Returns true if a needle with these tags may be meant.
    pub(crate) fn matches(&self, tags: &[String]) -> bool {
        self.words
            .iter()
            .all(|word| tags.iter().any(|tag| like(word, tag)))
    }
}

fn like(pattern: &str, tag: &str) -> bool {
    let Some((first, rest)) = pattern.split_once(ANYTHING) else {
        return pattern == tag;
    };
    let Some(mut left) = tag.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once(ANYTHING).unwrap_or(("", rest));
    for part in middle.split(ANYTHING) {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Source, Span};

    #[test]
    fn a_variable_stands_for_any_text() {
        for (template, tag, matches) in [
            ("app-{{ a }}", "app-calc", true),
            ("app-{{ a }}", "app-", true),
            ("app-{{ a }}", "apps", false),
            ("{{ a }}-window", "calc-window", true),
            ("{{ a }}-window", "calc-windows", false),
            ("a-{{ a }}-b-{{ b }}-c", "a-1-b-2-c", true),
            ("a-{{ a }}-b-{{ b }}-c", "a-1-2-c", false),
            ("ab{{ a }}ba", "aba", false),
            ("{{ a }}{{ b }}", "x", true),
            ("{{ a }}", "ä", true),
        ] {
            let source = Source::new("a.yaml", template);
            let at = Span::new(&source, 0..template.len());
            let read = Template::parse(template, &at).expect("a template");
            let pattern = TagPattern::new(&read);
            assert_eq!(
                pattern.matches(&[tag.to_owned()]),
                matches,
                "{template} {tag}"
            );
        }
    }

    #[test]
    fn every_word_needs_a_tag() {
        let source = Source::new("a.yaml", "login app-{{ a }}");
        let at = Span::new(&source, 0..17);
        let read = Template::parse(source.text(), &at).expect("a template");
        let pattern = TagPattern::new(&read);
        assert!(pattern.matches(&["app-x".into(), "login".into()]));
        assert!(!pattern.matches(&["app-x".into()]));
    }
}
