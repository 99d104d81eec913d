//! `qa needle bump`: shows each failed needle of a run beside the screen, and writes a new needle on yes.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use needles::{Needle, Picture, PreparedFrame, Rect, SearchRatio};
use reports::Wanted;
use serde_json::json;

use super::inputs::{store, write};
use super::replay::recorded;
use super::{crop, show};
use crate::cli::Format;
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::Failure;
use crate::needle_store::{NeedleStore, read_picture};

/// The first number that is not tried for the name of a new needle.
const MOST_BUMPS: u32 = 1000;

pub(super) fn bump(
    context: &Context,
    run: Option<PathBuf>,
    needles: Option<PathBuf>,
    yes: bool,
    format: Format,
) -> Result<reports::ExitStatus, Failure> {
    let run = run.unwrap_or_else(|| context.root_or_here().join("qa-results/latest"));
    if !run.join("events.jsonl").is_file() {
        return Err(
            Failure::usage(format!("there is no run at `{}`", run.display()))
                .hint("name the folder of a run, such as qa-results/latest; `qa run` makes a run"),
        );
    }
    let store = store(context, needles)?;
    let mut offered: Vec<(String, String)> = Vec::new();
    let mut written = 0;
    for recorded in recorded(&run)? {
        let Some(look) = recorded
            .look
            .filter(|look| look.wanted == Wanted::Present && look.matched.is_none())
        else {
            continue;
        };
        // Only the nearest needle is offered: the others match this screen less well.
        let Some(needle) = look
            .candidates
            .iter()
            .find_map(|candidate| store.named(&candidate.needle))
        else {
            continue;
        };
        let offer = (recorded.frame.clone(), needle.name().to_owned());
        if offered.contains(&offer) {
            continue;
        }
        offered.push(offer);
        let screen = read_picture(&run.join(&recorded.frame)).map_err(Failure::error)?;
        let sheet = run.join(format!("bump-{}.png", offered.len()));
        write(&sheet, &side_by_side(&store, needle, &screen)?.to_png())?;
        match format {
            Format::Json => print_json(&json!({
                "needle": needle.name(), "frame": recorded.frame, "looked_for": look.query, "side_by_side": sheet,
            }))?,
            Format::Text => print(&format!(
                "{}: `{}` was looked for; nearest is `{}`; side by side: {}",
                recorded.frame,
                look.query,
                needle.name(),
                sheet.display()
            ))?,
        }
        if yes || (format == Format::Text && agreed(needle)?) {
            let file = replacement(&store, needle, &screen)?;
            written += 1;
            context.say(&format!("written: {}", file.display()));
        }
    }
    if format == Format::Text {
        print(&format!("{} offered, {written} written", offered.len()))?;
    }
    Ok(reports::ExitStatus::Success)
}

/// Asks on the terminal. No answer counts as no.
fn agreed(needle: &Needle) -> Result<bool, Failure> {
    let unheard = |error: std::io::Error| Failure::error(format!("cannot ask: {error}"));
    write!(
        std::io::stderr(),
        "make a new needle like `{}` from this screen? [y/N] ",
        needle.name()
    )
    .map_err(unheard)?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(unheard)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Returns the needle's picture on the left and the screen on the right, both with the areas drawn.
fn side_by_side(
    store: &NeedleStore,
    needle: &Arc<Needle>,
    screen: &Picture,
) -> Result<Picture, Failure> {
    let prepared = store.prepare(needle).map_err(Failure::error)?;
    let file = store
        .picture_file(needle)
        .ok_or_else(|| Failure::error(format!("needle `{}` has no file", needle.name())))?;
    let picture = read_picture(&file).map_err(Failure::error)?;
    let draw = |picture: &Picture| {
        let frame = PreparedFrame::new(picture.clone());
        show::drawn(
            picture,
            &needles::find(&prepared, &frame, SearchRatio::MARGIN),
        )
    };
    joined(&draw(&picture), &draw(screen))
}

fn joined(left: &Picture, right: &Picture) -> Result<Picture, Failure> {
    let (width, height) = (
        left.width() + right.width(),
        left.height().max(right.height()),
    );
    let mut rgb = vec![0; width as usize * height as usize * 3];
    for (picture, x) in [(left, 0), (right, left.width())] {
        let (from, bytes) = (x as usize * 3, picture.width() as usize * 3);
        let rows = picture
            .rgb()
            .chunks_exact(bytes)
            .zip(rgb.chunks_exact_mut(width as usize * 3));
        rows.for_each(|(row, out)| out[from..from + bytes].copy_from_slice(row));
    }
    Picture::from_rgb(width, height, rgb)
        .map_err(|error| Failure::error(format!("the two pictures side by side: {error}")))
}

/// Writes a needle with the tags and areas of the old one and the picture of the new screen, beside the old needle.
fn replacement(
    store: &NeedleStore,
    needle: &Arc<Needle>,
    screen: &Picture,
) -> Result<PathBuf, Failure> {
    let folder = store
        .picture_file(needle)
        .and_then(|file| file.parent().map(Path::to_owned))
        .unwrap_or_default();
    let whole = Rect::new(0, 0, screen.width(), screen.height());
    let areas: Vec<_> = needle
        .areas()
        .iter()
        .filter(|area| area.rect.intersection(&whole) == Some(area.rect))
        .cloned()
        .collect();
    let free = |name: &String| {
        let json = folder.join(format!("{name}.json"));
        json.symlink_metadata().is_err() && json.with_extension("png").symlink_metadata().is_err()
    };
    let name = (2..MOST_BUMPS)
        .map(|n| format!("{}-{n}", needle.name()))
        .find(free);
    let name = name.ok_or_else(|| {
        Failure::error(format!(
            "there is no free name for the new needle: `{0}-2` to `{0}-{1}` \
        exist",
            needle.name(),
            MOST_BUMPS - 1
        ))
    })?;
    let bumped = Needle::new(&name, needle.tags().to_vec(), areas)
        .map_err(|error| Failure::error(error.to_string()))?;
    crop::save(&bumped, screen, &folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_unlike_height_stand_side_by_side() {
        let left = Picture::from_rgb(1, 2, vec![1; 6]).expect("a picture");
        let right = Picture::from_rgb(2, 1, vec![2; 6]).expect("a picture");
        let both = joined(&left, &right).expect("a picture");
        assert_eq!((both.width(), both.height()), (3, 2));
        assert_eq!(
            both.rgb(),
            [1, 1, 1, 2, 2, 2, 2, 2, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0]
        );
    }
}
