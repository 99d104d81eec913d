use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{LaunchError, SavedMachine};
use crate::{
    Disk, DiskSource,
    firmware::FirmwareFiles,
    image::{ImageFormat, probe},
    qemu::{create_blank, create_overlay},
    spec::DiskFile,
};

/// The files a run writes to: overlays of its disks, its own firmware variables. Dropping it removes them.
#[derive(Debug)]
pub(super) struct RunFiles {
    disks: Vec<DiskFile>,
    variables: PathBuf,
    made: Made,
}

/// Files to remove, each noted before it is made, so that a half-made one goes as well.
#[derive(Debug, Default)]
struct Made(Vec<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.0 {
            // One that was never made, or that cannot be removed: nothing depends on it any more.
            let _ = fs::remove_file(path);
        }
    }
}

impl RunFiles {
    /// Makes the files in `folder`, which is absolute: as for a machine that is new, or as they were when one was saved.
    pub(super) async fn make(
        folder: &Path,
        disks: &[Disk],
        firmware: Option<&FirmwareFiles>,
        saved: Option<&SavedMachine>,
    ) -> Result<Self, LaunchError> {
        let sources = match saved {
            Some(saved) => saved.disks(disks),
            None => disks.iter().map(|disk| disk.source.clone()).collect(),
        };
        let mut files = Self {
            disks: Vec::with_capacity(disks.len()),
            variables: PathBuf::new(),
            made: Made::default(),
        };
        for (index, source) in sources.iter().enumerate() {
            let overlay = folder.join(format!("disk{index}.qcow2"));
            let file = files.disk(source, overlay).await?;
            files.disks.push(file);
        }
        if let Some(firmware) = firmware {
            files.variables = firmware.variables_copy(folder);
            files.made.0.push(files.variables.clone());
            let from = saved.map_or_else(|| firmware.variables.clone(), SavedMachine::variables);
            copy_writable(&from, &files.variables)
                .map_err(file_error("create", &files.variables))?;
        }
        Ok(files)
    }

    async fn disk(
        &mut self,
        source: &DiskSource,
        overlay: PathBuf,
    ) -> Result<DiskFile, LaunchError> {
        let failed = |image: &Path| {
            let image = image.to_owned();
            move |reason| LaunchError::Overlay { image, reason }
        };
        match source {
            DiskSource::Cdrom(image) => Ok(DiskFile {
                format: qemu_format(probe(image)?.format),
                path: absolute(image)?,
            }),
            DiskSource::Overlay(image) => {
                let format = qemu_format(probe(image)?.format);
                self.made.0.push(overlay.clone());
                create_overlay(&overlay, image, format)
                    .await
                    .map_err(failed(image))?;
                Ok(DiskFile {
                    path: overlay,
                    format: "qcow2",
                })
            }
            DiskSource::Blank { size_mib } => {
                self.made.0.push(overlay.clone());
                create_blank(&overlay, *size_mib)
                    .await
                    .map_err(failed(&overlay))?;
                Ok(DiskFile {
                    path: overlay,
                    format: "qcow2",
                })
            }
        }
    }

    /// For each disk of the spec the file QEMU opens.
    pub(super) fn disks(&self) -> &[DiskFile] {
        &self.disks
    }

    /// The overlays of disks that are written to, with the index of the disk.
    pub(super) fn overlays(&self) -> impl Iterator<Item = (usize, &Path)> {
        let made = &self.made.0;
        let is_own = move |(_, disk): &(usize, &DiskFile)| made.contains(&disk.path);
        self.disks
            .iter()
            .enumerate()
            .filter(is_own)
            .map(|(index, disk)| (index, disk.path.as_path()))
    }

    /// The run's own firmware variables; empty without UEFI.
    pub(super) fn variables(&self) -> &Path {
        &self.variables
    }
}

/// Copies the content only: a package's file is often read-only, and QEMU writes to the copy.
pub(super) fn copy_writable(from: &Path, to: &Path) -> io::Result<()> {
    let mut source = fs::File::open(from)?;
    let mut copy = fs::File::create(to)?;
    io::copy(&mut source, &mut copy).map(drop)
}

/// The name by which QEMU opens such an image.
fn qemu_format(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Qcow2 => "qcow2",
        ImageFormat::RawGpt | ImageFormat::RawMbr | ImageFormat::Iso => "raw",
    }
}

pub(super) fn absolute(path: &Path) -> Result<PathBuf, LaunchError> {
    std::path::absolute(path).map_err(file_error("find", path))
}

/// The error of an action on a file.
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
