//! `qa needle`: match, check, show, crop, bump and replay, one file each.

mod batch;
mod bump;
mod check;
mod crop;
mod digits;
mod find;
mod replay;
mod show;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use needles::{Needle, Picture, PreparedFrame, Ranking, SearchRatio};

use crate::cli::NeedleCommand;
use crate::commands::Context;
use crate::failure::{Failure, chain};
use crate::needle_store::{NeedleStore, read_picture};
use crate::text_reader::TextError;

/// Runs `qa needle ...`.
///
/// # Errors
/// What cannot be read or written, and needles that do not match or are wrong.
pub(super) fn needle(
    context: &Context,
    command: NeedleCommand,
) -> Result<reports::ExitStatus, Failure> {
    match command {
        NeedleCommand::Match {
            screenshot,
            batch,
            needles,
            tag,
            ratio,
            format,
        } => match (batch, screenshot) {
            (Some(file), _) => batch::batch(context, &file),
            (None, Some(screenshot)) => {
                find::find(context, &screenshot, needles, &tag, ratio, format)
            }
            (None, None) => Err(Failure::usage("no screenshot and no --batch was given")),
        },
        NeedleCommand::Check { dir, format } => check::check(context, dir, format),
        NeedleCommand::Show {
            needle,
            on,
            output,
            format,
        } => show::show(&needle, on.as_deref(), &output, format),
        NeedleCommand::Crop {
            screenshot,
            areas,
            excludes,
            tags,
            name,
            level,
            into,
            format,
        } => crop::crop(
            &screenshot,
            &crop::Wanted {
                areas,
                excludes,
                tags,
                name,
                level,
            },
            &into,
            format,
        ),
        NeedleCommand::Bump {
            run,
            needles,
            yes,
            format,
        } => bump::bump(context, run, needles, yes, format),
        NeedleCommand::Replay {
            source,
            needles,
            ratio,
            format,
        } => replay::replay(context, &source, needles, ratio, format),
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

/// Reads the texts that decide.
fn read_texts(
    context: &Context,
    store: &NeedleStore,
    ranking: Ranking,
    frame: &PreparedFrame,
) -> Result<Ranking, Failure> {
    let outcomes = ranking.matched.iter().chain(&ranking.candidates);
    if !outcomes
        .into_iter()
        .any(|outcome| !outcome.texts_to_read().is_empty())
    {
        return Ok(ranking);
    }
    let read = store.reader().ranked(ranking, frame.picture());
    context.block_on(read)?.map_err(unread)
}

fn unread(error: TextError) -> Failure {
    Failure::error(chain(&error))
        .hint("the needle's `text` is read by tesseract; `qa doctor` looks at it")
}

fn search_ratio(ratio: f64) -> Result<SearchRatio, Failure> {
    SearchRatio::new(ratio)
        .ok_or_else(|| Failure::usage(format!("the ratio is {ratio}; it must be from 0 to 1")))
}

/// Reads a needle file and its picture, which lies beside it.
fn read_needle(file: &Path) -> Result<(Arc<Needle>, Picture), String> {
    let name = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let wrong = |error: std::io::Error| format!("`{}` cannot be read: {error}", file.display());
    let size = fs::metadata(file).map_err(wrong)?.len();
    if size > needles::NeedleError::MAX_BYTES as u64 {
        return Err(format!(
            "`{}` has {size} bytes, more than any needle needs",
            file.display()
        ));
    }
    let bytes = fs::read(file).map_err(wrong)?;
    let needle = Needle::from_json(&name, &bytes)
        .map_err(|error| format!("`{}`: {error}", file.display()))?;
    let picture = read_picture(&file.with_extension("png"))?;
    Ok((Arc::new(needle), picture))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes)
        .map_err(|error| Failure::error(format!("cannot write `{}`: {error}", path.display())))
}
