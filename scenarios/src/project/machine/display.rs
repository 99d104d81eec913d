//! The screen of a machine.

use crate::yaml::{Field, Node, Reader, Shape};

/// The screen of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// The graphics device. Absent: the usual one of the architecture.
    pub device: Option<DisplayDevice>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// A graphics device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisplayDevice {
    /// A VGA that turns into a virtio GPU, for PCs only.
    VirtioVga,
    /// A virtio GPU.
    VirtioGpu,
    /// The standard VGA, for PCs only.
    Vga,
    /// A plain linear framebuffer.
    Bochs,
    /// No screen.
    None,
}

impl DisplayDevice {
    /// The devices by QEMU's names.
    const NAMES: &'static [(&'static str, Self)] = &[
        ("virtio-vga", Self::VirtioVga),
        ("virtio-gpu-pci", Self::VirtioGpu),
        ("VGA", Self::Vga),
        ("bochs-display", Self::Bochs),
        ("none", Self::None),
    ];

    /// Returns true if only PCs have it.
    pub(super) fn is_vga(self) -> bool {
        matches!(self, Self::VirtioVga | Self::Vga)
    }
}

impl Display {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional(
            "device",
            Shape::Choice(&[
                "virtio-vga",
                "virtio-gpu-pci",
                "VGA",
                "bochs-display",
                "none",
            ]),
            "QEMU's name of the graphics device.",
        ),
        Field::optional(
            "width",
            Shape::Whole(320),
            "Width in pixels; 1024 when absent.",
        ),
        Field::optional(
            "height",
            Shape::Whole(200),
            "Height in pixels; 768 when absent.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`display`", &[Self::FIELDS])?;
        let device = fields.may("device", reader, |r, n| {
            r.choice(n, "display device", DisplayDevice::NAMES)
        });
        let width = fields.may("width", reader, |r, n| r.whole(n, 320, 8192));
        let height = fields.may("height", reader, |r, n| r.whole(n, 200, 8192));
        Some(Self {
            device: device?,
            width: width?.unwrap_or(1024),
            height: height?.unwrap_or(768),
        })
    }
}
