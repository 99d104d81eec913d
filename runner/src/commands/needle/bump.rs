//! `qa needle bump`: shows each failed needle of a run beside the screen, and writes a new needle on yes.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use needles::{Needle, Picture, PreparedFrame, PreparedNeedle, SearchRatio};
use reports::{Look, Wanted};
use serde_json::json;

use super::bump_run::Part;
use super::bump_write::bumped;
use super::inputs::{store, write};
use super::replay::{Recorded, candidates, queries, recorded};
use super::show;
use crate::cli::Format;
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::Failure;
use crate::needle_store::{NeedleStore, read_picture};

/// The call of `qa needle bump`.
pub(super) struct Asked {
    /// The folder of the run.
    pub(super) run: Option<PathBuf>,
    /// The folder of results.
    pub(super) results: Option<PathBuf>,
    /// True if the old needle is replaced.
    pub(super) replace: bool,
    /// True if nobody is asked.
    pub(super) yes: bool,
    pub(super) format: Format,
}

/// The answer of a person to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    Replace,
    No,
    Quit,
}

/// A step that found nothing, and the needle that is offered for it.
struct Offer<'s> {
    frame: String,
    query: String,
    needle: &'s Arc<Needle>,
    screen: Picture,
}

pub(super) fn bump(
    context: &Context,
    asked: &Asked,
    needles: Option<PathBuf>,
) -> Result<reports::ExitStatus, Failure> {
    let part = Part::find(context, asked.run.as_deref(), asked.results.as_deref())?;
    let store = store(context, needles)?;
    let mut offered: Vec<(String, String)> = Vec::new();
    let mut written: Vec<PreparedNeedle> = Vec::new();
    let mut replaced: Vec<String> = Vec::new();
    for recorded in recorded(&part.run)? {
        if !part.has(&recorded.frame) {
            continue;
        }
        let Some(offer) = offer(&store, &part.run, recorded, &written)? else {
            continue;
        };
        let key = (offer.frame.clone(), offer.needle.name().to_owned());
        if offered.contains(&key) {
            continue;
        }
        offered.push(key);
        tell(&store, &part.run, &offer, offered.len(), asked.format)?;
        let answer = match (asked.yes, asked.format) {
            (true, _) => Answer::Yes,
            (false, Format::Text) => agreed(offer.needle, asked.replace)?,
            (false, Format::Json) => Answer::No,
        };
        if answer == Answer::Quit {
            break;
        }
        if answer == Answer::No {
            continue;
        }
        // A second screen for a needle that was replaced just now is added: the first one is needed, too.
        let name = offer.needle.name().to_owned();
        let replace = (asked.replace || answer == Answer::Replace) && !replaced.contains(&name);
        let (needle, file) = bumped(&store, offer.needle, &offer.screen, replace)?;
        if replace {
            replaced.push(name);
        }
        written.push(PreparedNeedle::new(Arc::new(needle), &offer.screen));
        let how = if replace { "replaced" } else { "written" };
        context.say(&format!("{how}: {}", file.display()));
    }
    if asked.format == Format::Text {
        print(&format!(
            "{} offered, {} written",
            offered.len(),
            written.len()
        ))?;
    }
    Ok(reports::ExitStatus::Success)
}

