//! An index of a large set of needles, in the cache folder, so that a start reads only the files that have changed.
//!
//! There is one index file for each folder of needles: a line with the format, the length of the table, the table as
//! JSON, then the needle files one after the other. It is always replaced as a whole. It is never trusted: if anything
//! is not as expected, the needle files are read.

mod stamp;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::needle_file::{self, Facts};
use crate::text_file::LARGEST_TEXT;
use stamp::Stamp;

/// Smaller sets have no index, because reading them takes less time.
const LARGE_SET: usize = 300;

const FORMAT: &[u8] = b"qa needle index 1\n";

/// Longer needle files are not kept: real ones have less than 10,000 bytes.
const LONGEST_KEPT: usize = 64 << 10;

/// The limit of an index file. An index of 100,000 needles is smaller.
const MOST_BYTES: u64 = 512 << 20;

/// An index that was not written for this time is removed. Its folder is probably gone; if not, one start is slower.
const FORGOTTEN: Duration = Duration::from_secs(180 * 24 * 3600);

/// The place of the text of a needle file.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// In the needle file.
    File,
    /// In memory.
    Held(Arc<[u8]>),
    /// In an index.
    Index {
        file: Arc<File>,
        offset: u64,
        bytes: usize,
    },
}

impl Source {
    /// Returns the text. If the index cannot be read any more, it is read from the needle file.
    pub(super) fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        let kept = match self {
            Self::File => None,
            Self::Held(bytes) => Some(bytes.to_vec()),
            Self::Index {
                file,
                offset,
                bytes,
            } => {
                // A damaged index may contain any length.
                if *bytes as u64 > LARGEST_TEXT {
                    return fs::read(path).ok();
                }
                let mut text = vec![0; *bytes];
                file.read_exact_at(&mut text, *offset).ok().map(|()| text)
            }
        };
        kept.or_else(|| fs::read(path).ok())
    }
}

/// The content of the index of one folder.
#[derive(Debug)]
pub(super) struct Index {
    file: Arc<File>,
    rows: HashMap<String, Row>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Table {
    /// The `qa` that wrote it. Another one may read needles in another way.
    program: String,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    /// The needle file, as it was found.
    path: String,
    stamps: [Stamp; 2],
    facts: Facts,
    /// The offset of its text from the beginning of all texts, and its length; none if the text is not kept.
    text: Option<(u64, usize)>,
}

/// A needle file, its facts, and the place of its text.
type Known = (PathBuf, Facts, Source);

impl Index {
    /// Returns all needle files of a folder. Only files that the index in `cache` does not know are read. If files were
    /// read, the index is written again. If that fails, the next start is slower.
    pub(super) fn read(root: &Path, paths: Vec<PathBuf>, cache: Option<&Path>) -> Vec<Known> {
        let file = cache.filter(|_| paths.len() >= LARGE_SET);
        let file = file.and_then(|cache| Some((cache, file_name(root)?)));
        let Some((cache, name)) = file else {
            return in_parallel(&paths, read_one);
        };
        let now = SystemTime::now();
        let index = Self::open(&cache.join(&name));
        let looked = in_parallel(&paths, |path| {
            let stamps = Stamp::of_needle(path, now);
            let known = index.as_ref().zip(stamps.as_ref());
            match known.and_then(|(index, stamps)| index.known(path, stamps)) {
                Some(known) => (known, stamps, true),
                None => (read_one(path), stamps, false),
            }
        });
        let gone = index.as_ref().map_or(0, |index| index.rows.len()) != looked.len();
        if gone || looked.iter().any(|(_, _, is_known)| !is_known) {
            let rows = looked
                .iter()
                .map(|(known, stamps, _)| (known, stamps.as_ref()));
            if let Ok(index) = write(cache, &name, rows) {
                let again = looked
                    .into_iter()
                    .map(|((path, facts, source), stamps, _)| {
                        let known = stamps.and_then(|stamps| index.known(&path, &stamps));
                        known.unwrap_or((path, facts, source))
                    });
                return again.collect();
            }
        }
        looked.into_iter().map(|(known, _, _)| known).collect()
    }

