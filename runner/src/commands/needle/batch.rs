//! `qa needle match --batch`: matches many cases from a file, and prints a line of JSON for each.
//!
//! All cases of a screenshot are matched one after the other. Data that no later case needs is dropped, so that the
//! next frame gets the same memory: it is already mapped, and in the caches of the processor.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use needles::{Outcome, PreparedFrame, PreparedNeedle, SearchRatio};
use reports::TextFound;
use serde::Serialize;

use super::inputs::{read_needle, unread};
use crate::commands::context::Context;
use crate::failure::Failure;
use crate::needle_store::read_picture;
use crate::text_reader::{self, TextReader};

/// Prepared needles beyond this are dropped, least recently used first.
const NEEDLE_BUDGET: usize = 256 << 20;

/// One line of the result.
#[derive(Serialize)]
#[serde(untagged)]
enum Line<'a> {
    Searched {
        screenshot: &'a str,
        needle: &'a str,
        ok: bool,
        error: f64,
        areas: Vec<AreaLine>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        texts: Vec<TextFound>,
    },
    Invalid {
        screenshot: &'a str,
        needle: &'a str,
        invalid: String,
    },
}

#[derive(Serialize)]
struct AreaLine {
    x: i32,
    y: i32,
    w: u32,
    h: u32,
    similarity: f64,
    ok: bool,
}

/// Values that were read and prepared, within a budget.
struct Kept<T> {
    values: HashMap<PathBuf, (Result<T, String>, usize, u64)>,
    budget: usize,
    bytes: usize,
    clock: u64,
}

impl<T> Kept<T> {
    fn new(budget: usize) -> Self {
        Self {
            values: HashMap::new(),
            budget,
            bytes: 0,
            clock: 0,
        }
    }

    /// Returns the value of a file. If it is not kept, it is read with `read`. `size` returns the bytes that it takes.
    fn get(
        &mut self,
        path: &Path,
        read: impl FnOnce(&Path) -> Result<T, String>,
        size: impl FnOnce(&T) -> usize,
    ) -> Result<&T, String> {
        self.clock += 1;
        if !self.values.contains_key(path) {
            let value = read(path);
            let bytes = value.as_ref().map_or(0, size);
            while self.bytes + bytes > self.budget && !self.values.is_empty() {
                self.drop_oldest();
            }
            self.bytes += bytes;
            self.values
                .insert(path.to_owned(), (value, bytes, self.clock));
        }
        match self.values.get_mut(path) {
            Some((value, _, used)) => {
                *used = self.clock;
                value.as_ref().map_err(Clone::clone)
            }
            None => Err(format!("`{}` was dropped", path.display())), // Impossible: it was just added.
        }
    }

    /// Drops the value of a file, because no later case needs it.
    fn forget(&mut self, path: &Path) {
        if let Some((_, bytes, _)) = self.values.remove(path) {
            self.bytes -= bytes;
        }
    }

    fn drop_oldest(&mut self) {
        let oldest = self.values.iter().min_by_key(|(_, (_, _, used))| *used);
        if let Some(path) = oldest.map(|(path, _)| path.clone()) {
            self.forget(&path);
        }
    }
}

/// Matches every case of the file, and prints the time on stderr.
///
/// # Errors
/// When the file cannot be read, or a line is not a case. The error names the line, and nothing was matched.
pub(super) fn batch(context: &Context, file: &Path) -> Result<reports::ExitStatus, Failure> {
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("`{}` cannot be read: {error}", file.display())))?;
    let cases = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| {
            case(line).map_err(|wrong| {
                Failure::usage(format!("{}:{}: {wrong}", file.display(), index + 1))
                    .hint("write a line as screenshot<TAB>needle.json<TAB>ratio")
            })
        })
        .collect::<Result<Vec<_>, _>>()?;

    let mut needles: Kept<PreparedNeedle> = Kept::new(NEEDLE_BUDGET);
    let reader = TextReader::find();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut matching = Duration::ZERO;
    let mut searches = 0_u64;
    let order = by_screenshot(&cases);
    let turns = order.iter().enumerate();
    let last_turn: HashMap<&str, usize> = turns.map(|(turn, &i)| (cases[i].1, turn)).collect();
    // Results are printed in the order of the lines: these wait for earlier lines.
    let (mut ahead, mut next) = (BTreeMap::new(), 0);
    let mut current: Option<(&str, Result<PreparedFrame, String>)> = None;
    for (turn, &index) in order.iter().enumerate() {
        let (screenshot, needle, ratio) = cases[index];
        // The frame before is dropped first, so that this one gets its memory.
        current = current.filter(|(of, _)| *of == screenshot);
        let (_, frame) = current.get_or_insert_with(|| {
            let picture = read_picture(Path::new(screenshot));
            (screenshot, picture.map(PreparedFrame::new))
        });
        let prepared = needles.get(
            Path::new(needle),
            |path| {
                let (parsed, picture) = read_needle(path)?;
                if parsed.is_only_read() && !reader.is_there() {
                    return Err(
                        "it has only text to read, and tesseract is not installed".to_owned()
                    );
                }
                let start = cpu_time();
                let prepared = PreparedNeedle::new(parsed, &picture);
                matching += cpu_time() - start;
                Ok(prepared)
            },
            PreparedNeedle::memory,
        );
        let line = match (frame, prepared) {
            (Ok(frame), Ok(prepared)) => {
                let start = cpu_time();
                let mut outcome = needles::find(prepared, frame, ratio);
                matching += cpu_time() - start;
                searches += 1;
                if !outcome.texts_to_read().is_empty() {
                    let read = reader.judge(&mut outcome, frame.picture());
                    context.block_on(read)?.map_err(unread)?;
                }
                searched(screenshot, needle, &outcome)
            }
            (Err(why), _) => Line::Invalid {
                screenshot,
                needle,
                invalid: why.clone(),
            },
            (_, Err(why)) => Line::Invalid {
                screenshot,
                needle,
                invalid: why,
            },
        };
        let unprinted = |error: std::io::Error| Failure::error(format!("cannot print: {error}"));
        let line = serde_json::to_string(&line).map_err(|error| unprinted(error.into()))?;
        ahead.insert(index, line);
        while let Some(line) = ahead.remove(&next) {
            writeln!(out, "{line}").map_err(unprinted)?;
            next += 1;
        }
        if last_turn.get(needle) == Some(&turn) {
            needles.forget(Path::new(needle));
        }
    }
    out.flush()
        .map_err(|error| Failure::error(format!("cannot print: {error}")))?;
    let seconds = matching.as_secs_f64();
    let _ = writeln!(
        std::io::stderr(),
        "searches={searches} matching={seconds:.3}s"
    ); // Nobody listens: no reason to fail.
    Ok(reports::ExitStatus::Success)
}

