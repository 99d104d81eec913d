//! The needles of a project. A needle is read, and its picture decoded, when it is first needed. Prepared needles are
//! kept within a budget of memory.

mod fitness;
mod index;
mod needle_file;
mod picture_file;
mod search;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use needles::{Needle, Picture, PreparedNeedle};

use crate::files_below::files_below;
use crate::text_reader::TextReader;
use index::{Index, Source};
use needle_file::Facts;

pub(crate) use fitness::Fitness;
pub(crate) use needle_file::NeedleFault;
pub(crate) use picture_file::read_picture;

/// The memory for prepared needles. Beyond it, the least recently used are dropped. If a search needs more, it is done
/// in parts. A scenario waits for a few needles at a time; a prepared needle of a whole screen takes some MiB.
const BUDGET_BYTES: usize = 64 << 20;

/// The needles of a project.
#[derive(Debug)]
pub(crate) struct NeedleStore {
    entries: Vec<Entry>,
    faults: Vec<NeedleFault>,
    cache: Mutex<Cache>,
    budget: usize,
    reader: TextReader,
}

/// A usable needle.
#[derive(Debug)]
struct Entry {
    path: PathBuf,
    name: String,
    facts: Facts,
    source: Source,
    needle: OnceLock<Option<Arc<Needle>>>,
}

impl Entry {
    /// Returns the needle, parsed at the first call; none if its file cannot be read any more. It could be parsed when
    /// the store was opened.
    fn needle(&self) -> Option<&Arc<Needle>> {
        let parse = || {
            let bytes = self.source.bytes(&self.path)?;
            Needle::from_json(&self.name, &bytes).ok().map(Arc::new)
        };
        self.needle.get_or_init(parse).as_ref()
    }
}

/// The facts of a usable needle that are known without reading it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownNeedle<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its JSON file.
    pub path: &'a Path,
    /// Its tags.
    pub tags: &'a [String],
    /// The ids of its click points.
    pub click_points: &'a [String],
}

#[derive(Debug, Default)]
struct Cache {
    prepared: HashMap<usize, (Arc<PreparedNeedle>, u64)>,
    clock: u64,
    bytes: usize,
}

impl NeedleStore {
    /// Finds every needle file below these folders. A broken needle becomes a fault, and does not affect the others.
    ///
    /// Files of a large set are read only if they have changed since the last time.
    pub(crate) fn open(folders: &[PathBuf]) -> Self {
        Self::open_with(folders, index::cache_folder().as_deref())
    }

    fn open_with(folders: &[PathBuf], cache: Option<&Path>) -> Self {
        let mut entries = Vec::new();
        let mut faults = Vec::new();
        let reader = TextReader::find();
        for root in folders {
            let (found, refused) = match files_below(root, &["json"]) {
                Ok(found) => found,
                Err(error) => {
                    faults.push(NeedleFault {
                        path: root.clone(),
                        tags: Vec::new(),
                        message: format!("the folder cannot be read: {error}"),
                    });
                    continue;
                }
            };
            faults.extend(refused.into_iter().map(|message| NeedleFault {
                path: root.clone(),
                tags: Vec::new(),
                message,
            }));
            for (path, facts, source) in Index::read(root, found, cache) {
                // Whether tesseract is there is no fact of the needle, so the index does not know it.
                let unread = (facts.only_read && !reader.is_there())
                    .then(|| unreadable_text(&needle_file::name(&path)));
                match facts.fault.as_ref().or(unread.as_ref()) {
                    Some(message) => faults.push(NeedleFault {
                        message: message.clone(),
                        tags: facts.tags,
                        path,
                    }),
                    None => entries.push(Entry {
                        name: needle_file::name(&path),
                        path,
                        facts,
                        source,
                        needle: OnceLock::new(),
                    }),
                }
            }
        }
        Self {
            entries,
            faults,
            cache: Mutex::default(),
            budget: BUDGET_BYTES,
            reader,
        }
    }

    /// Returns the reader of texts. [`NeedleStore::passing`] and [`NeedleStore::rank`] do not read texts.
    pub(crate) fn reader(&self) -> &TextReader {
        &self.reader
    }

    /// Returns the number of usable needles.
    pub(crate) fn count(&self) -> usize {
        self.entries.len()
    }

