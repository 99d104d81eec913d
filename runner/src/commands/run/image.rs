//! The image of a job: a recipe of the project, a file of the project, or a file named in the call.

use std::path::{Path, PathBuf};

use reports::ExitStatus;
use scenarios::{Chain, DiskFormat, Image, ImageSource, KernelBoot};
use vm::VariableStore;
use vm::image::{FileFormat, ImageFile, ImageStamp, ImageStore, ProbeError, Purpose};

use crate::cli::RunArgs;
use crate::commands::image::find_recipe;
use crate::commands::run::packed::unpacked;
use crate::commands::{Context, talk};
use crate::engine::{JobImage, MissingImage};
use crate::failure::{Failure, chain};
use crate::project::{Project, refuse};

/// The image of a chain, and the machine that goes with it. `on` is the one that a matrix says.
pub(super) fn image(
    context: &Context,
    args: &RunArgs,
    project: &Project,
    images: &ImageStore,
    chain: &Chain,
    on: Option<&str>,
) -> Result<(JobImage, Option<String>), Failure> {
    let named = on.or(args.image.as_deref()).or_else(|| chain.image());
    let only = match &project.file {
        Some(file) if file.images.len() == 1 => file.images.keys().next().map(String::as_str),
        Some(_) | None => None,
    };
    let Some(name) = named.or(only) else {
        return Err(Failure::usage("it is not said which image to test")
            .hint("give a disk file with --image, or `image:` in the scenario"));
    };
    let declared = project.file.as_ref().and_then(|file| file.images.get(name));
    let declared = declared.or_else(|| image_of_file(context, project, args.image.as_deref()?));
    if let Some(image) = declared {
        let name = image.name.as_str();
        let machine = Some(image.machine_name().to_owned());
        let disk = match &image.source {
            ImageSource::Recipe(recipe) => built(context, images, name, recipe)?,
            ImageSource::File { path, format } => {
                let file = declared_file(image, path, *format, &project.root);
                file_image(context, images, name, file)?
            }
            ImageSource::KernelOnly => JobImage {
                name: name.to_owned(),
                disk: Ok(None),
                kernel: None,
                digest: None,
                is_cdrom: false,
                content: None,
                stamp: None,
                firmware_vars: None,
            },
        };
        let mut job_image = match &image.boot {
            Some(boot) => with_kernel(images, disk, boot, &project.root),
            None => disk,
        };
        job_image.firmware_vars = firmware_vars(image, &project.root)?;
        return Ok((job_image, machine));
    }
    // Not a name of the project: a file, if it looks like one or is there.
    let path = Path::new(name);
    if args.image.is_some() && (path.exists() || name.contains(['/', '.'])) {
        let name = path
            .file_name()
            .map_or(name.to_owned(), |name| name.to_string_lossy().into_owned());
        let image = file_image(context, images, &name, ImageFile::new(path))?;
        return match image.disk {
            // What the call names must be there: nothing builds it on the way.
            Err(missing) if !path.exists() => {
                Err(Failure::usage(missing.message).hint(missing.hint))
            }
            Ok(_) | Err(_) => Ok((image, None)),
        };
    }
    match &project.file {
        Some(file) => match file.image(name) {
            Ok(_) => Err(Failure::error(format!("image `{name}` is declared twice"))),
            Err(error) => Err(refuse(&[error], context.colour_on_stderr())),
        },
        None => Err(Failure::usage(format!("there is no image `{name}`"))
            .hint("outside a project, give a disk file with --image")),
    }
}

/// Returns the image of the project that the call names by its file instead of its name. Of several, that is the
/// first one of the project file, and the call is told of the others.
fn image_of_file<'p>(context: &Context, project: &'p Project, named: &str) -> Option<&'p Image> {
    let file = Path::new(named).canonicalize().ok()?;
    let is_it = |image: &&Image| match &image.source {
        ImageSource::File { path, .. } => {
            let own = project.root.join(path).canonicalize();
            own.is_ok_and(|own| own == file)
        }
        ImageSource::Recipe(_) | ImageSource::KernelOnly => false,
    };
    let images = project.file.as_ref()?.images.values();
    let mut found: Vec<&Image> = images.filter(is_it).collect();
    found.sort_by_key(|image| image.at.range().start);
    if let [first, others @ ..] = &found[..]
        && !others.is_empty()
    {
        let others: Vec<_> = others
            .iter()
            .map(|image| format!("`{}`", image.name))
            .collect();
        talk(
            context,
            &format!(
                "{named} is tested as image `{}` of the project; it is {}, too: `--image` takes a name as well",
                first.name,
                others.join(" and ")
            ),
        );
    }
    found.first().copied()
}

fn built(
    context: &Context,
    images: &ImageStore,
    name: &str,
    recipe: &str,
) -> Result<JobImage, Failure> {
    let recipe = find_recipe(context, recipe)?;
    let found = images
        .find(&recipe)
        .map_err(|error| Failure::error(chain(&error)))?;
    Ok(JobImage {
        name: name.to_owned(),
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
        kernel: None,
        content: None,
        stamp: None,
        firmware_vars: None,
    })
}

/// The same, started by a kernel.
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

/// The file of an image as the project declares it.
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

/// The variable store of an image's own.
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

/// An image that is a file. What no host could run is refused; one that is not there or cannot be read
/// is an error of its jobs.
fn file_image(
    context: &Context,
    images: &ImageStore,
    name: &str,
    file: ImageFile,
) -> Result<JobImage, Failure> {
    let named = file.path.clone();
    let missing = |message: String| {
        MissingImage {
        message,
        hint: "`--image` takes a disk file: qcow2, raw, ISO or another that README.md lists, also packed".to_owned(),
    }
    };
    let mut job = JobImage {
        name: name.to_owned(),
        disk: Ok(None),
        digest: None,
        is_cdrom: false,
        kernel: None,
        content: None,
        stamp: None,
        firmware_vars: None,
    };
    let (file, packed) = match unpacked(context, images, file) {
        Ok(unpacked) => unpacked,
        Err(failure) if failure.exit() == ExitStatus::Usage => return Err(failure),
        Err(failure) => {
            job.disk = Err(missing(failure.message().to_owned()));
            return Ok(job);
        }
    };
    let told = |error: &ProbeError| match &packed {
        Some(_) => format!("what is packed in {}: {}", named.display(), chain(error)),
        None => chain(error),
    };
    match file.open() {
        Ok(opened) => {
            let digest = match &packed {
                Some(digest) => Some(*digest),
                None => images.digest_of_all(&opened).ok(),
            };
            job.digest = digest.map(|digest| format!("sha256:{digest}"));
            job.is_cdrom = opened.is_cd();
            job.stamp = ImageStamp::of(&opened).ok();
            job.content = opened.content;
            job.disk = Ok(Some(file));
        }
        Err(error) if error.is_of_the_file() => return Err(Failure::usage(told(&error))),
        Err(error) => job.disk = Err(missing(told(&error))),
    }
    Ok(job)
}
