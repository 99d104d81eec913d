use super::chain::Chain;
use crate::finding::{Code, Diagnostic};
use crate::project::{Image, Machine, Project};

impl Project {
    /// The image that a chain of scenarios runs on: the one they name, else the project's only one.
    ///
    /// # Errors
    /// A name that is unknown, or no name where there are several images or none.
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

    /// The machine that a chain of scenarios runs on: the one they name, else the image's, else the default preset.
    ///
    /// # Errors
    /// A name that is unknown.
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
