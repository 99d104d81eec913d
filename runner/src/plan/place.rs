//! Finds the names of the image and the machine that a scenario runs on. No file is opened here.

use std::path::{Path, PathBuf};

use scenarios::{Chain, Image, ImageSource, Machine};

use super::cell::ImageChoice;
use super::request::{Among, Selection};
use super::selection::MatrixPlace;
use crate::failure::Failure;
use crate::project::Project;
use crate::talk::Talk;

/// Finds the image and the machine of scenarios.
#[derive(Debug)]
pub(super) struct Places<'p> {
    project: &'p Project,
    /// The image that the request names for all scenarios.
    image: Option<ImageChoice>,
    /// The machine that the request names for all scenarios.
    machine: Option<&'p str>,
}

impl<'p> Places<'p> {
    /// Prepares for a selection.
    ///
    /// # Errors
    /// The selection names an image that does not exist.
    pub(super) fn new(
        project: &'p Project,
        selection: &'p Selection,
        talk: Talk,
    ) -> Result<Self, Failure> {
        let image = match (&selection.image, &selection.among) {
            (Some(name), Among::Project) => Some(named_image(project, name, talk)?),
            // A matrix determines the images. The request only selects among its combinations.
            (Some(_), Among::Matrix(_) | Among::ResultOf { .. }) | (None, _) => None,
        };
        Ok(Self {
            project,
            image,
            machine: selection.machine.as_deref(),
        })
    }

    /// Returns the image and the machine of a scenario. `on` is the combination of a matrix, which overrides all else.
    ///
    /// # Errors
    /// No image is named, or it does not exist.
    pub(super) fn of(
        &self,
        chain: &Chain,
        on: Option<&MatrixPlace>,
    ) -> Result<(ImageChoice, String), Failure> {
        let image = match (on, &self.image, chain.image()) {
            (Some(on), _, _) => ImageChoice::Declared(on.image.clone()),
            (None, Some(image), _) => image.clone(),
            (None, None, Some(name)) => {
                declared(self.project, name)?;
                ImageChoice::Declared(name.to_owned())
            }
            (None, None, None) => self.only_image()?,
        };
        let of_image = match &image {
            ImageChoice::Declared(name) => Some(declared(self.project, name)?.machine_name()),
            ImageChoice::File(_) => None,
        };
        let machine = on
            .map(|on| on.machine.as_str())
            .or(self.machine)
            .or_else(|| chain.machine())
            .or(of_image)
            .unwrap_or(Machine::DEFAULT_PRESET);
        Ok((image, machine.to_owned()))
    }

    /// Returns the image of a project that has exactly one.
    fn only_image(&self) -> Result<ImageChoice, Failure> {
        let images = self.project.file.iter().flat_map(|file| file.images.keys());
        let images: Vec<&String> = images.collect();
        match images.as_slice() {
            [only] => Ok(ImageChoice::Declared((*only).clone())),
            _ => Err(Failure::usage("no image to test is named")
                .hint("give a disk file with --image, or `image:` in the scenario")),
        }
    }
}

/// Returns an image of the project by its name.
///
/// # Errors
/// The project has no image of this name.
pub(super) fn declared<'p>(project: &'p Project, name: &str) -> Result<&'p Image, Failure> {
    match &project.file {
        Some(file) => file
            .image(name)
            .map_err(|error| Failure::of_findings(vec![error])),
        None => Err(Failure::usage(format!("there is no image `{name}`"))
            .hint("outside a project, give a disk file with --image")),
    }
}

/// Returns the image that `--image` names: an image of the project by its name or its file, else a file, if it exists
/// or the name looks like a path.
fn named_image(project: &Project, name: &str, talk: Talk) -> Result<ImageChoice, Failure> {
    let images = project.file.iter().flat_map(|file| &file.images);
    if images.into_iter().any(|(own, _)| own == name) {
        return Ok(ImageChoice::Declared(name.to_owned()));
    }
    if let Some(image) = image_of_file(project, name, talk) {
        return Ok(ImageChoice::Declared(image.name.clone()));
    }
    if Path::new(name).exists() || name.contains(['/', '.']) {
        return Ok(ImageChoice::File(PathBuf::from(name)));
    }
    declared(project, name).map(|image| ImageChoice::Declared(image.name.clone()))
}

/// Returns the image of the project whose file `--image` names. If there are several, returns the first one in the
/// project file, and tells the user about the others.
fn image_of_file<'p>(project: &'p Project, named: &str, talk: Talk) -> Option<&'p Image> {
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
        talk.say(&format!(
            "{named} is tested as image `{}` of the project; it is the file of {}, too: name one with `--image NAME`",
            first.name,
            others.join(" and ")
        ));
    }
    found.first().copied()
}
