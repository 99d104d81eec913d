//! The evidence for the outcome of a step: screen, needles, command, serial console.

use askama::Template;

use super::link::link;
use super::picture::{Crop, Drawn, Figure, Overlay};
use crate::log::{
    AreaFound, Candidate, CommandResult, Evidence, KeptFile, Look, StepOutcome, TextFound,
    TextResult, Wanted,
};
use crate::plain_text::{plain, plain_line};
use crate::size::human_size;
use crate::words::pixels_away;

/// The evidence of a step.
#[derive(Template)]
#[template(path = "evidence.html")]
pub(super) struct EvidenceView {
    figure: Option<Figure>,
    look: Option<LookView>,
    command: Option<CommandView>,
    file: Option<FileView>,
    crash: Option<String>,
    serial: Option<String>,
}

/// A file of the guest that was kept.
struct FileView {
    address: String,
    /// Its path in the guest.
    guest_path: String,
    size: String,
    remark: Option<String>,
}

struct LookView {
    /// `looked for` or `waited until gone`.
    verb: &'static str,
    query: String,
    candidates: Vec<CandidateView>,
}

struct CandidateView {
    needle: String,
    /// Its role in the look: `matched`, `nearest`, ...
    role: &'static str,
    good: bool,
    score: String,
    workaround: Option<String>,
    /// The whole needle.
    picture: Option<String>,
    areas: Vec<AreaView>,
    texts: Vec<TextView>,
    open: bool,
}

/// An area that must say something.
struct TextView {
    class: &'static str,
    text: String,
}

struct AreaView {
    number: usize,
    good: bool,
    similarity: String,
    required: String,
    /// Parts of the meter in percent.
    similarity_percent: u32,
    required_percent: u32,
    place: String,
    wanted: Option<Crop>,
    found: Option<Crop>,
    /// The caption of the found piece: the most similar place, or the place where it should be.
    found_caption: &'static str,
    overlay: Option<Overlay>,
}

struct CommandView {
    command: String,
    user: Option<String>,
    status: String,
    good: bool,
    remarks: Vec<String>,
    stdout: String,
    stderr: String,
}

impl EvidenceView {
    /// Draws where the last click before the end went.
    pub(super) fn draw_click(&mut self, at: [u32; 2]) {
        if let Some(figure) = &mut self.figure {
            figure.draw_click(at);
        }
    }

    /// Returns the view of an evidence; none if there is nothing to show.
    pub(super) fn of(
        evidence: &Evidence,
        outcome: Option<StepOutcome>,
        caption: &str,
    ) -> Option<Self> {
        let mut figure = evidence
            .frame
            .as_ref()
            .and_then(|frame| Figure::of(frame, caption));
        if let (Some(figure), Some(look)) = (&mut figure, &evidence.look) {
            match (&look.matched, look.wanted) {
                (Some(matched), Wanted::Present) => figure.draw(matched, Drawn::Wanted),
                (Some(matched), Wanted::Absent) => figure.draw(matched, Drawn::Unwanted),
                (None, _) => {
                    if let Some(nearest) = look.candidates.first() {
                        figure.draw(nearest, Drawn::Missed);
                    }
                }
            }
        }
        if let (Some(figure), Some(changed)) = (&mut figure, &evidence.changed) {
            figure.draw_change(changed);
        }
        if let (Some(figure), Some(place)) = (&mut figure, &evidence.pointed_out) {
            figure.point_out(place);
        }
        let view = Self {
            look: evidence
                .look
                .as_ref()
                .map(|look| LookView::of(look, figure.as_ref())),
            figure,
            command: evidence
                .command
                .as_ref()
                .map(|command| CommandView::of(command, outcome)),
            file: evidence.file.as_ref().and_then(FileView::of),
            crash: block(&evidence.kernel_crash),
            serial: block(&evidence.serial_tail),
        };
        let is_empty = view.figure.is_none()
            && view.look.is_none()
            && view.command.is_none()
            && view.file.is_none()
            && view.crash.is_none()
            && view.serial.is_none();
        (!is_empty).then_some(view)
    }

    /// Returns the picture, for a row that shows it small.
    pub(super) fn thumbnail(&self) -> Option<(String, u32, u32)> {
        self.figure
            .as_ref()
            .map(|figure| (figure.src.clone(), figure.width, figure.height))
    }
}

impl FileView {
    /// Returns the view of a kept file; none if it is not in the run's folder.
    fn of(file: &KeptFile) -> Option<Self> {
        Some(Self {
            address: link(&file.file)?,
            guest_path: plain_line(&file.guest_path),
            size: human_size(file.bytes),
            remark: file.remark.as_deref().map(plain_line),
        })
    }
}

impl LookView {
    fn of(look: &Look, figure: Option<&Figure>) -> Self {
        let mut candidates = Vec::new();
        if let Some(matched) = &look.matched {
            let (role, good) = match look.wanted {
                Wanted::Present => ("matched", true),
                Wanted::Absent => ("still there", false),
            };
            candidates.push(CandidateView::of(matched, role, good, !good, figure));
        }
        for (index, candidate) in look.candidates.iter().enumerate() {
            let first = index == 0 && look.matched.is_none();
            let role = if first { "nearest" } else { "compared" };
            candidates.push(CandidateView::of(candidate, role, false, first, figure));
        }
        Self {
            verb: match look.wanted {
                Wanted::Present => "Looked for",
                Wanted::Absent => "Waited until gone:",
            },
            query: plain_line(&look.query),
            candidates,
        }
    }
}

