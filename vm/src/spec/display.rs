/// The screen of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Display {
    /// The graphics device.
    pub device: DisplayDevice,
    /// Preferred width in pixels; the guest may choose another.
    pub width: u32,
    /// Preferred height in pixels.
    pub height: u32,
}

/// A graphics device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisplayDevice {
    /// `virtio-vga`: a VGA that becomes a virtio GPU; x86 only. Takes the preferred size.
    VirtioVga,
    /// `virtio-gpu-pci`: no VGA part. Takes the preferred size.
    VirtioGpu,
    /// `VGA`: the standard VGA with linear framebuffer. Takes the preferred size.
    StdVga,
    /// `bochs-display`: a bare linear framebuffer. Takes the preferred size.
    Bochs,
    /// No screen at all.
    None,
}

impl Default for Display {
    /// virtio-vga, 1024 x 768.
    fn default() -> Self {
        Self {
            device: DisplayDevice::VirtioVga,
            width: 1024,
            height: 768,
        }
    }
}
