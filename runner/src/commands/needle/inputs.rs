//! Reads the inputs of the commands of `qa needle`: needles, pictures, texts, a ratio. Writes their files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use needles::{Needle, Picture, PreparedFrame, Ranking, SearchRatio};

use crate::commands::context::Context;
use crate::failure::{Failure, chain};
use crate::needle_store::{NeedleStore, read_picture};
use crate::text_reader::TextError;

/// Returns the needles of a folder, or else those of the project.
pub(super) fn store(context: &Context, needles: Option<PathBuf>) -> Result<NeedleStore, Failure> {
    match needles {
        Some(folder) if !folder.is_dir() => Err(Failure::usage(format!(
            "`{}` is not a folder of needles",
            folder.display()
        ))),
        Some(folder) => Ok(NeedleStore::open(&[folder])),
        None => Ok(NeedleStore::open(&context.load_project()?.needle_folders)),
    }
}

/// Reads the texts of needles.
pub(super) fn read_texts(
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

/// Returns the failure of a text that could not be read.
pub(super) fn unread(error: TextError) -> Failure {
    Failure::error(chain(&error))
        .hint("tesseract reads the `text` areas of needles; `qa doctor` checks whether it works")
}

/// Returns the ratio that was typed.
pub(super) fn search_ratio(ratio: f64) -> Result<SearchRatio, Failure> {
    SearchRatio::new(ratio)
        .ok_or_else(|| Failure::usage(format!("the ratio is {ratio}; it must be from 0 to 1")))
}

/// Reads a needle file and the picture beside it.
pub(super) fn read_needle(file: &Path) -> Result<(Arc<Needle>, Picture), String> {
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

/// Writes a file.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes)
        .map_err(|error| Failure::error(format!("cannot write `{}`: {error}", path.display())))
}
