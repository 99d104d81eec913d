//! The pointer of a machine.

use std::time::Duration;

use super::{
    InputError, Player, Point, PointerButton, ScrollDirection, Secrecy,
    plan::{Act, clicks, dragging, moving, scrolling},
    sink::Button,
};
use crate::machine::Lack;

/// The pointer of a running machine. Cheap to clone. Shares the order of operations with the
/// [`Keyboard`](super::Keyboard).
#[derive(Debug, Clone)]
pub struct Pointer {
    player: Player,
    has: Result<(), Lack>,
}

impl Pointer {
    /// Returns the pointer of a machine that has one or not.
    pub(crate) fn new(player: Player, has: Result<(), Lack>) -> Self {
        Self { player, has }
    }

    async fn play(&self, acts: Vec<Act>) -> Result<(), InputError> {
        self.has.map_err(InputError::Lacking)?;
        let played = self.player.play(acts, Secrecy::Open, Duration::ZERO);
        played.await.map(drop)
    }

    /// Moves to the middle of a pixel.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn move_to(&self, to: Point) -> Result<(), InputError> {
        self.play(moving(to)?).await
    }

    /// Presses a button at the place of the pointer, and does not release it.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn button_down(&self, button: PointerButton) -> Result<(), InputError> {
        let button = Button::Pointer(button);
        self.play(vec![Act::Button { button, down: true }]).await
    }

    /// Releases a button.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn button_up(&self, button: PointerButton) -> Result<(), InputError> {
        let button = Button::Pointer(button);
        self.play(vec![Act::Button {
            button,
            down: false,
        }])
        .await
    }

    /// Clicks at the place of the pointer, `count` times in quick succession.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn click(&self, button: PointerButton, count: u32) -> Result<(), InputError> {
        self.play(clicks(button, count)).await
    }

    /// Moves to `from`, presses, moves to `to` in small steps for about `duration`, releases.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn drag(
        &self,
        from: Point,
        to: Point,
        button: PointerButton,
        duration: Duration,
    ) -> Result<(), InputError> {
        self.play(dragging(from, to, button, duration)?).await
    }

    /// Turns the wheel by `clicks` notches at the place of the pointer.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn scroll(&self, direction: ScrollDirection, clicks: u32) -> Result<(), InputError> {
        self.play(scrolling(direction, clicks)).await
    }
}
