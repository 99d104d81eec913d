//! `qa init`: looks at an image, and makes a project with a scenario and needles of what it shows.

mod files;
mod texts;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use needles::{Area, Needle, Picture, Rect, are_alike, propose_area};
use reports::ExitStatus;

use crate::cli::{InitArgs, LookArgs};
use crate::commands::context::Context;
use crate::commands::look::{Looked, Screen, look_at};
use crate::commands::print::print;
use crate::commands::report::shown;
use crate::failure::Failure;
use crate::file_name::file_name;
use crate::needle_store::read_picture;
use crate::project::Project;

use files::{Files, write_all};
use texts::Texts;

/// A needle of the new project, with the screen that it was cut from.
#[derive(Debug)]
struct Cut {
    name: String,
    picture: Picture,
    needle: Arc<Needle>,
    area: Rect,
    /// Milliseconds from the start of the machine.
    after_ms: u64,
}

/// Runs `qa init`.
///
/// # Errors
/// When there is a project already, the call has a mistake, this host cannot start the machine, or the image shows
/// nothing that a needle can be made of.
pub(super) fn init(context: &Context, args: &InitArgs) -> Result<ExitStatus, Failure> {
    let root = &args.into;
    let file = root.join("qa.yaml");
    if file.symlink_metadata().is_ok() {
        return Err(Failure::usage(format!("there is a project already: `{}`", file.display()))
            .hint("`qa look IMAGE` looks at another image; `--into DIR` makes the project in another folder"));
    }
    let image = Path::new(&args.look.image);
    if !image.is_file() {
        return Err(
            Failure::usage(format!("there is no file `{}`", image.display()))
                .hint("name a disk file, a CD or a kernel that is there"),
        );
    }
    if !args.once {
        context.say("the machine starts twice; `--once` skips the second start");
    }
    let looked = look_at(context, &Project::none(), &args.look)?;
    if let Some(cause) = &looked.cause {
        let failure = Failure::failed(format!(
            "no project was made, for the look ended: {}",
            cause.message
        ));
        return Err(cause
            .hints
            .iter()
            .fold(failure, |failure, hint| failure.hint(hint.clone())));
    }
    let name = image_name(image);
    let again = match args.once {
        true => Vec::new(),
        false => look_again(context, args, &looked)?,
    };
    let cuts = cuts(&looked, &again, &name)?;
    let differs = |cut: &&Cut| !again.iter().any(|other| are_alike(&cut.picture, other));
    for cut in cuts.iter().filter(|_| !args.once).filter(differs) {
        context.say(&format!(
            "the second start did not show the screen of needle `{}` in this time: it may have parts that differ \
             from start to start",
            cut.name
        ));
    }
    let texts = Texts {
        image: &name,
        path: path_in_project(image, root),
        machine: &looked.machine,
        cuts: &cuts,
    };
    let files = Files::of(&texts, &cuts, args.ci)?;
    let written = write_all(root, &files)?;
    print(&told(&texts, &written, &looked, root))?;
    Ok(ExitStatus::Success)
}

/// Starts the machine a second time, and returns its screens. What differs there is no part of a needle.
fn look_again(context: &Context, args: &InitArgs, first: &Looked) -> Result<Vec<Picture>, Failure> {
    context.say("the machine starts a second time, to see which parts of the screen are the same");
    let last = first
        .screens
        .iter()
        .map(|screen| screen.after_ms)
        .max()
        .unwrap_or_default();
    // Some more time, because a start never takes exactly as long as the one before.
    let most = Duration::from_millis(last + last / 4) + Duration::from_secs(5);
    let again = LookArgs {
        most: Some(most),
        still: None,
        ..args.look.clone()
    };
    pictures(&look_at(context, &Project::none(), &again)?.screens)
}

fn pictures(screens: &[Screen]) -> Result<Vec<Picture>, Failure> {
    let read = |screen: &Screen| read_picture(Path::new(&screen.path)).map_err(Failure::error);
    screens.iter().map(read).collect()
}

