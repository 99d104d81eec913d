//! Scrolls a region of the screen, and inserts or deletes lines in it.

use super::Screen;
use crate::serial::row::Row;

impl Screen {
    /// Moves the cursor one line down. At the end of the scrolling region, scrolls the region.
    pub(in crate::serial) fn index(&mut self) {
        let (top, bottom) = self.scrolls();
        if self.cursor.row == bottom {
            self.scroll_up(top, bottom, 1);
        } else if self.cursor.row + 1 < self.height {
            self.go_to(self.cursor.row + 1, self.cursor.column);
        }
    }

    /// Moves the cursor one line up. At the beginning of the scrolling region, scrolls the region.
    pub(in crate::serial) fn reverse_index(&mut self) {
        let (top, bottom) = self.scrolls();
        if self.cursor.row == top {
            self.scroll_down(top, bottom, 1);
        } else {
            self.up(1);
        }
    }

    fn scrolls(&self) -> (usize, usize) {
        self.region.unwrap_or((0, self.height - 1))
    }

    /// Moves the rows between two lines up.
    fn scroll_up(&mut self, top: usize, bottom: usize, count: usize) {
        self.need_row(bottom);
        for _ in 0..count.min(bottom + 1 - top) {
            let row = self.rows.remove(top);
            if top == 0 {
                self.finish([row]);
            } else {
                self.replace(&row);
            }
            self.rows.insert(bottom, Row::default());
        }
    }

    /// Moves the rows between two lines down.
    fn scroll_down(&mut self, top: usize, bottom: usize, count: usize) {
        self.need_row(bottom);
        for _ in 0..count.min(bottom + 1 - top) {
            let row = self.rows.remove(bottom);
            self.replace(&row);
            self.rows.insert(top, Row::default());
        }
    }

    /// Sets the scrolling region, by lines counted from 0.
    pub(in crate::serial) fn set_region(&mut self, top: usize, bottom: Option<usize>) {
        let bottom = bottom.unwrap_or(self.height - 1);
        self.grow(bottom);
        let bottom = bottom.min(self.height - 1);
        self.region =
            (top < bottom && (top, bottom) != (0, self.height - 1)).then_some((top, bottom));
        self.place(0, 0);
    }

    /// Scrolls the region: up, or down if `count` is less than 0.
    pub(in crate::serial) fn scroll(&mut self, count: isize) {
        let (top, bottom) = self.scrolls();
        if count > 0 {
            self.scroll_up(top, bottom, count.unsigned_abs());
        } else {
            self.scroll_down(top, bottom, count.unsigned_abs());
        }
    }

    /// Inserts lines at the cursor, or deletes them if `count` is less than 0.
    pub(in crate::serial) fn insert_lines(&mut self, count: isize) {
        let (top, bottom) = self.scrolls();
        let row = self.cursor.row;
        if !(top..=bottom).contains(&row) {
            return;
        }
        let times = count.unsigned_abs().min(bottom + 1 - row);
        self.need_row(bottom);
        for _ in 0..times {
            let (gone, new) = if count > 0 {
                (bottom, row)
            } else {
                (row, bottom)
            };
            let gone = self.rows.remove(gone);
            self.replace(&gone);
            self.rows.insert(new, Row::default());
        }
        self.cursor.column = 0;
    }
}
