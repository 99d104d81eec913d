//! `qa needle`: match, check, show and crop needles.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use needles::{
    Area, AreaKind, Colour, MatchLevel, Needle, Outcome, PreparedFrame, Rect, SearchRatio,
};
use serde_json::{Value, json};

use crate::cli::{Format, NeedleCommand};
use crate::commands::{Context, print, print_json};
use crate::failure::Failure;
use crate::needle_store::{NeedleStore, read_picture};

/// Runs `qa needle ...`.
///
/// # Errors
/// What cannot be read or written, and needles that do not match or are wrong.
pub fn needle(context: &Context, command: NeedleCommand) -> Result<reports::ExitStatus, Failure> {
    match command {
        NeedleCommand::Match {
            screenshot,
            needles,
            tag,
            ratio,
            format,
        } => find(context, &screenshot, needles, &tag, ratio, format),
        NeedleCommand::Check { dir, format } => check(context, dir, format),
        NeedleCommand::Show { needle, output } => show(&needle, &output),
        NeedleCommand::Crop {
            screenshot,
            areas,
            excludes,
            tags,
            name,
            level,
            into,
        } => crop(&screenshot, &areas, &excludes, tags, name, level, &into),
    }
}

fn store(context: &Context, needles: Option<PathBuf>) -> Result<NeedleStore, Failure> {
    match needles {
        Some(folder) if !folder.is_dir() => Err(Failure::usage(format!(
            "`{}` is not a folder of needles",
            folder.display()
        ))),
        Some(folder) => Ok(NeedleStore::open(&[folder])),
        None => Ok(NeedleStore::open(&context.load_project()?.needle_folders)),
    }
}

