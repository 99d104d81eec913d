//! The files of a run.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{LaunchError, SavedMachine, tpm::Tpm, variable_store::VariableStore};
use crate::{
    Disk, DiskSource, MachineSpec,
    board::RAW_IMAGE,
    image::{FileFormat, ImageFile, ProbedImage, overlay_header},
    qemu::command_line::DiskFile,
    qemu::firmware::{FirmwareFiles, VARIABLES_COPY},
    qemu::process::{create_blank, create_overlay},
};

/// The files of a run: those of its disks, its own firmware variables, the state of its TPM. The last clone removes the
/// files that were made for the run.
#[derive(Debug, Clone)]
pub(super) struct RunFiles {
    disks: Vec<Option<DiskFile>>,
    variables: PathBuf,
    made: Arc<Made>,
}

/// Files to remove. Each is noted before it is made, so that an incomplete one is removed as well.
#[derive(Debug, Default)]
struct Made(Vec<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.0 {
            // A file that was never made, or cannot be removed. Nothing depends on it any more.
            let _ = match path.is_dir() {
                true => fs::remove_dir_all(path),
                false => fs::remove_file(path),
            };
        }
    }
}

impl RunFiles {
    /// Makes the files in `folder`, which is absolute: for a new machine, or as they were when a machine was saved.
    pub(super) async fn make(
        folder: &Path,
        spec: &MachineSpec,
        firmware: Option<&FirmwareFiles>,
        saved: Option<&SavedMachine>,
    ) -> Result<Self, LaunchError> {
        let mut made = Made::default();
        if spec.tpm {
            made.0.push(Tpm::state_in(folder));
        }
        let mut files = Vec::with_capacity(spec.disks.len());
        for (index, disk) in spec.disks.iter().enumerate() {
            let place = Place {
                index,
                overlay: folder.join(overlay_name(index)),
                saved,
            };
            files.push(place.disk_file(disk, &mut made).await?);
        }
        let mut variables = PathBuf::new();
        if let Some(chips) = firmware.and_then(FirmwareFiles::flash) {
            variables = chips.variables_copy(folder);
            made.0.push(variables.clone());
            let from = match (saved, &spec.variables) {
                (Some(saved), _) => saved.variables(),
                (None, Some(own)) => {
                    VariableStore::check(own, chips)?;
                    own.clone()
                }
                (None, None) => chips.variables.clone(),
            };
            copy_writable(&from, &variables).map_err(file_error("create", &variables))?;
        }
        Ok(Self {
            disks: files,
            variables,
            made: Arc::new(made),
        })
    }

    /// Returns the file that QEMU opens for each disk of the spec. None for a drive without a medium.
    pub(super) fn disks(&self) -> &[Option<DiskFile>] {
        &self.disks
    }

    /// Changes the medium in the drive of this index.
    pub(super) fn set_medium(&mut self, index: usize, medium: Option<DiskFile>) {
        self.disks[index] = medium;
    }

    /// Returns the overlays of disks that are written to, with the index of the disk.
    pub(super) fn overlays(&self) -> impl Iterator<Item = (usize, &Path)> {
        let made = &self.made.0;
        let own = move |(index, disk): (usize, &'_ Option<DiskFile>)| {
            let path = &disk.as_ref()?.path;
            let path = made.iter().find(|made| *made == path)?;
            Some((index, path.as_path()))
        };
        self.disks.iter().enumerate().filter_map(own)
    }

    /// Returns the run's own firmware variables. Empty if there are no flash chips.
    pub(super) fn variables(&self) -> &Path {
        &self.variables
    }
}

/// The place for the file of a disk.
struct Place<'p> {
    index: usize,
    overlay: PathBuf,
    /// The saved machine to continue.
    saved: Option<&'p SavedMachine>,
}

impl Place<'_> {
    async fn disk_file(
        self,
        disk: &Disk,
        made: &mut Made,
    ) -> Result<Option<DiskFile>, LaunchError> {
        match &disk.source {
            // The medium in the drive is that of the spec, also for a saved machine.
            DiskSource::Cdrom(image) => medium_file(image).map(Some),
            DiskSource::EmptyDrive => Ok(None),
            DiskSource::Overlay(image) => {
                let opened = image.open()?;
                let bottom = DiskFile::of_layers(opened.layers());
                let (below, bytes) = match self.saved {
                    Some(saved) => self.saved_disk(saved, bottom)?,
                    None => (bottom, grown(disk, image, &opened)?),
                };
                self.overlay_on(below, bytes, made).await.map(Some)
            }
            DiskSource::Blank { size_mib } => match self.saved {
                Some(saved) => {
                    let (below, bytes) = self.saved_disk(saved, None)?;
                    self.overlay_on(below, bytes, made).await.map(Some)
                }
                None => {
                    made.0.push(self.overlay.clone());
                    let blank = create_blank(&self.overlay, *size_mib).await;
                    blank.map_err(failed(&self.overlay))?;
                    Ok(Some(DiskFile::new(self.overlay, FileFormat::Qcow2)))
                }
            },
        }
    }

    /// Returns the disk as it was saved, on its image, and its size.
    fn saved_disk(
        &self,
        saved: &SavedMachine,
        image: Option<DiskFile>,
    ) -> Result<(Option<DiskFile>, Option<u64>), LaunchError> {
        let path = image.as_ref().map(|image| image.path.as_path());
        let overlays = saved.overlays(self.index, path)?;
        let (_, bytes) = overlay_header(&saved.disk(self.index))?;
        let mut below = image;
        for path in overlays.into_iter().rev() {
            let overlay = DiskFile::new(path, FileFormat::Qcow2);
            below = Some(match below {
                Some(below) => overlay.on(below),
                None => overlay,
            });
        }
        Ok((below, bytes))
    }

    async fn overlay_on(
        self,
        below: Option<DiskFile>,
        bytes: Option<u64>,
        made: &mut Made,
    ) -> Result<DiskFile, LaunchError> {
        let overlay = DiskFile::new(self.overlay, FileFormat::Qcow2);
        let Some(below) = below else {
            return Ok(overlay);
        };
        made.0.push(overlay.path.clone());
        create_overlay(&overlay.path, &below.path, below.format, bytes)
            .await
            .map_err(failed(&below.path))?;
        Ok(overlay.on(below))
    }
}