    /// Returns all usable needles.
    pub(crate) fn all(&self) -> Vec<Arc<Needle>> {
        let needles = self.entries.iter().filter_map(Entry::needle);
        needles.cloned().collect()
    }

    /// Returns the needle of this name; the last one if several have it.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Needle>> {
        let mut of_name = self.entries.iter().rev().filter(|entry| entry.name == name);
        of_name.find_map(Entry::needle)
    }

    /// Returns the needles that cannot be used, with their faults.
    pub(crate) fn faults(&self) -> &[NeedleFault] {
        &self.faults
    }

    /// Returns each usable needle with its JSON file.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&Arc<Needle>, &Path)> {
        let entries = self.entries.iter();
        entries.filter_map(|entry| Some((entry.needle()?, entry.path.as_path())))
    }

    /// Returns the facts of each usable needle that are known without reading it.
    pub(crate) fn known(&self) -> impl Iterator<Item = KnownNeedle<'_>> {
        self.entries.iter().map(|entry| KnownNeedle {
            name: &entry.name,
            path: &entry.path,
            tags: &entry.facts.tags,
            click_points: &entry.facts.click_points,
        })
    }

    /// Returns the picture file of a needle of this store.
    pub(crate) fn picture_file(&self, needle: &Arc<Needle>) -> Option<PathBuf> {
        self.index(needle)
            .map(|index| self.entries[index].path.with_extension("png"))
    }

    /// Returns the whole picture of a needle. It is read anew.
    ///
    /// # Errors
    /// When the picture cannot be read: a sentence that names the file.
    pub(crate) fn picture(&self, needle: &Arc<Needle>) -> Result<Picture, String> {
        let file = self.picture_file(needle);
        let file =
            file.ok_or_else(|| format!("needle `{}` is not of this store", needle.name()))?;
        read_picture(&file)
    }

    fn index(&self, needle: &Arc<Needle>) -> Option<usize> {
        self.entries.iter().position(|entry| {
            let own = entry.needle.get().and_then(Option::as_ref);
            own.is_some_and(|own| Arc::ptr_eq(own, needle))
        })
    }

    /// Returns the needles that have all tags of at least one of these lists.
    pub(crate) fn select(&self, any_of: &[Vec<&str>]) -> Vec<Arc<Needle>> {
        let asked_for = |entry: &&Entry| needles::is_asked_for(&entry.facts.tags, any_of);
        let entries = self.entries.iter().filter(asked_for);
        entries.filter_map(Entry::needle).cloned().collect()
    }

    /// Removes needles from the set, by their JSON files, and keeps them as faults with these messages.
    pub(crate) fn leave_out(&mut self, unusable: &[(PathBuf, String)]) {
        for (path, message) in unusable {
            let Some(place) = self.entries.iter().position(|entry| entry.path == *path) else {
                continue;
            };
            let entry = self.entries.remove(place);
            self.faults.push(NeedleFault {
                path: entry.path,
                tags: entry.facts.tags,
                message: format!("needle `{}`: {message}", entry.name),
            });
        }
        // Its keys are positions in the list, which have changed.
        *self.cache() = Cache::default();
    }

    // Entries are always complete, so a panic of another thread does no harm.
    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a needle that is prepared for comparison.
    ///
    /// # Errors
    /// When the picture cannot be read: a sentence that names the file.
    pub(crate) fn prepare(&self, needle: &Arc<Needle>) -> Result<Arc<PreparedNeedle>, String> {
        let index = self
            .index(needle)
            .ok_or_else(|| format!("needle `{}` is not of this store", needle.name()))?;
        {
            let mut cache = self.cache();
            cache.clock += 1;
            let clock = cache.clock;
            if let Some((prepared, used)) = cache.prepared.get_mut(&index) {
                *used = clock;
                return Ok(Arc::clone(prepared));
            }
        }
        let picture = read_picture(&self.entries[index].path.with_extension("png"))?;
        let prepared = Arc::new(PreparedNeedle::new(Arc::clone(needle), &picture));
        self.cache()
            .insert(index, Arc::clone(&prepared), self.budget);
        Ok(prepared)
    }
}

fn unreadable_text(name: &str) -> String {
    format!(
        "needle `{name}` has only text to read, and tesseract is not installed; `qa doctor` tells how to install it"
    )
}

