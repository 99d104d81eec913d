//! `qa needle crop`: makes a needle from a screenshot.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use needles::{Area, MatchLevel, Needle, Picture, PreparedFrame, Rect, SearchRatio};
use serde_json::json;

use super::inputs::write;
use crate::cli::Format;
use crate::commands::print::{print, print_json};
use crate::failure::Failure;
use crate::file_name::file_name;
use crate::needle_store::read_picture;

/// The needle to make.
pub(super) struct Wanted {
    pub(super) areas: Vec<[u32; 4]>,
    pub(super) excludes: Vec<[u32; 4]>,
    pub(super) tags: Vec<String>,
    pub(super) name: Option<String>,
    /// In percent.
    pub(super) level: u8,
}

pub(super) fn crop(
    screenshot: &Path,
    wanted: &Wanted,
    into: &Path,
    format: Format,
) -> Result<reports::ExitStatus, Failure> {
    let picture = read_picture(screenshot).map_err(Failure::usage)?;
    let mut all = Vec::new();
    for area in &wanted.areas {
        let mut matching = Area::matching(rect(*area, &picture)?);
        matching.level = MatchLevel::from_percent(f64::from(wanted.level));
        all.push(matching);
    }
    for area in &wanted.excludes {
        all.push(Area::exclude(rect(*area, &picture)?));
    }
    let first_tag = wanted.tags.first().map_or("needle", String::as_str);
    let name = match &wanted.name {
        Some(name) if name.contains('/') || name.starts_with('.') || name.is_empty() => {
            return Err(Failure::usage(format!(
                "`{name}` cannot be the name of a needle: it becomes the name of a file in `{}`",
                into.display()
            )));
        }
        Some(name) => name.clone(),
        None => file_name(first_tag),
    };
    let needle = Needle::new(&name, wanted.tags.clone(), all)
        .map_err(|error| Failure::usage(error.to_string()))?;
    fs::create_dir_all(into)
        .map_err(|error| Failure::error(format!("cannot make `{}`: {error}", into.display())))?;
    let file = save(&needle, &picture, into)?;
    match format {
        Format::Json => print_json(&json!({"needle": name, "file": file}))?,
        Format::Text => print(&file.display().to_string())?,
    }

    // A needle must match its own picture. It is better to say so now than in a failed run.
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

/// Writes a new needle and its picture, never over an old one.
pub(super) fn save(
    needle: &Needle,
    picture: &Picture,
    into: &Path,
) -> Result<std::path::PathBuf, Failure> {
    let json = into.join(format!("{}.json", needle.name()));
    let png = json.with_extension("png");
    for file in [&json, &png] {
        if file.symlink_metadata().is_ok() {
            return Err(
                Failure::usage(format!("`{}` exists already", file.display()))
                    .hint("give another name with --name, or remove it first"),
            );
        }
    }
    write(&png, &picture.to_png())?;
    write(&json, needle.to_json().as_bytes())?;
    Ok(json)
}

fn rect([x, y, width, height]: [u32; 4], picture: &Picture) -> Result<Rect, Failure> {
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
}
