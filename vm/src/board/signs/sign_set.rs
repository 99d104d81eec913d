//! The texts with which the stages of a boot begin.

use regex::Regex;

/// A stage of a boot, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// A maker's own program that sets up the memory.
    First,
    Tpl,
    Spl,
    OpenSbi,
    UBoot,
    Uefi,
    Grub,
    Kernel,
}

impl Stage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::First => "first stage",
            Self::Tpl => "TPL",
            Self::Spl => "SPL",
            Self::OpenSbi => "OpenSBI",
            Self::UBoot => "U-Boot",
            Self::Uefi => "UEFI",
            Self::Grub => "GRUB",
            Self::Kernel => "kernel",
        }
    }

    /// Returns true if boot loaders start this stage again without a restart: the next entry of a boot menu, a boot
    /// loader that loads another one.
    pub(super) fn may_be_chained(self) -> bool {
        match self {
            Self::First | Self::Tpl | Self::Spl | Self::OpenSbi | Self::Kernel => false,
            Self::UBoot | Self::Uefi | Self::Grub => true,
        }
    }
}

/// The meaning of a sign for its stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The stage begins. It is said once.
    Begins,
    /// The stage runs. It may be said several times.
    Runs,
}

/// A text at the begin of a line.
enum Text {
    /// This text.
    Begin(&'static str),
    /// This text, then a digit.
    Digit(&'static str),
    /// This text, then one word and nothing else.
    Word(&'static str),
}

impl Text {
    fn matches(&self, line: &str) -> bool {
        match self {
            Self::Begin(text) => line.starts_with(text),
            Self::Digit(text) => {
                let rest = line.strip_prefix(text);
                rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            }
            Self::Word(text) => {
                let rest = line.strip_prefix(text).map(str::trim_end);
                rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
            }
        }
    }
}

/// The signs of all stages but the kernel, whose times matter as well.
const SIGNS: [(Stage, Meaning, Text); 13] = [
    // Rockchip: `DDR Version V1.06 20210326`, `DDR V1.16 6f71c736ce`, `DDR 9fffbe1e78 cym`. StarFive says
    // `DDR version:` after its SPL, which is none of these.
    (Stage::First, Meaning::Begins, Text::Digit("DDR Version V")),
    (Stage::First, Meaning::Begins, Text::Digit("DDR V")),
    // Allwinner: `[57]HELLO! BOOT0 is starting!`
    (Stage::First, Meaning::Begins, Text::Begin("HELLO! BOOT0")),
    // Nexell: `Second Boot by Nexell Co. : Ver0.5 - Built on ...`
    (
        Stage::First,
        Meaning::Begins,
        Text::Begin("Second Boot by Nexell"),
    ),
    // StarFive JH7100: `bootloader version:210209-4547a8d`
    (
        Stage::First,
        Meaning::Begins,
        Text::Begin("bootloader version:"),
    ),
    (Stage::Tpl, Meaning::Begins, Text::Digit("U-Boot TPL ")),
    (Stage::Spl, Meaning::Begins, Text::Digit("U-Boot SPL ")),
    // `OpenSBI v1.2`, and of makers `OpenSBI auto-t113-linux-V0.8-2-g053d088`.
    (Stage::OpenSbi, Meaning::Begins, Text::Word("OpenSBI ")),
    (Stage::UBoot, Meaning::Begins, Text::Digit("U-Boot ")),
    (
        Stage::Uefi,
        Meaning::Begins,
        Text::Begin("UEFI firmware (version"),
    ),
    (Stage::Uefi, Meaning::Runs, Text::Begin("BdsDxe: ")),
    (
        Stage::Grub,
        Meaning::Begins,
        Text::Begin("Welcome to GRUB!"),
    ),
    (Stage::Grub, Meaning::Runs, Text::Begin("GNU GRUB  version")),
];

/// The first characters of a line in which noise may be.
const NOISE: usize = 40;

/// The signs of a restart.
#[derive(Debug, Clone)]
pub struct SignSet(pub(super) Signs);

#[derive(Debug, Clone)]
pub(super) enum Signs {
    BuiltIn,
    Patterns(Vec<Regex>),
}

impl SignSet {
    /// Returns the signs of the usual firmware, boot loaders and kernels.
    #[must_use]
    pub fn built_in() -> Self {
        Self(Signs::BuiltIn)
    }

    /// Returns the signs that a user gives in place of the usual ones. Each match at the begin of a line is a restart.
    /// A line is complete when the next one begins: a prompt that waits is none yet.
    #[must_use]
    pub fn with_patterns(patterns: &[Regex]) -> Self {
        Self(Signs::Patterns(patterns.to_vec()))
    }
}

/// Returns the stage that a line is a sign of.
pub(super) fn sign(line: &str) -> Option<(Stage, Meaning)> {
    let line = without_noise(line);
    let of = |(stage, meaning, text): &(Stage, Meaning, Text)| {
        text.matches(line).then_some((*stage, *meaning))
    };
    SIGNS.iter().find_map(of).or_else(|| {
        // Rockchip's newer memory programs have a hexadecimal number for a version.
        is_numbered_ddr(line).then_some((Stage::First, Meaning::Begins))
    })
}

/// Returns true for the first line of a kernel, without its time.
pub(super) fn is_first_of_kernel(text: &str) -> bool {
    is_first_cpu(text) || Text::Digit("Linux version ").matches(text)
}

/// Returns true for the line that some architectures write before their version.
pub(super) fn is_first_cpu(text: &str) -> bool {
    text.starts_with("Booting Linux on physical CPU")
}

/// Returns the entry that UEFI loads: `Boot0001`. Some UEFI firmware does not say that it begins, but each entry is
/// loaded once in a boot.
pub(super) fn loaded_entry(line: &str) -> Option<&str> {
    let rest = without_noise(line).strip_prefix("BdsDxe: loading ")?;
    rest.split_whitespace().next()
}

/// Returns the entry that UEFI could not load or start.
pub(super) fn failed_entry(line: &str) -> Option<&str> {
    let rest = without_noise(line).strip_prefix("BdsDxe: failed to ")?;
    rest.split_whitespace().nth(1)
}

fn is_numbered_ddr(line: &str) -> bool {
    let number = line
        .strip_prefix("DDR ")
        .and_then(|rest| rest.split_whitespace().next());
    number.is_some_and(|number| number.len() == 10 && number.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Returns a line without what stands before its text: blanks, a time in brackets, noise of a line that was switched
/// on.
pub(super) fn without_noise(line: &str) -> &str {
    let noise = line.char_indices().take(NOISE);
    let last = noise
        .filter(|(_, c)| *c == char::REPLACEMENT_CHARACTER)
        .last();
    let line = last.map_or(line, |(at, c)| &line[at + c.len_utf8()..]);
    let line = line.trim_start();
    // Allwinner's `[57]`, in ms.
    let tag = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .filter(|(number, _)| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()));
    tag.map_or(line, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_signs_of_their_stages() {
        let begins = |stage| Some((stage, Meaning::Begins));
        let rows = [
            ("DDR Version V1.06 20210326", begins(Stage::First)),
            (
                "\u{fffd}\u{fffd}DDR V1.16 6f71c736ce typ 23/03/02-20:01:48",
                begins(Stage::First),
            ),
            (
                "#!/\u{fffd}-\u{fffd}DDR Version V1.10 20210810",
                begins(Stage::First),
            ),
            (
                "DDR 9fffbe1e78 cym 24/02/04-10:09:20,fwver: v1.16",
                begins(Stage::First),
            ),
            ("DDR version: dc2e84f0.", None),
            ("DDR clk 2133M,Version: 210302-5aea32f", None),
            ("[57]HELLO! BOOT0 is starting!", begins(Stage::First)),
            (
                " Second Boot by Nexell Co. : Ver0.5 - Built on Jan 1",
                begins(Stage::First),
            ),
            ("bootloader version:210209-4547a8d", begins(Stage::First)),
            (
                "U-Boot TPL 2025.10-1 (Oct 31 2025 - 11:12:15)",
                begins(Stage::Tpl),
            ),
            ("U-Boot SPL board init", None),
            ("U-Boot SPL 2017.09-g1b1171b7c71", begins(Stage::Spl)),
            ("OpenSBI v1.2", begins(Stage::OpenSbi)),
            (
                "OpenSBI auto-t113-linux-V0.8-2-g053d088",
                begins(Stage::OpenSbi),
            ),
            ("OpenSBI is loaded", None),
            (
                "U-Boot 2023.01+dfsg-2+deb12u3 (Jun 22 2026)",
                begins(Stage::UBoot),
            ),
            (
                "UEFI firmware (version  built at 13:10:49)",
                begins(Stage::Uefi),
            ),
            (
                "BdsDxe: loading Boot0001",
                Some((Stage::Uefi, Meaning::Runs)),
            ),
            ("Welcome to GRUB!", begins(Stage::Grub)),
            (
                "GNU GRUB  version 2.12-9",
                Some((Stage::Grub, Meaning::Runs)),
            ),
            ("the U-Boot 2023.01", None),
            ("echo U-Boot SPL 2023.01", None),
        ];
        for (line, expected) in rows {
            assert_eq!(sign(line), expected, "{line}");
        }
    }

    #[test]
    fn each_stage_has_a_sign_and_they_are_in_order() {
        assert!(SIGNS.is_sorted_by_key(|(stage, ..)| *stage));
        assert_eq!(
            loaded_entry("BdsDxe: loading Boot0001 \"UEFI\""),
            Some("Boot0001")
        );
        assert_eq!(
            failed_entry("BdsDxe: failed to load Boot0001 \"UEFI\""),
            Some("Boot0001")
        );
        assert!(is_first_of_kernel("Linux version 6.1.0"));
        assert!(!is_first_of_kernel("Linux version of it"));
    }
}
