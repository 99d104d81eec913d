//! The ways in which terminals draw pictures, and which terminal has which.

/// A way in which terminals draw pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// The graphics protocol of kitty: Ghostty has it, too.
    Kitty,
    /// The inline images of iTerm2: WezTerm and mintty have them, too.
    Iterm,
    /// Sixel, of DEC: foot, mlterm, Contour.
    Sixel,
}

impl Protocol {
    /// Returns the protocol of the terminal of this process; none if it is not known to have one.
    pub(crate) fn of_environment() -> Option<Self> {
        Self::told(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// Returns the protocol that these variables tell of.
    fn told(var: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let term = var("TERM").unwrap_or_default();
        let between = [var("TMUX"), var("STY"), var("ZELLIJ")];
        // These draw the screen themselves, and most of them drop pictures.
        if between.iter().any(Option::is_some) || is_of(&term, &["screen", "tmux", "dumb"]) {
            return None;
        }
        // A terminal inherits the variables of the one that it was started in. Its own name comes first.
        match var("TERM_PROGRAM").as_deref() {
            Some("kitty" | "ghostty") => return Some(Self::Kitty),
            Some("iTerm.app" | "WezTerm" | "mintty") => return Some(Self::Iterm),
            Some("vscode" | "Apple_Terminal") => return None,
            Some(_) | None => {}
        }
        if is_of(&term, &["xterm-kitty", "xterm-ghostty"]) {
            return Some(Self::Kitty);
        }
        if is_of(&term, &["foot", "mlterm", "contour"]) {
            return Some(Self::Sixel);
        }
        if var("KITTY_WINDOW_ID").is_some() {
            return Some(Self::Kitty);
        }
        // iTerm2 hands this one on over ssh.
        (var("LC_TERMINAL")? == "iTerm2").then_some(Self::Iterm)
    }
}

/// Returns whether the name of a terminal is one of these, or a kind of one: `foot-direct`.
fn is_of(term: &str, names: &[&str]) -> bool {
    names.iter().any(|name| {
        let rest = term.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &[(&str, &str)]) -> Option<Protocol> {
        Protocol::told(|wanted| {
            let mut found = variables.iter().filter(|(name, _)| *name == wanted);
            found.next().map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_terminal_is_known_by_its_variables() {
        use Protocol::{Iterm, Kitty, Sixel};
        for (variables, expected) in [
            (&[("TERM", "xterm-kitty")][..], Some(Kitty)),
            (
                &[("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")],
                Some(Kitty),
            ),
            (&[("TERM_PROGRAM", "ghostty")], Some(Kitty)),
            (&[("TERM_PROGRAM", "iTerm.app")], Some(Iterm)),
            (&[("TERM_PROGRAM", "WezTerm")], Some(Iterm)),
            (&[("LC_TERMINAL", "iTerm2")], Some(Iterm)),
            (&[("TERM", "foot")], Some(Sixel)),
            (&[("TERM", "foot-direct")], Some(Sixel)),
            (&[("TERM", "mlterm")], Some(Sixel)),
            (&[("TERM", "footage")], None),
            (&[("TERM", "xterm-256color")], None),
            (&[("TERM", "dumb"), ("KITTY_WINDOW_ID", "1")], None),
            (&[], None),
        ] {
            assert_eq!(told(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn a_multiplexer_and_a_terminal_inside_of_another_have_no_pictures() {
        for inner in [
            ("TMUX", "/tmp/tmux-0/default,1,0"),
            ("STY", "1.pts-0.host"),
            ("ZELLIJ", "0"),
            ("TERM", "screen.xterm-256color"),
            ("TERM", "tmux-256color"),
            ("TERM_PROGRAM", "vscode"),
        ] {
            let variables = [inner, ("KITTY_WINDOW_ID", "1"), ("LC_TERMINAL", "iTerm2")];
            assert_eq!(told(&variables), None, "{inner:?}");
        }
    }
}
