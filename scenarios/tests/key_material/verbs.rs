//! Everything that the verbs of the language can say.

use std::collections::{BTreeMap, BTreeSet};

use scenarios::Verb;

use super::digest;

/// Steps that differ from each other in one thing that counts. Those of one verb stand together; the first is the
/// plainest.
const DIFFERENT: &[(Verb, &[&str])] = &[
    (
        Verb::See,
        &[
            "see: a",
            "see: b",
            "see: a b",
            "see: [a, b]",
            "see: [b, a]",
            "see: { needle: a, not: b }",
            "see: { needle: a, not: c }",
            "see: { needle: a, for: 1s }",
            "see: { needle: a, for: 2s }",
            "see: { needle: a, resets: 0 }",
            "see: { needle: a, resets: 1 }",
            "see: { needle: a, resets: 2 }",
            "see: { needle: a, resets: { watchdog: 1 } }",
            "see: { needle: a, resets: { guest: 1, watchdog: 1 } }",
            "see: { needle: a, powers_off: true }",
            "see: { needle: a, within: 1s }",
            "see: { needle: a, within: 2s }",
            "see: { needle: a, when: user }",
            "see: { needle: a, when: not user }",
            "see: { needle: a, when: seen(x) }",
            "see: { needle: a, when: seen(y) }",
            "see: { needle: a, when: user == 'bob' }",
            "see: { needle: a, when: user != 'bob' }",
            "see: { needle: a, when: user matches /bob/ }",
            "see: { needle: a, when: user matches /b.b/ }",
            "see: { needle: a, when: \"user in ['bob']\" }",
            "see: { needle: a, when: \"user in ['bob', 'eve']\" }",
            "see: { needle: a, when: user in apps }",
            "see: { needle: a, when: app in apps }",
            "see: { needle: a, when: user and app }",
            "see: { needle: a, when: user or app }",
            "see: { needle: a, when: app or user }",
        ],
    ),
    (Verb::Gone, &["gone: a", "gone: b", "gone: [a, b]"]),
    (
        Verb::Still,
        &[
            "still: 1s",
            "still: 2s",
            "still: { for: 1s, level: 40 }",
            "still: { for: 1s, level: 41 }",
            "still: { for: 1s, ignore: { x: 0, y: 0, width: 1, height: 1 } }",
            "still: { for: 1s, ignore: { x: 1, y: 0, width: 1, height: 1 } }",
            "still: { for: 1s, ignore: { x: 0, y: 1, width: 1, height: 1 } }",
            "still: { for: 1s, ignore: { x: 0, y: 0, width: 2, height: 1 } }",
            "still: { for: 1s, ignore: { x: 0, y: 0, width: 1, height: 2 } }",
        ],
    ),
    (
        Verb::Changed,
        &[
            "changed:",
            "changed: { level: 40 }",
            "changed: { ignore: { x: 0, y: 0, width: 1, height: 1 } }",
        ],
    ),
    (
        Verb::Screenshot,
        &["screenshot:", "screenshot: a", "screenshot: b"],
    ),
    (
        Verb::Press,
        &[
            "press: a",
            "press: b",
            "press: [a, b]",
            "press: { keys: a, repeat: 2 }",
            "press: { keys: a, repeat: 3 }",
            "press: { keys: a, until: a }",
            "press: { keys: a, until: b }",
            "press: { keys: a, every: 1s }",
            "press: { keys: a, every: 2s }",
            "press: { keys: a, when_still: 1s }",
            "press: A",
        ],
    ),
    (
        Verb::Hold,
        &[
            "hold: { keys: a, for: 1s }",
            "hold: { keys: b, for: 1s }",
            "hold: { keys: a, for: 2s }",
            "hold: { keys: a, steps: [{ press: b }] }",
            "hold: { keys: a, steps: [{ press: c }] }",
            "hold: { keys: a, steps: [{ press: b }, { press: c }] }",
        ],
    ),
    (
        Verb::Type,
        &[
            "type: a",
            "type: b",
            "type: '{{ password }}'",
            "type: s3cret",
            "type: { text: a, secret: true }",
            "type: { text: a, enter: true }",
            "type: { text: a, every: 1s }",
            "type: { text: a, when_still: 1s }",
        ],
    ),
    (
        Verb::Click,
        &[
            "click: a",
            "click: b",
            "click: { needle: a, point: p }",
            "click: { needle: a, point: q }",
            "click: { x: 1, y: 2 }",
            "click: { x: 2, y: 2 }",
            "click: { x: 1, y: 3 }",
            "click: { needle: a, button: right }",
            "click: { needle: a, button: middle }",
            "click: { needle: a, count: 2 }",
        ],
    ),
    (Verb::Move, &["move: a", "move: b", "move: { x: 1, y: 2 }"]),
    (
        Verb::Drag,
        &[
            "drag: { from: a, to: b }",
            "drag: { from: b, to: a }",
            "drag: { from: a, to: c }",
            "drag: { from: a, to: b, button: right }",
        ],
    ),
    (
        Verb::Scroll,
        &[
            "scroll: down",
            "scroll: up",
            "scroll: { direction: down, notches: 7 }",
            "scroll: { direction: down, at: a }",
            "scroll: { direction: down, at: b }",
        ],
    ),
    (
        Verb::Serial,
        &[
            "serial: a",
            "serial: b",
            "serial: { send: a }",
            "serial: { send: b }",
            "serial: { send: a, secret: true }",
            "serial: { send: a, regex: b }",
            "serial: { send: a, until: b }",
            "serial: { send: a, until: b, every: 2s }",
            "serial: { regex: a, save: x }",
            "serial: { regex: a, save: y }",
            "serial: { absent: a, for: 1s }",
            "serial: { absent: b, for: 1s }",
            "serial: { absent: a, for: 2s }",
        ],
    ),
    (
        Verb::Run,
        &[
            "run: a",
            "run: b",
            "run: { command: a, exit: 1 }",
            "run: { command: a, exit: any }",
            "run: { command: a, output: x }",
            "run: { command: a, output: y }",
            "run: { command: a, save: x }",
            "run: { command: a, save: y }",
            "run: { command: a, user: bob }",
            "run: { command: a, user: eve }",
            "run: { command: a, stdin: x }",
            "run: { command: a, stdin: y }",
            "run: { command: a, over: agent }",
            "run: { command: a, over: serial }",
        ],
    ),
    (
        Verb::Put,
        &[
            "put: { text: a, to: /a }",
            "put: { text: b, to: /a }",
            "put: { text: a, to: /b }",
            "put: { file: a, to: /a }",
            "put: { file: b, to: /a }",
            "put: { file: '{{ user }}', to: /a }",
            "put: { text: a, to: /a, mode: 0600 }",
            "put: { text: a, to: /a, mode: 0644 }",
            "put: { text: a, to: /a, over: agent }",
            "put: { text: a, to: /a, over: serial }",
        ],
    ),
    (
        Verb::Get,
        &[
            "get: /a",
            "get: /b",
            "get: { file: /a, save: x }",
            "get: { file: /a, save: y }",
            "get: { file: /a, optional: true }",
            "get: { file: /a, over: agent }",
            "get: { file: /a, over: serial }",
        ],
    ),
    (Verb::Reboot, &["reboot:", "reboot: { by: reset }"]),
    (Verb::Shutdown, &["shutdown:", "shutdown: { within: 1s }"]),
    (
        Verb::Power,
        &["power: on", "power: off", "power: reset", "power: cut"],
    ),
    (
        Verb::Media,
        &[
            "media: eject",
            "media: { insert: a.iso }",
            "media: { insert: b.iso }",
            "media: { insert: '{{ user }}.iso' }",
        ],
    ),
    (
        Verb::Boot,
        &["boot: disk", "boot: disk1", "boot: disk2", "boot: cd"],
    ),
    (
        Verb::Group,
        &[
            "group: { name: g, steps: [{ press: a }] }",
            "group: { name: g, steps: [{ press: b }] }",
            "group: { name: g, steps: [{ press: a }, { press: a }] }",
            "group: { name: g, steps: [{ group: { name: g, steps: [{ press: a }] } }] }",
            "group: { name: g, retry: 1, steps: [{ press: a }] }",
            "group: { name: g, retry: 2, steps: [{ press: a }] }",
            "group: { name: g, optional: true, steps: [{ press: a }] }",
        ],
    ),
    (
        Verb::Include,
        &[
            "include: parts/b.yaml",
            "include: { file: parts/b.yaml, vars: { user: bob } }",
            "include: { file: parts/b.yaml, vars: { user: eve } }",
        ],
    ),
    (
        Verb::Each,
        &[
            "each: { in: [a], steps: [{ click: '{{ item }}' }] }",
            "each: { in: [b], steps: [{ click: '{{ item }}' }] }",
            "each: { in: [a, b], steps: [{ click: '{{ item }}' }] }",
            "each: { in: apps, steps: [{ click: '{{ item }}' }] }",
            "each: { in: [a], as: other, steps: [{ click: '{{ app }}' }] }",
        ],
    ),
    (
        Verb::Set,
        &[
            "set: { x: a }",
            "set: { y: a }",
            "set: { x: b }",
            "set: { x: a, y: a }",
        ],
    ),
    (
        Verb::Assert,
        &[
            "assert: user",
            "assert: app",
            "assert: { that: user, message: m }",
            "assert: { that: user, message: n }",
        ],
    ),
    (Verb::Note, &["note: a", "note: b"]),
    (Verb::Pause, &["pause:", "pause: a", "pause: b"]),
    (
        Verb::SoftFail,
        &[
            "soft_fail: { reason: a, ticket: t }",
            "soft_fail: { reason: b, ticket: t }",
            "soft_fail: { reason: a, ticket: u }",
            "soft_fail: { reason: a, ticket: t, expires: 2026-03-31 }",
            "soft_fail: { reason: a, ticket: t, expires: 2026-04-01 }",
        ],
    ),
];

#[test]
fn every_field_of_every_verb_counts() {
    let mut known: BTreeMap<[u8; 32], &str> = BTreeMap::new();
    for step in DIFFERENT.iter().flat_map(|(_, steps)| *steps) {
        let before = known.insert(digest(step), step);
        assert_eq!(before, None, "the same as {step}");
    }
    let tried: BTreeSet<Verb> = DIFFERENT.iter().map(|(verb, _)| *verb).collect();
    assert_eq!(tried, Verb::ALL.iter().copied().collect());
}
