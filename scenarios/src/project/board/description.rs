//! A board as written.

use std::collections::BTreeMap;
use std::time::Duration;

use super::commands::{Commands, read_duration};
use super::fitness;
use super::service::Service;
use super::services::{Kvmd, Labgrid, Redfish, Vnc};
use super::sources::{InputSource, PowerSource, ScreenSource, SerialSource, StorageSource};
use crate::finding::{Span, Spanned};
use crate::project::plain_pattern::plain_pattern;
use crate::value::Pattern;
use crate::yaml::{Field, Node, Reader, Shape};

/// A board: the services that it is reached through, and which of them gives which part.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// The profile of its kind, such as `mars-cm`.
    pub profile: Option<Spanned<String>>,
    /// Its place in labgrid.
    pub labgrid: Option<Labgrid>,
    /// Its network KVM.
    pub kvmd: Option<Kvmd>,
    /// Its VNC server.
    pub vnc: Option<Vnc>,
    /// Its management controller.
    pub redfish: Option<Redfish>,
    /// The commands of the lab.
    pub commands: Option<Commands>,
    /// The variables of openQA's backend `generalhw`, by name. They give each part that is not given otherwise.
    pub general_hw: BTreeMap<String, String>,
    /// The source of its power.
    pub power: Option<PowerSource>,
    /// The source of its serial line.
    pub serial: Option<SerialSource>,
    /// The source of its pictures.
    pub screen: Option<ScreenSource>,
    /// The source of keyboard and pointer.
    pub input: Option<InputSource>,
    /// The way to write its storage.
    pub storage: Option<StorageSource>,
    /// The texts on its serial line that tell that it restarts. Empty: those of the usual firmware and kernels.
    pub restarts: Vec<Pattern>,
    /// The longest wait for it while another run or person has it. Absent: 4 h.
    pub wait: Option<Duration>,
    /// True if its guest reaches a network.
    pub network: bool,
    /// The check that the board is well. Absent: none.
    pub health: Option<Health>,
    /// The place of its declaration.
    pub at: Span,
}

/// The check that a board is well: a short scenario on an image that is known to be good.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// The scenario.
    pub scenario: Spanned<String>,
    /// The image. Absent: the one that the scenario names.
    pub image: Option<Spanned<String>>,
}

