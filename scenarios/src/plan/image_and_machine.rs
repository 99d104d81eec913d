//! Selects the image and the machine of a chain.

use super::chain::Chain;
use crate::finding::{Code, Diagnostic};
use crate::project::{Image, Machine, Project};

impl Project {
    /// Returns the image of a chain: the one that its scenarios name, else the project's only one.
    ///
    /// # Errors
    /// The name is unknown, or there is no name and not exactly one image.
    pub fn image_for(&self, chain: &Chain) -> Result<&Image, Diagnostic> {
        if let Some(name) = chain.image_at() {
            return self.image(name).map_err(|error| Diagnostic {
                at: Some(name.at.clone()),
                ..error
            });
        }
        let mut images = self.images.values();
        match (images.next(), images.next()) {
            (Some(only), None) => Ok(only),
            _ => {
                let message = "no image is named, and the project has not exactly one";
                Err(Diagnostic::new(Code::NoImage, &chain.judged().at, message)
                    .with_help("write `image: name`"))
            }
        }
    }

    /// Returns the machine of a chain: the one that its scenarios name, else the image's, else the default preset.
    ///
    /// # Errors
    /// The name is unknown.
    pub fn machine_for(&self, chain: &Chain, image: Option<&Image>) -> Result<Machine, Diagnostic> {
        let named = chain
            .machine_at()
            .or_else(|| image.and_then(|image| image.machine.as_ref()));
        if let Some(name) = named {
            return self.machine(name).map_err(|error| Diagnostic {
                at: Some(name.at.clone()),
                ..error
            });
        }
        Machine::preset(image.map_or(Machine::DEFAULT_PRESET, Image::machine_name))
    }
}