impl Cache {
    fn insert(&mut self, index: usize, prepared: Arc<PreparedNeedle>, budget: usize) {
        self.clock += 1;
        self.bytes += prepared.memory();
        if let Some((old, _)) = self.prepared.insert(index, (prepared, self.clock)) {
            self.bytes -= old.memory(); // Prepared twice at once by two threads.
        }
        while self.bytes > budget && self.prepared.len() > 1 {
            let oldest = self
                .prepared
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(index, _)| *index);
            if let Some((dropped, _)) = oldest.and_then(|index| self.prepared.remove(&index)) {
                self.bytes -= dropped.memory();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use needles::{Outcome, Picture, PreparedFrame, SearchRatio};

    use super::*;

    fn picture(seed: u8) -> Picture {
        let rgb = (0..64 * 48 * 3_u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8 ^ seed)
            .collect();
        Picture::from_rgb(64, 48, rgb).expect("a picture")
    }

    fn write_needle(folder: &Path, name: &str, tag: &str) {
        let json = format!(
            r#"{{"area":[{{"xpos":4,"ypos":4,"width":30,"height":20,"type":"match"}}],"tags":["{tag}"]}}"#
        );
        fs::write(folder.join(format!("{name}.json")), json).expect("a needle");
        fs::write(folder.join(format!("{name}.png")), picture(7).to_png()).expect("a picture");
    }

    #[test]
    fn needles_are_found_and_each_broken_one_is_a_fault_of_its_own() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        write_needle(dir.path(), "good", "login");
        write_needle(dir.path(), "lonely", "login");
        fs::remove_file(dir.path().join("lonely.png")).expect("removed");
        fs::write(dir.path().join("broken.json"), "{").expect("a file");
        write_needle(dir.path(), "bad-picture", "desktop");
        fs::write(dir.path().join("bad-picture.png"), "no picture").expect("a file");

        let store = NeedleStore::open(&[dir.path().to_owned(), dir.path().join("missing")]);
        assert_eq!(store.count(), 2);
        let messages: Vec<_> = store.faults().iter().map(|f| f.message.as_str()).collect();
        assert_eq!(messages.len(), 3, "{messages:?}");
        assert!(messages[0].contains("`broken`"), "{messages:?}");
        assert!(
            messages[1].contains("`lonely` has no picture"),
            "{messages:?}"
        );
        assert!(
            messages[2].contains("the folder cannot be read"),
            "{messages:?}"
        );

        let frame = PreparedFrame::new(picture(7));
        let login = store.select(&[vec!["login"]]);
        let outcomes = store
            .passing(&login, &frame, SearchRatio::MARGIN)
            .expect("a readable needle");
        assert_eq!(outcomes[0].needle.name(), "good");

        let desktop = store.select(&[vec!["desktop"]]);
        let error = store
            .passing(&desktop, &frame, SearchRatio::MARGIN)
            .expect_err("no picture");
        assert!(error.contains("bad-picture.png"), "{error}");
    }

    #[test]
    fn many_needles_are_looked_for_in_parts_that_are_within_the_budget() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for index in 0..7 {
            write_needle(dir.path(), &format!("needle-{index}"), "login");
        }
        let mut store = NeedleStore::open(&[dir.path().to_owned()]);
        let all = store.all();
        let one = store.prepare(&all[0]).expect("a needle").memory();
        store.budget = one * 5 / 2;
        let mut parts = Vec::new();
        let kept = |store: &NeedleStore| {
            let cache = store.cache();
            (cache.prepared.len(), cache.bytes)
        };
        store
            .in_parts(&all, |part| parts.push((part.len(), kept(&store))))
            .expect("needles");
        // The third exceeds the budget, and with it the first is dropped.
        let full = (2, 2 * one);
        assert_eq!(parts, [(3, full), (3, full), (1, full)]);

        let frame = PreparedFrame::new(picture(7));
        let ranking = store.rank(&all, &frame, SearchRatio::MARGIN);
        let ranking = ranking.expect("readable needles");
        let passing = store.passing(&all, &frame, SearchRatio::MARGIN);
        let names = |outcomes: Vec<Outcome>| -> Vec<String> {
            let names = outcomes.iter().map(|outcome| outcome.needle.name());
            names.map(str::to_owned).collect()
        };
        let expected: Vec<String> = (0..7).map(|index| format!("needle-{index}")).collect();
        assert_eq!(names(ranking.into_outcomes()), expected);
        assert_eq!(names(passing.expect("readable needles")), expected);
    }
}
