//! The images of a project.

use std::collections::BTreeMap;

use super::login::Login;
use crate::finding::{Span, Spanned};
use crate::keyboard::Keyboard;
use crate::project::{Architecture, Machine};
use crate::value::WrittenValue;
use crate::watch::WatchRule;
use crate::yaml::{Field, Fields, Node, Reader, Shape};

/// An image of the project.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Its name.
    pub name: String,
    /// The description, in a sentence.
    pub title: Option<String>,
    /// The source of its disk.
    pub source: ImageSource,
    /// The architecture. Absent: that of its machine.
    pub arch: Option<Architecture>,
    /// Files and folders outside its own folder that it may use as backing files, relative to the project file.
    pub allow_files: Vec<String>,
    /// The file that a run's UEFI variable store is copied from, relative to the project file. Absent: the firmware's
    /// own.
    pub firmware_vars: Option<String>,
    /// The kernel that the machine starts instead of its firmware.
    pub boot: Option<KernelBoot>,
    /// The machine, unless a scenario or the command line names another: one of the project or a built-in preset.
    pub machine: Option<Spanned<String>>,
    /// The login on its serial console. Absent: that of the machine.
    pub login: Option<Login>,
    /// The layout of its keyboard. Absent: that of the machine or the project.
    pub keyboard: Option<Keyboard>,
    /// The hopeless states that do not end a wait on this image, because its systems recover from them.
    pub off: Vec<String>,
    /// Variables for scenarios on it.
    pub vars: BTreeMap<String, Spanned<WrittenValue>>,
    /// The place of its declaration.
    pub at: Span,
}

/// The source of an image's disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// A recipe that builds it.
    Recipe(String),
    /// A file, relative to the project file.
    File {
        /// The path.
        path: String,
        /// The format. Absent: detected from the content.
        format: Option<DiskFormat>,
    },
    /// No disk, only a kernel.
    KernelOnly,
}

/// A kernel that the machine starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelBoot {
    /// The kernel file, relative to the project file.
    pub kernel: String,
    /// The file of the initial RAM disk, relative to the project file.
    pub initrd: Option<String>,
    /// The command line of the kernel.
    pub cmdline: String,
}

/// The format of a disk file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFormat {
    /// The plain bytes of the disk.
    Raw,
    /// QEMU's copy-on-write format.
    Qcow2,
    /// QEMU's older format.
    Qed,
    /// VMware's format.
    Vmdk,
    /// VirtualBox's format.
    Vdi,
    /// Virtual PC's format.
    Vhd,
    /// Hyper-V's format.
    Vhdx,
}

impl DiskFormat {
    /// `vpc` is QEMU's name for VHD.
    const NAMES: &'static [(&'static str, Self)] = &[
        ("qcow2", Self::Qcow2),
        ("raw", Self::Raw),
        ("qed", Self::Qed),
        ("vmdk", Self::Vmdk),
        ("vdi", Self::Vdi),
        ("vhd", Self::Vhd),
        ("vpc", Self::Vhd),
        ("vhdx", Self::Vhdx),
    ];
}

