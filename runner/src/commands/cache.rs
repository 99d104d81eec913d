//! `qa cache`: list, prune and verify the checkpoints that runs start from.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use reports::{ExitStatus, human_age, human_size};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vm::checkpoint::{
    CheckpointEntry, CheckpointError, CheckpointKey, CheckpointStore, PruneLimits,
};

use crate::cache::{open_checkpoints, open_images};
use crate::cli::{CacheCommand, Format};
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::{Failure, chain};
use crate::millis::millis;
use crate::results::{clear_killed_runs, results_folder};

/// Runs `qa cache ...`.
///
/// # Errors
/// When the cache cannot be used.
pub(super) fn cache(context: &Context, command: CacheCommand) -> Result<ExitStatus, Failure> {
    let store = open_checkpoints()?;
    match command {
        CacheCommand::List { format } => list(context, &store, format),
        CacheCommand::Prune {
            limit,
            older_than,
            all,
        } => {
            let limits = PruneLimits {
                bytes: if all {
                    0
                } else {
                    limit.unwrap_or(store.limit())
                },
                unused_for: older_than,
            };
            prune_unpacked(all, older_than)?;
            // Other commands report the errors of a project file.
            if let Ok(project) = context.load_project() {
                clear_killed_runs(&results_folder(&project.root, None), context.talk());
            }
            prune(context, &store, limits)
        }
        CacheCommand::Verify => verify(context, &store),
    }
}

fn broken(error: CheckpointError) -> Failure {
    Failure::error(chain(&error))
}

fn list(context: &Context, store: &CheckpointStore, format: Format) -> Result<ExitStatus, Failure> {
    let mut entries = store.list().map_err(broken)?;
    // The last used comes first, because that is what people look for.
    entries.sort_by_key(|entry| (std::cmp::Reverse(entry.used), entry.key));
    match format {
        Format::Json => entries
            .iter()
            .try_for_each(|entry| print_json(&record(entry)))?,
        Format::Text if entries.is_empty() => {
            context.say(&format!("no checkpoints in {}", store.folder().display()));
        }
        Format::Text => {
            let now = SystemTime::now();
            let rows = std::iter::once(HEADER.map(str::to_owned))
                .chain(entries.iter().map(|entry| row(entry, now)));
            for line in aligned(rows.collect()) {
                print(&line)?;
            }
        }
    }
    Ok(ExitStatus::Success)
}

const HEADER: [&str; 8] = [
    "KEY", "SCENARIO", "IMAGE", "MACHINE", "AGE", "LAST USE", "SIZE", "STATE",
];

fn row(entry: &CheckpointEntry, now: SystemTime) -> [String; 8] {
    let facts = entry.note.as_ref().map(|note| &note.facts);
    let known = |text: Option<&str>| text.unwrap_or("?").to_owned();
    let saved = facts.and_then(|facts| OffsetDateTime::parse(&facts.saved, &Rfc3339).ok());
    let state = match &entry.damage {
        Some(damage) => format!("damaged: {}", chain(damage)),
        None if entry.in_use => "in use".to_owned(),
        None => "idle".to_owned(),
    };
    [
        entry.key.short(),
        known(facts.map(|facts| facts.scenario.as_str())),
        known(facts.map(|facts| facts.image.as_str())),
        known(facts.map(|facts| facts.machine.as_str())),
        saved.map_or_else(|| "?".to_owned(), |saved| age(saved.into(), now)),
        format!("{} ago", age(entry.used, now)),
        human_size(entry.stored),
        state,
    ]
}

