//! The line of a running attempt: what must be read is whole, and what only helps is cut to fit.

use reports::console::{columns, cut, cut_middle};

/// A step's text that is cut keeps at least this many columns, or its line is parted.
const LEAST_TEXT: usize = 10;

/// The name of a needle that is cut keeps at least this many columns, or is left out.
const LEAST_NEEDLE: usize = 6;

/// Stands before the second line of an attempt.
const INDENT: &str = "    ";

/// The parts of the line. Each is plain text without line ends; parts that are empty are left out.
#[derive(Debug, Clone, Default)]
pub(super) struct StatusLine {
    /// Says if a step runs.
    pub(super) mark: &'static str,
    /// The name of the attempt, if it needs one.
    pub(super) name: String,
    /// The place of the step, as `--from` takes it, with the name of its scenario if that is another one.
    pub(super) place: String,
    /// The text of the step. It may be cut.
    pub(super) text: String,
    /// The time, and the deadline.
    pub(super) time: String,
    /// The mark of a slow step.
    pub(super) slow: String,
    /// The nearest needle. It may be cut or left out.
    pub(super) needle: String,
    /// Its score.
    pub(super) score: String,
}

impl StatusLine {
    /// Returns the line, in two parts if it does not fit otherwise. No line reaches the last column: there, some
    /// terminals would break it, and a broken line cannot be drawn over.
    pub(super) fn lines(&self, width: usize) -> Vec<String> {
        let room = width.saturating_sub(1);
        let whole = self.joined(&self.text, &self.needle, &self.slow);
        if columns(&whole) <= room {
            return vec![whole];
        }
        for slow in [self.slow.as_str(), self.slow_word()] {
            let bare = columns(&self.joined("", "", slow));
            // One column parts the text from what is before it.
            let free = room.saturating_sub(bare + 1);
            let enough = LEAST_TEXT.min(columns(&self.text));
            if bare < room && free >= enough {
                return vec![self.cut_to(free, slow)];
            }
        }
        vec![self.first_line(room), self.second_line(room)]
    }

    /// Returns the line with a text and a needle that take `free` columns together.
    fn cut_to(&self, free: usize, slow: &str) -> String {
        let (text, needle) = (columns(&self.text), columns(&self.needle));
        // Most texts of steps name the needle already.
        let repeats = !self.needle.is_empty() && self.text.contains(&self.needle);
        let wanted = match repeats || needle == 0 {
            true => 0,
            false => needle + 1,
        };
        let for_needle = wanted.min(free.saturating_sub(text.min(LEAST_TEXT.max(free / 2))));
        let for_needle = match for_needle > LEAST_NEEDLE {
            true => for_needle,
            false => 0,
        };
        let text = cut(&self.text, free - for_needle);
        let needle = cut(&self.needle, for_needle.saturating_sub(1));
        self.joined(&text, &needle, slow)
    }

    fn joined(&self, text: &str, needle: &str, slow: &str) -> String {
        let best = self.best(needle);
        let end = [self.time.as_str(), slow, best.as_str()];
        let parts = [self.head(text)].into_iter();
        let end = end.into_iter().filter(|part| !part.is_empty());
        parts
            .chain(end.map(str::to_owned))
            .collect::<Vec<_>>()
            .join("   ")
    }

    /// Returns mark, name, place and text.
    fn head(&self, text: &str) -> String {
        let name = match self.name.is_empty() {
            true => String::new(),
            false => format!("{} ", self.name),
        };
        let parts = [name.as_str(), self.place.as_str(), text];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let parts: Vec<&str> = [self.mark].into_iter().chain(parts).collect();
        format!("  {}", parts.join(" ").trim_end())
    }

    fn best(&self, needle: &str) -> String {
        match (self.score.is_empty(), needle.is_empty()) {
            (true, _) => String::new(),
            (false, true) => format!("best {}", self.score),
            (false, false) => format!("best {needle} {}", self.score),
        }
    }

