//! Writes a bundle. Every file is read once: what was looked through is what is written.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use reports::{Earlier, Entry, Log, Run};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::contents::{File, files_of};
use super::known_secrets::KnownSecrets;
use super::limits::{LOG, MOST_BYTES, MOST_FILES};
use super::search::{FoundSecret, Search};
use crate::failure::chain;
use crate::file_name::file_name;
use crate::recorder::{MASK, SECRET_NOT_HIDDEN};

/// The most places of secrets that an error names.
const MOST_PLACES: usize = 10;

/// A bundle that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bundle {
    /// The number of its files.
    pub files: usize,
    /// Its size in bytes.
    pub bytes: u64,
    /// The number of entries of the log in which a secret is hidden.
    pub hidden: usize,
}

/// A bundle could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BundleError {
    /// Values of secrets are in it.
    #[error("{}", secrets(.0))]
    Secrets(Vec<FoundSecret>),
    /// The run has kept a file with a secret in it.
    #[error("`{0}` is no text and has a secret in it, which is not hidden: no bundle was made")]
    KeptSecret(String),
    /// The search for secrets cannot be made.
    #[error("secrets cannot be looked for: {0}")]
    Search(String),
    /// It would be too large.
    #[error(
        "the bundle would have {files} files and {bytes} bytes: no bundle may have more than {MOST_FILES} files or \
        {MOST_BYTES} bytes"
    )]
    TooLarge {
        /// The number of files.
        files: usize,
        /// Their bytes.
        bytes: u64,
    },
    /// A file of the run cannot be read.
    #[error("`{}` cannot be read: {error}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// The report cannot be made.
    #[error("the report cannot be made: {0}")]
    Report(String),
    /// It cannot be written.
    #[error("it cannot be written: {0}")]
    Write(#[from] io::Error),
    /// It cannot be packed.
    #[error("it cannot be packed: {0}")]
    Pack(#[from] zip::result::ZipError),
}

fn secrets(found: &[FoundSecret]) -> String {
    let each = found.iter().take(MOST_PLACES);
    let each = each.map(|found| format!("secret `{}` at {}", found.secret, found.place()));
    let more = match found.len().saturating_sub(MOST_PLACES) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!(
        "no bundle was made, because the value of a secret is in it: {}{more}",
        each.collect::<Vec<_>>().join(", ")
    )
}

impl Bundle {
    /// Writes the bundle of a log that was cut to a scenario. `run` is the folder of the run. An existing file is
    /// replaced when the new one is complete.
    ///
    /// # Errors
    /// When a secret is found, the bundle would be too large, or a file cannot be read or written.
    pub(crate) fn write(
        run: &Path,
        scenario: &str,
        log: &Log,
        secrets: &KnownSecrets,
        file: &Path,
    ) -> Result<Self, BundleError> {
        let search = Search::of(secrets).map_err(BundleError::Search)?;
        let cut = Run::of(&log.entries);
        refuse_kept_secrets(run, &cut)?;
        let read = |path: &Path, error| BundleError::Read {
            path: path.to_owned(),
            error,
        };
        let files = files_of(run, &cut.scenarios).map_err(|error| read(run, error))?;
        let made = made_files(&cut, &log.entries)?;
        refuse_too_large(&made, &files)?;
        let folder = file.parent().filter(|of| !of.as_os_str().is_empty());
        let draft = tempfile::Builder::new()
            .prefix(".bundle-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .tempfile_in(folder.unwrap_or(Path::new(".")))?;
        let mut zip = ZipWriter::new(draft);
        let root = format!("{}-{}", file_name(scenario), file_name(&cut.name));
        let mut found = Vec::new();
        let count = made.len() + files.len();
        for (name, bytes) in &made {
            found.extend(search.in_file(name, bytes));
            add(&mut zip, &format!("{root}/{name}"), bytes)?;
        }
        for File { name, path } in &files {
            let bytes = fs::read(path).map_err(|error| read(path, error))?;
            if !is_picture(name) {
                found.extend(search.in_file(name, &bytes));
            }
            add(&mut zip, &format!("{root}/{name}"), &bytes)?;
        }
        if !found.is_empty() {
            return Err(BundleError::Secrets(found));
        }
        let draft = zip.finish()?;
        let bytes = draft.as_file().metadata()?.len();
        draft.persist(file).map_err(|error| error.error)?;
        Ok(Self {
            files: count,
            bytes,
            hidden: hidden(&log.entries),
        })
    }
}

/// Refuses files of the guest that were kept with a secret in them, as far as they still exist.
fn refuse_kept_secrets(run: &Path, cut: &Run) -> Result<(), BundleError> {
    let attempts = cut.scenarios.iter().flat_map(|of| &of.attempts);
    let kept = attempts.flat_map(|attempt| attempt.steps());
    let mut kept = kept.filter_map(|step| step.evidence.file.as_ref());
    let unsafe_file = kept.find(|kept| {
        kept.remark.as_deref() == Some(SECRET_NOT_HIDDEN) && run.join(&kept.file).exists()
    });
    match unsafe_file {
        Some(kept) => Err(BundleError::KeptSecret(kept.file.clone())),
        None => Ok(()),
    }
}

/// Returns the files that are made for the bundle: the log and the page.
fn made_files(cut: &Run, entries: &[Entry]) -> Result<[(&'static str, Vec<u8>); 2], BundleError> {
    let mut log = Vec::new();
    for entry in entries {
        let line = serde_json::to_vec(entry).map_err(io::Error::from)?;
        log.extend(line);
        log.push(b'\n');
    }
    let page = reports::html(cut, &Earlier::default())
        .map_err(|error| BundleError::Report(chain(&error)))?;
    Ok([(LOG, log), ("report.html", page.into_bytes())])
}

fn refuse_too_large(made: &[(&'static str, Vec<u8>)], files: &[File]) -> Result<(), BundleError> {
    let mut bytes: u64 = made.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    for File { path, .. } in files {
        let facts = fs::metadata(path).map_err(|error| BundleError::Read {
            path: path.clone(),
            error,
        })?;
        bytes = bytes.saturating_add(facts.len());
    }
    let files = made.len() + files.len();
    match files > MOST_FILES || bytes > MOST_BYTES {
        true => Err(BundleError::TooLarge { files, bytes }),
        false => Ok(()),
    }
}

fn add<W: Write + io::Seek>(
    zip: &mut ZipWriter<W>,
    name: &str,
    bytes: &[u8],
) -> Result<(), BundleError> {
    let how = match is_picture(name) {
        // It is packed already.
        true => CompressionMethod::Stored,
        false => CompressionMethod::Deflated,
    };
    let options = SimpleFileOptions::default()
        .compression_method(how)
        .unix_permissions(0o644);
    zip.start_file(name, options)?;
    zip.write_all(bytes)?;
    Ok(())
}

fn is_picture(name: &str) -> bool {
    // A file of the guest may call itself anything.
    name.ends_with(".png") && !name.contains("/files/")
}

/// Counts the entries in which a secret is hidden.
fn hidden(entries: &[Entry]) -> usize {
    let is_hidden =
        |entry: &&Entry| serde_json::to_string(entry).is_ok_and(|line| line.contains(MASK));
    entries.iter().filter(is_hidden).count()
}
