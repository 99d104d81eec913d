//! The image of a cell: a recipe of the project, a file of the project, or a file that `--image` names.

use std::path::{Path, PathBuf};

use reports::ExitStatus;
use scenarios::{DiskFormat, Image, ImageSource, KernelBoot};
use vm::VariableStore;
use vm::image::{FileFormat, ImageFile, ImageStamp, ImageStore, ProbeError, Purpose};

use super::packed::unpacked;
use super::{JobImage, MissingImage};
use crate::failure::{Failure, chain};
use crate::plan::cell::ImageChoice;
use crate::plan::place::declared;
use crate::project::Project;
use crate::recipes::find_recipe;
use crate::talk::Talk;

/// Finds the image of a cell.
///
/// # Errors
/// The project has no such image, no host can run it, or the file that `--image` names does not exist. A missing image
/// of the project is an error of its jobs instead.
pub(super) fn image(
    choice: &ImageChoice,
    project: &Project,
    images: &ImageStore,
    talk: Talk,
) -> Result<JobImage, Failure> {
    match choice {
        ImageChoice::Declared(name) => {
            declared_image(declared(project, name)?, project, images, talk)
        }
        ImageChoice::File(path) => {
            let name = path.file_name().unwrap_or(path.as_os_str());
            let name = name.to_string_lossy();
            let image = file_image(&name, ImageFile::new(path), images, talk)?;
            match image.disk {
                // Unlike an image of the project, the file cannot be built before the job runs.
                Err(missing) if !path.exists() => {
                    Err(Failure::usage(missing.message).hint(missing.hint))
                }
                Ok(_) | Err(_) => Ok(image),
            }
        }
    }
}

/// Finds an image that the project declares.
fn declared_image(
    image: &Image,
    project: &Project,
    images: &ImageStore,
    talk: Talk,
) -> Result<JobImage, Failure> {
    let name = image.name.as_str();
    let disk = match &image.source {
        ImageSource::Recipe(recipe) => built(name, recipe, project, images)?,
        ImageSource::File { path, format } => {
            let file = declared_file(image, path, *format, &project.root);
            file_image(name, file, images, talk)?
        }
        ImageSource::KernelOnly => JobImage::without_disk(name),
    };
    let booted = match &image.boot {
        Some(boot) => with_kernel(images, disk, boot, &project.root),
        None => disk,
    };
    Ok(JobImage {
        firmware_vars: firmware_vars(image, &project.root)?,
        ..booted
    })
}

/// Finds the image of a recipe in the cache.
fn built(
    name: &str,
    recipe: &str,
    project: &Project,
    images: &ImageStore,
) -> Result<JobImage, Failure> {
    let recipe = find_recipe(&project.root, recipe)?;
    let found = images
        .find(&recipe)
        .map_err(|error| Failure::error(chain(&error)))?;
    Ok(JobImage {
        digest: found
            .as_ref()
            .map(|image| format!("sha256:{}", image.digest)),
        disk: found
            .map(|image| Some(ImageFile::new(image.path)))
            .ok_or_else(|| MissingImage {
                message: format!("image `{name}` is not built, or its recipe has changed since"),
                hint: format!("`qa image build {}` builds it", recipe.name()),
            }),
        is_cdrom: recipe.is_cd(),
        ..JobImage::without_disk(name)
    })
}

/// Returns the image with a kernel from which the machine starts.
fn with_kernel(images: &ImageStore, image: JobImage, boot: &KernelBoot, root: &Path) -> JobImage {
    let kernel = root.join(&boot.kernel);
    let initrd = boot.initrd.as_ref().map(|path| root.join(path));
    let missing = std::iter::once(&kernel).chain(&initrd);
    let missing = missing.into_iter().find(|path| !path.is_file());
    let missing = missing.map(|path| MissingImage {
        message: format!("there is no file {} to boot", path.display()),
        hint: format!(
            "`kernel:` and `initrd:` of image `{}` name files relative to qa.yaml",
            image.name
        ),
    });
    JobImage {
        disk: match missing {
            Some(missing) => image.disk.and(Err(missing)),
            None => image.disk,
        },
        digest: image.digest.or_else(|| {
            let digest = images.digest_of(&kernel).ok()?;
            Some(format!("sha256:{digest}"))
        }),
        kernel: Some(vm::KernelBoot {
            kernel,
            initrd,
            append: boot.cmdline.clone(),
        }),
        ..image
    }
}

