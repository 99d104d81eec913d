//! Recognizes the lines of a kernel, of a shell, and the last words before a restart.

use std::sync::LazyLock;

use regex::Regex;

/// A kernel message: its level if the console shows it, its time, its source, its text.
static MESSAGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:<\d{1,3}>)?\[ {0,5}(\d{1,9})\.(\d{6})\](?:\[ *[CT]\d+\])? (.*)$").ok()
});

/// A prompt, and what was typed there: `root@board:~# `, `[root@board ~]# `, `/ # `, `=> `, `StarFive # `, `grub> `.
static PROMPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(\[[^\]\s]+@[^\]]{1,80}\]|[\w.@:~/()+=-]{1,80}?|[\w.~/-]{1,30} )?[#$%>❯➜](?:\s+(.*))?$",
    )
    .ok()
});

/// The prompt of a login, and what was typed there.
static LOGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:(\S{1,64}) )?login:(?: (.*))?$").ok());

/// A command that restarts a board, switches it off, or starts another kernel.
static RESTARTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?:reboot|poweroff|halt|shutdown|kexec|soft-reboot|reset|sysrq-trigger|(?:tel)?init [06])\b")
        .ok()
});

/// The last words of a kernel. Nothing of this kernel comes after them, except for a trace.
const LAST_WORDS: [&str; 9] = [
    "reboot: Restarting system",
    "reboot: Power down",
    "reboot: System halted",
    "Restarting system",
    "Rebooting in ",
    "sysrq: Resetting",
    "sysrq: Trigger a crash",
    "Kernel panic - not syncing",
    "kexec_core: Starting new kernel",
];

/// The last words of an init system and of U-Boot. They have no time.
const FAREWELLS: [&str; 6] = [
    "resetting ...",
    "Rebooting.",
    "Requesting system reboot",
    "systemd-shutdown[1]: Rebooting",
    "The system is going down",
    "The system will reboot now",
];

/// The kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind<'a> {
    /// A kernel message.
    Message {
        /// The time since the kernel began, in microseconds.
        time: u64,
        /// Its text.
        text: &'a str,
        /// True if they are last words.
        is_last: bool,
        /// The message with its time.
        whole: &'a str,
        /// The place in its line.
        place: Place,
    },
    /// A prompt of a shell, and the command that was typed there. None if there is none.
    Prompt(Option<Typed>),
    /// The prompt of a boot loader.
    LoaderPrompt(Option<Typed>),
    /// A prompt that asks for a user.
    Login,
    /// The last words of an init system or of U-Boot.
    Farewell,
    /// Any other text.
    Other,
}

/// The place of a kernel message in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Begin,
    /// Behind a prompt of a shell at which nothing was typed.
    Prompt,
    /// Behind a prompt of a login at which nothing was typed.
    Login,
}

/// A command that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// It restarts the board.
    Restart,
    /// It does something else.
    Other,
}

impl<'a> LineKind<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        let line = line.trim();
        message(line, Place::Begin)
            .or_else(|| login(line))
            .or_else(|| prompt(line))
            .unwrap_or_else(|| {
                // systemd writes its words behind a time of its own.
                if FAREWELLS.iter().any(|words| line.starts_with(words)) {
                    Self::Farewell
                } else {
                    Self::Other
                }
            })
    }
}

fn message(line: &str, place: Place) -> Option<LineKind<'_>> {
    if !line.starts_with(['[', '<']) {
        return None;
    }
    let parts = MESSAGE.as_ref()?.captures(line)?;
    let number = |index| parts.get(index)?.as_str().parse::<u64>().ok();
    let text = parts.get(3)?.as_str();
    let is_farewell = text.starts_with("systemd-shutdown[1]: Rebooting");
    Some(LineKind::Message {
        time: number(1)? * 1_000_000 + number(2)?,
        text,
        is_last: is_farewell || LAST_WORDS.iter().any(|words| text.starts_with(words)),
        whole: line,
        place,
    })
}

fn login(line: &str) -> Option<LineKind<'_>> {
    let parts = LOGIN.as_ref()?.captures(line)?;
    // `Last login: Mon Nov 30` is not a prompt.
    if parts.get(1).is_some_and(|host| host.as_str() == "Last") {
        return None;
    }
    let typed = parts.get(2).map_or("", |typed| typed.as_str());
    Some(message(typed.trim(), Place::Login).unwrap_or(LineKind::Login))
}

