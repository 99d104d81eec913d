//! Selects the keyboard of a scenario.

use crate::keyboard::Keyboard;
use crate::project::{Image, Machine, Project};
use crate::scenario::Scenario;

impl Keyboard {
    /// Returns the keyboard for a scenario: its own, else that of the image, the machine or the project, else a US
    /// keyboard.
    pub fn of(
        project: Option<&Project>,
        image: Option<&Image>,
        machine: Option<&Machine>,
        scenario: &Scenario,
    ) -> Self {
        let of_image = || image.and_then(|image| image.keyboard);
        let of_machine = || machine.and_then(|machine| machine.keyboard);
        let of_project = || project.and_then(|project| project.keyboard);
        (scenario.keyboard)
            .or_else(of_image)
            .or_else(of_machine)
            .or_else(of_project)
            .unwrap_or_default()
    }
}
