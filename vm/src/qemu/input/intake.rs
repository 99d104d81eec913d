//! Finds out which typed keys the guest has taken from its keyboard.
//!
//! ```text
//! this program --input-send-event--> the device's queue --driver of the guest--> the guest
//!                                    full: QEMU drops what comes, and tells nobody
//! ```
//!
//! - virtio: the driver lends the device 64 buffers, and gives each back when it has read it. QEMU reports the state
//!   of that ring.
//! - USB: the device has 16 places. QEMU writes every report that the driver fetches into a file of ours.
//! - PS/2, and QEMU before 7.2: nothing tells.

use qapi::qmp;
use serde::Deserialize;

use super::UsbReports;
use crate::{
    input::{KeyName, Queue},
    qemu::qmp::{Call, Qmp, QmpError, Trace},
};

/// QEMU's name of the keyboard.
pub(crate) const KEYBOARD: &str = "keyboard";

/// The places of a USB keyboard's queue that are used at most. The driver fetches one every 8 ms, so that it never
/// waits for us.
const USB_PLACES: u32 = 8;

/// The source that tells which keys the guest has taken.
#[derive(Debug, Default)]
pub(crate) enum Intake {
    /// No source.
    #[default]
    Silent,
    /// The ring of a virtio keyboard.
    Virtio {
        /// The most buffers that the driver has lent since it started: all of them are free when it has taken
        /// everything.
        lent: u16,
        /// The number of buffers that the device had used at the last look.
        used: u16,
    },
    /// The reports of a USB keyboard.
    Usb(UsbReports),
}

impl Intake {
    /// Returns the room in the device for keys that are pressed or released in one command.
    pub(super) fn cost(&self, keys: &[KeyName]) -> u32 {
        match self {
            Self::Silent => 0,
            // An event for each key, and one that ends the report.
            Self::Virtio { .. } => u32::try_from(keys.len()).map_or(u32::MAX, |keys| keys + 1),
            Self::Usb(_) => keys.iter().map(|key| UsbReports::cost(*key)).sum(),
        }
    }

    /// Notes that these keys were sent.
    pub(super) fn sent(&mut self, keys: &[KeyName]) {
        let cost = self.cost(keys);
        if let Self::Usb(reports) = self {
            reports.sent(cost);
        }
    }

    /// Returns the state of the device's queue. None if nothing tells it, or if another device serves until the guest's
    /// driver starts.
    pub(super) async fn queue(&mut self, qmp: &Qmp) -> Result<Option<Queue>, QmpError> {
        match self {
            Self::Silent => Ok(None),
            Self::Virtio { lent, used } => {
                let Some((now_lent, now_used)) = ring(qmp).await? else {
                    *lent = 0;
                    return Ok(None);
                };
                if now_used.wrapping_sub(*used) > u16::MAX / 2 {
                    // It counts from the beginning again: the driver was restarted.
                    *lent = 0;
                }
                *used = now_used;
                *lent = now_lent.max(*lent);
                Ok(Some(Queue {
                    waiting: u32::from(*lent - now_lent),
                    room: u32::from(now_lent),
                }))
            }
            Self::Usb(reports) => {
                reports.read();
                let waiting = reports.waiting();
                Ok(Some(Queue {
                    waiting,
                    room: USB_PLACES.saturating_sub(waiting),
                }))
            }
        }
    }

    /// Returns the number of keys that the guest has lost since the last call: it has restarted its driver while they
    /// waited.
    pub(super) fn lost(&mut self) -> u32 {
        match self {
            Self::Silent | Self::Virtio { .. } => 0,
            Self::Usb(reports) => reports.take_lost(),
        }
    }

    /// Stops waiting for the keys that wait now.
    pub(super) fn give_up(&mut self) {
        match self {
            Self::Silent => {}
            Self::Virtio { lent, .. } => *lent = 0,
            Self::Usb(reports) => reports.give_up(),
        }
    }
}

/// Returns the number of buffers that the guest's driver has lent and the device has not used, and the number used
/// since the driver started. None until it has started.
async fn ring(qmp: &Qmp) -> Result<Option<(u16, u16)>, QmpError> {
    let path = format!("/machine/peripheral/{KEYBOARD}/virtio-backend");
    let call = Call {
        // A driver that has not started is no failure.
        trace: Trace::Nothing,
        ..Call::default()
    };
    let asked = qmp::x_query_virtio_queue_element {
        index: None,
        path,
        queue: 0,
    };
    match qmp.ask(asked, call).await {
        Ok(Element { avail, used }) => Ok(Some((avail.idx.wrapping_sub(used.idx), used.idx))),
        // Not understood: the command is unstable, and another QEMU may answer otherwise.
        Err(QmpError::Refused { .. } | QmpError::UnexpectedAnswer { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The part of an answer to `x-query-virtio-queue-element` that is used.
#[derive(Deserialize)]
struct Element {
    avail: Ring,
    used: Ring,
}

/// A ring of a queue.
#[derive(Deserialize)]
struct Ring {
    idx: u16,
}
