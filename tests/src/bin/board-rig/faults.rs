//! The faults of the rig, as tests ask for them: a line each, sent to `/fault`.
//!
//! ```text
//! serial-lose N     every N-th byte from the board is lost; 0: none
//! serial-drop       the connection of the serial line is closed once
//! relay-silent on   the relay does not answer
//! relay-lies on     the relay says that it is done, and does nothing
//! no-signal on      the network KVM has no signal
//! frozen on         its picture stays as it is
//! half-jpeg on      its pictures end in their middle
//! keyboard-away on  its keyboard loses keys until it is set up again
//! ```

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use qa_tests::fake_kvmd::{FakeKvmd, Faults as KvmdFaults};
use tokio::sync::Notify;

/// The faults of the rig.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    lose: AtomicU64,
    silent: AtomicBool,
    lies: AtomicBool,
    drop: Notify,
    /// The network KVM, if the rig has one.
    kvmd: OnceLock<FakeKvmd>,
}

impl Faults {
    /// Sets a fault.
    pub(crate) fn set(&self, line: &str) -> Result<(), String> {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        let flag = value == "on";
        match name {
            "serial-lose" => {
                let every = value.parse().map_err(|_| format!("no number: {value}"))?;
                self.lose.store(every, Ordering::Release);
            }
            "serial-drop" => self.drop.notify_waiters(),
            "relay-silent" => self.silent.store(flag, Ordering::Release),
            "relay-lies" => self.lies.store(flag, Ordering::Release),
            "no-signal" => self.of_kvmd(|kvmd| kvmd.no_signal = flag)?,
            "frozen" => self.of_kvmd(|kvmd| kvmd.frozen = flag)?,
            "half-jpeg" => self.of_kvmd(|kvmd| kvmd.half_jpeg = flag)?,
            "keyboard-away" => self.of_kvmd(|kvmd| kvmd.keyboard_is_away = flag)?,
            _ => return Err(format!("no fault: {line}")),
        }
        Ok(())
    }

    /// Takes the network KVM, whose faults these are as well. It lives as long as they do.
    pub(crate) fn rule(&self, kvmd: FakeKvmd) {
        // There is one.
        let _ = self.kvmd.set(kvmd);
    }

    fn of_kvmd(&self, change: impl FnOnce(&mut KvmdFaults)) -> Result<(), String> {
        let kvmd = self.kvmd.get().ok_or("the rig has no network KVM")?;
        kvmd.set(change);
        Ok(())
    }

    pub(crate) fn relay_is_silent(&self) -> bool {
        self.silent.load(Ordering::Acquire)
    }

    pub(crate) fn relay_lies(&self) -> bool {
        self.lies.load(Ordering::Acquire)
    }

    /// Waits until the serial line is to be dropped.
    pub(crate) async fn dropped(&self) {
        self.drop.notified().await;
    }

    /// Returns the bytes that are not lost. `count` is the number of bytes before.
    pub(crate) fn kept(&self, bytes: &[u8], count: &mut u64) -> Vec<u8> {
        let every = self.lose.load(Ordering::Acquire);
        let mut keeps = |_: &&u8| {
            *count += 1;
            every == 0 || !count.is_multiple_of(every)
        };
        bytes.iter().filter(&mut keeps).copied().collect()
    }
}