    fn slow_word(&self) -> &'static str {
        match self.slow.is_empty() {
            true => "",
            false => "slow",
        }
    }

    fn first_line(&self, room: usize) -> String {
        let bare = columns(&self.head(""));
        if bare > room {
            return cut_middle(&self.head(""), room);
        }
        let text = cut(&self.text, room.saturating_sub(bare + 1));
        self.head(&text)
    }

    fn second_line(&self, room: usize) -> String {
        let line = |parts: [&str; 3]| {
            let parts = parts.into_iter().filter(|part| !part.is_empty());
            format!("{INDENT}{}", parts.collect::<Vec<_>>().join("   "))
        };
        let (time, score) = (self.time.as_str(), self.score.as_str());
        let (whole, short) = (self.best(&self.needle), self.best(""));
        let mut forms = [
            line([time, &self.slow, &whole]),
            line([time, &self.slow, &short]),
            line([time, self.slow_word(), &short]),
            line([time, self.slow_word(), score]),
            line([time, "", &short]),
            line([time, "", score]),
        ]
        .into_iter();
        let fitting = forms.find(|form| columns(form) <= room);
        fitting.unwrap_or_else(|| cut(&line([time, "", score]), room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> StatusLine {
        StatusLine {
            mark: "▸",
            name: "gnome-login@gnome+desktop".into(),
            place: "3.2".into(),
            text: "see gnome-overview".into(),
            time: "1:05 of 6:00".into(),
            slow: "slow, usually up to 12s".into(),
            needle: "gnome-overview".into(),
            score: "0.71 of 0.96".into(),
        }
    }

    #[test]
    fn free_text_gives_way_first_and_what_matters_is_whole() {
        for (width, expected) in [
            (
                140,
                "  ▸ gnome-login@gnome+desktop  3.2 see gnome-overview   1:05 of 6:00   slow, usually up to 12s   \
                best gnome-overview 0.71 of 0.96",
            ),
            (
                120,
                "  ▸ gnome-login@gnome+desktop  3.2 see gnome-overview   1:05 of 6:00   slow, usually up to 12s   \
                best 0.71 of 0.96",
            ),
            (
                100,
                "  ▸ gnome-login@gnome+desktop  3.2 see gnome-overview   1:05 of 6:00   slow   best 0.71 of 0.96",
            ),
            (
                90,
                "  ▸ gnome-login@gnome+desktop  3.2 see gnome-o…   1:05 of 6:00   slow   best 0.71 of 0.96",
            ),
            (
                80,
                "  ▸ gnome-login@gnome+desktop  3.2 see gnome-overview\n    1:05 of 6:00   \
                slow, usually up to 12s   best gnome-overview 0.71 of 0.96",
            ),
            (
                40,
                "  ▸ gnome-login@gnome+desktop  3.2 see…\n    1:05 of 6:00   slow   0.71 of 0.96",
            ),
            (
                30,
                "  ▸ gnome-logi…e+desktop  3.2\n    1:05 of 6:00   0.71 of 0…",
            ),
        ] {
            let lines = line().lines(width).join("\n");
            assert_eq!(lines, expected, "{width}");
        }
    }

    #[test]
    fn a_needle_that_the_step_does_not_name_is_told_as_long_as_there_is_room() {
        let line = StatusLine {
            name: String::new(),
            slow: String::new(),
            text: "wait until the greeter of GNOME is there and asks for a password".into(),
            ..line()
        };
        assert_eq!(
            line.lines(80),
            ["  ▸ 3.2 wait until the greet…   1:05 of 6:00   best gnome-overview 0.71 of 0.96"]
        );
        assert_eq!(
            line.lines(60),
            ["  ▸ 3.2 wait until the…   1:05 of 6:00   best 0.71 of 0.96"]
        );
    }

    #[test]
    fn no_line_reaches_the_last_column() {
        for width in 0..150 {
            for line in line().lines(width) {
                assert!(columns(&line) < width.max(1), "{width}: {line}");
            }
        }
    }
}
