//! Erases text from the screen, and makes room for text.

use std::ops::Range;

use super::{MOST_COLUMNS, Place, Screen};

/// The part to erase, relative to the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::serial) enum Part {
    After,
    Before,
    All,
}

impl Screen {
    /// Erases parts of the cursor's line.
    pub(in crate::serial) fn erase_in_line(&mut self, part: Part) {
        let Place { row, column } = self.cursor;
        let begin = self.rows[row].part(column);
        let next = self.rows[row].breaks.iter().find(|&&at| at > column);
        let end = next.copied().unwrap_or(usize::MAX);
        self.erase(match part {
            Part::After => column..end,
            Part::Before => begin..column + 1,
            Part::All => begin..end,
        });
    }

    /// Erases this many characters from the cursor on.
    pub(in crate::serial) fn erase_characters(&mut self, count: usize) {
        let column = self.cursor.column;
        self.erase(column..column.saturating_add(count));
    }

    fn erase(&mut self, columns: Range<usize>) {
        let row = self.cursor.row;
        if self.rows[row].shows(columns.start, columns.end) {
            self.went_back = true;
            self.keep_replaced(row);
        }
        let clock = self.clock;
        self.row().erase(columns.start, columns.end, clock);
    }

    /// Deletes this many characters from the cursor on.
    pub(in crate::serial) fn delete_characters(&mut self, count: usize) {
        let Place { row, column } = self.cursor;
        if self.rows[row].shows(column, column.saturating_add(count)) {
            self.went_back = true;
            self.keep_replaced(row);
        }
        self.row().delete(column, count);
    }

    /// Makes room for this many characters at the cursor.
    pub(in crate::serial) fn insert_characters(&mut self, count: usize) {
        let (column, clock) = (self.cursor.column, self.clock);
        self.row().insert(column, count.min(MOST_COLUMNS), clock);
    }

    /// Erases parts of the screen. The erased text is kept. If the whole screen is cleared, its lines count as
    /// complete. If a part is cleared, its lines are kept as former text.
    pub(in crate::serial) fn erase_in_screen(&mut self, part: Part) {
        let Place { row, column } = self.cursor;
        match part {
            Part::All => self.clear(),
            Part::After if (row, column) == (0, 0) => self.clear(),
            Part::After => {
                self.erase(column..usize::MAX);
                for gone in self.rows.split_off(row + 1) {
                    self.replace(&gone);
                }
            }
            Part::Before => {
                for index in 0..row {
                    let gone = std::mem::take(&mut self.rows[index]);
                    self.replace(&gone);
                }
                self.erase_in_line(Part::Before);
            }
        }
    }
}
