//! The contents of a project file.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::image::Image;
use super::matrix::{self, Matrix};
use super::retention::Retention;
use crate::finding::{Code, Diagnostic, Source, Span, Spanned, did_you_mean, sort};
use crate::keyboard::Keyboard;
use crate::project::Machine;
use crate::value::{Secret, Written, WrittenValue};
use crate::watch::{Watch, WatchRule};
use crate::yaml::{self, Field, Kind, Node, Reader, Shape};

/// A project: its scenarios and needles, images and machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// The folders of scenarios, relative to the file. Default: `scenarios`.
    pub scenarios: Vec<Spanned<String>>,
    /// The folders of needles, relative to the file. Default: `needles`.
    pub needles: Vec<Spanned<String>>,
    /// The images by name.
    pub images: BTreeMap<String, Image>,
    /// The machines by name, with presets filled in. Built-in presets are not included: see [`Project::machine`].
    pub machines: BTreeMap<String, Machine>,
    /// The layout of the keyboard, if image and machine name none. Absent: `us`.
    pub keyboard: Option<Keyboard>,
    /// Variables for all scenarios.
    pub vars: BTreeMap<String, Spanned<WrittenValue>>,
    /// Secrets for all scenarios.
    pub secrets: Vec<Secret>,
    /// The watches for all scenarios.
    pub watch: Vec<Watch<Written>>,
    /// The hopeless states that do not end a wait in any scenario.
    pub off: Vec<String>,
    /// The limits of the folder of results. Absent: all runs stay.
    pub results: Option<Retention>,
    /// Combinations of images, machines and scenarios, sorted by name.
    pub matrix: Vec<Matrix>,
    /// The file.
    pub source: Arc<Source>,
}

