//! The images and machines of all jobs.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;
use crate::openqa::report::ImportReport;
use crate::openqa::settings::{ImageText, MachineText, file_name};

/// The images and machines of all jobs.
pub(super) struct Hardware {
    pub(super) images: Vec<ImageText>,
    pub(super) machines: Vec<MachineText>,
    /// The image and the machine of each job, by their names.
    pub(super) of_jobs: Vec<(String, String)>,
    /// The machine of each image that was used first.
    pub(super) machine_of_image: BTreeMap<String, String>,
}

impl Hardware {
    pub(super) fn of(plan: &Plan, report: &mut ImportReport) -> Self {
        let mut all = Self {
            images: Vec::new(),
            machines: Vec::new(),
            of_jobs: Vec::new(),
            machine_of_image: BTreeMap::new(),
        };
        let mut problems = BTreeSet::new();
        for job in &plan.jobs.jobs {
            let image = ImageText::of(&job.settings).unwrap_or_else(|| {
                problems.insert(format!(
                    "{}: no HDD_1, ISO or KERNEL says what `{}` starts from",
                    job.place, job.suite
                ));
                ImageText {
                    name: "image".to_owned(),
                    arch: job.settings.get("ARCH").cloned().unwrap_or_default(),
                    lines: vec!["path: assets/hdd/image.qcow2".to_owned()],
                    is_disk: true,
                }
            });
            let machine = MachineText::of(&job.settings, image.is_disk);
            problems.extend(machine.problems.iter().cloned());
            let image_name = all.image(image);
            let machine_name = all.machine(machine, &job.suite);
            all.machine_of_image
                .entry(image_name.clone())
                .or_insert_with(|| machine_name.clone());
            all.of_jobs.push((image_name, machine_name));
        }
        report.problems.extend(problems);
        report.images = all.images.len();
        report.machines = all.machines.len();
        all
    }

    /// Adds an image, unless it is there. An image for another architecture is another one.
    fn image(&mut self, mut image: ImageText) -> String {
        let base = image.name.clone();
        for number in 1.. {
            match self.images.iter().find(|other| other.name == image.name) {
                Some(other) if other.lines == image.lines && other.arch == image.arch => {
                    return image.name;
                }
                Some(_) if number == 1 => image.name = file_name(&format!("{base}-{}", image.arch)),
                Some(_) => image.name = format!("{base}-{number}"),
                None => break,
            }
        }
        let name = image.name.clone();
        self.images.push(image);
        name
    }

    fn machine(&mut self, mut machine: MachineText, suite: &str) -> String {
        if let Some(same) = self.machines.iter().find(|other| {
            other.lines == machine.lines
                && (other.name == machine.name
                    || other.name.starts_with(&format!("{}-", machine.name)))
        }) {
            return same.name.clone();
        }
        let base = machine.name.clone();
        let mut number = 1;
        while self.machines.iter().any(|other| other.name == machine.name) {
            machine.name = match number {
                1 => file_name(&format!("{base}-{suite}")),
                number => file_name(&format!("{base}-{suite}-{number}")),
            };
            number += 1;
        }
        let name = machine.name.clone();
        self.machines.push(machine);
        name
    }

    /// Returns the image of each node that starts at power-on.
    pub(super) fn image_of_node(&self, nodes_of_jobs: &[Vec<usize>]) -> BTreeMap<usize, String> {
        let mut images = BTreeMap::new();
        for (nodes, (image, _)) in nodes_of_jobs.iter().zip(&self.of_jobs) {
            for node in nodes {
                images.entry(*node).or_insert_with(|| image.clone());
            }
        }
        images
    }
}
