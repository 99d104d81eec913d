//! The pointer of a machine.

use std::time::Duration;

use super::{
    InputError, Player, Secrecy,
    plan::{Act, clicks, dragging, moving, scrolling},
    sink::Button,
};

/// The pointer of a running machine. Cheap to clone. Shares the order of operations with the
/// [`Keyboard`](super::Keyboard).
#[derive(Debug, Clone)]
pub struct Pointer {
    player: Player,
    tablet: bool,
}

/// A pixel of a screen. The size of the screen is that of the frame on which the place was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The distance from the left, less than `width`.
    pub x: u32,
    /// The distance from the top, less than `height`.
    pub y: u32,
    /// The width of the screen in pixels.
    pub width: u32,
    /// The height of the screen in pixels.
    pub height: u32,
}

/// A button of the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PointerButton {
    /// The first.
    #[default]
    Left,
    /// The wheel's or third.
    Middle,
    /// The second.
    Right,
}

/// A way to turn the wheel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScrollDirection {
    /// Towards the start of a text.
    Up,
    /// Towards the end of a text.
    Down,
}

impl Pointer {
    /// The pointer of a machine that has a `tablet` or not.
    pub(crate) fn new(player: Player, tablet: bool) -> Self {
        Self { player, tablet }
    }

    async fn play(&self, acts: Vec<Act>) -> Result<(), InputError> {
        if !self.tablet {
            return Err(InputError::NoTablet);
        }
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
