//! The film of an attempt.

use super::state::{Fold, misrouted};
use crate::log::{Entry, Event};
use crate::run::film::{InputMark, LookMark, SerialMark, Shot};

impl Fold {
    pub(super) fn film_event(&mut self, entry: &Entry) {
        let machine = entry.envelope.machine.clone();
        let place = self.attempt(&entry.envelope);
        let attempt = self.attempt_at(place);
        match &entry.event {
            Event::Shot {
                frame,
                shown_ms,
                picture,
            } => attempt.film.push(Shot {
                machine,
                shown_ms: *shown_ms,
                frame: *frame,
                picture: picture.clone(),
            }),
            Event::FilmThinned { left: _ } => {
                let mut number = 0_usize;
                attempt.film.retain(|shot| {
                    if shot.machine != machine {
                        return true;
                    }
                    number += 1;
                    number % 2 == 1
                });
            }
            Event::Input {
                what,
                at,
                times,
                done_ms,
                change,
                step: _,
                arrival: _,
                before: _,
            } => attempt.inputs.push(InputMark {
                machine,
                done_ms: *done_ms,
                what: what.clone(),
                at: *at,
                times: *times,
                changed_after_ms: change.as_ref().map(|change| change.after_ms),
            }),
            Event::Compared {
                needle,
                areas,
                step: _,
                frame: _,
            } => attempt.looks.push(LookMark {
                machine,
                at_ms: entry.envelope.at_ms,
                needle: needle.clone(),
                areas: areas.clone(),
            }),
            Event::Serial { lines, left_out } => attempt.serial.push(SerialMark {
                machine,
                at_ms: entry.envelope.at_ms,
                lines: lines.clone(),
                left_out: *left_out,
            }),
            other => misrouted(other),
        }
    }
}
