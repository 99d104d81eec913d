//! `qa needle match`: matches needles on one screenshot.

use std::path::{Path, PathBuf};

use needles::{Outcome, PreparedFrame};
use serde_json::{Value, json};

use super::inputs::{read_texts, search_ratio, store};
use crate::cli::Format;
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::Failure;
use crate::needle_store::read_picture;
use crate::text_reader;

pub(super) fn find(
    context: &Context,
    screenshot: &Path,
    needles: Option<PathBuf>,
    tags: &[String],
    ratio: f64,
    format: Format,
) -> Result<reports::ExitStatus, Failure> {
    let ratio = search_ratio(ratio)?;
    let picture = read_picture(screenshot).map_err(Failure::usage)?;
    let store = store(context, needles)?;
    let candidates = if tags.is_empty() {
        store.all()
    } else {
        let queries: Vec<Vec<&str>> = tags.iter().map(|tag| needles::split_tags(tag)).collect();
        store.select(&queries)
    };
    if candidates.is_empty() {
        return Err(Failure::usage(if tags.is_empty() {
            "there are no needles in that folder".to_owned()
        } else {
            format!("no needle carries the tag `{}`", tags.join("` or `"))
        })
        .hint("`qa needle check` names needles that cannot be read"));
    }
    let frame = PreparedFrame::new(picture);
    let (ranking, unreadable) = store.rank_readable(&candidates, &frame, ratio);
    tell_left_out(context, &unreadable, candidates.len())?;
    let ranking = read_texts(context, &store, ranking, &frame)?;
    let matched = ranking.matched.is_some();
    let runner_up = ranking.runner_up().map(|outcome| outcome.needle.name());
    for outcome in ranking.matched.iter().chain(&ranking.candidates) {
        match format {
            Format::Json => print_json(&outcome_json(screenshot, outcome, runner_up))?,
            Format::Text => print(&outcome_text(outcome))?,
        }
    }
    if let (Format::Text, true, Some(next)) = (format, matched, ranking.runner_up()) {
        print(&format!(
            "runner-up: {} with score {:.4}",
            next.needle.name(),
            next.score()
        ))?;
    }
    Ok(if matched {
        reports::ExitStatus::Success
    } else {
        reports::ExitStatus::Failed
    })
}

/// Tells which needles are left out, because their picture cannot be read.
///
/// # Errors
/// All of them are.
pub(super) fn tell_left_out(
    context: &Context,
    unreadable: &[String],
    all: usize,
) -> Result<(), Failure> {
    match unreadable.first() {
        Some(first) if unreadable.len() == all => Err(Failure::error(first.clone())),
        Some(_) | None => {
            for message in unreadable {
                context.say(&format!("left out: {message}"));
            }
            Ok(())
        }
    }
}

fn outcome_json(screenshot: &Path, outcome: &Outcome, runner_up: Option<&str>) -> Value {
    let areas = outcome.areas.iter().map(|area| {
        json!({
            "x": area.place.x, "y": area.place.y, "w": area.place.width, "h": area.place.height,
            "similarity": area.similarity.value(), "required": area.level.required(), "ok": area.ok,
        })
    });
    let mut line = json!({
        "screenshot": screenshot, "needle": outcome.needle.name(), "ok": outcome.ok,
        "error": outcome.error, "areas": areas.collect::<Vec<_>>(), "above_level": outcome.above_level(),
    });
    let texts = text_reader::told(outcome);
    if !texts.is_empty() {
        line["texts"] = json!(texts);
    }
    if outcome.ok {
        line["runner_up"] = json!(runner_up);
    }
    line
}

fn outcome_text(outcome: &Outcome) -> String {
    let word = if outcome.ok { "match" } else { "no   " };
    let mut text = format!("{word}  {}", outcome.needle.name());
    for area in &outcome.areas {
        text.push_str(&format!(
            "\n         area {}: {:.4} of {:.2} at {},{} {}x{}",
            area.area + 1,
            area.similarity.value(),
            area.level.required(),
            area.place.x,
            area.place.y,
            area.place.width,
            area.place.height
        ));
    }
    for found in text_reader::told(outcome) {
        text.push_str(&format!("\n         {}", found.text()));
    }
    text
}