/// A screenshot, a needle, and the search ratio.
type Case<'a> = (&'a str, &'a str, SearchRatio);

/// Returns the order in which cases are matched: all cases of a screenshot together, screenshots in the order of the
/// file.
fn by_screenshot(cases: &[Case<'_>]) -> Vec<usize> {
    let mut first = HashMap::new();
    for (index, (screenshot, ..)) in cases.iter().enumerate() {
        first.entry(*screenshot).or_insert(index);
    }
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|&index| first.get(cases[index].0));
    order
}

fn case(line: &str) -> Result<Case<'_>, String> {
    let mut parts = line.split('\t');
    let (Some(screenshot), Some(needle), Some(ratio), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(format!("{} parts instead of 3", line.split('\t').count()));
    };
    let ratio = ratio
        .trim()
        .parse()
        .ok()
        .and_then(SearchRatio::new)
        .ok_or_else(|| format!("the ratio is `{ratio}`; it must be a number from 0 to 1"))?;
    Ok((screenshot, needle, ratio))
}

fn searched<'a>(screenshot: &'a str, needle: &'a str, outcome: &Outcome) -> Line<'a> {
    let areas = outcome.areas.iter().map(|area| AreaLine {
        x: area.place.x,
        y: area.place.y,
        w: area.place.width,
        h: area.place.height,
        similarity: area.similarity.value(),
        ok: area.ok,
    });
    Line::Searched {
        screenshot,
        needle,
        ok: outcome.ok,
        error: outcome.error,
        areas: areas.collect(),
        texts: text_reader::told(outcome),
    }
}

/// Returns the processor time of all threads of this process.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec.unsigned_abs() as u32,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_has_three_parts_and_a_ratio_that_is_one() {
        assert_eq!(
            case("a b.png\tn.json\t0.02"),
            Ok(("a b.png", "n.json", SearchRatio::NEAR))
        );
        for (line, why) in [
            ("a\tb", "2 parts instead of 3"),
            ("a\tb\t0\t0", "4 parts instead of 3"),
            (
                "a\tb\t2",
                "the ratio is `2`; it must be a number from 0 to 1",
            ),
            (
                "a\tb\tNaN",
                "the ratio is `NaN`; it must be a number from 0 to 1",
            ),
        ] {
            assert_eq!(case(line), Err(why.to_owned()));
        }
    }

    #[test]
    fn the_cases_of_a_screenshot_are_matched_together() {
        let case = |screenshot| (screenshot, "n.json", SearchRatio::MARGIN);
        let cases = ["b", "a", "b", "c", "a"].map(case);
        assert_eq!(by_screenshot(&cases), [0, 2, 1, 4, 3]);
    }

    #[test]
    fn what_is_kept_stays_within_its_budget_and_errors_are_kept_too() {
        let mut kept: Kept<usize> = Kept::new(10);
        let path = |n: usize| PathBuf::from(n.to_string());
        for n in 1..=3 {
            assert_eq!(kept.get(&path(n), |_| Ok(n), |_| 4), Ok(&n));
        }
        assert_eq!((kept.bytes, kept.values.len()), (8, 2));
        assert_eq!(
            kept.get(&path(2), |_| Err("read again".into()), |_| 4),
            Ok(&2)
        );
        assert_eq!(
            kept.get(&path(9), |_| Err("no".into()), |_| 4),
            Err("no".to_owned())
        );
        assert_eq!(kept.get(&path(9), |_| Ok(9), |_| 4), Err("no".to_owned()));
        kept.forget(&path(3));
        kept.forget(&path(7));
        assert_eq!((kept.bytes, kept.values.len()), (4, 2));
    }
}
