use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{LaunchError, SavedMachine, tpm::Tpm};
use crate::{
    Disk, DiskSource, MachineSpec,
    firmware::{FirmwareFiles, VARIABLES_COPY},
    image::{ImageFormat, probe},
    qemu::{create_blank, create_overlay},
    spec::DiskFile,
};

/// The files of a run: those of its disks, its own firmware variables, the state of its TPM. The last of its clones removes what was made
/// for the run.
#[derive(Debug, Clone)]
pub(super) struct RunFiles {
    disks: Vec<Option<DiskFile>>,
    variables: PathBuf,
    made: Arc<Made>,
}

/// Files to remove, each noted before it is made, so that a half-made one goes as well.
#[derive(Debug, Default)]
struct Made(Vec<PathBuf>);

impl Drop for Made {
    fn drop(&mut self) {
        for path in &self.0 {
            // One that was never made, or that cannot be removed: nothing depends on it any more.
            let _ = match path.is_dir() {
                true => fs::remove_dir_all(path),
                false => fs::remove_file(path),
            };
        }
    }
}

impl RunFiles {
    /// Makes the files in `folder`, which is absolute: as for a machine that is new, or as they were when one was saved.
    pub(super) async fn make(
        folder: &Path,
        spec: &MachineSpec,
        firmware: Option<&FirmwareFiles>,
        saved: Option<&SavedMachine>,
    ) -> Result<Self, LaunchError> {
        let disks = match saved {
            Some(saved) => saved.disks(&spec.disks),
            None => spec.disks.clone(),
        };
        let mut made = Made::default();
        if spec.tpm {
            made.0.push(Tpm::state_in(folder));
        }
        let mut files = Vec::with_capacity(disks.len());
        for (index, disk) in disks.iter().enumerate() {
            let overlay = folder.join(overlay_name(index));
            files.push(disk_file(disk, overlay, &mut made).await?);
        }
        let mut variables = PathBuf::new();
        if let Some(chips) = firmware.and_then(FirmwareFiles::flash) {
            variables = chips.variables_copy(folder);
            made.0.push(variables.clone());
            let from = saved.map_or_else(|| chips.variables.clone(), SavedMachine::variables);
            copy_writable(&from, &variables).map_err(file_error("create", &variables))?;
        }
        Ok(Self {
            disks: files,
            variables,
            made: Arc::new(made),
        })
    }

    /// For each disk of the spec the file QEMU opens; none for a drive without a medium.
    pub(super) fn disks(&self) -> &[Option<DiskFile>] {
        &self.disks
    }

    /// Another medium, or none, is in the drive of this index from now on.
    pub(super) fn set_medium(&mut self, index: usize, medium: Option<DiskFile>) {
        self.disks[index] = medium;
    }

    /// The overlays of disks that are written to, with the index of the disk.
    pub(super) fn overlays(&self) -> impl Iterator<Item = (usize, &Path)> {
        let made = &self.made.0;
        let own = move |(index, disk): (usize, &'_ Option<DiskFile>)| {
            let path = &disk.as_ref()?.path;
            let path = made.iter().find(|made| *made == path)?;
            Some((index, path.as_path()))
        };
        self.disks.iter().enumerate().filter_map(own)
    }

    /// The run's own firmware variables; empty where there are no flash chips.
    pub(super) fn variables(&self) -> &Path {
        &self.variables
    }
}

async fn disk_file(
    disk: &Disk,
    overlay: PathBuf,
    made: &mut Made,
) -> Result<Option<DiskFile>, LaunchError> {
    let failed = |image: &Path| {
        let image = image.to_owned();
        move |reason| LaunchError::Overlay { image, reason }
    };
    match &disk.source {
        DiskSource::Cdrom(image) => return medium_file(image).map(Some),
        DiskSource::EmptyDrive => return Ok(None),
        DiskSource::Overlay(image) => {
            let probed = probe(image)?;
            let too_small = |mib: &u64| mib.saturating_mul(1 << 20) < probed.disk_bytes;
            if let Some(mib) = disk.grown_to_mib.filter(too_small) {
                let has = probed.disk_bytes.div_ceil(1 << 20);
                let reason = format!("the disk has {has} MiB and cannot become {mib} MiB small");
                return Err(failed(image)(reason));
            }
            made.0.push(overlay.clone());
            let format = qemu_format(probed.format);
            create_overlay(&overlay, image, format, disk.grown_to_mib)
                .await
                .map_err(failed(image))?;
        }
        DiskSource::Blank { size_mib } => {
            made.0.push(overlay.clone());
            create_blank(&overlay, *size_mib)
                .await
                .map_err(failed(&overlay))?;
        }
    }
    Ok(Some(DiskFile {
        path: overlay,
        format: "qcow2",
    }))
}

/// The file of a CD or DVD, which is never written to.
pub(super) fn medium_file(image: &Path) -> Result<DiskFile, LaunchError> {
    Ok(DiskFile {
        format: qemu_format(probe(image)?.format),
        path: absolute(image)?,
    })
}

fn overlay_name(index: usize) -> String {
    format!("disk{index}.qcow2")
}

/// Removes from the folder of a run the files that machines write to: what is left of one whose process was killed together with the
/// one that had started it. Logs stay. Tells how many bytes on disk that gave back.
///
/// # Errors
/// When the folder cannot be read, or a file not removed.
pub fn clear_killed(folder: &Path) -> io::Result<u64> {
    let mut freed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path() == Tpm::state_in(folder) && entry.file_type()?.is_dir() {
            // Some kilobytes, which count for nothing.
            fs::remove_dir_all(entry.path())?;
            continue;
        }
        if !entry.file_type()?.is_file() || !is_run_file(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let bytes = entry.metadata()?.blocks() * 512;
        match fs::remove_file(entry.path()) {
            Ok(()) => freed += bytes,
            // Another process clears here, too.
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
    is_overlay || stem == VARIABLES_COPY
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
        ];
        let stay = [
            "disk.qcow2",
            "disk01.qcow2",
            "disk0.qcow2.txt",
            "qmp.log",
            "serial0.log",
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
