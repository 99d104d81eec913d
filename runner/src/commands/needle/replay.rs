//! `qa needle replay`: matches needles against recorded frames, and shows what would change.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use needles::{PreparedFrame, Ranking};
use reports::{Event, Look};
use serde_json::json;

use super::inputs::{read_texts, search_ratio, store};
use crate::cli::Format;
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::{Failure, chain};
use crate::files_below::{files_below, shown};
use crate::needle_store::{NeedleStore, read_picture};

/// A frame, and the look at it, if a run recorded it.
pub(super) struct Recorded {
    /// The file, relative to the folder.
    pub(super) frame: String,
    pub(super) look: Option<Look>,
}

pub(super) fn replay(
    context: &Context,
    source: &Path,
    needles: Option<PathBuf>,
    ratio: f64,
    format: Format,
) -> Result<reports::ExitStatus, Failure> {
    let ratio = search_ratio(ratio)?;
    let store = store(context, needles)?;
    let frames = recorded(source)?;
    if frames.is_empty() {
        return Err(
            Failure::usage(format!("there are no frames in `{}`", source.display()))
                .hint("name the folder of a run, or a folder of PNG or PPM screenshots"),
        );
    }
    let mut changes = 0;
    let mut left_out = BTreeSet::new();
    for recorded in &frames {
        let picture = read_picture(&source.join(&recorded.frame)).map_err(Failure::error)?;
        let candidates = match &recorded.look {
            Some(look) => candidates(&store, look),
            None => store.all(),
        };
        let shown = PreparedFrame::new(picture);
        let (ranking, unreadable) = store.rank_readable(&candidates, &shown, ratio);
        left_out.extend(unreadable);
        let ranking = read_texts(context, &store, ranking, &shown)?;
        let before = recorded.look.as_ref().map(|look| {
            look.matched
                .as_ref()
                .map(|candidate| candidate.needle.clone())
        });
        let now = ranking
            .matched
            .as_ref()
            .map(|outcome| outcome.needle.name().to_owned());
        let changed = before.as_ref().is_some_and(|before| *before != now);
        changes += usize::from(changed);
        match format {
            Format::Json => print_json(&json!({
                "frame": recorded.frame, "looked_for": recorded.look.as_ref().map(|look| &look.query),
                "before": before.flatten(), "now": now, "changed": changed,
                "above_level": ranking.matched.as_ref().map(needles::Outcome::above_level),
            }))?,
            Format::Text => print(&line(recorded, before.flatten(), &ranking, changed))?,
        }
    }
    for message in &left_out {
        context.say(&format!("left out: {message}"));
    }
    if format == Format::Text {
        print(&format!("{} frames, {changes} would change", frames.len()))?;
    }
    Ok(if changes == 0 {
        reports::ExitStatus::Success
    } else {
        reports::ExitStatus::Failed
    })
}

fn line(recorded: &Recorded, before: Option<String>, ranking: &Ranking, changed: bool) -> String {
    let name = |name: Option<String>| name.map_or("nothing".to_owned(), |name| format!("`{name}`"));
    let now = match &ranking.matched {
        Some(outcome) => format!(
            "`{}`, {:+.4} above its level",
            outcome.needle.name(),
            outcome.above_level()
        ),
        None => match ranking.candidates.first() {
            Some(nearest) => format!(
                "nothing; nearest `{}` with score {:.4}",
                nearest.needle.name(),
                nearest.score()
            ),
            None => "nothing".to_owned(),
        },
    };
    let was = if changed {
        format!(", was {}", name(before))
    } else {
        String::new()
    };
    format!("{}: {now}{was}", recorded.frame)
}

/// Returns the needles of the store that were compared, and all needles with a tag of one of these.
pub(super) fn candidates(store: &NeedleStore, look: &Look) -> Vec<std::sync::Arc<needles::Needle>> {
    let names = look
        .matched
        .iter()
        .chain(&look.candidates)
        .map(|candidate| candidate.needle.as_str());
    let known: Vec<_> = names.filter_map(|name| store.named(name)).collect();
    let by_tag = store.select(&queries(look));
    if by_tag.is_empty() {
        known.into_iter().cloned().collect()
    } else {
        by_tag
    }
}

/// Returns the lists of tags that a look asked for.
pub(super) fn queries(look: &Look) -> Vec<Vec<&str>> {
    let queries = look.query.split(" or ");
    queries
        .map(|query| needles::split_tags(query.trim_matches('`')))
        .collect()
}

/// Returns the frames of a run in the order of its steps, each with its look. For any other folder, it returns all
/// pictures below it.
pub(super) fn recorded(source: &Path) -> Result<Vec<Recorded>, Failure> {
    let file = source.join("events.jsonl");
    if file.is_file() {
        let wrong = |why: String| Failure::error(format!("`{}`: {why}", file.display()));
        let bytes = fs::read(&file).map_err(|error| wrong(error.to_string()))?;
        let log = reports::read_log(&bytes).map_err(|error| wrong(chain(&error)))?;
        let steps = log
            .entries
            .into_iter()
            .filter_map(|entry| match entry.event {
                Event::StepFinished { evidence, .. } => Some((evidence.frame?, evidence.look?)),
                _ => None,
            });
        // A log may be from a stranger, so a frame must be below the folder of its run.
        let inside = |frame: &str| {
            Path::new(frame)
                .components()
                .all(|part| matches!(part, std::path::Component::Normal(_)))
        };
        return Ok(steps
            .filter(|(frame, _)| inside(&frame.file))
            .map(|(frame, look)| Recorded {
                frame: frame.file,
                look: Some(look),
            })
            .collect());
    }
    let (files, _) = files_below(source, &["png", "ppm"]).map_err(|error| {
        Failure::usage(format!("`{}` cannot be read: {error}", source.display()))
    })?;
    Ok(files
        .into_iter()
        .map(|path| Recorded {
            frame: shown(&path, source),
            look: None,
        })
        .collect())
}
