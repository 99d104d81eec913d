//! The keys and buttons that are down, and the place of the pointer, on one VNC connection.

use vnc::X11Event;

use super::keysym::keysym;
use crate::{
    PointerButton, ScrollDirection,
    input::{Button, InputEvent, KeyName},
};

/// The largest value of an axis.
const AXIS_MAX: u32 = 0x7fff;

/// The keys and buttons that are held on a connection. Turns events into messages of VNC.
#[derive(Debug, Default)]
pub(super) struct Hands {
    /// The keys that are down, with the keysym that was sent: the same must be sent when it is released.
    keys: Vec<(KeyName, u32)>,
    /// One bit for each button that is down.
    buttons: u8,
    /// The place of the pointer in units of the axes. None if it was never moved.
    place: Option<(u32, u32)>,
}

impl Hands {
    /// Notes that nothing is down any more: a server lets go of everything when a connection ends.
    pub(super) fn let_go(&mut self) {
        self.keys.clear();
        self.buttons = 0;
    }

    /// Returns the message for an event. `screen` is the present size in pixels.
    pub(super) fn message(&mut self, event: InputEvent, screen: (usize, usize)) -> X11Event {
        match event {
            InputEvent::Key { key, down } => self.key(key, down),
            InputEvent::Button { button, down } => {
                if down {
                    self.buttons |= bit(button);
                } else {
                    self.buttons &= !bit(button);
                }
                self.pointer(screen)
            }
            InputEvent::Move { x, y } => {
                self.place = Some((x, y));
                self.pointer(screen)
            }
        }
    }

    /// Returns a message that changes nothing: it releases a key that is not down.
    ///
    /// QEMU looks at its screen ever more seldom while nothing changes, up to every 3 seconds. A request for an update
    /// does not change that, but a message of the keyboard does.
    pub(super) fn nothing(&self) -> X11Event {
        const SHIFT_R: u32 = 0xffe2;
        const CONTROL_R: u32 = 0xffe4;
        let is_down = self.keys.iter().any(|&(_, sent)| sent == SHIFT_R);
        let idle = if is_down { CONTROL_R } else { SHIFT_R };
        X11Event::KeyEvent((idle, false).into())
    }

    fn key(&mut self, key: KeyName, down: bool) -> X11Event {
        let held = self.keys.iter().position(|&(held, _)| held == key);
        let sent = match held {
            Some(place) => self.keys[place].1,
            None => keysym(key, self.is_shifted()),
        };
        match (down, held) {
            (true, None) => self.keys.push((key, sent)),
            (false, Some(place)) => {
                self.keys.remove(place);
            }
            (true, Some(_)) | (false, None) => {}
        }
        X11Event::KeyEvent((sent, down).into())
    }

    fn is_shifted(&self) -> bool {
        let is_shift = |name| matches!(name, "shift" | "shift_r");
        self.keys.iter().any(|(key, _)| is_shift(key.name()))
    }

    fn pointer(&self, (width, height): (usize, usize)) -> X11Event {
        // The middle, until it is moved: in corners some desktops do something.
        let (x, y) = self.place.unwrap_or((AXIS_MAX / 2, AXIS_MAX / 2));
        X11Event::PointerEvent((pixel(x, width), pixel(y, height), self.buttons).into())
    }
}

/// Returns the pixel of a value of an axis, as libinput does: `value * size / 32768`.
fn pixel(value: u32, size: usize) -> u16 {
    let place = value.min(AXIS_MAX) as usize * size / (AXIS_MAX as usize + 1);
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// Returns the bit of a button in a message.
fn bit(button: Button) -> u8 {
    match button {
        Button::Pointer(PointerButton::Left) => 1,
        Button::Pointer(PointerButton::Middle) => 1 << 1,
        Button::Pointer(PointerButton::Right) => 1 << 2,
        Button::Wheel(ScrollDirection::Up) => 1 << 3,
        Button::Wheel(ScrollDirection::Down) => 1 << 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(hands: &mut Hands, name: &str, down: bool) -> (u32, bool) {
        let event = InputEvent::Key {
            key: name.parse().unwrap(),
            down,
        };
        keys(&hands.message(event, (1, 1)))
    }

    fn keys(message: &X11Event) -> (u32, bool) {
        match message {
            X11Event::KeyEvent(key) => (key.keycode, key.down),
            other => panic!("{other:?}"),
        }
    }

    fn pointer(hands: &mut Hands, event: InputEvent) -> (u16, u16, u8) {
        match hands.message(event, (800, 600)) {
            X11Event::PointerEvent(pointer) => {
                (pointer.position_x, pointer.position_y, pointer.bottons)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_key_is_released_as_it_was_pressed_even_if_shift_was_released_before() {
        let mut hands = Hands::default();
        assert_eq!(key(&mut hands, "shift", true), (0xffe1, true));
        assert_eq!(key(&mut hands, "a", true), (0x41, true));
        assert_eq!(key(&mut hands, "shift", false), (0xffe1, false));
        assert_eq!(key(&mut hands, "a", false), (0x41, false));
        assert_eq!(key(&mut hands, "a", true), (0x61, true));
    }

    #[test]
    fn the_message_that_changes_nothing_releases_a_key_that_is_not_down() {
        let mut hands = Hands::default();
        assert_eq!(keys(&hands.nothing()), (0xffe2, false));
        key(&mut hands, "shift_r", true);
        assert_eq!(keys(&hands.nothing()), (0xffe4, false));
    }

    #[test]
    fn buttons_and_wheel_are_bits_at_the_place_of_the_pointer() {
        let mut hands = Hands::default();
        let button = |button, down| InputEvent::Button { button, down };
        let left = Button::Pointer(PointerButton::Left);
        let right = Button::Pointer(PointerButton::Right);
        let wheel = Button::Wheel(ScrollDirection::Down);
        assert_eq!(pointer(&mut hands, button(left, true)), (399, 299, 1));
        let corner = InputEvent::Move {
            x: AXIS_MAX,
            y: AXIS_MAX,
        };
        assert_eq!(pointer(&mut hands, corner), (799, 599, 1));
        assert_eq!(pointer(&mut hands, button(right, true)), (799, 599, 5));
        assert_eq!(pointer(&mut hands, button(left, false)), (799, 599, 4));
        assert_eq!(pointer(&mut hands, button(wheel, true)), (799, 599, 20));
        hands.let_go();
        assert_eq!(pointer(&mut hands, button(wheel, false)), (799, 599, 0));
    }

    #[test]
    fn the_middle_of_each_pixel_comes_back_as_that_pixel() {
        for size in [1, 640, 1366, 3840] {
            for place in [0, size / 3, size / 2, size - 1] {
                let middle = (2 * place + 1) * (AXIS_MAX as usize + 1) / (2 * size);
                let value = u32::try_from(middle).unwrap();
                assert_eq!(usize::from(pixel(value, size)), place, "{size}");
            }
        }
    }
}