/// Returns the offer for a step that waited for a needle in vain; none if a needle of the step matches the screen
/// meanwhile, so that no two needles are equal.
fn offer<'s>(
    store: &'s NeedleStore,
    run: &Path,
    recorded: Recorded,
    written: &[PreparedNeedle],
) -> Result<Option<Offer<'s>>, Failure> {
    let is_missed = |look: &Look| look.wanted == Wanted::Present && look.matched.is_none();
    let Some(look) = recorded.look.filter(is_missed) else {
        return Ok(None);
    };
    // Only the nearest needle is offered: the others match this screen less well.
    let mut nearest = look.candidates.iter();
    let Some(needle) = nearest.find_map(|candidate| store.named(&candidate.needle)) else {
        return Ok(None);
    };
    let screen = read_picture(&run.join(&recorded.frame)).map_err(Failure::error)?;
    let frame = PreparedFrame::new(screen);
    // A text is not read here. If the pixels of the offered needle match, its text did not, and a copy would not help.
    let mut known = candidates(store, &look);
    known.retain(|known| !has_text(known) || Arc::ptr_eq(known, needle));
    let matches = |needle: &PreparedNeedle| {
        needles::is_asked_for(needle.needle().tags(), &queries(&look))
            && needles::find_if_there(needle, &frame, SearchRatio::MARGIN).is_some()
    };
    let is_known = !store
        .passing_readable(&known, &frame, SearchRatio::MARGIN)
        .is_empty();
    if is_known || written.iter().any(matches) {
        return Ok(None);
    }
    Ok(Some(Offer {
        frame: recorded.frame,
        query: look.query,
        needle,
        screen: frame.picture().clone(),
    }))
}

/// Returns true if a text decides, which pixels do not tell.
fn has_text(needle: &Needle) -> bool {
    needle.areas().iter().any(|area| area.text.is_some())
}

/// Shows an offer, and writes the needle's picture and the screen side by side.
fn tell(
    store: &NeedleStore,
    run: &Path,
    offer: &Offer<'_>,
    number: usize,
    format: Format,
) -> Result<(), Failure> {
    let Offer { frame, query, .. } = offer;
    let name = offer.needle.name();
    let sheet = run.join(format!("bump-{number}.png"));
    let picture = side_by_side(store, offer.needle, &offer.screen)?.to_png();
    let sheet = match write(&sheet, &picture) {
        Ok(()) => sheet,
        // The run of another machine may lie in a folder that only its owner writes to.
        Err(_) => {
            let mine = format!("qa-bump-{}-{number}.png", std::process::id());
            let elsewhere = std::env::temp_dir().join(mine);
            write(&elsewhere, &picture)?;
            elsewhere
        }
    };
    match format {
        Format::Json => print_json(&json!({
            "needle": name, "frame": frame, "looked_for": query, "side_by_side": sheet,
        })),
        Format::Text => print(&format!(
            "{frame}: `{query}` was looked for; nearest is `{name}`; side by side: {}",
            sheet.display()
        )),
    }
}

/// Asks on the terminal. No answer counts as no, and the end of the input as well.
fn agreed(needle: &Needle, replace: bool) -> Result<Answer, Failure> {
    let unheard = |error: std::io::Error| Failure::error(format!("cannot ask: {error}"));
    loop {
        let what = if replace {
            "replace `{}` by this screen"
        } else {
            "make a new needle like `{}` from this screen"
        };
        let what = crate::visible::visible(&what.replace("{}", needle.name())).into_owned();
        write!(std::io::stderr(), "{what}? [y,r,N,q,?] ").map_err(unheard)?;
        let mut answer = String::new();
        let read = std::io::stdin()
            .lock()
            .read_line(&mut answer)
            .map_err(unheard)?;
        match answer.trim() {
            "y" | "Y" | "yes" => return Ok(Answer::Yes),
            "r" => return Ok(Answer::Replace),
            "q" => return Ok(Answer::Quit),
            "?" if read > 0 => {
                let yes = if replace {
                    "replace the picture of the needle by this screen"
                } else {
                    "add a needle of the same tags and areas, with this screen as its picture"
                };
                write!(std::io::stderr(), "y  {yes}\n{REST_OF_HELP}").map_err(unheard)?;
            }
            // An answer that is none of these is a no, as elsewhere.
            _ => return Ok(Answer::No),
        }
    }
}

/// The answers other than yes.
const REST_OF_HELP: &str = "\
r  replace the picture of the needle by this screen: for a screen that is gone for good
n  leave the needle as it is; also Enter
q  leave this one and all that follow
?  these lines
The picture that is named above shows both: the needle on the left, the screen on the right.
";

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
