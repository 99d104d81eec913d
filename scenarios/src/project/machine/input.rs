/// What keyboard and pointer are attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Virtio devices: they cost a guest least, and firmware cannot read them.
    Virtio,
    /// USB devices: they work in firmware and everywhere else.
    Usb,
}

impl Input {
    pub(super) const NAMES: &'static [(&'static str, Self)] =
        &[("virtio", Self::Virtio), ("usb", Self::Usb)];
}
