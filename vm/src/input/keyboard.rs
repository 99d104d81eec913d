//! The keyboard of a machine.

use std::time::Duration;

use super::{
    InputError, KeyName, Player,
    plan::{Act, combination, typing},
};

/// The longest time for which a guest may take nothing from its keyboard before typing is given up: longer than any
/// guest that runs was ever seen to take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest time that a press waits for the guest to take it. It is in the device then, and not lost:
/// firmware takes it when it looks.
const PRESSED: Duration = Duration::from_secs(1);

/// The keyboard of a running machine. Cheap to clone; keys of all clones are sent one operation after the other.
///
/// An operation whose future is dropped stops at the next key and lets go what it held.
#[derive(Debug, Clone)]
pub struct Keyboard {
    player: Player,
}

/// The speed of typing: the least time from one key to the next; none for as fast as the guest takes them. However
/// long it is, a key is let go as soon as it was pressed, in the same command: the guest must not take it for one
/// that is held, and repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace(pub Option<Duration>);

/// The place that keys have reached on their way to the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The guest's driver has taken all of them.
    Taken,
    /// Some wait in the device, which will give them to the guest when it asks.
    Waiting,
    /// They were sent, and nothing tells whether the guest has taken them.
    Unknown,
}

/// Whether text may be read in logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// It may.
    Open,
    /// It is a secret: `qmp.log` shows `•••` instead of its keys.
    Secret,
}

impl Keyboard {
    pub(crate) fn new(player: Player) -> Self {
        Self { player }
    }

    /// Presses the keys in order, holds them together for `hold`, lets them go in reverse order.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn press(&self, keys: &[KeyName], hold: Duration) -> Result<Arrival, InputError> {
        self.press_patiently(keys, hold, PATIENCE).await
    }

    /// As [`press`](Self::press), where the guest may take nothing for so long.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn press_patiently(
        &self,
        keys: &[KeyName],
        hold: Duration,
        patience: Duration,
    ) -> Result<Arrival, InputError> {
        let mut acts = combination(keys, hold);
        acts.push(Act::Taken(PRESSED.min(patience)));
        self.player.play(acts, Secrecy::Open, patience).await
    }

    /// Presses a key and leaves it down.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn key_down(&self, key: KeyName) -> Result<Arrival, InputError> {
        self.key(key, true).await
    }

    /// Lets a key go.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn key_up(&self, key: KeyName) -> Result<Arrival, InputError> {
        self.key(key, false).await
    }

    async fn key(&self, key: KeyName, down: bool) -> Result<Arrival, InputError> {
        let acts = vec![Act::Key { key, down }, Act::Taken(PRESSED)];
        self.player.play(acts, Secrecy::Open, PATIENCE).await
    }

    /// Types: makes one tap after the other, each when the guest has taken those before it, as far as that can be told.
    /// The keys of a tap go down in order and up in reverse order.
    ///
    /// # Errors
    /// [`InputError::NotTaken`], [`InputError::Lost`]; others see [`InputError`].
    pub async fn type_taps(
        &self,
        taps: &[Vec<KeyName>],
        pace: Pace,
        secrecy: Secrecy,
    ) -> Result<Arrival, InputError> {
        let acts = typing(taps, pace, PATIENCE);
        self.player.play(acts, secrecy, PATIENCE).await
    }

    /// Lets go every key and pointer button that is down.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn release_all(&self) -> Result<(), InputError> {
        self.player.release_all().await
    }
}