    /// Opens the index in this file, if this program wrote it.
    fn open(path: &Path) -> Option<Self> {
        let mut file = File::open(path).ok()?;
        let size = file.metadata().ok()?.len();
        if size > MOST_BYTES {
            return None;
        }
        let mut format = [0; FORMAT.len()];
        let mut length = [0; 8];
        file.read_exact(&mut format).ok()?;
        file.read_exact(&mut length).ok()?;
        let length = u64::from_le_bytes(length);
        let texts = (FORMAT.len() as u64 + 8).checked_add(length)?;
        if format != *FORMAT || texts > size {
            return None;
        }
        let mut table = vec![0; usize::try_from(length).ok()?];
        file.read_exact(&mut table).ok()?;
        let table: Table = serde_json::from_slice(&table).ok()?;
        if table.program != program()? {
            return None;
        }
        let rows = table.rows.into_iter().map(|mut row| {
            row.text = row
                .text
                .map(|(offset, bytes)| (texts.saturating_add(offset), bytes));
            (row.path.clone(), row)
        });
        Some(Self {
            rows: rows.collect(),
            file: Arc::new(file),
        })
    }

    fn known(&self, path: &Path, stamps: &[Stamp; 2]) -> Option<Known> {
        let row = self.rows.get(path.to_str()?)?;
        let source = match row.text {
            Some((offset, bytes)) if bytes <= LONGEST_KEPT => Source::Index {
                file: Arc::clone(&self.file),
                offset,
                bytes,
            },
            Some(_) | None => Source::File,
        };
        let is_same = row.stamps == *stamps;
        is_same.then(|| (path.to_owned(), row.facts.clone(), source))
    }
}

/// Returns the folder of indexes, `$XDG_CACHE_HOME/qa/needles`; none without a home folder.
pub(super) fn cache_folder() -> Option<PathBuf> {
    let cache = match std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from) {
        Some(cache) if cache.is_absolute() => cache,
        Some(_) | None => std::env::home_dir()?.join(".cache"),
    };
    Some(cache.join("qa/needles"))
}

/// Returns the file name of the index of a folder. It depends on the path as it is written, because the paths in the
/// index do, too.
fn file_name(root: &Path) -> Option<String> {
    let mut hash = Sha256::new();
    hash.update(root.canonicalize().ok()?.as_os_str().as_encoded_bytes());
    hash.update([0]);
    hash.update(root.as_os_str().as_encoded_bytes());
    let digits = hash
        .finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    Some(format!("{digits}.index"))
}

/// Returns a text that differs for each build of this program.
fn program() -> Option<String> {
    let stamp = Stamp::of(&std::env::current_exe().ok()?)?;
    let version = env!("CARGO_PKG_VERSION");
    Some(format!("{version} {} {:?}", stamp.size, stamp.modified))
}

fn read_one(path: &Path) -> Known {
    let (facts, text) = needle_file::read(path);
    let source = if text.len() <= LONGEST_KEPT {
        Source::Held(text.into())
    } else {
        Source::File
    };
    (path.to_owned(), facts, source)
}

/// Writes an index and opens it. It has no files without stamps.
fn write<'a>(
    cache: &Path,
    name: &str,
    needles: impl Iterator<Item = (&'a Known, Option<&'a [Stamp; 2]>)>,
) -> io::Result<Index> {
    fs::create_dir_all(cache)?;
    let mut rows = Vec::new();
    let mut texts: Vec<u8> = Vec::new();
    for ((path, facts, source), stamps) in needles {
        let (Some(stamps), Some(shown)) = (stamps, path.to_str()) else {
            continue;
        };
        let text = match (&facts.fault, source) {
            (None, Source::Held(_) | Source::Index { .. }) => source.bytes(path),
            (Some(_), _) | (None, Source::File) => None,
        };
        let place = text.map(|text| {
            let place = (texts.len() as u64, text.len());
            texts.extend_from_slice(&text);
            place
        });
        rows.push(Row {
            path: shown.to_owned(),
            stamps: stamps.clone(),
            facts: facts.clone(),
            text: place,
        });
    }
    let program = program().ok_or_else(|| io::Error::other("this program has no file"))?;
    let table = serde_json::to_vec(&Table { program, rows })?;
    let mut file = tempfile::NamedTempFile::new_in(cache)?;
    file.write_all(FORMAT)?;
    file.write_all(&(table.len() as u64).to_le_bytes())?;
    file.write_all(&table)?;
    file.write_all(&texts)?;
    let path = cache.join(name);
    file.persist(&path)?;
    forget(cache);
    Index::open(&path).ok_or_else(|| io::Error::other("the index does not hold what was written"))
}

