//! A pattern, and whether more text could change its match.

use regex::Regex;
use regex_automata::hybrid::dfa::DFA;
use regex_automata::nfa::thompson::State;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

/// An expression to search on a serial console.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    regex: Regex,
    /// The automaton. None if there is none for this expression.
    automaton: Option<Box<DFA>>,
    /// True if a match may have several lines.
    pub(super) crosses_lines: bool,
}

/// The changes that more text can make to a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Open {
    /// The match may become another one, or longer.
    pub(super) may_grow: bool,
    /// The match may disappear.
    pub(super) may_vanish: bool,
}

impl Open {
    /// No change.
    pub(super) const NOT: Self = Self {
        may_grow: false,
        may_vanish: false,
    };

    /// Every change.
    pub(super) const WIDE: Self = Self {
        may_grow: true,
        may_vanish: true,
    };
}

impl Pattern {
    pub(super) fn new(regex: &Regex) -> Self {
        let automaton = DFA::builder()
            .configure(DFA::config().unicode_word_boundary(true))
            .syntax(syntax::Config::new().multi_line(true))
            .build(regex.as_str())
            .ok()
            .map(Box::new);
        Self {
            regex: regex.clone(),
            crosses_lines: automaton.as_deref().is_none_or(crosses_lines),
            automaton,
        }
    }

    pub(super) fn regex(&self) -> &Regex {
        &self.regex
    }

    /// Returns how more text behind `text` could change the match that begins at `start` and ends at `end`.
    pub(super) fn open(&self, text: &str, start: usize, end: usize) -> Open {
        self.asked(text, start, end).unwrap_or(Open {
            may_grow: end == text.len(),
            may_vanish: end == text.len(),
        })
    }

    fn asked(&self, text: &str, start: usize, end: usize) -> Option<Open> {
        let automaton = self.automaton.as_ref()?;
        let mut cache = automaton.create_cache();
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        let mut state = automaton.start_state_forward(&mut cache, &input).ok()?;
        for &byte in &text.as_bytes()[start..] {
            state = automaton.next_state(&mut cache, state, byte).ok()?;
            if state.is_dead() {
                return Some(Open::NOT);
            }
            if state.is_quit() {
                return None;
            }
        }
        let mut open = Open::NOT;
        // The automaton reports a match one byte after its end: the next byte decides, and then the one after that.
        let classes = automaton.byte_classes();
        let bytes: Vec<u8> = classes
            .representatives(0..=255)
            .filter_map(|unit| unit.as_u8())
            .collect();
        for &byte in &bytes {
            let next = automaton.next_state(&mut cache, state, byte).ok()?;
            if next.is_quit() {
                continue;
            }
            open.may_vanish |= end == text.len() && !next.is_match();
            if next.is_dead() {
                continue;
            }
            for &after in &bytes {
                let last = automaton.next_state(&mut cache, next, after).ok()?;
                open.may_grow |= !last.is_dead() && !last.is_quit();
            }
        }
        Some(open)
    }
}

/// Returns true if a match may contain a line end: if a state that a search reaches from the start of the match does
/// so.
fn crosses_lines(automaton: &DFA) -> bool {
    let nfa = automaton.get_nfa();
    let mut seen = vec![false; nfa.states().len()];
    let mut todo = vec![nfa.start_anchored()];
    while let Some(id) = todo.pop() {
        if std::mem::replace(&mut seen[id.as_usize()], true) {
            continue;
        }
        let takes_line_end = match nfa.state(id) {
            State::ByteRange { trans } => {
                todo.push(trans.next);
                trans.matches_byte(b'\n')
            }
            State::Sparse(sparse) => {
                todo.extend(sparse.transitions.iter().map(|trans| trans.next));
                sparse.matches_byte(b'\n').is_some()
            }
            State::Dense(dense) => {
                todo.extend(dense.transitions.iter().copied());
                dense.matches_byte(b'\n').is_some()
            }
            State::Look { next, .. } | State::Capture { next, .. } => {
                todo.push(*next);
                false
            }
            State::Union { alternates } => {
                todo.extend(alternates.iter().copied());
                false
            }
            State::BinaryUnion { alt1, alt2 } => {
                todo.extend([*alt1, *alt2]);
                false
            }
            State::Fail | State::Match { .. } => false,
        };
        if takes_line_end {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_more_text_can_do_is_known() {
        let grow = Open {
            may_grow: true,
            may_vanish: false,
        };
        let vanish = Open {
            may_grow: false,
            may_vanish: true,
        };
        let rows = [
            ("login:", "host login:", Open::NOT),
            ("login:", "host login: ", Open::NOT),
            (r"exit=(\d+)", "exit=1", grow),
            (r"exit=(\d+)", "exit=1\n", Open::NOT),
            ("# $", "# ", vanish),
            ("# $", "# \n", Open::NOT),
            ("# ?", "#", grow),
            ("a|ab", "a", Open::NOT),
            ("ab|a", "a", grow),
            ("foo.*bar", "foo bar ", grow),
            ("foo.*bar", "foo bar \n", Open::NOT),
            (r"done\b", "done", vanish),
            (r"exit=\d+$", "exit=1", Open::WIDE),
        ];
        for (pattern, text, expected) in rows {
            let pattern = Pattern::new(&Regex::new(&format!("(?m){pattern}")).unwrap());
            let found = pattern.regex().find(text).unwrap();
            assert_eq!(
                pattern.open(text, found.start(), found.end()),
                expected,
                "{pattern:?} {text:?}"
            );
        }
    }

    #[test]
    fn patterns_of_several_lines_are_known() {
        let crosses = |pattern| Pattern::new(&Regex::new(pattern).unwrap()).crosses_lines;
        for pattern in ["a\nb", r"a\s+b", "a[^x]b", "(?s)a.b", r"a\W"] {
            assert!(crosses(pattern), "{pattern}");
        }
        for pattern in ["login: $", r"exit=(\d+)", "a.*b", "ä|ö", r"[a-z ]\S"] {
            assert!(!crosses(pattern), "{pattern}");
        }
    }
}
