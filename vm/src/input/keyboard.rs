use std::time::Duration;

use super::{
    InputError, KeyName, Player,
    plan::{Act, combination, typing},
    us_layout::strokes,
};

/// The keyboard of a running machine. Cheap to clone; keys of all clones are sent one operation after the other.
///
/// An operation whose future is dropped stops at the next key and lets go what it held.
#[derive(Debug, Clone)]
pub struct Keyboard {
    player: Player,
}

/// The speed of typing: the time from one key to the next. However long it is, a key is let go as soon as it was pressed, in the same
/// command: the guest must not take it for one that is held, and repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(pub Duration);

/// Whether text may be read in logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// It may.
    Open,
    /// It is a secret: `qmp.log` shows `•••` instead of its keys.
    Secret,
}

impl Default for Pace {
    /// 60 ms from key to key: about 16 characters a second, which an emulated guest under load takes without losing one.
    fn default() -> Self {
        Self(Duration::from_millis(60))
    }
}

impl Keyboard {
    pub(crate) fn new(player: Player) -> Self {
        Self { player }
    }

    /// Presses the keys in order, holds them together for `hold`, lets them go in reverse order.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn press(&self, keys: &[KeyName], hold: Duration) -> Result<(), InputError> {
        self.player
            .play(combination(keys, hold), Secrecy::Open)
            .await
    }

    /// Presses a key and leaves it down.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn key_down(&self, key: KeyName) -> Result<(), InputError> {
        self.player
            .play(vec![Act::Key { key, down: true }], Secrecy::Open)
            .await
    }

    /// Lets a key go.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn key_up(&self, key: KeyName) -> Result<(), InputError> {
        self.player
            .play(vec![Act::Key { key, down: false }], Secrecy::Open)
            .await
    }

    /// Types text on a US layout, one key after the other. `\n` is Return, `\t` is Tab.
    ///
    /// # Errors
    /// [`InputError::UnknownCharacter`] before the first key is sent; others see [`InputError`].
    pub async fn type_text(
        &self,
        text: &str,
        pace: Pace,
        secrecy: Secrecy,
    ) -> Result<(), InputError> {
        self.player
            .play(typing(&strokes(text)?, pace), secrecy)
            .await
    }

    /// Lets go every key and pointer button that is down.
    ///
    /// # Errors
    /// See [`InputError`].
    pub async fn release_all(&self) -> Result<(), InputError> {
        self.player.release_all().await
    }

    /// Whether a US keyboard can type the text; if not, the first character it cannot, as [`type_text`](Self::type_text) would say.
    ///
    /// # Errors
    /// [`InputError::UnknownCharacter`].
    pub fn check(text: &str) -> Result<(), InputError> {
        strokes(text).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{qmp::fake::FakeQemu, screen::ScreenNudge};

    async fn keyboard() -> (Keyboard, FakeQemu) {
        let (qmp, _events, qemu) = FakeQemu::connected().await;
        (
            Keyboard::new(Player::start(qmp, ScreenNudge::default())),
            qemu,
        )
    }

    /// Answers one command and tells its keys, as `+a` or `+a-a`.
    async fn key(qemu: &mut FakeQemu) -> String {
        let heard = qemu.answer("input-send-event", "{}").await;
        let events = heard["arguments"]["events"].as_array().unwrap().iter();
        let told = events.map(|event| {
            let data = &event["data"];
            let sign = if data["down"] == Value::Bool(true) {
                '+'
            } else {
                '-'
            };
            format!("{sign}{}", data["key"]["data"].as_str().unwrap())
        });
        told.collect()
    }

    async fn keys(qemu: &mut FakeQemu, count: usize) -> String {
        let mut told = Vec::new();
        for _ in 0..count {
            told.push(key(qemu).await);
        }
        told.join(" ")
    }

    #[tokio::test(start_paused = true)]
    async fn text_is_typed_in_order_at_its_pace() {
        let (keyboard, mut qemu) = keyboard().await;
        let before = tokio::time::Instant::now();
        let typing = keyboard.type_text("aB", Pace::default(), Secrecy::Open);
        let (typed, told) = tokio::join!(typing, keys(&mut qemu, 2));
        typed.unwrap();
        assert_eq!(told, "+a-a +shift+b-b-shift");
        assert!(before.elapsed() >= Duration::from_millis(4 * 30));
    }

    #[tokio::test]
    async fn a_character_without_key_is_refused_before_the_first_key() {
        let (keyboard, mut qemu) = keyboard().await;
        let typed = keyboard
            .type_text("aé", Pace::default(), Secrecy::Open)
            .await;
        assert!(matches!(
            typed,
            Err(InputError::UnknownCharacter {
                character: 'é',
                position: 2
            })
        ));
        // The next key that QEMU hears is this one.
        let (pressed, told) = tokio::join!(keyboard.key_down("z".parse().unwrap()), key(&mut qemu));
        pressed.unwrap();
        assert_eq!(told, "+z");
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_operation_lets_go_what_it_held_and_nothing_else() {
        let (keyboard, mut qemu) = keyboard().await;
        let shift = "shift".parse().unwrap();
        let (pressed, _) = tokio::join!(keyboard.key_down(shift), key(&mut qemu));
        pressed.unwrap();
        let combination = ["ctrl".parse().unwrap(), "c".parse().unwrap()];
        tokio::select! {
            _ = keyboard.press(&combination, Duration::from_secs(3600)) => unreachable!("held for an hour"),
            told = keys(&mut qemu, 2) => assert_eq!(told, "+ctrl +c"),
        }
        assert_eq!(keys(&mut qemu, 2).await, "-c -ctrl");
        let (released, told) = tokio::join!(keyboard.release_all(), keys(&mut qemu, 1));
        released.unwrap();
        assert_eq!(told, "-shift");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_key_is_an_error_and_the_rest_is_let_go() {
        let (keyboard, mut qemu) = keyboard().await;
        let server = async {
            assert_eq!(key(&mut qemu).await, "+ctrl");
            let id = qemu.heard().await["id"].clone();
            qemu.say(&format!("{{\"error\": {{\"class\": \"GenericError\", \"desc\": \"VM not running\"}}, \"id\": {id}}}\n"))
                .await;
            keys(&mut qemu, 2).await
        };
        let combination = ["ctrl".parse().unwrap(), "c".parse().unwrap()];
        let hold = Duration::from_secs(3600);
        let (pressed, released) = tokio::join!(keyboard.press(&combination, hold), server);
        assert!(matches!(pressed, Err(InputError::Refused(_))));
        assert_eq!(released, "-c -ctrl");
    }

    #[tokio::test]
    async fn input_to_a_machine_that_has_gone_says_so() {
        let (keyboard, qemu) = keyboard().await;
        drop(qemu);
        assert_eq!(
            keyboard.key_up("a".parse().unwrap()).await,
            Err(InputError::Gone)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_whose_press_switches_the_machine_off_is_no_error() {
        let (keyboard, mut qemu) = keyboard().await;
        let server = async {
            assert_eq!(key(&mut qemu).await, "+ret");
            let heard = qemu.heard().await;
            qemu.say(&format!("{{\"error\": {{\"class\": \"GenericError\", \"desc\": \"VM not running\"}}, \"id\": {}}}\n", heard["id"]))
                .await;
            assert_eq!(heard["arguments"]["events"][0]["data"]["down"], false);
        };
        let enter = ["ret".parse().unwrap()];
        let (pressed, ()) = tokio::join!(keyboard.press(&enter, Duration::from_secs(1)), server);
        pressed.unwrap();
    }
}