impl Project {
    pub(crate) const FIELDS: &'static [Field] = &[
        Field::optional(
            "scenarios",
            Shape::OneOrList(&Shape::Text),
            "Folders of scenarios; `scenarios` when absent.",
        ),
        Field::optional(
            "needles",
            Shape::OneOrList(&Shape::Text),
            "Folders of needles; `needles` when absent.",
        ),
        Field::optional(
            "images",
            Shape::Names(&Shape::Fields(&[Image::FIELDS])),
            "The images by name.",
        ),
        Field::optional(
            "machines",
            Shape::Names(&Shape::Fields(&[Machine::FIELDS])),
            "The machines by name.",
        ),
        Keyboard::FIELD,
        Field::optional(
            "vars",
            Shape::Names(&Shape::OneOrList(&Shape::Text)),
            "Variables of all scenarios. Those of image, machine, scenario and command line win over them.",
        ),
        Field::optional("secrets", Secret::SHAPE, "Variables that are never shown."),
        Field::optional(
            "watch",
            Shape::List(&WatchRule::PROJECT_SHAPE),
            "The conditions that must hold in all scenarios.",
        ),
        Field::optional(
            "results",
            Shape::Fields(&[Retention::FIELDS]),
            "The runs that stay in the folder of results. `qa run` removes others at its end. All stay when absent.",
        ),
        Field::optional(
            "matrix",
            Shape::Names(&Shape::Fields(&[Matrix::FIELDS])),
            "Combinations of images, machines and scenarios, by name.",
        ),
    ];

    /// Reads a project file. Returns the project as far as it could be read, and every finding. With an error among
    /// them it must not be run.
    pub fn read(source: &Arc<Source>) -> (Option<Self>, Vec<Diagnostic>) {
        let mut reader = Reader::default();
        let project = match yaml::parse(source, &mut reader.diagnostics) {
            Ok(node) => Self::from_node(&mut reader, source, &node),
            Err(error) => {
                reader.report(error);
                None
            }
        };
        if let Some(project) = &project {
            project.check_names(&mut reader);
        }
        sort(&mut reader.diagnostics);
        (project, reader.diagnostics)
    }

    fn from_node(reader: &mut Reader, source: &Arc<Source>, node: &Node) -> Option<Self> {
        if node.kind == Kind::Null {
            reader.report(
                Diagnostic::new(Code::MissingField, &node.at, "the file is empty")
                    .with_help("a project begins with `images:`"),
            );
            return None;
        }
        let fields = reader.fields(node, "a project", &[Self::FIELDS])?;
        let folders = |reader: &mut Reader, name: &str| match fields.get(name) {
            Some(node) => reader.one_or_list(node, Reader::plain).unwrap_or_default(),
            None => vec![Spanned {
                value: name.to_owned(),
                at: Span::new(source, 0..0),
            }],
        };
        let (scenarios, needles) = (folders(reader, "scenarios"), folders(reader, "needles"));
        let images = named(reader, fields.get("images"), "images", Image::read);
        let machines = named(reader, fields.get("machines"), "machines", Machine::read);
        let matrix = named(reader, fields.get("matrix"), "matrices", Matrix::read);
        let keyboard = fields.may("keyboard", reader, Keyboard::read).flatten();
        let vars = fields.may("vars", reader, WrittenValue::read_all).flatten();
        let secrets = fields.may("secrets", reader, Secret::read_all).flatten();
        let watch = fields
            .may("watch", reader, |r, n| {
                r.list(n, "a list of watches", WatchRule::read_of_project)
            })
            .flatten();
        let results = fields.may("results", reader, Retention::read).flatten();
        let (mut watched, mut off) = (Vec::new(), Vec::new());
        for rule in watch.unwrap_or_default() {
            match rule {
                WatchRule::Watch(watch) => watched.push(*watch),
                WatchRule::Off { name, .. } => off.push(name),
            }
        }
        Some(Self {
            scenarios,
            needles,
            images,
            machines,
            keyboard,
            vars: vars.unwrap_or_default(),
            secrets: secrets.unwrap_or_default(),
            watch: watched,
            off,
            results,
            matrix: matrix.into_values().collect(),
            source: Arc::clone(source),
        })
    }

    /// Checks that the names in the file exist in the file.
    fn check_names(&self, reader: &mut Reader) {
        let place = |error: Diagnostic, at: &Span| Diagnostic {
            at: Some(at.clone()),
            ..error
        };
        for image in self.images.values() {
            let Some(name) = &image.machine else { continue };
            match self.machine(name) {
                Ok(machine) => {
                    let fits = self.check_fit(image, &machine);
                    if let Err(error) = fits {
                        reader.report(place(error, &name.at));
                    }
                }
                Err(error) => reader.report(place(error, &name.at)),
            }
        }
        for entry in self.matrix.iter().flat_map(Matrix::entries) {
            for name in &entry.machines {
                match self.machine(name) {
                    Ok(_) => reader.diagnostics.extend(matrix::unusable("machine", name)),
                    Err(error) => reader.report(place(error, &name.at)),
                }
            }
            for name in &entry.images {
                match self.image(name) {
                    Ok(_) => reader.diagnostics.extend(matrix::unusable("image", name)),
                    Err(error) => reader.report(place(error, &name.at)),
                }
            }
        }
        for (index, watch) in self.watch.iter().enumerate() {
            if self.watch[..index]
                .iter()
                .any(|other| other.name == watch.name)
            {
                let message = format!("two watches are called `{}`", watch.name);
                reader.report(Diagnostic::new(Code::DuplicateName, &watch.at, message));
            }
        }
    }

    /// Returns the image of this name.
    ///
    /// # Errors
    /// There is none. The finding names the nearest name.
    pub fn image(&self, name: &str) -> Result<&Image, Diagnostic> {
        self.images.get(name).ok_or_else(|| {
            let names = || self.images.keys().map(String::as_str);
            let help = did_you_mean(name, names()).unwrap_or_else(|| match names().next() {
                Some(_) => format!("the images are {}", names().collect::<Vec<_>>().join(", ")),
                None => "the project has no images; add one under `images:`".to_owned(),
            });
            Diagnostic::without_place(Code::UnknownImage, format!("unknown image `{name}`"))
                .with_help(help)
        })
    }

    /// Returns the machine of this name, from the project or built in.
    ///
    /// # Errors
    /// There is none. The finding names the nearest name.
    pub fn machine(&self, name: &str) -> Result<Machine, Diagnostic> {
        if let Some(machine) = self.machines.get(name) {
            return Ok(machine.clone());
        }
        Machine::preset(name).map_err(|_| {
            let names = || {
                self.machines
                    .keys()
                    .map(String::as_str)
                    .chain(Machine::PRESETS.iter().copied())
            };
            let help = did_you_mean(name, names()).unwrap_or_else(|| {
                format!(
                    "the machines are {}",
                    names().collect::<Vec<_>>().join(", ")
                )
            });
            Diagnostic::without_place(Code::UnknownMachine, format!("unknown machine `{name}`"))
                .with_help(help)
        })
    }

    /// Returns the matrix of this name.
    ///
    /// # Errors
    /// There is none. The finding names the nearest name.
    pub fn matrix(&self, name: &str) -> Result<&Matrix, Diagnostic> {
        let found = self.matrix.iter().find(|matrix| matrix.name == name);
        found.ok_or_else(|| {
            let names = || self.matrix.iter().map(|matrix| matrix.name.as_str());
            let help = did_you_mean(name, names()).unwrap_or_else(|| match names().next() {
                Some(_) => format!(
                    "the matrices are {}",
                    names().collect::<Vec<_>>().join(", ")
                ),
                None => "the project has no matrices; add one under `matrix:`".to_owned(),
            });
            Diagnostic::without_place(Code::UnknownMatrix, format!("unknown matrix `{name}`"))
                .with_help(help)
        })
    }

    /// Checks that an image and a machine have the same architecture. An image without an architecture has that of the
    /// machine it names.
    ///
    /// # Errors
    /// The two architectures differ. The finding names both.
    pub fn check_fit(&self, image: &Image, machine: &Machine) -> Result<(), Diagnostic> {
        let of_machine = || {
            let own = self.machine(image.machine.as_ref()?).ok()?;
            Some(own.arch)
        };
        match image.arch.or_else(of_machine) {
            Some(own) if own != machine.arch => {
                let message = format!(
                    "the image `{}` is for {}, and the machine `{}` is {}",
                    image.name,
                    own.name(),
                    machine.name,
                    machine.arch.name()
                );
                let finding = Diagnostic::without_place(Code::OtherArchitecture, message);
                Err(finding.with_help("name a machine of the image's architecture"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// Reads a map of named things.
fn named<T>(
    reader: &mut Reader,
    node: Option<&Node>,
    what: &str,
    read: impl Fn(&mut Reader, &Spanned<String>, &Node) -> Option<T>,
) -> BTreeMap<String, T> {
    let mut things = BTreeMap::new();
    let Some(node) = node else {
        return things;
    };
    let Kind::Map(entries) = &node.kind else {
        if node.kind != Kind::Null {
            let message = format!("expected a map of {what}, found {}", node.what());
            reader.report(Diagnostic::new(Code::WrongType, &node.at, message));
        }
        return things;
    };
    for (key, value) in entries {
        let name = Spanned {
            value: key.name.clone(),
            at: key.at.clone(),
        };
        if let Some(thing) = read(reader, &name, value) {
            things.insert(name.value, thing);
        }
    }
    things
}
