//! The film of an attempt: the data that the page's script shows on a time line.
//!
//! Without the script, every step still has its picture.

mod marks;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::link::link;
use super::mark::step_word;
use crate::log::FilmPicture;
use crate::plain_text::plain_line;
use crate::run::{Attempt, Remark, Shot, StageEntry};
use crate::words::on_machine;
use marks::{looks, serial};

/// The film of one machine.
pub(super) struct FilmView {
    pub(super) anchor: String,
    /// The name of the machine, if the attempt has several.
    pub(super) machine: Option<String>,
    /// JSON; see `templates/film.js`.
    pub(super) data: String,
}

impl FilmView {
    /// Returns the films of an attempt: one for each machine that showed something. The anchors begin with `id`.
    pub(super) fn of(attempt: &Attempt, id: &str) -> Vec<Self> {
        let mut machines: Vec<Option<&str>> = Vec::new();
        for shot in &attempt.film {
            if !machines.contains(&shot.machine.as_deref()) {
                machines.push(shot.machine.as_deref());
            }
        }
        let films = (1..).zip(machines).filter_map(|(number, machine)| {
            Some(Self {
                anchor: format!("{id}film{number}"),
                machine: machine.map(plain_line),
                data: data(attempt, machine, id)?,
            })
        });
        films.collect()
    }
}

/// Returns the data of a film as JSON; none without a picture. Times are milliseconds since the run began.
///
/// ```text
/// from, to   the begin and the end of the attempt
/// files      addresses of pictures
/// shots      [time], or [time, frame, width, height, file, base, x, y, part width, part height]; base -1: no part
/// steps      [begin, end, number, text, outcome, anchor]
/// inputs     [time, text, x, y]; x and y -1: no place
/// news       [time, text]
/// looks      [time, needle, [[x, y, width, height, similarity, required, ok], ..]]
/// serial     [time, [line, ..]]
/// ```
fn data(attempt: &Attempt, machine: Option<&str>, id: &str) -> Option<String> {
    let mut files = Files::default();
    let shots: Vec<&Shot> = {
        let own = attempt.film.iter();
        own.filter(|shot| shot.machine.as_deref() == machine)
            .collect()
    };
    if shots.iter().all(|shot| shot.picture.is_none()) {
        return None;
    }
    let shots: Vec<Value> = shots.iter().map(|shot| files.shot(shot)).collect();
    let inputs = attempt.inputs.iter();
    let inputs: Vec<Value> = inputs
        .filter(|input| input.machine.as_deref() == machine)
        .map(|input| {
            let [x, y] = input.at.map_or([-1, -1], |at| at.map(i64::from));
            let text = match input.times {
                0 | 1 => plain_line(&input.what),
                times => format!("{} ({times} times)", plain_line(&input.what)),
            };
            json!([input.done_ms, text, x, y])
        })
        .collect();
    let (steps, news) = steps_and_news(attempt, id);
    let data = json!({
        "from": attempt.started_ms,
        "to": attempt.started_ms + attempt.duration_ms,
        "files": files.addresses,
        "shots": shots,
        "steps": steps,
        "inputs": inputs,
        "news": news,
        "looks": looks(attempt, machine),
        "serial": serial(attempt, machine),
    });
    // Inside a script element, `</` would end it.
    Some(data.to_string().replace('<', "\\u003c"))
}

fn steps_and_news(attempt: &Attempt, id: &str) -> (Vec<Value>, Vec<Value>) {
    let (mut steps, mut news) = (Vec::new(), Vec::new());
    for (stage_number, stage) in (1..).zip(&attempt.stages) {
        for (number, entry) in (1..).zip(&stage.entries) {
            match entry {
                StageEntry::Step(step) if step.is_group => {}
                StageEntry::Step(step) => steps.push(json!([
                    step.started_ms,
                    step.started_ms + step.duration_ms,
                    plain_line(&step.id),
                    plain_line(&on_machine(step.machine.as_deref(), &step.text)),
                    step_word(step.outcome),
                    format!("{id}t{stage_number}n{number}"),
                ])),
                StageEntry::Remark {
                    at_ms,
                    machine,
                    remark: remark @ (Remark::Machine(_) | Remark::Started(_)),
                    ..
                } => {
                    let text = on_machine(machine.as_deref(), &remark.text());
                    news.push(json!([at_ms, plain_line(&text)]));
                }
                StageEntry::Remark { .. } => {}
            }
        }
    }
    (steps, news)
}

/// The addresses of the pictures, each once.
#[derive(Default)]
struct Files {
    addresses: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Files {
    fn shot(&mut self, shot: &Shot) -> Value {
        let Some(picture) = &shot.picture else {
            return json!([shot.shown_ms]);
        };
        match self.picture(picture) {
            Some((file, base, area)) => json!([
                shot.shown_ms,
                shot.frame,
                picture.width,
                picture.height,
                file,
                base,
                area[0],
                area[1],
                area[2],
                area[3],
            ]),
            None => json!([shot.shown_ms]),
        }
    }

    /// Returns the places of the files of a picture, and the area of its part; none for a file outside of the folder.
    fn picture(&mut self, picture: &FilmPicture) -> Option<(usize, i64, [u32; 4])> {
        let file = self.place(&picture.file)?;
        let Some(part) = &picture.part else {
            return Some((file, -1, [0; 4]));
        };
        let base = i64::try_from(self.place(&part.base)?).ok()?;
        let area = part.area;
        Some((file, base, [area.x, area.y, area.width, area.height]))
    }

    fn place(&mut self, file: &str) -> Option<usize> {
        if let Some(place) = self.places.get(file) {
            return Some(*place);
        }
        let address = link(file)?;
        self.addresses.push(address);
        let place = self.addresses.len() - 1;
        self.places.insert(file.to_owned(), place);
        Some(place)
    }
}
