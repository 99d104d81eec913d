//! The keyboard of a machine.

use std::time::Duration;

use super::{
    Arrival, InputError, KeyName, Pace, Player, Secrecy,
    plan::{Act, combination, typing},
};
use crate::machine::Lack;

/// The longest time that a guest may take no key before typing fails. No running guest was ever seen to take longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest time that a press waits for the guest to take it. After that it is in the device and not lost: firmware
/// reads it later.
const PRESSED: Duration = Duration::from_secs(1);

/// The keyboard of a running machine. Cheap to clone. Keys of all clones are sent one operation after the other.
///
/// If the future of an operation is dropped, the operation stops at the next key and releases the keys that it holds.
#[derive(Debug, Clone)]
pub struct Keyboard {
    player: Player,
    has: Result<(), Lack>,
}

impl Keyboard {
    /// Returns the keyboard of a machine that has one or not.
    pub(crate) fn new(player: Player, has: Result<(), Lack>) -> Self {
        Self { player, has }
    }

    async fn play(
        &self,
        acts: Vec<Act>,
        secrecy: Secrecy,
        patience: Duration,
    ) -> Result<Arrival, InputError> {
        self.has.map_err(InputError::Lacking)?;
        self.player.play(acts, secrecy, patience).await
    }

    /// Presses the keys in order, holds them together for `hold`, and releases them in reverse order.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn press(&self, keys: &[KeyName], hold: Duration) -> Result<Arrival, InputError> {
        self.press_patiently(keys, hold, PATIENCE).await
    }

    /// Presses keys as [`press`](Self::press) does. The guest may take no key for as long as `patience`.
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
        self.play(acts, Secrecy::Open, patience).await
    }

    /// Presses a key and does not release it.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn key_down(&self, key: KeyName) -> Result<Arrival, InputError> {
        self.key(key, true).await
    }

    /// Releases a key.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn key_up(&self, key: KeyName) -> Result<Arrival, InputError> {
        self.key(key, false).await
    }

    async fn key(&self, key: KeyName, down: bool) -> Result<Arrival, InputError> {
        let acts = vec![Act::Key { key, down }, Act::Taken(PRESSED)];
        self.play(acts, Secrecy::Open, PATIENCE).await
    }

    /// Types one tap after the other. Each waits until the guest has taken those before it, if that can be told. The
    /// keys of a tap are pressed in order and released in reverse order.
    ///
    /// # Errors
    /// [`InputError::NotTaken`], [`InputError::Lost`]. For others see [`InputError`].
    pub async fn type_taps(
        &self,
        taps: &[Vec<KeyName>],
        pace: Pace,
        secrecy: Secrecy,
    ) -> Result<Arrival, InputError> {
        let acts = typing(taps, pace, PATIENCE);
        self.play(acts, secrecy, PATIENCE).await
    }

    /// Releases every key and pointer button that is pressed.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn release_all(&self) -> Result<(), InputError> {
        self.player.release_all().await
    }
}
