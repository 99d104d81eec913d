//! A line of the screen: its characters, and when they were written.

use super::text::Text;

/// One character of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) shown: char,
    /// The time at which it was written, by the clock of the console.
    pub(super) position: u64,
    pub(super) kind: Kind,
}

/// The origin of what a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The cell was empty before.
    Written,
    /// The cell showed another character before.
    Rewritten,
    /// A blank that replaced another character. At the end of a line it is no text.
    Erased,
    /// The rest of a tab's width: no text.
    Tab,
}

impl Cell {
    fn is_blank(self) -> bool {
        self.shown == ' ' || self.kind == Kind::Tab
    }
}

/// A line of the screen.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// The places at which the parts of a broken wide line begin. The first begins at 0.
    pub(super) breaks: Vec<usize>,
    /// The time at which its line end came.
    pub(super) ended: Option<u64>,
}

impl Row {
    /// Returns true if something was ever written in it.
    pub(super) fn is_touched(&self) -> bool {
        self.ended.is_some() || !self.cells.is_empty()
    }

    /// Returns the start of the part of the line that has a column.
    pub(super) fn part(&self, column: usize) -> usize {
        let begun = self.breaks.iter().rev().find(|&&begin| begin <= column);
        begun.copied().unwrap_or(0)
    }

    /// Shows a character in a column, and fills the cells before it. Returns whether that changed something visible.
    pub(super) fn changes(&self, column: usize, shown: char) -> bool {
        self.cells.get(column).is_some_and(|cell| {
            (cell.shown != shown || cell.kind == Kind::Tab) && cell.kind != Kind::Erased
        })
    }

    /// Writes a character into a column. `clock` is the time of the console, which is advanced.
    pub(super) fn put(&mut self, column: usize, shown: char, clock: &mut u64) {
        self.fill(column, clock);
        let Some(&old) = self.cells.get(column) else {
            let position = tick(clock, shown);
            self.cells.push(Cell {
                shown,
                position,
                kind: Kind::Written,
            });
            return;
        };
        if old.shown == shown && !matches!(old.kind, Kind::Tab | Kind::Erased) {
            return;
        }
        self.break_tab(column);
        let kind = if shown == ' ' {
            Kind::Erased
        } else {
            Kind::Rewritten
        };
        let position = tick(clock, shown);
        self.cells[column] = Cell {
            shown,
            position,
            kind,
        };
    }

    /// Writes a tab at the end of the line, up to a column.
    pub(super) fn tab(&mut self, column: usize, to: usize, clock: &mut u64) {
        self.fill(column, clock);
        if self.cells.len() > column {
            return;
        }
        let position = tick(clock, '\t');
        let cell = |kind, shown| Cell {
            shown,
            position,
            kind,
        };
        self.cells.push(cell(Kind::Written, '\t'));
        self.cells.resize(to, cell(Kind::Tab, '\t'));
    }

    fn fill(&mut self, column: usize, clock: &mut u64) {
        while self.cells.len() < column {
            let position = tick(clock, ' ');
            self.cells.push(Cell {
                shown: ' ',
                position,
                kind: Kind::Written,
            });
        }
    }

    /// Turns the tab that has this cell into blanks.
    fn break_tab(&mut self, column: usize) {
        let is_tab = |cell: &Cell| cell.shown == '\t';
        if !self.cells.get(column).is_some_and(is_tab) {
            return;
        }
        let begin = (0..=column)
            .rev()
            .find(|&at| self.cells[at].kind != Kind::Tab);
        let mut at = begin.unwrap_or(0);
        loop {
            self.cells[at].shown = ' ';
            self.cells[at].kind = Kind::Written;
            at += 1;
            if !(self.cells.get(at)).is_some_and(|cell| cell.kind == Kind::Tab) {
                return;
            }
        }
    }

    /// Returns true if something is visible in these columns.
    pub(super) fn shows(&self, from: usize, to: usize) -> bool {
        let to = to.min(self.cells.len());
        from < to && self.cells[from..to].iter().any(|cell| !cell.is_blank())
    }

    /// Erases these columns.
    pub(super) fn erase(&mut self, from: usize, to: usize, clock: u64) {
        if from >= self.cells.len() {
            return;
        }
        self.break_tab(from);
        if to >= self.cells.len() {
            self.cells.truncate(from);
            self.breaks.retain(|&begin| begin <= from);
            return;
        }
        self.break_tab(to);
        for cell in &mut self.cells[from..to] {
            *cell = Cell {
                shown: ' ',
                position: clock,
                kind: Kind::Erased,
            };
        }
    }

    /// Moves the cells right of a column to the left, over `count` cells.
    pub(super) fn delete(&mut self, column: usize, count: usize) {
        self.break_tab(column);
        let end = column.saturating_add(count).min(self.cells.len());
        if column < end {
            self.break_tab(end);
            self.cells.drain(column..end);
        }
    }

    /// Moves the cells right of a column to the right.
    pub(super) fn insert(&mut self, column: usize, count: usize, clock: u64) {
        if column < self.cells.len() {
            self.break_tab(column);
            let blank = Cell {
                shown: ' ',
                position: clock,
                kind: Kind::Erased,
            };
            self.cells
                .splice(column..column, std::iter::repeat_n(blank, count));
        }
    }

    /// Appends the visible text. `cursor` is the cursor's column if it is in this line: blanks right of it that
    /// replaced other characters are no text.
    pub(super) fn write_to(&self, text: &mut Text, cursor: Option<usize>) {
        let keep = cursor.unwrap_or(0);
        let mut length = self.cells.len();
        while length > keep && self.cells[length - 1].kind == Kind::Erased {
            length -= 1;
        }
        for cell in &self.cells[..length] {
            if cell.kind != Kind::Tab {
                let rewritten = matches!(cell.kind, Kind::Rewritten | Kind::Erased);
                text.push(cell.shown, cell.position, rewritten);
            }
        }
    }

    /// Appends the line end.
    pub(super) fn end_to(&self, text: &mut Text) {
        let newest = self.cells.iter().map(|cell| cell.position).max();
        text.push('\n', self.ended.or(newest).unwrap_or(0), false);
    }

    /// Returns the oldest position of the visible text.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.cells.iter().map(|cell| cell.position).min()
    }
}

fn tick(clock: &mut u64, character: char) -> u64 {
    let position = *clock;
    *clock += character.len_utf8() as u64;
    position
}