/// Returns the file of an image as the project declares it.
fn declared_file(image: &Image, path: &str, format: Option<DiskFormat>, root: &Path) -> ImageFile {
    let format = format.map(|format| match format {
        DiskFormat::Raw => FileFormat::Raw,
        DiskFormat::Qcow2 => FileFormat::Qcow2,
        DiskFormat::Qed => FileFormat::Qed,
        DiskFormat::Vmdk => FileFormat::Vmdk,
        DiskFormat::Vdi => FileFormat::Vdi,
        DiskFormat::Vhd => FileFormat::Vhd,
        DiskFormat::Vhdx => FileFormat::Vhdx,
    });
    ImageFile {
        format,
        allowed: image
            .allow_files
            .iter()
            .map(|path| root.join(path))
            .collect(),
        purpose: match image.boot {
            Some(_) => Purpose::Data,
            None => Purpose::Start,
        },
        ..ImageFile::new(root.join(path))
    }
}

/// Returns the file with the image's own UEFI variables; none if it has no such file.
///
/// # Errors
/// The file cannot be read or is no variable store.
fn firmware_vars(image: &Image, root: &Path) -> Result<Option<PathBuf>, Failure> {
    let Some(path) = &image.firmware_vars else {
        return Ok(None);
    };
    let path = root.join(path);
    match VariableStore::open(&path) {
        Ok(_) => Ok(Some(path)),
        Err(reason) => {
            let failure = Failure::usage(format!("image `{}`: {reason}", image.name));
            Err(failure
                .hint("`firmware_vars:` names a variable store of UEFI, relative to qa.yaml"))
        }
    }
}

/// Opens an image that is a file, and unpacks it if it is packed. A missing or unreadable file is an error of its jobs.
///
/// # Errors
/// No host can run the file.
fn file_image(
    name: &str,
    file: ImageFile,
    images: &ImageStore,
    talk: Talk,
) -> Result<JobImage, Failure> {
    let named = file.path.clone();
    let missing = |message: String| {
        JobImage {
        disk: Err(MissingImage {
            message,
            hint: "`--image` takes a disk file: qcow2, raw, ISO, vmdk, vdi, vhd, vhdx or qed, also packed"
                .to_owned(),
        }),
        ..JobImage::without_disk(name)
    }
    };
    let (file, packed) = match unpacked(images, file, talk) {
        Ok(unpacked) => unpacked,
        Err(failure) if failure.exit() == ExitStatus::Usage => return Err(failure),
        Err(failure) => return Ok(missing(failure.message().to_owned())),
    };
    let describe = |error: &ProbeError| match &packed {
        Some(_) => format!("the image packed in {}: {}", named.display(), chain(error)),
        None => chain(error),
    };
    match file.open() {
        Ok(opened) => {
            let digest = match &packed {
                Some(digest) => Some(*digest),
                None => images.digest_of_all(&opened).ok(),
            };
            Ok(JobImage {
                disk: Ok(Some(file)),
                digest: digest.map(|digest| format!("sha256:{digest}")),
                is_cdrom: opened.is_cd(),
                stamp: ImageStamp::of(&opened).ok(),
                content: opened.content,
                ..JobImage::without_disk(name)
            })
        }
        Err(error) if error.is_of_the_file() => Err(Failure::usage(describe(&error))),
        Err(error) => Ok(missing(describe(&error))),
    }
}
