//! Plans of input: the acts, their order and their pauses. Plain data.

use std::time::Duration;

use super::{Button, InputError, InputEvent, KeyName, Pace, Point, PointerButton, ScrollDirection};

/// The largest value of an absolute axis of a tablet.
const AXIS_MAX: u32 = 0x7fff;

/// The time from a click to the next act: that of a quick person.
const CLICK_GAP: Duration = Duration::from_millis(140);

/// The time from a move to the next act, so that the program under the pointer notices the move.
const SETTLE: Duration = Duration::from_millis(50);

/// The time between the moves of a drag: a mouse that reports some 60 times a second.
const DRAG_STEP: Duration = Duration::from_millis(16);

/// The time after which a pressed key may begin to repeat. Linux consoles begin after 250 ms, all others later.
const REPEATS: Duration = Duration::from_millis(200);

/// One act of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Makes taps one after the other in one command. So no delay of this program or the guest keeps a key pressed for
    /// long enough to repeat. The keys of a tap are pressed in order and released in reverse order.
    Taps(Vec<Vec<KeyName>>),
    /// Makes taps one after the other, each when the device has room for it.
    Text { taps: Vec<Vec<KeyName>>, pace: Pace },
    /// Presses or releases a key.
    Key { key: KeyName, down: bool },
    /// Presses or releases a button.
    Button { button: Button, down: bool },
    /// Moves the pointer, in units of the axes.
    Move { x: u32, y: u32 },
    /// Waits for this long.
    Pause(Duration),
    /// Waits until the guest has taken everything, at most for this long.
    Taken(Duration),
}

impl Act {
    /// Returns true if it releases a key or button.
    pub(super) fn lets_go(&self) -> bool {
        match self {
            Self::Key { down, .. } | Self::Button { down, .. } => !down,
            Self::Taps(_)
            | Self::Text { .. }
            | Self::Move { .. }
            | Self::Pause(_)
            | Self::Taken(_) => false,
        }
    }

    /// Returns the keys that are pressed or released with one command, in order.
    pub(super) fn keys(&self) -> Vec<KeyName> {
        match self {
            Self::Taps(taps) => keys_of(taps).map(|(key, _)| key).collect(),
            Self::Key { key, .. } => vec![*key],
            Self::Text { .. }
            | Self::Button { .. }
            | Self::Move { .. }
            | Self::Pause(_)
            | Self::Taken(_) => Vec::new(),
        }
    }

    /// Returns the number of combinations that it presses. A key that is pressed or released by itself counts as one.
    pub(super) fn combinations(&self) -> usize {
        match self {
            Self::Taps(taps) | Self::Text { taps, .. } => taps.len(),
            Self::Key { .. } => 1,
            Self::Button { .. } | Self::Move { .. } | Self::Pause(_) | Self::Taken(_) => 0,
        }
    }

    /// Returns the events that it sends at once, in order. None for acts that send nothing by themselves.
    pub(super) fn events(&self) -> Option<Vec<InputEvent>> {
        match self {
            Self::Taps(taps) => Some(
                keys_of(taps)
                    .map(|(key, down)| InputEvent::Key { key, down })
                    .collect(),
            ),
            Self::Key { key, down } => Some(vec![InputEvent::Key {
                key: *key,
                down: *down,
            }]),
            Self::Button { button, down } => Some(vec![InputEvent::Button {
                button: *button,
                down: *down,
            }]),
            Self::Move { x, y } => Some(vec![InputEvent::Move { x: *x, y: *y }]),
            Self::Text { .. } | Self::Pause(_) | Self::Taken(_) => None,
        }
    }
}

/// Returns the keys of taps in the order in which they are pressed (true) and released.
fn keys_of(taps: &[Vec<KeyName>]) -> impl Iterator<Item = (KeyName, bool)> {
    taps.iter().flat_map(|keys| {
        let down = keys.iter().map(|key| (*key, true));
        down.chain(keys.iter().rev().map(|key| (*key, false)))
    })
}

/// Returns the plan for keys that are pressed in order, held together, and released in reverse order. If they are held
/// only for a moment, they are tapped, and the moment passes afterwards.
pub(super) fn combination(keys: &[KeyName], hold: Duration) -> Vec<Act> {
    if hold < REPEATS {
        return vec![Act::Taps(vec![keys.to_vec()]), Act::Pause(hold)];
    }
    let down = keys.iter().map(|&key| Act::Key { key, down: true });
    let up = keys.iter().rev().map(|&key| Act::Key { key, down: false });
    down.chain([Act::Pause(hold)]).chain(up).collect()
}

