//! The needles of a project: files on disk, pictures decoded when first needed and kept within a budget.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use needles::{
    Needle, NeedleSet, Outcome, Picture, PictureError, PreparedFrame, PreparedNeedle, Ranking,
    SearchRatio,
};

use crate::folder;
use crate::text_reader::TextReader;

/// Prepared needles beyond this are dropped, least recently used first. A scenario waits for a handful at a time; a whole
/// screen prepared takes about 1 MiB.
const BUDGET_BYTES: usize = 16 << 20;

/// PNG files larger than this are refused unread: a lossless 8192x8192 screen of a desktop stays below it.
const LARGEST_PNG: u64 = 64 << 20;

/// Bytes in which a PNG says its size, and a git-lfs pointer that it is one.
const HEADER: u64 = 64;

/// The needles of a project.
#[derive(Debug)]
pub(crate) struct NeedleStore {
    set: NeedleSet,
    /// Where each needle of the set comes from, in the set's order.
    files: Vec<PathBuf>,
    faults: Vec<NeedleFault>,
    cache: Mutex<Cache>,
    reader: TextReader,
}

/// A needle that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NeedleFault {
    /// The file, or the folder's entry.
    pub path: PathBuf,
    /// The tags it would have had, as far as they could be read.
    pub tags: Vec<String>,
    /// What is wrong: a fragment that names the needle.
    pub message: String,
}

#[derive(Debug, Default)]
struct Cache {
    prepared: HashMap<usize, (Arc<PreparedNeedle>, u64)>,
    clock: u64,
    bytes: usize,
}

impl NeedleStore {
    /// Reads every needle file below these folders. What is wrong with one becomes a fault and does not stop the others.
    pub(crate) fn open(folders: &[PathBuf]) -> Self {
        let mut needles = Vec::new();
        let mut files = Vec::new();
        let mut faults = Vec::new();
        for root in folders {
            match folder::files_below(root, &["json"]) {
                Ok((found, refused)) => {
                    faults.extend(refused.into_iter().map(|message| NeedleFault {
                        path: root.clone(),
                        tags: Vec::new(),
                        message,
                    }));
                    for path in found {
                        match read_needle(&path) {
                            Ok(needle) => {
                                needles.push(needle);
                                files.push(path);
                            }
                            Err(fault) => faults.push(fault),
                        }
                    }
                }
                Err(error) => faults.push(NeedleFault {
                    path: root.clone(),
                    tags: Vec::new(),
                    message: format!("the folder cannot be read: {error}"),
                }),
            }
        }
        Self {
            set: NeedleSet::new(needles),
            files,
            faults,
            cache: Mutex::default(),
            reader: TextReader::find(),
        }
    }

    /// Who reads the texts that decide: [`NeedleStore::passing`] and [`NeedleStore::rank`] leave them unread.
    pub(crate) fn reader(&self) -> &TextReader {
        &self.reader
    }

    /// The usable needles.
    pub(crate) fn set(&self) -> &NeedleSet {
        &self.set
    }

    /// What could not be used.
    pub(crate) fn faults(&self) -> &[NeedleFault] {
        &self.faults
    }

    /// Each usable needle with its JSON file.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&Arc<Needle>, &Path)> {
        self.set
            .needles()
            .iter()
            .zip(self.files.iter().map(PathBuf::as_path))
    }

    /// The picture file of a needle of this store.
    pub(crate) fn picture_file(&self, needle: &Arc<Needle>) -> Option<PathBuf> {
        self.index(needle)
            .map(|index| self.files[index].with_extension("png"))
    }

    fn index(&self, needle: &Arc<Needle>) -> Option<usize> {
        self.set
            .needles()
            .iter()
            .position(|own| Arc::ptr_eq(own, needle))
    }

    /// The needles that carry all tags of any of these lists.
    pub(crate) fn select(&self, any_of: &[Vec<&str>]) -> Vec<Arc<Needle>> {
        self.set.select(any_of)
    }

    // The cache holds whole entries at every moment; a panic elsewhere leaves it good.
    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A needle ready to be compared.
    ///
    /// # Errors
    /// A sentence that names the picture file, when it cannot be read.
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
        let picture = read_picture(&self.files[index].with_extension("png"))?;
        let prepared = Arc::new(PreparedNeedle::new(Arc::clone(needle), &picture));
        self.cache().insert(index, Arc::clone(&prepared));
        Ok(prepared)
    }

    /// Looks for needles and gives those that pass, best first: cheap, for a waiting loop.
    ///
    /// # Errors
    /// As [`NeedleStore::prepare`].
    pub(crate) fn passing(
        &self,
        candidates: &[Arc<Needle>],
        frame: &PreparedFrame,
        ratio: SearchRatio,
    ) -> Result<Vec<Outcome>, String> {
        let prepared = self.prepare_all(candidates)?;
        let prepared: Vec<&PreparedNeedle> = prepared.iter().map(AsRef::as_ref).collect();
        Ok(needles::passing(&prepared, frame, ratio))
    }

    /// Compares all needles and ranks them: for reports.
    ///
    /// # Errors
    /// As [`NeedleStore::prepare`].
    pub(crate) fn rank(
        &self,
        candidates: &[Arc<Needle>],
        frame: &PreparedFrame,
        ratio: SearchRatio,
    ) -> Result<Ranking, String> {
        let prepared = self.prepare_all(candidates)?;
        let prepared: Vec<&PreparedNeedle> = prepared.iter().map(AsRef::as_ref).collect();
        Ok(needles::best(&prepared, frame, ratio))
    }

    fn prepare_all(&self, needles: &[Arc<Needle>]) -> Result<Vec<Arc<PreparedNeedle>>, String> {
        needles.iter().map(|needle| self.prepare(needle)).collect()
    }
}

