//! `qa needle show`: draws a needle's areas, margins and scores into a picture.

use std::path::Path;

use needles::{
    AreaKind, Colour, Outcome, Picture, PreparedFrame, PreparedNeedle, Rect, SearchRatio,
};
use serde_json::json;

use super::digits;
use super::inputs::{read_needle, write};
use crate::cli::Format;
use crate::commands::print::{print, print_json};
use crate::failure::Failure;
use crate::needle_store::read_picture;

const MATCHED: Colour = Colour::new(0x2e, 0xc2, 0x7e);
const FAILED: Colour = Colour::new(0xe0, 0x1b, 0x24);
const EXCLUDED: Colour = Colour::new(0xf6, 0xd3, 0x2d);
const OTHER: Colour = Colour::new(0x35, 0x84, 0xe4);
const MARGIN: Colour = Colour::new(0x9a, 0x99, 0x96);
const GROUND: Colour = Colour::new(0, 0, 0);

pub(super) fn show(
    needle: &Path,
    on: Option<&Path>,
    output: &Path,
    format: Format,
) -> Result<reports::ExitStatus, Failure> {
    let (needle, picture) = read_needle(needle).map_err(Failure::usage)?;
    let prepared = PreparedNeedle::new(needle, &picture);
    let screen = match on {
        Some(file) => read_picture(file).map_err(Failure::usage)?,
        None => picture,
    };
    let frame = PreparedFrame::new(screen.clone());
    let outcome = needles::find(&prepared, &frame, SearchRatio::MARGIN);
    write(output, &drawn(&screen, &outcome).to_png())?;
    match format {
        Format::Json => print_json(
            &json!({"needle": outcome.needle.name(), "picture": output, "ok": outcome.ok}),
        )?,
        Format::Text => print(&output.display().to_string())?,
    }
    Ok(reports::ExitStatus::Success)
}

/// Returns the screen with every area at the place where it was found, with its margin and its score.
pub(super) fn drawn(screen: &Picture, outcome: &Outcome) -> Picture {
    let mut outlines = Vec::new();
    let mut filled = Vec::new();
    for area in outcome.needle.areas() {
        let colour = match area.kind {
            AreaKind::Match => continue,
            AreaKind::Exclude => EXCLUDED,
            AreaKind::Ocr | AreaKind::Unknown(_) => OTHER,
        };
        outlines.push((area.rect, colour));
    }
    for found in &outcome.areas {
        let area = &outcome.needle.areas()[found.area];
        let margin = area.margin.effective(SearchRatio::MARGIN).clamp(0, 1 << 20) as i32;
        let around = Rect {
            x: area.rect.x.saturating_sub(margin),
            y: area.rect.y.saturating_sub(margin),
            width: area.rect.width.saturating_add(2 * margin.unsigned_abs()),
            height: area.rect.height.saturating_add(2 * margin.unsigned_abs()),
        };
        let screen = Rect::new(0, 0, screen.width(), screen.height());
        outlines.extend(around.intersection(&screen).map(|around| (around, MARGIN)));
        let colour = if found.ok { MATCHED } else { FAILED };
        outlines.push((found.place, colour));
        // Above the area, or inside it if there is no room.
        let (x, y) = (found.place.x.saturating_add(6), found.place.y);
        let above = y.saturating_sub(digits::HEIGHT as i32 + 6);
        let y = if above < 0 {
            y.saturating_add(6)
        } else {
            above
        };
        let score = format!("{:.3}", found.similarity.value());
        filled.push((digits::ground(score.len(), x, y), GROUND));
        filled.extend(
            digits::dots(&score, x, y)
                .into_iter()
                .map(|dot| (dot, colour)),
        );
    }
    screen.with_outlines(&outlines).with_filled(&filled)
}
