//! The image of a job: a recipe of the project, a file of the project, or a file named in the call.

use std::path::Path;

use scenarios::{Chain, ImageSource, KernelBoot};
use vm::image::{ImageFormat, ImageStore};

use crate::cli::RunArgs;
use crate::commands::Context;
use crate::commands::image::find_recipe;
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
    if let Some(image) = declared {
        let machine = Some(image.machine_name().to_owned());
        let disk = match &image.source {
            ImageSource::Recipe(recipe) => built(context, images, name, recipe)?,
            ImageSource::File { path, .. } => file_image(images, name, &project.root.join(path)),
            ImageSource::KernelOnly => JobImage {
                name: name.to_owned(),
                disk: Ok(None),
                kernel: None,
                digest: None,
                is_cdrom: false,
            },
        };
        let job_image = match &image.boot {
            Some(boot) => with_kernel(images, disk, boot, &project.root),
            None => disk,
        };
        return Ok((job_image, machine));
    }
    // Not a name of the project: a file, if it looks like one or is there.
    let path = Path::new(name);
    if args.image.is_some() && (path.exists() || name.contains(['/', '.'])) {
        let name = path
            .file_name()
            .map_or(name.to_owned(), |name| name.to_string_lossy().into_owned());
        return Ok((file_image(images, &name, path), None));
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
            .map(|image| Some(image.path))
            .ok_or_else(|| MissingImage {
                message: format!("image `{name}` is not built, or its recipe has changed since"),
                hint: format!("`qa image build {}` builds it", recipe.name()),
            }),
        is_cdrom: recipe.is_cd(),
        kernel: None,
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

fn file_image(images: &ImageStore, name: &str, path: &Path) -> JobImage {
    let probed = vm::image::probe(path);
    let (disk, digest, is_cdrom) = match probed {
        Ok(probed) => (
            Ok(Some(path.to_owned())),
            images
                .digest_of(path)
                .ok()
                .map(|digest| format!("sha256:{digest}")),
            match probed.format {
                ImageFormat::Iso => true,
                ImageFormat::Qcow2 | ImageFormat::RawGpt | ImageFormat::RawMbr => false,
            },
        ),
        Err(error) => (
            Err(MissingImage {
                message: chain(&error),
                hint: "`--image` takes a disk file: qcow2, raw or ISO".to_owned(),
            }),
            None,
            false,
        ),
    };
    JobImage {
        name: name.to_owned(),
        disk,
        digest,
        is_cdrom,
        kernel: None,
    }
}
