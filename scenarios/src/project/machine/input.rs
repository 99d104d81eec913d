//! The bus of keyboard and pointer.

/// The bus of keyboard and pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Virtio devices. They are the cheapest for a guest, but firmware cannot read them.
    Virtio,
    /// USB devices. They work in firmware and everywhere else.
    Usb,
}

impl Input {
    pub(super) const NAMES: &'static [(&'static str, Self)] =
        &[("virtio", Self::Virtio), ("usb", Self::Usb)];
}
