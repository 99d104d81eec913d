//! The board as the network KVM of the rig sees it: a QEMU that comes and goes with the power.

use std::path::PathBuf;

use image::RgbImage;
use qa_tests::fake_kvmd::{Board, Input, Press, QemuBoard};

/// The board behind the network KVM.
pub(crate) struct KvmBoard {
    control: PathBuf,
    qemu: Option<QemuBoard>,
}

impl KvmBoard {
    /// Makes the board of the QEMU with this control socket.
    pub(crate) fn new(control: PathBuf) -> Self {
        Self {
            control,
            qemu: None,
        }
    }

    /// Returns the QEMU that runs; none while the power is off.
    fn qemu(&mut self) -> Option<&mut QemuBoard> {
        if self.qemu.as_mut().is_none_or(|qemu| !qemu.is_on()) {
            self.qemu = QemuBoard::connect(&self.control).ok();
        }
        self.qemu.as_mut()
    }
}

impl Board for KvmBoard {
    fn picture(&mut self) -> Option<RgbImage> {
        self.qemu()?.picture()
    }

    fn input(&mut self, input: &Input) {
        if let Some(qemu) = self.qemu() {
            qemu.input(input);
        }
    }

    fn press(&mut self, press: Press) {
        if let Some(qemu) = self.qemu() {
            qemu.press(press);
        }
    }

    fn is_on(&mut self) -> bool {
        self.qemu().is_some_and(QemuBoard::is_on)
    }
}