/// Cuts a needle of every marked screen, or of the last one. `again` are the screens of a second start.
fn cuts(looked: &Looked, again: &[Picture], name: &str) -> Result<Vec<Cut>, Failure> {
    let marked: Vec<&Screen> = looked
        .screens
        .iter()
        .filter(|screen| screen.is_marked)
        .collect();
    let wanted = match (marked.is_empty(), looked.screens.last()) {
        (false, _) => marked,
        (true, Some(last)) => vec![last],
        (true, None) => {
            return Err(Failure::failed(
                "the machine showed no picture in this time: no project was made",
            )
            .hint("look longer, with `--for 5m`, or try another machine with `--machine`"));
        }
    };
    let pictures = pictures(&looked.screens)?;
    let many = wanted.len() > 1;
    let mut cuts = Vec::new();
    for (number, screen) in (1..).zip(wanted) {
        let index = looked.screens.iter().position(|other| other == screen);
        let Some(picture) = index.and_then(|index| pictures.get(index)) else {
            continue;
        };
        let others = pictures
            .iter()
            .filter(|other| *other != picture)
            .chain(again);
        let others: Vec<Picture> = others.cloned().collect();
        let Some(area) = propose_area(picture, &others) else {
            return Err(Failure::failed(format!(
                "`{}` has nothing that tells it from the other screens: no project was made",
                screen.path
            ))
            .hint("look longer, with `--for 5m`, or mark another screen with Enter"));
        };
        let name = match many {
            true => format!("{name}-{number}"),
            false => format!("{name}-starts"),
        };
        let needle = Needle::new(&name, vec![name.clone()], vec![Area::matching(area)])
            .map_err(|error| Failure::error(error.to_string()))?;
        cuts.push(Cut {
            picture: picture.clone(),
            needle: Arc::new(needle),
            area,
            after_ms: screen.after_ms,
            name,
        });
    }
    Ok(cuts)
}

/// Returns the name of an image for its file: `memtest` for `memtest.iso`.
fn image_name(image: &Path) -> String {
    let stem = image.file_name().unwrap_or_default().to_string_lossy();
    let stem = stem.split('.').next().unwrap_or_default();
    let name = file_name(&stem.to_ascii_lowercase());
    match name.trim_matches('-') {
        // A name in another script has no character that a file of the project may have.
        "" => "image".to_owned(),
        name => name.to_owned(),
    }
}

/// Returns the path of an image as qa.yaml names it: relative to the project if it lies in its folder.
fn path_in_project(image: &Path, root: &Path) -> PathBuf {
    let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (image, root) = (whole(image), whole(root));
    image
        .strip_prefix(&root)
        .map(Path::to_owned)
        .unwrap_or(image)
}

/// Returns the text at the end: the files, and what to do next.
fn told(
    texts: &Texts<'_>,
    written: &[(PathBuf, &'static str)],
    looked: &Looked,
    root: &Path,
) -> String {
    let names: Vec<String> = written.iter().map(|(path, _)| shown(path)).collect();
    let width = names.iter().map(String::len).max().unwrap_or_default();
    let mut lines: Vec<String> = names
        .iter()
        .zip(written)
        .map(|(name, (_, what))| format!("{name:width$}  {what}"))
        .collect();
    for cut in texts.cuts {
        lines.push(format!(
            "needle {}: {}x{} at {},{} of the screen after {}",
            cut.name,
            cut.area.width,
            cut.area.height,
            cut.area.x,
            cut.area.y,
            reports::human_duration(cut.after_ms)
        ));
    }
    lines.push(format!("all screens: {}", looked.page));
    let project = match root == Path::new(".") {
        true => String::new(),
        false => format!(" --project {}", root.display()),
    };
    lines.push(format!("next: `qa run {}{project}`", texts.scenario()));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_named_by_its_file() {
        for (file, name) in [
            ("memtest.iso", "memtest"),
            ("/srv/Debian 13.qcow2.xz", "debian-13"),
            ("x/.iso", "unnamed"),
            ("\u{65e5}\u{672c}.iso", "image"),
        ] {
            assert_eq!(image_name(Path::new(file)), name);
        }
    }
}