/// Removes old indexes.
fn forget(cache: &Path) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|facts| facts.modified());
        let age = modified.ok().and_then(|modified| modified.elapsed().ok());
        if age.is_some_and(|age| age > FORGOTTEN) {
            let _ = fs::remove_file(entry.path()); // Another may have done so.
        }
    }
}

/// Runs `work` for each file on all processors, and keeps the order of the files. Most of the time is waiting for the
/// system.
fn in_parallel<T: Send>(paths: &[PathBuf], work: impl Fn(&Path) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if paths.len() < LARGE_SET || threads < 2 {
        return paths.iter().map(|path| work(path)).collect();
    }
    let part = paths.len().div_ceil(threads);
    let one = |paths: &[PathBuf]| paths.iter().map(|path| work(path)).collect::<Vec<T>>();
    std::thread::scope(|scope| {
        let parts = paths
            .chunks(part)
            .map(|paths| scope.spawn(move || one(paths)));
        let parts: Vec<_> = parts.collect();
        let done = parts.into_iter().map(|part| part.join());
        done.flat_map(|part| match part {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        })
        .collect()
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::super::NeedleStore;
    use super::stamp::SETTLED;
    use super::*;

    /// A set large enough for an index, each needle with its own click point.
    fn set(folder: &Path) -> PathBuf {
        let needles = folder.join("needles");
        fs::create_dir(&needles).expect("a folder");
        for number in 0..LARGE_SET {
            needle(&needles, &number.to_string(), &format!("tag{}", number % 7));
        }
        needles
    }

    fn needle(folder: &Path, name: &str, tag: &str) {
        let point = format!(r#"{{"xpos":1,"ypos":1,"id":"{name}"}}"#);
        let json = format!(
            r#"{{"tags":["{tag}"],"area":[{{"width":4,"height":3,"click_point":{point}}}]}}"#
        );
        fs::write(folder.join(format!("{name}.json")), json).expect("a file");
        fs::write(folder.join(format!("{name}.png")), b"\x89PNG").expect("a file");
    }

    /// Returns the facts of a set that a start knows.
    fn opened(needles: &Path, cache: &Path) -> Vec<(String, Vec<String>, Vec<String>)> {
        let store = NeedleStore::open_with(&[needles.to_owned()], Some(cache));
        let known = store.known().map(|known| {
            (
                known.name.to_owned(),
                known.tags.to_vec(),
                known.click_points.to_vec(),
            )
        });
        known.collect()
    }

    fn indexes(cache: &Path) -> usize {
        fs::read_dir(cache).map_or(0, |entries| entries.count())
    }

    /// Reads through an index, as if it were later: then files that were just written are settled.
    fn read(needles: &Path, cache: &Path, paths: &[PathBuf]) -> (Vec<Known>, usize) {
        let later = SystemTime::now() + 2 * SETTLED;
        let name = file_name(needles).expect("a name");
        let index = Index::open(&cache.join(&name));
        let known = |path: &PathBuf| {
            let stamps = Stamp::of_needle(path, later);
            let known = index.as_ref().zip(stamps.as_ref());
            known.and_then(|(index, stamps)| index.known(path, stamps))
        };
        let all: Vec<_> = paths.iter().map(|path| (known(path), path)).collect();
        let hits = all.iter().filter(|(known, _)| known.is_some()).count();
        let all: Vec<_> = all
            .into_iter()
            .map(|(known, path)| known.unwrap_or_else(|| read_one(path)))
            .collect();
        let stamps: Vec<_> = paths
            .iter()
            .map(|path| Stamp::of_needle(path, later))
            .collect();
        let rows = all.iter().zip(stamps.iter().map(Option::as_ref));
        write(cache, &name, rows).expect("an index");
        (all, hits)
    }

    fn paths(needles: &Path) -> Vec<PathBuf> {
        crate::files_below::files_below(needles, &["json"])
            .expect("files")
            .0
    }

    #[test]
    fn files_that_have_not_changed_are_not_read_again_and_those_that_have_are() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (needles, cache) = (set(dir.path()), dir.path().join("cache"));
        let (first, hits) = read(&needles, &cache, &paths(&needles));
        assert_eq!((first.len(), hits), (LARGE_SET, 0));
        let (again, hits) = read(&needles, &cache, &paths(&needles));
        assert_eq!(hits, LARGE_SET);
        for ((path, facts, source), (_, known, kept)) in first.iter().zip(&again) {
            assert_eq!(facts, known);
            assert!(matches!(kept, Source::Index { .. }), "{kept:?}");
            assert_eq!(source.bytes(path), kept.bytes(path));
        }

        // Other text of the same length, a picture that is gone, a needle that is gone, a new one.
        needle(&needles, "5", "TAG5");
        fs::remove_file(needles.join("6.png")).expect("removed");
        fs::remove_file(needles.join("7.json")).expect("removed");
        needle(&needles, "new", "tag0");
        let (now, hits) = read(&needles, &cache, &paths(&needles));
        assert_eq!((now.len(), hits), (LARGE_SET, LARGE_SET - 3));
        let facts = |name: &str| {
            let path = needles.join(format!("{name}.json"));
            now.iter()
                .find(|known| known.0 == path)
                .map(|known| known.1.clone())
        };
        assert_eq!(facts("5").expect("known").tags, ["TAG5"]);
        assert!(
            facts("6")
                .expect("known")
                .fault
                .is_some_and(|fault| fault.contains("no picture"))
        );
        assert_eq!(facts("7"), None);
        assert_eq!(facts("new").expect("known").click_points, ["new"]);
    }

    #[test]
    fn what_was_just_written_is_read_again_since_it_may_change_within_the_same_tick() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (needles, cache) = (set(dir.path()), dir.path().join("cache"));
        let path = needles.join("1.json");
        // Not the present: writing the set may have taken its time.
        let written = fs::metadata(&path).and_then(|facts| facts.modified());
        assert_eq!(Stamp::of_needle(&path, written.expect("a time")), None);
        let later = SystemTime::now() + 2 * SETTLED;
        assert!(Stamp::of_needle(&path, later).is_some());
        let known = opened(&needles, &cache);
        assert_eq!((known.len(), indexes(&cache)), (LARGE_SET, 1));
        needle(&needles, "1", "TAG1");
        let known = opened(&needles, &cache);
        let one = known.iter().find(|known| known.0 == "1").expect("known");
        assert_eq!(one.1, ["TAG1"]);
    }

    #[test]
    fn an_index_that_is_damaged_or_of_another_program_is_not_used() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (needles, cache) = (set(dir.path()), dir.path().join("cache"));
        let paths = paths(&needles);
        read(&needles, &cache, &paths);
        let file = cache.join(file_name(&needles).expect("a name"));
        let whole = fs::read(&file).expect("an index");
        let mut other = whole.clone();
        let at = whole
            .windows(9)
            .position(|part| part == b"\"program\"")
            .expect("a table");
        other[at + 12] ^= 1;
        let mut endless = whole.clone();
        endless[FORMAT.len()..FORMAT.len() + 8].fill(0xff);
        for damaged in [&whole[..10], &whole[..at + 200], b"", &other, &endless] {
            fs::write(&file, damaged).expect("a file");
            assert!(Index::open(&file).is_none());
            assert_eq!(read(&needles, &cache, &paths).1, 0);
        }
        // Texts that are cut off are read from the needle files.
        fs::write(&file, &whole[..whole.len() - 20]).expect("a file");
        let (known, hits) = read(&needles, &cache, &paths);
        assert_eq!(hits, LARGE_SET);
        let texts = known
            .iter()
            .map(|(path, _, source)| (source.bytes(path), fs::read(path).ok()));
        assert!(texts.into_iter().all(|(kept, file)| kept == file));
    }

    #[test]
    fn a_cache_that_cannot_be_written_costs_nothing_but_time() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let needles = set(dir.path());
        let cache = dir.path().join("cache");
        symlink("/proc/nowhere", &cache).expect("a link");
        assert_eq!(opened(&needles, &cache).len(), LARGE_SET);
        let store = NeedleStore::open_with(&[needles], None);
        assert_eq!(store.select(&[vec!["tag3"]]).len(), LARGE_SET.div_ceil(7));
    }

    #[test]
    fn a_small_set_has_no_index() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let needles = dir.path().join("needles");
        fs::create_dir(&needles).expect("a folder");
        needle(&needles, "a", "tag");
        let cache = dir.path().join("cache");
        assert_eq!(opened(&needles, &cache).len(), 1);
        assert_eq!(indexes(&cache), 0);
    }
}