impl Board {
    pub(in crate::project) const FIELDS: &'static [Field] = &[
        Field::optional(
            "profile",
            Shape::Text,
            "The kind of board, such as `mars-cm`. It gives the speed of the serial line.",
        ),
        Field::optional(
            "labgrid",
            Shape::Fields(&[Labgrid::FIELDS]),
            "Its place in labgrid.",
        ),
        Field::optional(
            "kvmd",
            Shape::Fields(&[Kvmd::FIELDS]),
            "Its network KVM with kvmd, such as a PiKVM.",
        ),
        Field::optional("vnc", Shape::Fields(&[Vnc::FIELDS]), "Its VNC server."),
        Field::optional(
            "redfish",
            Shape::Fields(&[Redfish::FIELDS]),
            "Its management controller with Redfish.",
        ),
        Field::optional(
            "commands",
            Shape::Fields(&[Commands::FIELDS]),
            "Commands of the lab that operate it.",
        ),
        Field::optional(
            "general_hw",
            Shape::Names(&Shape::Text),
            "The variables of openQA's backend `generalhw`, as they are. They give each part that is not given \
            otherwise.",
        ),
        Field::optional(
            "power",
            Shape::Choice(&["labgrid", "kvmd", "redfish", "commands"]),
            "The source of its power.",
        ),
        Field::optional(
            "serial",
            SerialSource::SHAPE,
            "The source of its serial line.",
        ),
        Field::optional("screen", ScreenSource::SHAPE, "The source of its pictures."),
        Field::optional(
            "input",
            Shape::Choice(&["kvmd", "vnc", "commands"]),
            "The source of keyboard and pointer.",
        ),
        Field::optional(
            "storage",
            Shape::Choice(&["labgrid", "kvmd", "commands"]),
            "The way to write its storage.",
        ),
        Field::optional(
            "restarts",
            Shape::OneOrList(&Shape::Text),
            "Regular expressions for what it says on its serial line when it restarts. When absent: what the usual \
            firmware and kernels say.",
        ),
        Field::optional(
            "wait",
            Shape::Duration,
            "The longest wait for the board while another run or person has it; `4h` when absent.",
        ),
        Field::optional("network", Shape::Flag, "Its guest reaches a network."),
        Field::optional(
            "health",
            Shape::Fields(&[Health::FIELDS]),
            "The check that the board is well.",
        ),
    ];

    pub(in crate::project) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`board`", &[Self::FIELDS])?;
        let profile = fields.may("profile", reader, Reader::plain);
        let labgrid = fields.may("labgrid", reader, Labgrid::read);
        let kvmd = fields.may("kvmd", reader, Kvmd::read);
        let vnc = fields.may("vnc", reader, Vnc::read);
        let redfish = fields.may("redfish", reader, Redfish::read);
        let commands = fields.may("commands", reader, Commands::read);
        let general_hw = fields.may("general_hw", reader, general_hw);
        let power = fields.may("power", reader, |r, n| {
            r.choice(n, "source of power", PowerSource::NAMES)
        });
        let serial = fields.may("serial", reader, SerialSource::read);
        let screen = fields.may("screen", reader, ScreenSource::read);
        let input = fields.may("input", reader, |r, n| {
            r.choice(n, "source of input", InputSource::NAMES)
        });
        let storage = fields.may("storage", reader, |r, n| {
            r.choice(n, "way to write the storage", StorageSource::NAMES)
        });
        let restarts = fields.may("restarts", reader, |r, n| {
            r.one_or_list(n, |r, n| plain_pattern(r, n, "U-Boot SPL 20"))
        });
        let wait = fields.may("wait", reader, read_duration);
        let network = fields.may("network", reader, Reader::flag);
        let health = fields.may("health", reader, Health::read);
        let board = Self {
            profile: profile?,
            labgrid: labgrid?,
            kvmd: kvmd?,
            vnc: vnc?,
            redfish: redfish?,
            commands: commands?,
            general_hw: general_hw?.unwrap_or_default(),
            power: power?,
            serial: serial?,
            screen: screen?,
            input: input?,
            storage: storage?,
            restarts: restarts?.unwrap_or_default(),
            wait: wait?,
            network: network?.unwrap_or_default(),
            health: health?,
            at: node.at.clone(),
        };
        fitness::check(reader, &board, &fields).then_some(board)
    }

    /// Returns whether a service is declared.
    pub(super) fn has(&self, service: Service) -> bool {
        match service {
            Service::Labgrid => self.labgrid.is_some(),
            Service::Kvmd => self.kvmd.is_some(),
            Service::Vnc => self.vnc.is_some(),
            Service::Redfish => self.redfish.is_some(),
            Service::Commands => self.commands.is_some(),
        }
    }
}

impl Health {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required("scenario", Shape::Text, "A short scenario."),
        Field::optional(
            "image",
            Shape::Text,
            "An image that is known to be good; that of the scenario when absent.",
        ),
    ];

    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`health`", &[Self::FIELDS])?;
        let scenario = fields.need("scenario", reader, Reader::plain);
        let image = fields.may("image", reader, Reader::plain);
        Some(Self {
            scenario: scenario?,
            image: image?,
        })
    }
}

fn general_hw(reader: &mut Reader, node: &Node) -> Option<BTreeMap<String, String>> {
    let read = reader.names(
        node,
        "a map of variables such as `GENERAL_HW_POWERON_CMD`",
        |reader, _, node| Some(reader.scalar(node, "the value of a variable")?.to_owned()),
    )?;
    Some(
        read.into_iter()
            .map(|(name, value)| (name.value, value))
            .collect(),
    )
}
