//! The lines that a guest can still rewrite, and the cursor in them.

mod erasing;
mod scrolling;

use super::row::Row;
use super::text::Text;

pub(super) use erasing::Part;

/// The number of lines of a terminal. A guest that draws on more lines gets them.
const HEIGHT: usize = 24;

/// The largest screen that is drawn line by line.
const MOST_LINES: usize = 64;

/// The distance that programs move the cursor to find out the size of the screen.
const MOST_COLUMNS: usize = 1000;

/// The length beyond which the beginning of a line cannot be rewritten any more.
const LONGEST: usize = 8192;

/// The column at which a shell breaks its line, if it does not know the width of the terminal.
const WIDTH: usize = 80;

/// The place of the cursor, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) column: usize,
}

/// The lines that a guest can still rewrite.
#[derive(Debug)]
pub(super) struct Screen {
    rows: Vec<Row>,
    height: usize,
    cursor: Place,
    saved: Place,
    // The place of the cursor when the other screen was chosen.
    main: Place,
    // The first and the last line of the scrolling region. The whole screen unless the guest has set it.
    region: Option<(usize, usize)>,
    /// True if new characters push the characters right of them to the right.
    pub(super) inserts: bool,
    /// Counts all bytes of text that were ever written.
    clock: u64,
    // True if the cursor has gone back since a line was last rewritten.
    went_back: bool,
    after_return: bool,
    // True if the cursor was moved since the last line end.
    is_placed: bool,
    /// Lines that have left the screen.
    pub(super) finished: Text,
    /// The text of lines before they were rewritten.
    pub(super) replaced: Vec<Text>,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            rows: vec![Row::default()],
            height: HEIGHT,
            cursor: Place::default(),
            saved: Place::default(),
            main: Place::default(),
            region: None,
            inserts: false,
            clock: 0,
            went_back: false,
            after_return: false,
            is_placed: false,
            finished: Text::default(),
            replaced: Vec::new(),
        }
    }
}

impl Screen {
    /// Returns the position of the next byte.
    pub(super) fn clock(&self) -> u64 {
        self.clock
    }

    /// Appends the text of the screen.
    pub(super) fn write_to(&self, text: &mut Text) {
        let mut open: Option<&Row> = None;
        for (index, row) in self.rows.iter().enumerate() {
            if !row.is_touched() {
                continue;
            }
            if let Some(row) = open.take() {
                row.end_to(text);
            }
            let is_here = index == self.cursor.row && row.ended.is_none();
            row.write_to(text, is_here.then_some(self.cursor.column));
            if row.ended.is_some() {
                row.end_to(text);
            } else {
                open = Some(row);
            }
        }
    }

    /// Returns the text left of the cursor.
    pub(super) fn before_cursor(&self) -> String {
        let row = &self.rows[self.cursor.row];
        let cells = row.cells.iter().take(self.cursor.column);
        let cells = cells.filter(|cell| cell.kind != super::row::Kind::Tab);
        cells.map(|cell| cell.shown).collect()
    }

    /// Returns the oldest position of the lines that have not ended. All text before it is complete.
    pub(super) fn settled(&self) -> u64 {
        let open = self.rows.iter().filter(|row| row.ended.is_none());
        open.filter_map(Row::oldest).min().unwrap_or(self.clock)
    }

    /// Returns true if the cursor is before the end of its line.
    pub(super) fn is_inside_line(&self) -> bool {
        let row = &self.rows[self.cursor.row];
        row.shows(self.cursor.column, usize::MAX)
    }

    /// Returns the number of lines with text below the cursor's.
    pub(super) fn lines_below_cursor(&self) -> usize {
        let below = self.rows.iter().skip(self.cursor.row + 1);
        below.filter(|row| row.is_touched()).count()
    }

    fn row(&mut self) -> &mut Row {
        &mut self.rows[self.cursor.row]
    }

    /// Shows a character at the cursor.
    pub(super) fn print(&mut self, shown: char) {
        self.after_return = false;
        let Place { row, column } = self.cursor;
        if self.inserts {
            let clock = self.clock;
            self.row().insert(column, 1, clock);
        }
        if self.rows[row].changes(column, shown) {
            self.keep_replaced(row);
        }
        self.rows[row].put(column, shown, &mut self.clock);
        self.cursor.column += 1;
        if self.rows[row].cells.len() > LONGEST {
            self.cut_long_line();
        }
    }

    /// Keeps the text of a line that is about to be rewritten.
    fn keep_replaced(&mut self, row: usize) {
        if !self.went_back {
            return;
        }
        self.went_back = false;
        let mut text = Text::default();
        self.rows[row].write_to(&mut text, None);
        if !text.as_str().trim().is_empty() {
            self.replaced.push(text);
        }
    }

    fn cut_long_line(&mut self) {
        let above: Vec<Row> = self.rows.drain(..self.cursor.row).collect();
        self.finish(above);
        self.cursor.row = 0;
        self.region = None;
        let length = self.rows[0].cells.len() / 2;
        let begin = Row {
            cells: self.rows[0].cells.drain(..length).collect(),
            ..Row::default()
        };
        begin.write_to(&mut self.finished, Some(length));
        let breaks = &mut self.rows[0].breaks;
        breaks.retain(|&begin| begin > length);
        breaks.iter_mut().for_each(|begin| *begin -= length);
        self.cursor.column = self.cursor.column.saturating_sub(length);
    }

    fn finish(&mut self, rows: impl IntoIterator<Item = Row>) {
        for row in rows.into_iter().filter(Row::is_touched) {
            row.write_to(&mut self.finished, None);
            row.end_to(&mut self.finished);
        }
    }

