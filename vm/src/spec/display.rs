//! The screens of machines.

/// The screen of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Display {
    /// The graphics device.
    pub device: DisplayDevice,
    /// The preferred width in pixels. The guest may choose another one.
    pub width: u32,
    /// The preferred height in pixels.
    pub height: u32,
}

/// A graphics device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisplayDevice {
    /// `virtio-vga`: a VGA that becomes a virtio GPU, on x86 only. Uses the preferred size.
    VirtioVga,
    /// `virtio-gpu-pci`: without VGA. Uses the preferred size.
    VirtioGpu,
    /// `VGA`: the standard VGA with a linear framebuffer. Uses the preferred size.
    StdVga,
    /// `bochs-display`: a bare linear framebuffer. Uses the preferred size.
    Bochs,
    /// No screen.
    None,
}

impl Default for Display {
    /// Returns virtio-vga with 1024 x 768 pixels.
    fn default() -> Self {
        Self {
            device: DisplayDevice::VirtioVga,
            width: 1024,
            height: 768,
        }
    }
}
