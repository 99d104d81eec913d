//! Finds out which kind of disk image a file is, with the files that it stands on.

use std::{
    fs::{File, FileType},
    io,
    os::unix::fs::FileTypeExt,
    path::{Path, PathBuf},
};

use super::{
    FileFormat, ImageFile, ProbeError, Purpose,
    bounds::Bounds,
    container::{self, Header},
    content::{DiskContent, content},
    not_a_disk::{Known, known},
    probe_error::Fault,
    source::Source,
};

/// A disk image, with its backing files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbedImage {
    /// The size of the file in bytes.
    pub bytes: u64,
    /// The size of the disk in bytes, as a machine sees it. None if only QEMU can find it out.
    pub disk_bytes: Option<u64>,
    /// The content of the disk. None if it was not read, because the format does not store plain sectors.
    pub content: Option<DiskContent>,
    /// The image itself, then its backing file, and so on. Never empty.
    layers: Vec<Layer>,
}

/// A file of an image, and how QEMU must open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The absolute path.
    pub path: PathBuf,
    /// The format.
    pub format: FileFormat,
    /// The file with its bytes, if that is another one.
    pub data: Option<PathBuf>,
    /// The files beside it that QEMU opens by itself.
    pub extents: Vec<PathBuf>,
}

impl ProbedImage {
    /// Returns the image itself, then its backing file, and so on. Never empty.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Returns the format of the image itself.
    #[must_use]
    pub fn format(&self) -> FileFormat {
        self.layers
            .first()
            .map_or(FileFormat::Raw, |layer| layer.format)
    }

    /// Returns true if it is a CD or DVD.
    #[must_use]
    pub fn is_cd(&self) -> bool {
        matches!(self.content, Some(DiskContent::Iso(_)))
    }

    /// Returns the size of a sector of the disk in bytes, as its content counts them.
    #[must_use]
    pub fn sector_bytes(&self) -> u32 {
        match &self.content {
            Some(DiskContent::Gpt { sector_bytes }) => *sector_bytes,
            Some(DiskContent::Mbr | DiskContent::Iso(_) | DiskContent::Other) | None => 512,
        }
    }

    /// Returns all files of the image.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.layers.iter().flat_map(|layer| {
            std::iter::once(&layer.path)
                .chain(&layer.data)
                .chain(&layer.extents)
                .map(PathBuf::as_path)
        })
    }
}

/// Finds out which kind of disk image the file at `path` is, as [`ImageFile::open`] does.
///
/// # Errors
/// See [`ProbeError`]. Each error says what to do next.
pub fn probe(path: &Path) -> Result<ProbedImage, ProbeError> {
    ImageFile::new(path).open()
}

/// The most files that may stand on each other. Nobody makes a longer chain on purpose.
const MOST_LAYERS: usize = 64;

/// The number of bytes that are read first: enough for the marks of all formats.
pub(super) const HEAD_BYTES: usize = 68 << 10;

impl ImageFile {
    /// Checks the file and its backing files. Reads their headers and tables. Opens nothing outside of the folder of
    /// the image, except for what the project allows.
    ///
    /// # Errors
    /// See [`ProbeError`]. Each error says what to do next.
    pub fn open(&self) -> Result<ProbedImage, ProbeError> {
        let unreadable = |source| unreadable(&self.path, source);
        let path = std::path::absolute(&self.path).map_err(unreadable)?;
        let mut source = open(&self.path)?;
        let head = source.read(0, HEAD_BYTES).map_err(unreadable)?;
        let format = self.format_of(&head)?;
        let bounds = Bounds::new(&path, &self.allowed).map_err(unreadable)?;
        let header = container::read(format, &mut source).map_err(|fault| fault.of(&self.path))?;
        let content = match format {
            FileFormat::Raw => Some(self.content(&head, &mut source)?),
            _ => None,
        };
        let (bytes, disk_bytes) = (source.bytes(), header.disk_bytes);
        let mut layers = vec![layer(path, format, &header, &bounds)?];
        follow(header, &mut layers, &bounds)?;
        Ok(ProbedImage {
            bytes,
            disk_bytes,
            content,
            layers,
        })
    }

    /// Returns the format that is named, or that the first bytes tell.
    fn format_of(&self, head: &[u8]) -> Result<FileFormat, ProbeError> {
        let found = container::signature(head);
        let Some(said) = self.format else {
            return Ok(found.unwrap_or_else(|| self.format_by_name(head)));
        };
        // A disk that is named as raw is raw, whatever a guest has written to its first sector. The mark of a VHD of a
        // fixed size is at its end.
        let fits = said == FileFormat::Raw
            || Some(said) == found
            || (said == FileFormat::Vhd && found.is_none());
        match fits {
            true => Ok(said),
            false => Err(ProbeError::OtherFormat {
                path: self.path.clone(),
                said,
                found: found.map_or_else(
                    || {
                        known(head)
                            .map_or_else(|| "no file of that kind".to_owned(), |known| known.found)
                    },
                    |format| format.to_string(),
                ),
            }),
        }
    }

    /// Returns the format of a file without a mark at its beginning. A VHD of a fixed size has its mark at its end. If
    /// such a file is cut off, the mark is lost: the disk would be taken for a raw one, and would start until it reads
    /// a missing place.
    fn format_by_name(&self, head: &[u8]) -> FileFormat {
        let extension = self
            .path
            .extension()
            .and_then(|extension| extension.to_str());
        let is_vhd = extension.is_some_and(|extension| {
            ["vhd", "vpc"]
                .iter()
                .any(|vhd| extension.eq_ignore_ascii_case(vhd))
        });
        match is_vhd && known(head).is_none() {
            true => FileFormat::Vhd,
            false => FileFormat::Raw,
        }
    }

