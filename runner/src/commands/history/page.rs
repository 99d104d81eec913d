//! The page of `qa history`: headings, tables and paragraphs that fit the terminal.

use anstyle::Style;
use reports::Verdict;

use crate::progress::verdict_style;

/// The columns of a page that does not go to a terminal.
const WIDTH: usize = 80;

/// The spaces between two columns of a table.
const GAP: usize = 2;

/// Lines for people.
#[derive(Debug)]
pub(super) struct Page {
    lines: Vec<String>,
    width: usize,
    colour: bool,
}

/// A table whose first column holds names. Its other columns are short.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    rows: Vec<Row<N>>,
}

/// A row of a table.
#[derive(Debug)]
pub(super) struct Row<const N: usize> {
    name: String,
    cells: [String; N],
    /// The verdict that the first of the cells shows.
    verdict: Option<Verdict>,
}

impl Page {
    /// Makes an empty page.
    pub(super) fn new(colour: bool) -> Self {
        let terminal = rustix::termios::tcgetwinsize(std::io::stdout());
        let width = terminal.map_or(WIDTH, |size| usize::from(size.ws_col));
        Self {
            lines: Vec::new(),
            width: width.clamp(40, 120),
            colour,
        }
    }

    /// Adds a heading, with a blank line before it.
    pub(super) fn heading(&mut self, text: &str) {
        if !self.lines.is_empty() {
            self.lines.push(String::new());
        }
        let heading = self.paint(Style::new().bold(), text);
        self.lines.push(heading);
    }

    /// Adds a paragraph that is indented by this number of spaces, in as many lines as it needs.
    pub(super) fn paragraph(&mut self, indent: usize, text: &str) {
        let mut line = String::new();
        for word in text.split_whitespace() {
            let length = line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && indent + length > self.width {
                self.lines.push(format!("{:indent$}{line}", ""));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.lines.push(format!("{:indent$}{line}", ""));
        }
    }

    /// Adds the rows of a table. After each row, `more` can add lines about it.
    pub(super) fn table<const N: usize>(
        &mut self,
        table: Table<N>,
        mut more: impl FnMut(&mut Self, usize),
    ) {
        let widths: [usize; N] = std::array::from_fn(|column| {
            let cells = table.rows.iter().map(|row| &row.cells[column]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        });
        let others = widths.iter().map(|width| GAP + width).sum();
        let longest = table.rows.iter().map(|row| row.name.chars().count()).max();
        let room = self.width.saturating_sub(others);
        let name_width = longest.unwrap_or(0).min(room);
        for (place, row) in table.rows.iter().enumerate() {
            let mut line = format!("{:<name_width$}", row.name);
            // A name that is too long has a line of its own.
            if row.name.chars().count() > name_width {
                self.lines.push(row.name.clone());
                line = " ".repeat(name_width);
            }
            for (column, (cell, width)) in row.cells.iter().zip(widths).enumerate() {
                let padded = format!("{cell:<width$}");
                line.push_str(&" ".repeat(GAP));
                line.push_str(&match row.verdict.filter(|_| column == 0) {
                    Some(verdict) => self.paint(verdict_style(verdict), &padded),
                    None => padded,
                });
            }
            self.lines.push(line.trim_end().to_owned());
            // The first row has the names of the columns.
            if let Some(place) = place.checked_sub(1) {
                more(self, place);
            }
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        match self.colour {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }

    /// Returns the page.
    pub(super) fn text(&self) -> String {
        self.lines.join("\n")
    }
}

impl<const N: usize> Table<N> {
    /// Makes a table with the names of its columns.
    pub(super) fn new(name: &str, columns: [&str; N]) -> Self {
        let names = Row {
            name: name.to_owned(),
            cells: columns.map(str::to_owned),
            verdict: None,
        };
        Self { rows: vec![names] }
    }

    /// Adds a row whose first cell is a verdict.
    pub(super) fn row(&mut self, name: &str, verdict: Verdict, cells: [String; N]) {
        self.rows.push(Row {
            name: name.to_owned(),
            cells,
            verdict: Some(verdict),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(colour: bool) -> Page {
        Page {
            lines: Vec::new(),
            width: 40,
            colour,
        }
    }

    #[test]
    fn a_name_that_is_too_long_has_a_line_of_its_own() {
        let mut table = Table::new("CELL", ["NEWEST", "HELD"]);
        table.row(
            "short@i+m",
            Verdict::Passed,
            ["passed".into(), "3/3".into()],
        );
        let long = "a-scenario-with-a-long-name@image+machine";
        table.row(long, Verdict::Failed, ["failed".into(), "10/20".into()]);
        let mut page = page(false);
        page.table(table, |page, place| {
            page.paragraph(4, &format!("row {place}"))
        });
        let expected = "\
CELL                       NEWEST  HELD
short@i+m                  passed  3/3
    row 0
a-scenario-with-a-long-name@image+machine
                           failed  10/20
    row 1";
        assert_eq!(page.text(), expected);
    }

    #[test]
    fn paragraphs_are_wrapped_between_words() {
        let mut page = page(false);
        page.paragraph(0, "");
        page.heading("about");
        page.paragraph(4, "one two three four five six seven eight nine ten");
        page.paragraph(4, "a-word-that-is-much-longer-than-the-page-is-wide");
        page.heading("more");
        let expected = "\
about
    one two three four five six seven
    eight nine ten
    a-word-that-is-much-longer-than-the-page-is-wide

more";
        assert_eq!(page.text(), expected);
    }

    #[test]
    fn only_the_verdict_is_coloured() {
        let mut table = Table::new("CELL", ["NEWEST", "HELD"]);
        table.row("s@i+m", Verdict::Passed, ["passed".into(), "3/3".into()]);
        let mut page = page(true);
        page.table(table, |_, _| {});
        let text = page.text();
        assert!(
            text.starts_with("CELL   NEWEST  HELD\ns@i+m  \u{1b}["),
            "{text:?}"
        );
        assert!(text.ends_with("\u{1b}[0m  3/3"), "{text:?}");
    }
}
