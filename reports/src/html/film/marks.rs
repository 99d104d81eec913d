//! The marks of a film beside its pictures: areas of needles, and the text of the serial console.

use serde_json::{Value, json};

use crate::log::{AreaFound, Evidence};
use crate::plain_text::plain_line;
use crate::run::{Attempt, SerialMark};

/// Bytes of the text of a serial console that the film of an attempt has. The whole text is in the serial log.
const SERIAL: usize = 32 << 10;

/// The same for an attempt that held. A page may have a thousand of them.
const SERIAL_OF_HELD: usize = 4 << 10;

/// Returns the looks of a machine: those while steps waited, and the last one of each step.
pub(super) fn looks(attempt: &Attempt, machine: Option<&str>) -> Vec<Value> {
    let waits = attempt.looks.iter();
    let waits = waits.filter(|look| look.machine.as_deref() == machine);
    let waits = waits.map(|look| json!([look.at_ms, plain_line(&look.needle), areas(&look.areas)]));
    let own = attempt
        .steps()
        .filter(|step| step.machine.as_deref() == machine);
    let ends = own.filter_map(|step| {
        let (needle, found) = last_look(&step.evidence)?;
        let at_ms = step.started_ms + step.duration_ms;
        Some(json!([at_ms, plain_line(needle), areas(found)]))
    });
    waits.chain(ends).collect()
}

/// Returns the needle that decided a step: the one that matched, or the nearest.
fn last_look(evidence: &Evidence) -> Option<(&str, &[AreaFound])> {
    let look = evidence.look.as_ref()?;
    let decided = look.matched.as_ref().or(look.candidates.first())?;
    Some((&decided.needle, &decided.areas))
}

fn areas(areas: &[AreaFound]) -> Vec<Value> {
    let areas = areas.iter().map(|area| {
        // An area that was found nowhere is where it was searched first.
        let (x, y) = match area.similarity > 0.0 {
            true => (area.x, area.y),
            false => (area.recorded_x, area.recorded_y),
        };
        json!([
            x,
            y,
            area.width,
            area.height,
            hundredths(area.similarity),
            hundredths(area.required),
            area.ok,
        ])
    });
    areas.collect()
}

/// Returns a number with two decimals, as all of the page shows it.
fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// Returns the end of what the serial console of a machine said.
pub(super) fn serial(attempt: &Attempt, machine: Option<&str>) -> Vec<Value> {
    let most = match attempt.held() {
        true => SERIAL_OF_HELD,
        false => SERIAL,
    };
    let own = attempt.serial.iter();
    let own: Vec<&SerialMark> = own
        .filter(|mark| mark.machine.as_deref() == machine)
        .collect();
    let mut bytes = 0_usize;
    let mut marks: Vec<Value> = Vec::new();
    for mark in own.iter().rev() {
        bytes += mark.lines.iter().map(|line| line.len() + 1).sum::<usize>();
        if bytes > most {
            marks.push(json!([
                mark.at_ms,
                ["[earlier lines are in the serial log]"]
            ]));
            break;
        }
        let left_out = match mark.left_out {
            0 => None,
            1 => Some("[1 line is only in the serial log]".to_owned()),
            lines => Some(format!("[{lines} lines are only in the serial log]")),
        };
        let lines = mark.lines.iter().map(|line| plain_line(line));
        let lines: Vec<String> = left_out.into_iter().chain(lines).collect();
        marks.push(json!([mark.at_ms, lines]));
    }
    marks.reverse();
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Candidate, Look, Wanted};

    fn area(similarity: f64) -> AreaFound {
        AreaFound {
            x: 10,
            y: 20,
            width: 30,
            height: 40,
            recorded_x: 11,
            recorded_y: 22,
            similarity,
            required: 0.96,
            ok: false,
        }
    }

    #[test]
    fn an_area_that_is_nowhere_is_drawn_at_its_recorded_place() {
        let drawn = areas(&[area(0.731), area(0.0)]);
        assert_eq!(drawn[0], json!([10, 20, 30, 40, 0.73, 0.96, false]));
        assert_eq!(drawn[1], json!([11, 22, 30, 40, 0.0, 0.96, false]));
    }

    #[test]
    fn the_needle_of_a_step_is_the_one_that_matched_or_the_nearest() {
        let candidate = |needle: &str| Candidate {
            needle: needle.to_owned(),
            error: 0.0,
            areas: vec![area(1.0)],
            picture: None,
            workaround: None,
            texts: Vec::new(),
        };
        let mut look = Look {
            query: "panel".to_owned(),
            wanted: Wanted::Present,
            matched: Some(candidate("matched")),
            candidates: vec![candidate("near"), candidate("far")],
        };
        let decided = |look: &Look| {
            let evidence = Evidence {
                look: Some(look.clone()),
                ..Evidence::default()
            };
            last_look(&evidence).map(|(needle, _)| needle.to_owned())
        };
        assert_eq!(decided(&look).as_deref(), Some("matched"));
        look.matched = None;
        assert_eq!(decided(&look).as_deref(), Some("near"));
        look.candidates.clear();
        assert_eq!(decided(&look), None);
    }
}
