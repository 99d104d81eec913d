//! The names of hopeless states.

/// States from which no guest recovers by itself. They end a wait. `off` switches them off by these names, in a
/// scenario, for an image or for a project.
pub const HOPELESS: [&str; 7] = [
    "no-root-disk",
    "kernel-panic",
    "no-root-device",
    "emergency-shell",
    "nothing-to-start",
    "guest-off",
    "processors-halted",
];