/// Returns the plan for a text. It ends when the guest has taken all of it.
pub(super) fn typing(taps: &[Vec<KeyName>], pace: Pace, patience: Duration) -> Vec<Act> {
    let taps = taps.to_vec();
    vec![Act::Text { taps, pace }, Act::Taken(patience)]
}

/// Returns the plan for clicks in place. The release follows the press at once, in a command of its own: desktops drop
/// a click whose press and release come in one command. There is no pause between them: a busy desktop may read the
/// press long before the release, take the click for a long press, and open a menu.
pub(super) fn clicks(button: PointerButton, count: u32) -> Vec<Act> {
    let button = Button::Pointer(button);
    let click = [
        Act::Button { button, down: true },
        Act::Button {
            button,
            down: false,
        },
        Act::Pause(CLICK_GAP),
    ];
    (0..count).flat_map(|_| click.clone()).collect()
}

/// Returns the plan for turns of the wheel.
pub(super) fn scrolling(direction: ScrollDirection, clicks: u32) -> Vec<Act> {
    let button = Button::Wheel(direction);
    let turn = [
        Act::Button { button, down: true },
        Act::Button {
            button,
            down: false,
        },
        Act::Pause(DRAG_STEP),
    ];
    (0..clicks).flat_map(|_| turn.clone()).collect()
}

/// Returns the plan for a move to the middle of a pixel.
pub(super) fn moving(to: Point) -> Result<Vec<Act>, InputError> {
    let (x, y) = axes(to)?;
    Ok(vec![Act::Move { x, y }, Act::Pause(SETTLE)])
}

/// Returns the plan for a drag in small steps. Toolkits begin a drag only after some moves with the button pressed.
pub(super) fn dragging(
    from: Point,
    to: Point,
    button: PointerButton,
    duration: Duration,
) -> Result<Vec<Act>, InputError> {
    let (begin, end) = (axes(from)?, axes(to)?);
    let steps = u32::try_from(duration.as_millis() / DRAG_STEP.as_millis())
        .map_or(1000, |steps| steps.clamp(4, 1000));
    let button = Button::Pointer(button);
    let mut acts = moving(from)?;
    acts.extend([Act::Button { button, down: true }, Act::Pause(SETTLE)]);
    for step in 1..=steps {
        acts.push(Act::Move {
            x: between(begin.0, end.0, step, steps),
            y: between(begin.1, end.1, step, steps),
        });
        acts.push(Act::Pause(DRAG_STEP));
    }
    acts.extend([
        Act::Pause(SETTLE),
        Act::Button {
            button,
            down: false,
        },
    ]);
    Ok(acts)
}

fn between(begin: u32, end: u32, step: u32, steps: u32) -> u32 {
    // Axis values have at most 15 bits and there are at most 10 steps: no overflow.
    (begin * (steps - step) + end * step) / steps
}