/// Returns rows with columns as wide as their widest cell. The last column is not padded.
fn aligned<const N: usize>(rows: Vec<[String; N]>) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths);
        let padded: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn record(entry: &CheckpointEntry) -> serde_json::Value {
    let facts = entry.note.as_ref().map(|note| &note.facts);
    json!({
        "key": entry.key,
        "parent": facts.and_then(|facts| facts.parent),
        "scenario": facts.map(|facts| &facts.scenario),
        "image": facts.map(|facts| &facts.image),
        "image_digest": facts.map(|facts| &facts.image_digest),
        "machine": facts.map(|facts| &facts.machine),
        "qemu": facts.map(|facts| &facts.qemu),
        "saved": facts.map(|facts| &facts.saved),
        "cold_ms": facts.map(|facts| facts.cold_ms),
        "used": OffsetDateTime::from(entry.used).format(&Rfc3339).ok(),
        "bytes": entry.stored,
        "in_use": entry.in_use,
        "damage": entry.damage.as_ref().map(|damage| chain(damage)),
    })
}

fn prune(
    context: &Context,
    store: &CheckpointStore,
    limits: PruneLimits,
) -> Result<ExitStatus, Failure> {
    let pruned = store.prune(limits).map_err(broken)?;
    for entry in &pruned.removed {
        let size = human_size(entry.stored);
        print(&format!("removed  {}  {size}", name(entry)))?;
    }
    context.say(&format!(
        "{} removed, {} freed; {} kept, {}",
        pruned.removed.len(),
        human_size(pruned.freed()),
        pruned.kept.len(),
        human_size(pruned.remaining()),
    ));
    if pruned.remaining() > limits.bytes {
        context.say("the cache is still larger than the limit, because the rest is in use");
    }
    Ok(ExitStatus::Success)
}

/// Removes unpacked images, if the call says so: all of them, or those that were not used for a time.
fn prune_unpacked(all: bool, older_than: Option<Duration>) -> Result<(), Failure> {
    let unused_for = if all {
        Some(Duration::ZERO)
    } else {
        older_than
    };
    let Some(unused_for) = unused_for else {
        return Ok(());
    };
    let removed = open_images()?
        .prune_unpacked(unused_for)
        .map_err(|error| Failure::error(chain(&error)))?;
    for (path, bytes) in removed {
        print(&format!(
            "removed  {}  {}",
            path.display(),
            human_size(bytes)
        ))?;
    }
    Ok(())
}

fn verify(context: &Context, store: &CheckpointStore) -> Result<ExitStatus, Failure> {
    let entries = store.list().map_err(broken)?;
    let names: HashMap<CheckpointKey, String> = entries
        .iter()
        .map(|entry| (entry.key, name(entry)))
        .collect();
    let name = |key: &CheckpointKey| names.get(key).cloned().unwrap_or_else(|| key.short());
    let mut damaged = Vec::new();
    for found in store.verify().map_err(broken)? {
        match &found.outcome {
            Ok(()) => print(&format!("ok       {}", name(&found.key)))?,
            Err(damage) => {
                print(&format!("damaged  {}: {}", name(&found.key), chain(damage)))?;
                damaged.push(found.key);
            }
        }
    }
    for key in &damaged {
        for removed in store.remove_damaged(key).map_err(broken)? {
            print(&format!("removed  {}", name(&removed)))?;
        }
    }
    if damaged.is_empty() {
        return Ok(ExitStatus::Success);
    }
    context.say("the next run that needs a removed checkpoint makes it again");
    Ok(ExitStatus::Error)
}

/// Returns the name of a checkpoint, for people.
fn name(entry: &CheckpointEntry) -> String {
    match &entry.note {
        Some(note) => format!("{}  {}", entry.key.short(), note.facts.scenario),
        None => format!("{}  ?", entry.key.short()),
    }
}

fn age(then: SystemTime, now: SystemTime) -> String {
    let age = now.duration_since(then).unwrap_or_default();
    human_age(millis(age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![
            ["a".into(), "bb".into()],
            ["ccc".into(), "d".into()],
            ["é".into(), String::new()],
        ];
        assert_eq!(aligned(rows), ["a    bb", "ccc  d", "é"]);
    }
}