impl Cache {
    fn insert(&mut self, index: usize, prepared: Arc<PreparedNeedle>) {
        self.clock += 1;
        self.bytes += prepared.memory();
        if let Some((old, _)) = self.prepared.insert(index, (prepared, self.clock)) {
            self.bytes -= old.memory(); // Prepared twice at once by two threads.
        }
        while self.bytes > BUDGET_BYTES && self.prepared.len() > 1 {
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

fn read_needle(path: &Path) -> Result<Needle, NeedleFault> {
    let fault = |tags: Vec<String>, message: String| NeedleFault {
        path: path.to_owned(),
        tags,
        message,
    };
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let size = fs::metadata(path).map_or(0, |facts| facts.len());
    if size > folder::LARGEST_TEXT {
        return Err(fault(
            Vec::new(),
            format!("needle `{name}`: the file has {size} bytes, more than any needle needs"),
        ));
    }
    let bytes = fs::read(path).map_err(|error| {
        fault(
            Vec::new(),
            format!("needle `{name}` cannot be read: {error}"),
        )
    })?;
    let needle =
        Needle::from_json(&name, &bytes).map_err(|error| fault(Vec::new(), error.to_string()))?;
    let picture = path.with_extension("png");
    match fs::metadata(&picture) {
        Ok(facts) if facts.is_file() && facts.len() > 0 => match unfit(&picture) {
            None => Ok(needle),
            Some(error) => Err(fault(
                needle.tags().to_vec(),
                format!("needle `{name}`: `{}`: {error}", picture.display()),
            )),
        },
        Ok(_) => Err(fault(
            needle.tags().to_vec(),
            format!(
                "needle `{name}` has an empty picture: `{}`",
                picture.display()
            ),
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(fault(
            needle.tags().to_vec(),
            format!(
                "needle `{name}` has no picture: `{}` is missing",
                picture.display()
            ),
        )),
        Err(error) => Err(fault(
            needle.tags().to_vec(),
            format!(
                "needle `{name}`: `{}` cannot be read: {error}",
                picture.display()
            ),
        )),
    }
}

/// What the beginning of a picture tells against it. The rest is read when the needle is first looked for: to decode all of
/// a large set would cost seconds in front of every run.
fn unfit(path: &Path) -> Option<PictureError> {
    let mut beginning = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(HEADER).read_to_end(&mut beginning).ok()?;
    match Picture::from_png(&beginning) {
        Err(error @ (PictureError::Size { .. } | PictureError::LfsPointer)) => Some(error),
        // It is cut off here, of course.
        Ok(_) | Err(_) => None,
    }
}

/// Reads a picture file, PNG or PPM by its content.
///
/// # Errors
/// A sentence that names the file and what is wrong with it.
pub(crate) fn read_picture(path: &Path) -> Result<Picture, String> {
    let wrong = |why: String| format!("picture `{}`: {why}", path.display());
    let size = fs::metadata(path)
        .map_err(|error| wrong(error.to_string()))?
        .len();
    if size > LARGEST_PNG {
        return Err(wrong(format!(
            "{size} bytes are more than a screenshot has"
        )));
    }
    let bytes = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let picture = if bytes.starts_with(b"P6") {
        Picture::from_ppm(&bytes)
    } else {
        Picture::from_png(&bytes)
    };
    picture.map_err(|error| wrong(crate::failure::chain(&error)))
}

#[cfg(test)]
mod tests {
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
        assert_eq!(store.set().needles().len(), 2);
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
}