fn find(
    context: &Context,
    screenshot: &Path,
    needles: Option<PathBuf>,
    tags: &[String],
    ratio: f64,
    format: Format,
) -> Result<reports::ExitStatus, Failure> {
    let ratio = SearchRatio::new(ratio)
        .ok_or_else(|| Failure::usage(format!("the ratio is {ratio}; it must be from 0 to 1")))?;
    let picture = read_picture(screenshot).map_err(Failure::usage)?;
    let store = store(context, needles)?;
    let candidates = if tags.is_empty() {
        store.set().needles().to_vec()
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
    let ranking = store
        .rank(&candidates, &frame, ratio)
        .map_err(Failure::error)?;
    let matched = ranking.matched.is_some();
    let outcomes: Vec<&Outcome> = ranking.matched.iter().chain(&ranking.candidates).collect();
    match format {
        Format::Json => {
            for outcome in outcomes {
                print_json(&outcome_json(screenshot, outcome))?;
            }
        }
        Format::Text => {
            for outcome in outcomes {
                print(&outcome_text(outcome))?;
            }
        }
    }
    Ok(if matched {
        reports::ExitStatus::Success
    } else {
        reports::ExitStatus::Failed
    })
}

fn outcome_json(screenshot: &Path, outcome: &Outcome) -> Value {
    let areas: Vec<Value> = outcome
        .areas
        .iter()
        .map(|area| {
            json!({
                "x": area.place.x, "y": area.place.y, "w": area.place.width, "h": area.place.height,
                "similarity": area.similarity.value(), "ok": area.ok,
            })
        })
        .collect();
    json!({
        "screenshot": screenshot, "needle": outcome.needle.name(), "ok": outcome.ok,
        "error": outcome.error, "areas": areas,
    })
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
    text
}

fn check(
    context: &Context,
    dir: Option<PathBuf>,
    format: Format,
) -> Result<reports::ExitStatus, Failure> {
    let store = store(context, dir)?;
    let mut findings: Vec<(PathBuf, String)> = store
        .faults()
        .iter()
        .map(|fault| (fault.path.clone(), fault.message.clone()))
        .collect();
    for (needle, path) in store.entries() {
        match read_picture(&path.with_extension("png")) {
            Ok(picture) => findings.extend(
                needle
                    .problems(picture.width(), picture.height())
                    .iter()
                    .map(|problem| (path.to_owned(), problem.to_string())),
            ),
            Err(message) => findings.push((path.to_owned(), message)),
        }
    }
    findings.sort();
    for (path, message) in &findings {
        match format {
            Format::Json => print_json(&json!({"file": path, "problem": message}))?,
            Format::Text => print(&format!("{}: {message}", path.display()))?,
        }
    }
    let count = store.set().needles().len() + store.faults().len();
    if format == Format::Text {
        print(&format!("{count} needles, {} problems", findings.len()))?;
    }
    Ok(if findings.is_empty() {
        reports::ExitStatus::Success
    } else {
        reports::ExitStatus::Failed
    })
}

const MATCHED: Colour = Colour {
    red: 0x2e,
    green: 0xc2,
    blue: 0x7e,
};
const EXCLUDED: Colour = Colour {
    red: 0xe0,
    green: 0x1b,
    blue: 0x24,
};
const OTHER: Colour = Colour {
    red: 0x35,
    green: 0x84,
    blue: 0xe4,
};

fn show(needle: &Path, output: &Path) -> Result<reports::ExitStatus, Failure> {
    let name = needle
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let bytes = fs::read(needle).map_err(|error| {
        Failure::usage(format!("`{}` cannot be read: {error}", needle.display()))
    })?;
    let parsed =
        Needle::from_json(&name, &bytes).map_err(|error| Failure::usage(error.to_string()))?;
    let picture = read_picture(&needle.with_extension("png")).map_err(Failure::usage)?;
    let outlines: Vec<(Rect, Colour)> = parsed
        .areas()
        .iter()
        .map(|area| {
            let colour = match area.kind {
                AreaKind::Match => MATCHED,
                AreaKind::Exclude => EXCLUDED,
                AreaKind::Ocr | AreaKind::Unknown(_) => OTHER,
            };
            (area.rect, colour)
        })
        .collect();
    write(output, &picture.with_outlines(&outlines).to_png())?;
    Ok(reports::ExitStatus::Success)
}

fn crop(
    screenshot: &Path,
    areas: &[[u32; 4]],
    excludes: &[[u32; 4]],
    tags: Vec<String>,
    name: Option<String>,
    level: u8,
    into: &Path,
) -> Result<reports::ExitStatus, Failure> {
    let picture = read_picture(screenshot).map_err(Failure::usage)?;
    let rect = |[x, y, width, height]: [u32; 4]| {
        let inside = x
            .checked_add(width)
            .is_some_and(|right| right <= picture.width())
            && y.checked_add(height)
                .is_some_and(|bottom| bottom <= picture.height());
        match (inside, i32::try_from(x), i32::try_from(y)) {
            (true, Ok(x), Ok(y)) => Ok(Rect::new(x, y, width, height)),
            _ => Err(Failure::usage(format!(
                "area {x},{y},{width},{height} is not inside the screenshot of {}x{}",
                picture.width(),
                picture.height()
            ))),
        }
    };
    let mut all = Vec::new();
    for area in areas {
        let mut matching = Area::matching(rect(*area)?);
        matching.level = MatchLevel::from_percent(f64::from(level));
        all.push(matching);
    }
    for area in excludes {
        all.push(Area::exclude(rect(*area)?));
    }
    let name = name.unwrap_or_else(|| crate::engine::file_name(&tags[0]));
    let needle =
        Needle::new(&name, tags, all).map_err(|error| Failure::usage(error.to_string()))?;
    fs::create_dir_all(into)
        .map_err(|error| Failure::error(format!("cannot make `{}`: {error}", into.display())))?;
    let json = into.join(format!("{name}.json"));
    if json.exists() {
        return Err(
            Failure::usage(format!("`{}` exists already", json.display()))
                .hint("give another name with --name, or remove it first"),
        );
    }
    write(&json.with_extension("png"), &picture.to_png())?;
    write(&json, needle.to_json().as_bytes())?;
    print(&json.display().to_string())?;

    // A needle must match where it was cut; saying so now is cheaper than a failed run later.
    let prepared = needles::PreparedNeedle::new(Arc::new(needle), &picture);
    let outcome = needles::find(&prepared, &PreparedFrame::new(picture), SearchRatio::MARGIN);
    if outcome.ok {
        Ok(reports::ExitStatus::Success)
    } else {
        Err(
            Failure::error(format!("needle `{name}` does not match its own picture"))
                .hint("an exclude area may cover it"),
        )
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes)
        .map_err(|error| Failure::error(format!("cannot write `{}`: {error}", path.display())))
}