/// Returns the size of a disk that starts as this image. None if only QEMU can find it out.
fn grown(disk: &Disk, image: &ImageFile, opened: &ProbedImage) -> Result<Option<u64>, LaunchError> {
    let Some(mib) = disk.grown_to_mib else {
        return Ok(opened.disk_bytes);
    };
    let bytes = mib.saturating_mul(1 << 20);
    match opened.disk_bytes {
        Some(has) if bytes < has => {
            let has = has.div_ceil(1 << 20);
            let reason = format!("the disk has {has} MiB and cannot become {mib} MiB small");
            Err(failed(&image.path)(reason))
        }
        Some(_) | None => Ok(Some(bytes)),
    }
}

fn failed(image: &Path) -> impl FnOnce(String) -> LaunchError + use<> {
    let image = image.to_owned();
    move |reason| LaunchError::Overlay { image, reason }
}

/// Returns the file of a CD or DVD, which is never written to.
pub(super) fn medium_file(image: &ImageFile) -> Result<DiskFile, LaunchError> {
    let opened = image.open()?;
    DiskFile::of_layers(opened.layers()).ok_or_else(|| LaunchError::Spec {
        reason: format!("{} has no file", image.path.display()),
    })
}

fn overlay_name(index: usize) -> String {
    format!("disk{index}.qcow2")
}

/// Removes the files that machines write to from the folder of a run: the rest of a machine whose process was killed
/// together with this program. Logs stay. Returns the bytes on disk that were freed.
///
/// # Errors
/// When the folder cannot be read, or a file cannot be removed.
pub fn clear_killed(folder: &Path) -> io::Result<u64> {
    let mut freed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path() == Tpm::state_in(folder) && entry.file_type()?.is_dir() {
            // Some kilobytes, which are not counted.
            fs::remove_dir_all(entry.path())?;
            continue;
        }
        if !entry.file_type()?.is_file() || !is_run_file(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let bytes = entry.metadata()?.blocks() * 512;
        match fs::remove_file(entry.path()) {
            Ok(()) => freed += bytes,
            // Another process removes files here as well.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(freed)
}

fn is_run_file(name: &str) -> bool {
    let number = name
        .strip_prefix("disk")
        .and_then(|rest| rest.strip_suffix(".qcow2"));
    let is_overlay = number
        .and_then(|number| number.parse().ok())
        .is_some_and(|index| overlay_name(index) == name);
    let (stem, _) = name.split_once('.').unwrap_or_default();
    is_overlay || stem == VARIABLES_COPY || name == RAW_IMAGE
}

/// Copies the content only: a package's file is often read-only, and QEMU writes to the copy.
pub(super) fn copy_writable(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = fs::File::open(from)?;
    let mut copy = fs::File::create(to)?;
    io::copy(&mut source, &mut copy).map(drop)
}

pub(super) fn absolute(path: &Path) -> Result<PathBuf, LaunchError> {
    std::path::absolute(path).map_err(file_error("find", path))
}

/// Returns the error of an operation on a file.
pub(super) fn file_error(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> LaunchError + use<> {
    let path = path.to_owned();
    move |source| LaunchError::File {
        action,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_run_that_was_killed_only_what_machines_wrote_to_goes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| fs::write(folder.path().join(name), "some bytes").unwrap();
        let go = [
            "disk0.qcow2",
            "disk12.qcow2",
            "firmware-variables.raw",
            "firmware-variables.qcow2",
            "board-image.raw",
        ];
        let stay = [
            "disk.qcow2",
            "disk01.qcow2",
            "disk0.qcow2.txt",
            "qmp.log",
            "serial0.log",
            "board.log",
            "firmware-variables",
        ];
        go.iter().chain(&stay).for_each(|name| write(name));
        fs::create_dir(folder.path().join("disk1.qcow2")).unwrap();
        fs::create_dir(Tpm::state_in(folder.path())).unwrap();
        write("tpm/tpm2-00.permall");
        let blocks = |name: &&str| folder.path().join(name).metadata().unwrap().blocks();
        let bytes: u64 = go.iter().map(|name| blocks(name) * 512).sum();
        assert_eq!(clear_killed(folder.path()).unwrap(), bytes);
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let mut expected = [&stay[..], &["disk1.qcow2"]].concat();
        expected.sort_unstable();
        assert_eq!(left, expected);
        assert_eq!(clear_killed(folder.path()).unwrap(), 0);
    }
}
