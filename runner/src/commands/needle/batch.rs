//! `qa needle match --batch`: many cases from a file, a line of JSON each.

use std::collections::HashMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use needles::{Outcome, PreparedFrame, PreparedNeedle, SearchRatio};
use reports::TextFound;
use serde::Serialize;

use super::{read_needle, unread};
use crate::commands::Context;
use crate::failure::Failure;
use crate::needle_store::read_picture;
use crate::text_reader::{self, TextReader};

/// Prepared frames beyond this are dropped, least recently used first.
const FRAME_BUDGET: usize = 512 << 20;

/// Prepared needles beyond this are dropped likewise.
const NEEDLE_BUDGET: usize = 256 << 20;

/// About what a prepared frame takes for each pixel: its colours, its blurred levels and its blocks' features.
const FRAME_BYTES_A_PIXEL: usize = 8;

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

/// What was read and prepared, within a budget.
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

    /// The value of a file, read with `read` unless it is there still; `size` says how many bytes it takes.
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
            None => Err(format!("`{}` was dropped", path.display())), // Impossible: it was just put there.
        }
    }

    fn drop_oldest(&mut self) {
        let oldest = self.values.iter().min_by_key(|(_, (_, _, used))| *used);
        if let Some(path) = oldest.map(|(path, _)| path.clone())
            && let Some((_, bytes, _)) = self.values.remove(&path)
        {
            self.bytes -= bytes;
        }
    }
}

/// Matches every case of the file and says on stderr how long that took.
///
/// # Errors
/// The file cannot be read, or a line is no case: then with its number, before anything is matched.
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

    let mut frames: Kept<PreparedFrame> = Kept::new(FRAME_BUDGET);
    let mut needles: Kept<PreparedNeedle> = Kept::new(NEEDLE_BUDGET);
    let reader = TextReader::find();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut matching = Duration::ZERO;
    let mut searches = 0_u64;
    for (screenshot, needle, ratio) in cases {
        let frame = frames.get(
            Path::new(screenshot),
            |path| read_picture(path).map(PreparedFrame::new),
            |frame| {
                let picture = frame.picture();
                picture.width() as usize * picture.height() as usize * FRAME_BYTES_A_PIXEL
            },
        );
        let prepared = needles.get(
            Path::new(needle),
            |path| {
                let (parsed, picture) = read_needle(path)?;
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
                    context.runtime()?.block_on(read).map_err(unread)?;
                }
                searched(screenshot, needle, &outcome)
            }
            (Err(why), _) | (_, Err(why)) => Line::Invalid {
                screenshot,
                needle,
                invalid: why,
            },
        };
        serde_json::to_writer(&mut out, &line)
            .map_err(std::io::Error::from)
            .and_then(|()| writeln!(out))
            .map_err(|error| Failure::error(format!("cannot print: {error}")))?;
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

fn case(line: &str) -> Result<(&str, &str, SearchRatio), String> {
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

/// Of all threads of this process.
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
    }
}
