//! Input by a command of the user.

use std::{fmt::Write, time::Duration};

use super::shell::{Line, Shell};
use crate::{
    board::{BoardFault, FaultKind},
    input::{Button, InputError, InputEvent, InputSink, PointerButton, ScrollDirection, Secrecy},
};

/// The command that sends input to a board: a line for `/bin/sh`.
///
/// It is called once for each batch of events, reads them from stdin, and ends with exit status 0 when the board has
/// them. Each event is a line:
///
/// ```text
/// key ctrl down           a key is pressed; the names are those of the scenarios: a, ret, f4, shift_r, kp_5
/// key ctrl up             a key is released
/// move 16384 0            the pointer moves there: 0 to 32767 from the left, and from the top, of the whole screen
/// button left down        a button is pressed: left, middle, right
/// button left up          a button is released
/// wheel up                the wheel turns by one notch: up, down
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCommand {
    /// The line.
    pub line: String,
    /// The longest time for one batch.
    pub limit: Duration,
    /// The surroundings of the command.
    pub shell: Shell,
}

impl KeyCommand {
    /// Returns the lines for these events.
    fn lines(events: &[InputEvent]) -> String {
        let mut lines = String::new();
        for event in events {
            let line = match event {
                InputEvent::Key { key, down } => format!("key {key} {}", way(*down)),
                InputEvent::Move { x, y } => format!("move {x} {y}"),
                InputEvent::Button {
                    button: Button::Pointer(button),
                    down,
                } => format!("button {} {}", pointer_button(*button), way(*down)),
                InputEvent::Button {
                    button: Button::Wheel(direction),
                    down: true,
                } => format!("wheel {}", scroll_direction(*direction)),
                // A turn is one event.
                InputEvent::Button {
                    button: Button::Wheel(_),
                    down: false,
                } => continue,
            };
            // Writing into a `String` cannot fail.
            let _ = writeln!(lines, "{line}");
        }
        lines
    }
}

fn way(down: bool) -> &'static str {
    if down { "down" } else { "up" }
}

fn pointer_button(button: PointerButton) -> &'static str {
    match button {
        PointerButton::Left => "left",
        PointerButton::Middle => "middle",
        PointerButton::Right => "right",
    }
}

fn scroll_direction(direction: ScrollDirection) -> &'static str {
    match direction {
        ScrollDirection::Up => "up",
        ScrollDirection::Down => "down",
    }
}

impl InputSink for KeyCommand {
    async fn send(&mut self, events: &[InputEvent], secrecy: Secrecy) -> Result<(), InputError> {
        let lines = Self::lines(events);
        if lines.is_empty() {
            return Ok(());
        }
        let line = Line {
            input: Some(lines.into_bytes()),
            ..Line::new("the input command", &self.line, self.limit)
        };
        let sent = self.shell.run(&line).await;
        sent.map(drop).map_err(|fault| match secrecy {
            Secrecy::Open => fault.into(),
            // The command may repeat its input, which is a secret.
            Secrecy::Secret => InputError::from(without_output(fault)),
        })
    }
}

fn without_output(fault: BoardFault) -> BoardFault {
    let words = match fault.kind {
        FaultKind::TimedOut => "the input command did not end in time",
        FaultKind::Missing
        | FaultKind::Unreachable
        | FaultKind::Denied
        | FaultKind::Held
        | FaultKind::Refused
        | FaultKind::NoResource
        | FaultKind::NoSignal
        | FaultKind::NotUnderstood => {
            "the input command failed; its output is not shown, since the input is secret"
        }
    };
    BoardFault {
        words: words.to_owned(),
        ..fault
    }
}

#[cfg(test)]
mod tests {
    use std::{error::Error, fs, path::Path};

    use super::*;

    fn command(line: &str, folder: &Path) -> KeyCommand {
        KeyCommand {
            line: line.to_owned(),
            limit: Duration::from_secs(60),
            shell: Shell {
                folder: Some(folder.to_owned()),
                ..Shell::default()
            },
        }
    }

    fn key(name: &str, down: bool) -> InputEvent {
        let key = name.parse().unwrap();
        InputEvent::Key { key, down }
    }

    #[tokio::test]
    async fn a_batch_is_one_call_with_a_line_for_each_event() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = command("cat >> events; echo end >> events", folder.path());
        let button = |button, down| InputEvent::Button { button, down };
        let events = [
            key("ctrl", true),
            key("f4", false),
            InputEvent::Move { x: 0, y: 32767 },
            button(Button::Pointer(PointerButton::Right), true),
            button(Button::Wheel(ScrollDirection::Down), true),
            button(Button::Wheel(ScrollDirection::Down), false),
        ];
        keys.send(&events, Secrecy::Open).await.unwrap();
        // Nothing to send is no call.
        keys.send(&events[5..], Secrecy::Open).await.unwrap();
        assert_eq!(
            fs::read_to_string(folder.path().join("events")).unwrap(),
            "key ctrl down\nkey f4 up\nmove 0 32767\nbutton right down\nwheel down\nend\n"
        );
        assert_eq!(keys.queue().await, Ok(None));
    }

    #[tokio::test]
    async fn a_secret_is_in_no_message() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = command("cat >&2; exit 1", folder.path());
        let words = |error: InputError| error.source().unwrap().to_string();
        let open = words(
            keys.send(&[key("q", true)], Secrecy::Open)
                .await
                .unwrap_err(),
        );
        assert_eq!(
            open,
            "the input command ended with exit status 1; its last lines: key q down; \
            run the command by hand, in the same folder, to see the whole output"
        );
        let secret = words(
            keys.send(&[key("q", true)], Secrecy::Secret)
                .await
                .unwrap_err(),
        );
        assert!(!secret.contains("key q"), "{secret}");
    }
}