impl Image {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional("title", Shape::Text, "What it is, in one sentence."),
        Field::optional("recipe", Shape::Text, "The recipe that builds it."),
        Field::optional(
            "path",
            Shape::Text,
            "Its file. The path is relative to this file.",
        ),
        Field::optional(
            "format",
            Shape::Choice(&["qcow2", "raw", "qed", "vmdk", "vdi", "vhd", "vpc", "vhdx"]),
            "The format of the file, or of the file that is packed in it. When absent, the first bytes decide.",
        ),
        Field::optional(
            "allow_files",
            Shape::OneOrList(&Shape::Text),
            "Files and folders outside of its own folder that may hold its backing files.",
        ),
        Field::optional(
            "firmware_vars",
            Shape::Text,
            "A file of UEFI variables, such as `OVMF_VARS.fd` with keys of your own. Each run starts with a \
            copy of it.",
        ),
        Field::optional(
            "kernel",
            Shape::Text,
            "The file of a kernel. The machine starts it directly, without firmware.",
        ),
        Field::optional(
            "initrd",
            Shape::Text,
            "The file of the kernel's initial RAM disk.",
        ),
        Field::optional("cmdline", Shape::Text, "The kernel's command line."),
        Field::optional(
            "arch",
            Shape::Choice(&["x86_64", "aarch64", "riscv64", "loongarch64"]),
            "Its architecture; that of its machine when absent.",
        ),
        Field::optional(
            "machine",
            Shape::Text,
            "The machine that it runs on: one of the project, or a built-in preset.",
        ),
        Keyboard::FIELD,
        Field::optional(
            "login",
            Shape::Fields(&[Login::FIELDS]),
            "The login on its serial console; that of its machine when absent.",
        ),
        Field::optional(
            "watch",
            Shape::List(&WatchRule::IMAGE_SHAPE),
            "States that do not end a wait on this image: `off: kernel-panic`.",
        ),
        Field::optional(
            "vars",
            Shape::Names(&Shape::OneOrList(&Shape::Text)),
            "Variables of the scenarios that run on it.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, name: &Spanned<String>, node: &Node) -> Option<Self> {
        let what = format!("the image `{}`", name.value);
        let fields = reader.fields(node, &what, &[Self::FIELDS])?;
        let title = fields.may("title", reader, Reader::plain);
        let recipe = fields.may("recipe", reader, Reader::plain);
        let path = fields.may("path", reader, Reader::plain);
        let format = fields.may("format", reader, |r, n| {
            r.choice(n, "format", DiskFormat::NAMES)
        });
        let allow_files = fields.may("allow_files", reader, |reader, node| {
            reader.one_or_list(node, Reader::plain)
        });
        let firmware_vars = fields.may("firmware_vars", reader, Reader::plain);
        let arch = fields.may("arch", reader, |r, n| {
            r.choice(n, "architecture", Architecture::NAMES)
        });
        let machine = fields.may("machine", reader, Reader::plain);
        let login = fields.may("login", reader, Login::read);
        let keyboard = fields.may("keyboard", reader, Keyboard::read);
        let off = fields.may("watch", reader, |r, n| {
            r.list(n, "a list of states", WatchRule::read_of_image)
        });
        let vars = fields.may("vars", reader, WrittenValue::read_all);
        let boot = KernelBoot::read(reader, &fields);
        let source = match (recipe?, path?, format?, &boot) {
            (Some(recipe), None, None, _) => ImageSource::Recipe(recipe.value),
            (None, Some(path), format, _) => ImageSource::File {
                path: path.value,
                format,
            },
            (None, None, None, Some(Some(_))) => ImageSource::KernelOnly,
            // The mistake in the kernel is reported already.
            (None, None, None, None) => return None,
            _ => {
                return reader.invalid(
                    &name.at,
                    format!("{what} needs one place it comes from"),
                    "write either `recipe: name`, or `path: file` with an optional `format`, or only `kernel: file`",
                );
            }
        };
        Some(Self {
            name: name.value.clone(),
            title: title?.map(|title| title.value),
            source,
            arch: arch?,
            allow_files: allow_files?
                .unwrap_or_default()
                .into_iter()
                .map(|path| path.value)
                .collect(),
            firmware_vars: firmware_vars?.map(|path| path.value),
            boot: boot?,
            machine: machine?,
            login: login?,
            keyboard: keyboard?,
            off: off?.unwrap_or_default(),
            vars: vars?.unwrap_or_default(),
            at: name.at.clone(),
        })
    }

    /// Returns the name of its default machine: the one that it names, else the preset for its architecture.
    pub fn machine_name(&self) -> &str {
        let of_arch = || {
            let arch = self.arch?;
            let mut presets = Machine::PRESETS.iter();
            presets.find(|preset| preset.strip_prefix("uefi-") == Some(arch.name()))
        };
        match &self.machine {
            Some(machine) => machine,
            None => of_arch().copied().unwrap_or(Machine::DEFAULT_PRESET),
        }
    }
}

impl KernelBoot {
    /// Reads `kernel`, `initrd` and `cmdline` of an image. The outer `None` means a mistake, which is reported.
    fn read(reader: &mut Reader, fields: &Fields) -> Option<Option<Self>> {
        let kernel = fields.may("kernel", reader, Reader::plain);
        let initrd = fields.may("initrd", reader, Reader::plain);
        let cmdline = fields.may("cmdline", reader, |reader, node| {
            reader.scalar(node, "a command line").map(str::to_owned)
        });
        let (kernel, initrd, cmdline) = (kernel?, initrd?, cmdline?);
        if let Some(kernel) = kernel {
            return Some(Some(Self {
                kernel: kernel.value,
                initrd: initrd.map(|initrd| initrd.value),
                cmdline: cmdline.unwrap_or_default(),
            }));
        }
        for name in ["initrd", "cmdline"] {
            if let Some((key, _)) = fields.entry(name) {
                return reader.invalid(
                    &key.at,
                    format!("`{name}` is for a kernel, and there is none"),
                    "write `kernel: file`, too; the firmware of a disk reads neither",
                );
            }
        }
        Some(None)
    }
}
