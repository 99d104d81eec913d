use std::fmt;

use crate::{Phase, Rendered, Text};

/// `soft_fail`: a known defect was met; the scenario goes on and is soft-failed.
#[derive(Debug, Clone, PartialEq)]
pub struct SoftFail<P: Phase = Rendered> {
    /// What is wrong.
    pub reason: P::Of<Text>,
    /// Where it is tracked.
    pub ticket: P::Of<Text>,
    /// The last day on which it is excused; afterwards the step fails.
    pub expires: Option<Date>,
}

/// A day of the calendar, UTC. Ordered by time; displays as `2026-03-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day that exists.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (1..=days)
            .contains(&day)
            .then_some(Self { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}
