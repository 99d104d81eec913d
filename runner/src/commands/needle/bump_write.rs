//! Writes the needle that `qa needle bump` makes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use needles::{Needle, Picture, Rect};
use serde_json::Value;

use super::crop;
use super::inputs::write;
use crate::failure::Failure;
use crate::needle_store::NeedleStore;

/// The first number that is not tried for the name of a new needle.
const MOST_BUMPS: u32 = 1000;

/// Writes a needle with the tags and areas of the old one and the picture of the new screen: beside the old needle, or
/// in its place. Returns the needle and its file.
pub(super) fn bumped(
    store: &NeedleStore,
    needle: &Arc<Needle>,
    screen: &Picture,
    replace: bool,
) -> Result<(Needle, PathBuf), Failure> {
    let picture = store
        .picture_file(needle)
        .ok_or_else(|| Failure::error(format!("needle `{}` has no file", needle.name())))?;
    let folder = picture.parent().map(Path::to_owned).unwrap_or_default();
    if replace {
        let bumped = on_screen(needle, needle.name(), screen)?;
        let json = picture.with_extension("json");
        put(&picture, &screen.to_png())?;
        // A needle whose areas all fit keeps its file as it is.
        if bumped.source() != needle.source() {
            put(&json, bumped.to_json().as_bytes())?;
        }
        return Ok((bumped, json));
    }
    let bumped = on_screen(needle, &free_name(needle, &folder)?, screen)?;
    let file = crop::save(&bumped, screen, &folder)?;
    Ok((bumped, file))
}

/// Replaces a file at once, so that there is no moment without it.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let new = path.with_extension("new");
    write(&new, bytes)?;
    std::fs::rename(&new, path)
        .map_err(|error| Failure::error(format!("cannot write `{}`: {error}", path.display())))
}

/// Returns the needle with those areas that lie on the screen, and with all that is beside them in its file.
fn on_screen(needle: &Needle, name: &str, screen: &Picture) -> Result<Needle, Failure> {
    let wrong = |why: String| Failure::error(format!("needle `{}`: {why}", needle.name()));
    let whole = Rect::new(0, 0, screen.width(), screen.height());
    let fits: Vec<bool> = needle
        .areas()
        .iter()
        .map(|area| area.rect.intersection(&whole) == Some(area.rect))
        .collect();
    let mut source = needle.source().to_vec();
    if fits.contains(&false) {
        let mut file: Value =
            serde_json::from_slice(&source).map_err(|error| wrong(error.to_string()))?;
        if let Some(areas) = file.get_mut("area").and_then(Value::as_array_mut) {
            let mut fits = fits.iter();
            areas.retain(|_| fits.next() == Some(&true));
        }
        source = format!("{file:#}\n").into_bytes();
    }
    Needle::from_json(name, &source).map_err(|error| {
        wrong(error.to_string())
            .hint("its areas do not lie on this screen: cut a new needle with `qa needle crop`")
    })
}

/// Returns the first free name beside the old needle.
fn free_name(needle: &Needle, folder: &Path) -> Result<String, Failure> {
    let free = |name: &String| {
        let json = folder.join(format!("{name}.json"));
        json.symlink_metadata().is_err() && json.with_extension("png").symlink_metadata().is_err()
    };
    let name = (2..MOST_BUMPS)
        .map(|n| format!("{}-{n}", needle.name()))
        .find(free);
    name.ok_or_else(|| {
        Failure::error(format!(
            "there is no free name for the new needle: `{0}-2` to `{0}-{1}` exist",
            needle.name(),
            MOST_BUMPS - 1
        ))
    })
}