impl CandidateView {
    fn of(
        candidate: &Candidate,
        role: &'static str,
        good: bool,
        open: bool,
        figure: Option<&Figure>,
    ) -> Self {
        let picture = candidate.picture.as_deref().and_then(link);
        let score = match candidate.worst_area() {
            Some((number, area)) if candidate.areas.len() > 1 => format!(
                "area {number}: {:.2} of {:.2}",
                area.similarity, area.required
            ),
            Some((_, area)) => format!("{:.2} of {:.2}", area.similarity, area.required),
            None => "no areas".to_owned(),
        };
        Self {
            needle: plain_line(&candidate.needle),
            role,
            good,
            score,
            workaround: candidate.workaround.as_deref().map(plain_line),
            areas: (1..)
                .zip(&candidate.areas)
                .map(|(number, area)| AreaView::of(area, number, picture.as_deref(), figure))
                .collect(),
            texts: candidate.texts.iter().map(TextView::of).collect(),
            picture,
            open,
        }
    }
}

impl TextView {
    fn of(found: &TextFound) -> Self {
        Self {
            class: match found.result {
                TextResult::Fits { .. } => "good",
                TextResult::Differs { .. } => "bad",
                TextResult::Unread | TextResult::Skipped { .. } => "place",
            },
            text: found.text(),
        }
    }
}

impl AreaView {
    fn of(area: &AreaFound, number: usize, picture: Option<&str>, figure: Option<&Figure>) -> Self {
        let recorded = (area.recorded_x, area.recorded_y);
        // Where nothing is similar, the place that was found has no meaning. The place where it should be has.
        let (at, found_caption) = match area.similarity > 0.0 {
            true => ((area.x, area.y), "screen"),
            false => (recorded, "screen, where it should be"),
        };
        let wanted = picture.map(|src| Crop::of(src.to_owned(), None, recorded, area));
        let found = figure.map(|figure| {
            let size = Some((figure.width, figure.height));
            Crop::of(figure.src.clone(), size, at, area)
        });
        let overlay = match (picture, figure, &found) {
            (Some(above), Some(figure), Some(found)) => Some(Overlay {
                below: (figure.src.clone(), figure.width, figure.height),
                above: above.to_owned(),
                offset: (
                    at.0.saturating_sub(recorded.0),
                    at.1.saturating_sub(recorded.1),
                ),
                piece: found.piece,
                shown_width: Some(found.shown_width),
            }),
            (_, _, _) => None,
        };
        Self {
            number,
            good: area.ok,
            similarity: format!("{:.2}", area.similarity),
            required: format!("{:.2}", area.required),
            similarity_percent: percent(area.similarity),
            required_percent: percent(area.required),
            place: match area.similarity > 0.0 {
                true => place(area),
                false => "no match where it may be".to_owned(),
            },
            wanted,
            found,
            found_caption,
            overlay: overlay.filter(|_| !area.ok),
        }
    }
}

/// Returns the place of an area, and its distance from the place where it was recorded.
fn place(area: &AreaFound) -> String {
    let found = format!("{}×{} at {},{}", area.width, area.height, area.x, area.y);
    let right = area.x.saturating_sub(area.recorded_x);
    let down = area.y.saturating_sub(area.recorded_y);
    match pixels_away(right, down) {
        None => format!("{found}, as recorded"),
        Some(away) => format!("{found}, {away} of where it was recorded"),
    }
}

/// Returns a share as whole percent, from 0 to 100. NaN becomes 0.
fn percent(share: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=100; NaN becomes 0"
    )]
    let percent = (share * 100.0).clamp(0.0, 100.0).floor() as u32;
    percent
}

impl CommandView {
    fn of(command: &CommandResult, outcome: Option<StepOutcome>) -> Self {
        Self {
            command: plain_line(&command.command),
            user: command.user.as_deref().map(plain_line),
            status: match command.exit {
                Some(exit) => format!("exit status {exit}"),
                None => "did not end by itself".to_owned(),
            },
            // A status that a step expects is good, whatever its number.
            remarks: command
                .remarks
                .iter()
                .map(|remark| plain_line(remark))
                .collect(),
            good: outcome == Some(StepOutcome::Passed),
            stdout: plain(&command.stdout).trim_end().to_owned(),
            stderr: plain(&command.stderr).trim_end().to_owned(),
        }
    }
}

/// Returns lines of a guest's console as text for a page; none if there are no lines.
fn block(lines: &[String]) -> Option<String> {
    let plain: Vec<String> = lines.iter().map(|line| plain_line(line)).collect();
    (!plain.is_empty()).then(|| plain.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_takes_any_number() {
        for (share, whole) in [
            (0.0, 0),
            (0.839, 83),
            (1.0, 100),
            (7.0, 100),
            (-1.0, 0),
            (f64::NAN, 0),
            (f64::INFINITY, 100),
        ] {
            assert_eq!(percent(share), whole, "{share}");
        }
    }

    #[test]
    fn a_place_says_how_far_it_is_from_where_it_was_recorded() {
        let mut area = AreaFound {
            x: 10,
            y: 20,
            width: 3,
            height: 4,
            recorded_x: 10,
            recorded_y: 20,
            similarity: 0.5,
            required: 0.9,
            ok: false,
        };
        assert_eq!(place(&area), "3×4 at 10,20, as recorded");
        area.recorded_x = 12;
        assert_eq!(
            place(&area),
            "3×4 at 10,20, 2 px left of where it was recorded"
        );
        area.recorded_y = 15;
        assert_eq!(
            place(&area),
            "3×4 at 10,20, 2 px left and 5 px down of where it was recorded"
        );
        area.recorded_x = i64::MIN;
        assert!(place(&area).contains("px right"));
    }
}