    /// Moves to the next tab stop.
    pub(super) fn tab(&mut self) {
        let column = self.cursor.column;
        let stop = (column / 8 + 1) * 8;
        let mut clock = self.clock;
        self.row().tab(column, stop, &mut clock);
        self.clock = clock;
        self.cursor.column = stop;
        self.after_return = false;
    }

    /// Moves the cursor to the left: a backspace or a cursor movement.
    pub(super) fn left(&mut self, count: usize) {
        let begin = self.rows[self.cursor.row].part(self.cursor.column);
        let column = self.cursor.column.saturating_sub(count).max(begin);
        self.go_to(self.cursor.row, column);
    }

    /// Moves the cursor to the right.
    pub(super) fn right(&mut self, count: usize) {
        self.cursor.column = (self.cursor.column + count).min(self.cursor.column.max(MOST_COLUMNS));
    }

    /// Moves the cursor to the beginning of the line.
    pub(super) fn carriage_return(&mut self) {
        let column = self.cursor.column;
        let row = &mut self.rows[self.cursor.row];
        let begin = row.part(column);
        // A shell at the edge writes a blank, so that the terminal wraps, and then returns.
        let wrapped = begin + WIDTH;
        let is_blank = |cell: &super::row::Cell| cell.shown == ' ';
        if column == wrapped + 1
            && row.cells.len() == column
            && row.cells.last().is_some_and(is_blank)
        {
            row.breaks.push(wrapped);
            row.cells[wrapped].kind = super::row::Kind::Erased;
            self.cursor.column = wrapped;
        } else {
            self.go_to(self.cursor.row, begin);
        }
        self.after_return = true;
    }

    /// Moves to the next line, and to its beginning: guests that send bare line ends mean that. A guest that has moved
    /// the cursor means only the next line.
    pub(super) fn line_feed(&mut self) {
        let stays = self.is_placed && !self.after_return;
        if self.after_return {
            self.is_placed = false;
        }
        let clock = self.clock;
        let row = self.row();
        if row.ended.is_none() {
            row.ended = Some(clock);
            self.clock += 1;
        }
        self.index();
        if !stays {
            self.cursor.column = 0;
        }
        self.after_return = false;
    }

    fn replace(&mut self, row: &Row) {
        let mut text = Text::default();
        row.write_to(&mut text, None);
        if !text.as_str().trim().is_empty() {
            self.replaced.push(text);
        }
    }

    /// Moves the cursor up: in a broken line to its part above, otherwise to the line above.
    pub(super) fn up(&mut self, count: usize) {
        for _ in 0..count.min(MOST_LINES) {
            let Place { row, column } = self.cursor;
            let begin = self.rows[row].part(column);
            let within = column - begin;
            if begin > 0 {
                let above = self.rows[row].part(begin - 1);
                self.go_to(row, above + within);
            } else if row > 0 {
                self.need_row(row);
                let above = self.rows[row - 1].breaks.last().copied().unwrap_or(0);
                self.go_to(row - 1, above + within);
            }
        }
    }

    /// Moves the cursor down.
    pub(super) fn down(&mut self, count: usize) {
        for _ in 0..count.min(MOST_LINES) {
            let Place { row, column } = self.cursor;
            let begin = self.rows[row].part(column);
            let below = self.rows[row].breaks.iter().find(|&&part| part > column);
            if let Some(&below) = below {
                self.go_to(row, below + column - begin);
            } else if row + 1 < self.height {
                self.go_to(row + 1, column - begin);
            }
        }
    }

    /// Moves the cursor to a line and column, counted from 0.
    pub(super) fn place(&mut self, row: usize, column: usize) {
        self.is_placed = true;
        self.grow(row);
        self.go_to(row.min(self.height - 1), column.min(MOST_COLUMNS));
    }

    /// Moves the cursor to a column, counted from 0.
    pub(super) fn move_to_column(&mut self, column: usize) {
        let begin = self.rows[self.cursor.row].part(self.cursor.column);
        self.go_to(self.cursor.row, begin + column.min(MOST_COLUMNS));
    }

    /// Returns the line of the cursor, counted from 0.
    pub(super) fn cursor(&self) -> Place {
        self.cursor
    }

    pub(super) fn save_cursor(&mut self) {
        self.saved = self.cursor;
    }

    pub(super) fn restore_cursor(&mut self) {
        self.place(self.saved.row, self.saved.column);
    }

    // A guest that draws below the last line has a larger screen. A guest that asks for the size has not.
    fn grow(&mut self, row: usize) {
        if (self.height..MOST_LINES).contains(&row) {
            self.height = row + 1;
            self.region = None;
        }
    }

    fn need_row(&mut self, row: usize) {
        if self.rows.len() <= row {
            self.rows.resize(row + 1, Row::default());
        }
    }

    fn go_to(&mut self, row: usize, column: usize) {
        let to = Place { row, column };
        if to != self.cursor {
            self.went_back = true;
        }
        self.need_row(row);
        self.cursor = to;
        self.after_return = false;
    }

    /// Starts a new screen. The text of the old one is complete.
    pub(super) fn clear(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        self.finish(rows);
        self.need_row(self.cursor.row);
        self.went_back = false;
    }

    /// Changes to the other screen, or back to the former place of the cursor. The text of the old one is complete.
    pub(super) fn switch(&mut self, to_other: bool) {
        if to_other {
            self.main = self.cursor;
        } else {
            self.cursor = self.main;
        }
        self.clear();
    }

    /// Resets to the state after power-on.
    pub(super) fn reset(&mut self) {
        self.cursor = Place::default();
        self.clear();
        self.height = HEIGHT;
        self.region = None;
        self.saved = Place::default();
        self.inserts = false;
        self.is_placed = false;
    }
}