fn prompt(line: &str) -> Option<LineKind<'_>> {
    if !line.contains(['#', '$', '%', '>', '❯', '➜']) {
        return None;
    }
    let parts = PROMPT.as_ref()?.captures(line)?;
    let prefix = parts.get(1).map_or("", |before| before.as_str());
    let before = prefix.trim_end();
    // `50% done` is no prompt.
    if !before.is_empty() && before.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let typed = parts.get(2).map_or("", |typed| typed.as_str()).trim();
    let restarts = RESTARTS.as_ref().is_some_and(|words| words.is_match(typed));
    if let Some(message) = message(typed, Place::Prompt) {
        return Some(message);
    }
    let typed = (!typed.is_empty()).then_some(if restarts {
        Typed::Restart
    } else {
        Typed::Other
    });
    Some(if is_of_loader(prefix) {
        LineKind::LoaderPrompt(typed)
    } else {
        LineKind::Prompt(typed)
    })
}

/// Returns true for what stands before the sign in the prompts of U-Boot (`=> `, `StarFive # `) and GRUB.
fn is_of_loader(prefix: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric());
    matches!(prefix, "=" | "grub") || prefix.strip_suffix(' ').is_some_and(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_kernel_are_told_apart() {
        let rows = [
            (
                "[    0.000000] Linux version 6.1",
                (0, "Linux version 6.1", false, Place::Begin),
            ),
            (
                "<6>[   12.345678][    T1] usb 1-1",
                (12_345_678, "usb 1-1", false, Place::Begin),
            ),
            (
                "[   38.711145] sysrq: Resetting",
                (38_711_145, "sysrq: Resetting", true, Place::Begin),
            ),
            (
                "root@board:~# [    0.000000] Booting Linux",
                (0, "Booting Linux", false, Place::Prompt),
            ),
            (
                "board login: [    0.000000] Booting Linux",
                (0, "Booting Linux", false, Place::Login),
            ),
        ];
        for (line, (time, text, is_last, place)) in rows {
            let whole = &line[line.find(['[', '<']).unwrap()..];
            let expected = LineKind::Message {
                time,
                text,
                is_last,
                whole,
                place,
            };
            assert_eq!(LineKind::of(line), expected, "{line}");
        }
    }

    #[test]
    fn other_lines_are_told_apart() {
        let typed = |typed| LineKind::Prompt(Some(typed));
        let loader = LineKind::LoaderPrompt;
        let rows = [
            ("[42]HELLO! BOOT0 is starting!", LineKind::Other),
            ("root@board:~# dmesg", typed(Typed::Other)),
            ("[root@board ~]# reboot -f", typed(Typed::Restart)),
            ("bash-5.2# sync", typed(Typed::Other)),
            (
                "root@(none):/# echo b > /proc/sysrq-trigger",
                typed(Typed::Restart),
            ),
            ("=> version", loader(Some(Typed::Other))),
            ("StarFive # reset", loader(Some(Typed::Restart))),
            ("grub> cat /boot.log", loader(Some(Typed::Other))),
            ("=>", loader(None)),
            ("/ # strings u-boot.bin", typed(Typed::Other)),
            ("# dmesg", typed(Typed::Other)),
            ("root@board:~#", LineKind::Prompt(None)),
            ("<Enter> activates buttons", LineKind::Other),
            (
                "## Checking hash(es) for Image atf-1 ... OK",
                LineKind::Other,
            ),
            ("50% done", LineKind::Other),
            ("Linux board 6.1 #1 SMP", LineKind::Other),
            ("board login: root", LineKind::Login),
            ("login:", LineKind::Login),
            ("Last login: Mon Nov 30 10:00:00", LineKind::Other),
            ("resetting ...", LineKind::Farewell),
            (
                "U-Boot 2023.01 (Jun 22 2026 - 08:38:07 +0000)",
                LineKind::Other,
            ),
        ];
        for (line, expected) in rows {
            assert_eq!(LineKind::of(line), expected, "{line}");
        }
    }
}