/// Returns the axis values of the middle of a pixel.
///
/// Guests map an axis of 0..=32767 to a screen of `size` pixels by `value * size / 32768` (libinput's scaling). So the
/// middle of pixel `p` is at `(2 p + 1) * 32768 / (2 size)`.
fn axes(point: Point) -> Result<(u32, u32), InputError> {
    let Point {
        x,
        y,
        width,
        height,
    } = point;
    if x >= width || y >= height {
        return Err(InputError::OffScreen {
            x,
            y,
            width,
            height,
        });
    }
    let axis = |place: u32, size: u32| {
        let middle = (2 * u64::from(place) + 1) * u64::from(AXIS_MAX + 1) / (2 * u64::from(size));
        u32::try_from(middle).map_or(AXIS_MAX, |middle| middle.min(AXIS_MAX))
    };
    Ok((axis(x, width), axis(y, height)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(taps: &[Vec<KeyName>]) -> String {
        let tap = |keys: &Vec<KeyName>| {
            let names: Vec<_> = keys.iter().map(ToString::to_string).collect();
            names.join("-")
        };
        taps.iter().map(tap).collect::<Vec<_>>().join(" ")
    }

    fn told(acts: &[Act]) -> String {
        let words = acts.iter().map(|act| match act {
            Act::Taps(taps) => names(taps),
            Act::Text { taps, pace } => format!("{} {:?}", names(taps), pace.0),
            Act::Key { key, down } => format!("{}{key}", if *down { '+' } else { '-' }),
            Act::Button { button, down } => {
                let sign = if *down { '+' } else { '-' };
                format!("{sign}{button:?}")
            }
            Act::Move { x, y } => format!("{x},{y}"),
            Act::Pause(time) => format!("{}ms", time.as_millis()),
            Act::Taken(_) => "taken".to_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn point(x: u32, y: u32) -> Point {
        Point {
            x,
            y,
            width: 1024,
            height: 768,
        }
    }

    #[test]
    fn a_combination_is_let_go_in_reverse() {
        let keys = ["ctrl", "alt", "f2"].map(|name| name.parse().unwrap());
        assert_eq!(
            told(&combination(&keys, ms(200))),
            "+ctrl +alt +f2 200ms -f2 -alt -ctrl"
        );
    }

    #[test]
    fn a_moments_press_is_one_command_so_that_no_key_repeats() {
        let keys = ["ctrl", "alt", "f2"].map(|name| name.parse().unwrap());
        let acts = combination(&keys, ms(90));
        assert_eq!(told(&acts), "ctrl-alt-f2 90ms");
        let events = acts[0].events().unwrap();
        let told = events.iter().map(|event| match event {
            InputEvent::Key { key, down } => format!("{}{key}", if *down { '+' } else { '-' }),
            other => panic!("{other:?}"),
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told.join(" "), "+ctrl +alt +f2 -f2 -alt -ctrl");
        assert_eq!(acts[1].events(), None);
    }

    #[test]
    fn every_key_of_a_text_goes_down_and_up_before_the_next() {
        let taps: Vec<Vec<KeyName>> = [&["a"][..], &["shift", "b"], &["ret"]]
            .map(|tap| tap.iter().map(|key| key.parse().unwrap()).collect())
            .to_vec();
        let told_of = |pace| told(&typing(&taps, Pace(pace), ms(1)));
        assert_eq!(told_of(None), "a shift-b ret None taken");
        assert_eq!(told_of(Some(ms(2000))), "a shift-b ret Some(2s) taken");
        let keys: Vec<_> = Act::Taps(taps)
            .keys()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(keys.join(" "), "a a shift b b shift ret ret");
    }

    #[test]
    fn a_double_click_is_two_quick_clicks_and_none_is_nothing() {
        assert_eq!(
            told(&clicks(PointerButton::Right, 2)),
            "+Pointer(Right) -Pointer(Right) 140ms +Pointer(Right) -Pointer(Right) 140ms"
        );
        assert_eq!(clicks(PointerButton::Left, 0), []);
    }

    #[test]
    fn the_wheel_turns_notch_by_notch() {
        assert_eq!(
            told(&scrolling(ScrollDirection::Down, 2)),
            "+Wheel(Down) -Wheel(Down) 16ms +Wheel(Down) -Wheel(Down) 16ms"
        );
    }

    #[test]
    fn a_drag_moves_with_the_button_down() {
        let acts = dragging(point(0, 0), point(1023, 767), PointerButton::Left, ms(64)).unwrap();
        assert_eq!(
            told(&acts),
            "16,21 50ms +Pointer(Left) 50ms 8200,8202 16ms 16384,16383 16ms 24568,24564 16ms \
             32752,32746 16ms 50ms -Pointer(Left)"
        );
    }

    #[test]
    fn a_point_that_is_not_on_the_screen_is_refused() {
        for point in [point(1024, 0), point(0, 768)] {
            assert!(matches!(moving(point), Err(InputError::OffScreen { .. })));
        }
        let nothing = Point {
            x: 0,
            y: 0,
            width: 0,
            height: 0,
        };
        assert_eq!(
            moving(nothing).unwrap_err().to_string(),
            "the point 0,0 is not on the screen of 0 x 0 pixels"
        );
    }

    proptest! {
        #[test]
        fn the_guest_sees_the_very_pixel(size in 1..=16_384_u32, place in any::<prop::sample::Index>()) {
            let place = place.index(size as usize) as u32;
            let point = Point { x: place, y: 0, width: size, height: 1 };
            let (value, _) = axes(point).unwrap();
            prop_assert!(value <= AXIS_MAX);
            prop_assert_eq!(value * size / (AXIS_MAX + 1), place);
        }
    }
}
