//! The power of a board, by the buttons and the LED of its ATX header.
//!
//! kvmd says that a button was pressed. Only the LED says that the board did what was asked.

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::connection::{Kvmd, LOOK};
use crate::board::{BoardFault, FaultKind};

impl Kvmd {
    /// Switches the board on. Returns when the power LED says so.
    ///
    /// # Errors
    /// When the KVM refuses, or the LED stays off.
    pub(crate) async fn power_on(&self) -> Result<(), BoardFault> {
        self.switch("on", true).await
    }

    /// Switches the board off, by a long press of its power button. Returns when the power LED says so.
    ///
    /// # Errors
    /// When the KVM refuses, or the LED stays on.
    pub(crate) async fn power_off(&self) -> Result<(), BoardFault> {
        self.switch("off_hard", false).await
    }

    /// Presses the reset button of the board.
    ///
    /// # Errors
    /// When the KVM refuses, or the board is off.
    pub(crate) async fn reset(&self) -> Result<(), BoardFault> {
        // kvmd would do nothing, and say that all is well.
        if self.is_on().await? == Some(false) {
            let words = format!(
                "the board cannot be reset: {} says that its power LED is off",
                self.api.name()
            );
            return Err(BoardFault::new(FaultKind::Refused, words));
        }
        self.power("reset_hard").await
    }

    /// Presses the power button of the board for a moment.
    ///
    /// # Errors
    /// When the KVM refuses.
    pub(crate) async fn press_button(&self) -> Result<(), BoardFault> {
        let query = [("button", "power"), ("wait", "1")];
        let limit = self.api.limits.press;
        self.when_idle("/api/atx/click", &query, limit).await
    }

    /// Returns true if the power LED of the board is on. None if the KVM has no cable to it.
    ///
    /// # Errors
    /// When the KVM does not answer.
    pub(crate) async fn is_on(&self) -> Result<Option<bool>, BoardFault> {
        let state = self.api.get("/api/atx", &[]).await?;
        Ok(led(&state))
    }

    async fn switch(&self, action: &str, on: bool) -> Result<(), BoardFault> {
        self.power(action).await?;
        let limit = self.api.limits.led;
        let begun = Instant::now();
        loop {
            match self.is_on().await? {
                Some(now) if now != on && begun.elapsed() < limit => sleep(LOOK).await,
                Some(now) if now != on => return Err(self.lie(now)),
                // Without a LED, the word of the KVM is all there is.
                Some(_) | None => return Ok(()),
            }
        }
    }

    fn lie(&self, now: bool) -> BoardFault {
        let (done, shown) = if now { ("off", "on") } else { ("on", "off") };
        let words = format!(
            "{} says that the board was switched {done}, but its power LED is {shown} after {:?}",
            self.api.name(),
            self.api.limits.led
        );
        BoardFault::new(FaultKind::Refused, words)
            .advice("check the cable between the KVM and the power button and LED of the board")
    }

    async fn power(&self, action: &str) -> Result<(), BoardFault> {
        let query = [("action", action), ("wait", "1")];
        let limit = self.api.limits.press;
        self.when_idle("/api/atx/power", &query, limit).await
    }
}

/// Returns the power LED of a state.
fn led(atx: &Value) -> Option<bool> {
    if atx["enabled"].as_bool() == Some(false) {
        return None;
    }
    atx["leds"]["power"].as_bool()
}