    fn content(&self, head: &[u8], source: &mut Source<File>) -> Result<DiskContent, ProbeError> {
        let not_a_disk = |Known { found, advice }| ProbeError::NotADisk {
            path: self.path.clone(),
            found,
            advice,
        };
        // Kernels have the mark of a boot sector as well. A disk that starts otherwise is accepted as it was named.
        let known = known(head);
        let is_raw_for_sure = self.format.is_some() && self.purpose == Purpose::Data;
        if let (Some(known), false) = (known, is_raw_for_sure) {
            let file_system = self.purpose == Purpose::Data && known.found.contains("file system");
            if !file_system {
                return Err(not_a_disk(known));
            }
        }
        match content(head, source).map_err(|fault| fault.of(&self.path))? {
            DiskContent::Other if self.purpose == Purpose::Start => {
                Err(not_a_disk(Known::unknown(head)))
            }
            content => Ok(content),
        }
    }
}

/// Reads the header of an overlay that QEMU made here, and not a stranger. Returns its backing file, and the size of
/// its disk.
///
/// # Errors
/// When it cannot be read, or is no qcow2 file.
pub(crate) fn overlay_header(path: &Path) -> Result<(Option<PathBuf>, Option<u64>), ProbeError> {
    let mut source = open(path)?;
    let header = container::read(FileFormat::Qcow2, &mut source).map_err(|fault| fault.of(path))?;
    let backing = header.backing.map(|backing| PathBuf::from(backing.name));
    Ok((backing, header.disk_bytes))
}

/// Opens the backing files of an image, one after the other.
fn follow(mut header: Header, layers: &mut Vec<Layer>, bounds: &Bounds) -> Result<(), ProbeError> {
    while let Some(named) = header.backing.take() {
        let Some(of) = layers.last().map(|layer| layer.path.clone()) else {
            return Ok(());
        };
        let path = bounds.resolve(&named, &of)?;
        let unusable = |why: String| ProbeError::Unusable {
            path: of.clone(),
            why,
        };
        let is_same = |layer: &Layer| layer.path.canonicalize().is_ok_and(|other| other == path);
        if layers.iter().any(is_same) {
            return Err(unusable("it stands on itself".to_owned()));
        }
        if layers.len() >= MOST_LAYERS {
            return Err(unusable(format!(
                "more than {MOST_LAYERS} files stand on each other; make one of them with `qemu-img convert`"
            )));
        }
        let mut source = open(&path)?;
        let head = source
            .read(0, HEAD_BYTES)
            .map_err(|source| unreadable(&path, source))?;
        let found = container::signature(&head);
        let format = match named.format.as_deref() {
            None => found.unwrap_or(FileFormat::Raw),
            Some(name) => FileFormat::of_driver(name).ok_or_else(|| ProbeError::Forbidden {
                path: of.clone(),
                why: format!(
                    "it has the file that it stands on opened by `{}`",
                    name.escape_default()
                ),
                advice: "formats of files are raw, qcow2, qed, vmdk, vdi, vpc and vhdx".to_owned(),
            })?,
        };
        if format != FileFormat::Raw && found != Some(format) && format != FileFormat::Vhd {
            return Err(ProbeError::OtherFormat {
                path,
                said: format,
                found: found.map_or_else(|| "no such file".to_owned(), |found| found.to_string()),
            });
        }
        header = container::read(format, &mut source).map_err(|fault: Fault| fault.of(&path))?;
        layers.push(layer(path, format, &header, bounds)?);
    }
    Ok(())
}

fn layer(
    path: PathBuf,
    format: FileFormat,
    header: &Header,
    bounds: &Bounds,
) -> Result<Layer, ProbeError> {
    let find = |named| {
        let file = bounds.resolve(named, &path)?;
        open(&file).map(|_| file)
    };
    let data = header.data.as_ref().map(find).transpose()?;
    let extents = header.extents.iter().map(find).collect::<Result<_, _>>()?;
    Ok(Layer {
        path,
        format,
        data,
        extents,
    })
}

pub(super) fn unreadable(path: &Path, source: io::Error) -> ProbeError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ProbeError::Missing { path },
        _ => ProbeError::Unreadable { path, source },
    }
}

/// Opens a file or block device that is not empty.
pub(super) fn open(path: &Path) -> Result<Source<File>, ProbeError> {
    let unreadable = |source| unreadable(path, source);
    // Checked before it is opened: opening a pipe blocks until someone writes to it.
    let kind: FileType = path.metadata().map_err(unreadable)?.file_type();
    if kind.is_dir() {
        return Err(ProbeError::Directory {
            path: path.to_owned(),
        });
    }
    if !kind.is_file() && !kind.is_block_device() {
        return Err(ProbeError::NotADisk {
            path: path.to_owned(),
            found: "no file, but a pipe, socket or device".to_owned(),
            advice: Known::EXPECTED.to_owned(),
        });
    }
    let source = File::open(path).and_then(Source::new).map_err(unreadable)?;
    if source.bytes() == 0 {
        return Err(ProbeError::Empty {
            path: path.to_owned(),
        });
    }
    Ok(source)
}

#[cfg(test)]
mod tests;
