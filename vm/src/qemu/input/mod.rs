//! Input of a QEMU: sends events by `input-send-event`, and finds out which keys the guest has taken.

mod events;
mod intake;
#[cfg(test)]
mod tests;
mod usb_reports;

pub(crate) use events::QemuInput;
pub(crate) use intake::{Intake, KEYBOARD};
pub(crate) use usb_reports::UsbReports;
