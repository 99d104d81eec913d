//! Single cases of restarts, and of text that only looks like one.

use super::*;

mod logs;
mod power_off;
mod splitting;

/// A kernel's first lines, and later ones.
const KERNEL: &str = "[    0.000000] Booting Linux on physical CPU 0x0\r\n\
    [    0.000000] Linux version 6.1.0 (gcc) #1\r\n\
    [    0.000000] Machine model: board\r\n[    2.500000] EXT4-fs (mmcblk0p2): mounted\r\n";

const FIRMWARE: &str = "\r\nU-Boot SPL 2025.01 (Jan 01 2025)\r\nTrying to boot from MMC1\r\n\r\nOpenSBI v1.6\r\n\
    \r\n\r\n\
    U-Boot 2025.01 (Jan 01 2025)\r\n\r\nDRAM:  4 GiB\r\nStarting kernel ...\r\n\r\n";

const LOGIN: &str = "\r\nDebian GNU/Linux 13 board ttyS0\r\n\r\nboard login: ";

const SHELL: &str = "root\r\nPassword: \r\nLast login: Mon Nov 30\r\nroot@board:~# ";

fn watched(watch: &mut RestartWatch, text: &[u8]) -> Vec<String> {
    let told = |seen: SeenRestart| match seen.certainty {
        Certainty::Certain => format!("{}: {}", seen.stage, seen.sign),
        Certainty::Doubtful(doubt) => format!("{doubt:?}: {}: {}", seen.stage, seen.sign),
    };
    watch.take(text).into_iter().map(told).collect()
}

/// Returns the restarts in a text, after a switch-on.
fn restarts(text: &[u8]) -> Vec<String> {
    let mut watch = RestartWatch::new(SignSet::built_in());
    watch.expect_boot();
    watched(&mut watch, text)
}

/// Returns the restarts that a text tells on a board that was logged in to.
fn after_login(text: &str) -> Vec<String> {
    restarts([FIRMWARE, KERNEL, LOGIN, SHELL, text].concat().as_bytes())
}

#[test]
fn the_position_is_that_of_the_sign() {
    let text = [FIRMWARE, KERNEL, LOGIN, "\r\n", FIRMWARE].concat();
    let mut watch = RestartWatch::new(SignSet::built_in());
    watch.expect_boot();
    let seen = watch.take(text.as_bytes());
    let position = text.rfind("U-Boot SPL").unwrap() as u64;
    assert_eq!((seen.len(), seen[0].position), (1, position));
}

#[test]
fn what_a_command_prints_is_no_restart() {
    let printed = |sign: &str| vec![format!("Printed: {sign}")];
    let log = [FIRMWARE, KERNEL].concat();
    let rows = [
        (
            "dmesg",
            KERNEL,
            printed("kernel: [    0.000000] Booting Linux on physical CPU 0x0"),
        ),
        (
            "cat /boot/log",
            &log,
            printed("SPL: U-Boot SPL 2025.01 (Jan 01 2025)"),
        ),
        (
            "strings u-boot.bin",
            "U-Boot 2025.01 (Jan 01 2025)\r\n",
            vec![],
        ),
        (
            "cat /proc/version",
            "Linux version 6.1.0 (gcc) #1\r\n",
            vec![],
        ),
        (
            "dmesg -t",
            "Booting Linux on physical CPU 0x0\r\nLinux version 6.1.0\r\n",
            vec![],
        ),
        (
            "journalctl -k",
            "Nov 30 10:00:00 board kernel: Linux version 6.1.0\r\n",
            vec![],
        ),
        (
            "grep -r Linux /var",
            "/var/log/dmesg:[    0.000000] Linux version 6.1.0\r\n",
            vec![],
        ),
        (
            "cat old.log",
            "[    1.000000] reboot: Restarting system\r\n[    0.000000] Linux version 5.9\r\n",
            printed("kernel: [    0.000000] Linux version 5.9"),
        ),
        ("logout", "\r\nboard login: ", vec![]),
    ];
    for (command, output, expected) in rows {
        // The next command shows that the shell is still there.
        let text =
            format!("{command}\r\n{output}root@board:~# uptime\r\n up 1 min\r\nroot@board:~# ");
        assert_eq!(after_login(&text), expected, "{command}");
        // Afterwards, a restart is seen as before.
        let text = format!("{text}\r\n{FIRMWARE}");
        let last = after_login(&text).pop();
        assert_eq!(
            last.as_deref(),
            Some("SPL: U-Boot SPL 2025.01 (Jan 01 2025)"),
            "{command}"
        );
    }
}

#[test]
fn a_restart_while_a_command_runs_is_doubtful_until_the_shell_is_gone() {
    let doubtful = "Printed: SPL: U-Boot SPL 2025.01 (Jan 01 2025)";
    let certain = "SPL: U-Boot SPL 2025.01 (Jan 01 2025)";
    let crash = ["./burn-in\r\nround 1\r\n", FIRMWARE].concat();
    assert_eq!(after_login(&crash), [doubtful]);
    let login = [&crash, KERNEL, LOGIN, "root\r\n"].concat();
    assert_eq!(after_login(&login), [doubtful, certain]);
    let stopped = [
        &crash,
        "Hit any key to stop autoboot:  0\r\n=> printenv\r\n",
    ]
    .concat();
    assert_eq!(after_login(&stopped), [doubtful, certain]);
    // The kernel has said why.
    let panic = "./burn-in\r\n[   99.000000] Kernel panic - not syncing: Oops\r\n[   99.100000] Call trace:\r\n";
    assert_eq!(after_login(&[panic, FIRMWARE].concat()), [certain]);
    assert_eq!(
        after_login(&["reboot -f\r\n", FIRMWARE].concat()),
        [certain]
    );
}

#[test]
fn restarts_that_hide_are_seen() {
    let spl = "SPL: U-Boot SPL 2025.01 (Jan 01 2025)";
    let kernel = "kernel: [    0.000000] Booting Linux on physical CPU 0x0";
    let rows = [
        // Power is cut in the middle of a line, at a prompt.
        (["\r\n", FIRMWARE].concat(), vec![spl]),
        (FIRMWARE.to_owned(), vec![spl]),
        // The first sign is lost by noise.
        (
            FIRMWARE.replace("U-Boot SPL", "U-Bo\u{0}\u{fffd}t S"),
            vec!["OpenSBI: OpenSBI v1.6"],
        ),
        (
            FIRMWARE
                .replace("SPL", "S")
                .replace("OpenSBI", "Ope\u{fffd}BI"),
            vec!["U-Boot: U-Boot 2025.01 (Jan 01 2025)"],
        ),
        // The firmware is silent.
        (["\r\n", KERNEL].concat(), vec![kernel]),
        // The prompt has no line end: the first line of the kernel is in it.
        (KERNEL.to_owned(), vec![kernel]),
        // Both first lines are lost.
        (
            "\r\n[    0.000000] a\r\n[    0.000000] b\r\n[    0.000000] c\r\n".to_owned(),
            vec!["kernel: [    0.000000] a"],
        ),
        // Nothing but the words of the old kernel, and a login.
        (
            format!("\r\n[   50.000000] reboot: Restarting system\r\n{LOGIN}\r\n"),
            vec!["kernel: board login:"],
        ),
        // A crash loop.
        ([FIRMWARE, FIRMWARE, FIRMWARE].concat(), vec![spl, spl, spl]),
    ];
    for (text, expected) in rows {
        assert_eq!(after_login(&text), expected, "{text:?}");
    }
}

#[test]
fn a_board_that_waits_for_a_login_is_seen_to_restart() {
    let waiting = [FIRMWARE, KERNEL, LOGIN].concat();
    let rows = [
        (
            KERNEL,
            "kernel: [    0.000000] Booting Linux on physical CPU 0x0",
        ),
        (FIRMWARE, "SPL: U-Boot SPL 2025.01 (Jan 01 2025)"),
    ];
    for (text, expected) in rows {
        assert_eq!(restarts([&waiting, text].concat().as_bytes()), [expected]);
    }
}

#[test]
fn firmware_that_does_not_say_that_it_begins_is_known_by_its_entries() {
    let boot = "BdsDxe: loading Boot0001 \"A\"\r\nBdsDxe: starting Boot0001 \"A\"\r\n";
    assert_eq!(
        restarts([boot, boot].concat().as_bytes()),
        ["UEFI: BdsDxe: loading Boot0001 \"A\""]
    );
    let quiet = [boot, LOGIN, "\r\n", boot, LOGIN, "\r\n"].concat();
    assert_eq!(restarts(quiet.as_bytes()).len(), 1);
}

#[test]
fn a_kernel_without_times_is_seen() {
    let kernel =
        "Booting Linux on physical CPU 0x0\r\nLinux version 6.1.0\r\nMachine model: board\r\n";
    let firmware = restarts(
        [FIRMWARE, kernel, LOGIN, "\r\n", FIRMWARE, kernel]
            .concat()
            .as_bytes(),
    );
    assert_eq!(firmware, ["SPL: U-Boot SPL 2025.01 (Jan 01 2025)"]);
    // Before anybody could print it.
    let early = restarts([kernel, "panic\r\n", kernel].concat().as_bytes());
    assert_eq!(early, ["kernel: Booting Linux on physical CPU 0x0"]);
    let printed = restarts(
        [
            kernel,
            LOGIN,
            SHELL,
            "cat /proc/version\r\nLinux version 6.1.0\r\n",
        ]
        .concat()
        .as_bytes(),
    );
    assert_eq!(printed, ["Printed: kernel: Linux version 6.1.0"]);
    let quiet = [
        FIRMWARE,
        LOGIN,
        SHELL,
        "cat /proc/version\r\nLinux version 6.1.0\r\n",
    ]
    .concat();
    assert_eq!(restarts(quiet.as_bytes()), Vec::<String>::new());
    let running = restarts(
        [kernel, LOGIN, SHELL, "\r\nLinux version 6.1.0\r\n"]
            .concat()
            .as_bytes(),
    );
    assert_eq!(running, ["Running: kernel: Linux version 6.1.0"]);
}

#[test]
fn processors_that_start_with_time_zero_are_no_kernel() {
    let text = [
        KERNEL,
        "[    0.072000] smp: Bringing up secondary CPUs ...\r\n",
    ]
    .concat();
    let text = text.replace("[    2.500000]", "[    0.050000]")
        + "[    0.000000] kvm-clock: cpu 1\r\n[    0.000000] kvm-clock: cpu 2\r\n[    0.000000] kvm-clock: cpu 3\r\n";
    assert_eq!(restarts(text.as_bytes()), Vec::<String>::new());
}

#[test]
fn stages_that_boot_loaders_start_again_are_doubtful() {
    let chained = [
        FIRMWARE,
        "\r\n\r\nU-Boot 2023.01 (Jun 22 2023)\r\n\r\nDRAM: 4 GiB\r\n",
        KERNEL,
    ]
    .concat();
    assert_eq!(
        restarts(chained.as_bytes()),
        ["Chained: U-Boot: U-Boot 2023.01 (Jun 22 2023)"]
    );
    let menu = "Welcome to GRUB!\r\n\x1b[2;30HGNU GRUB  version 2.12\r\n\x1b[2;30HGNU GRUB  version 2.12\r\n";
    let grub = [FIRMWARE, menu, menu].concat();
    assert_eq!(
        restarts(grub.as_bytes()),
        ["Chained: GRUB: Welcome to GRUB!"]
    );
    // Nothing came before it in any boot: the firmware is silent.
    assert_eq!(
        restarts([menu, menu].concat().as_bytes()),
        ["GRUB: Welcome to GRUB!"]
    );
    let entries = "UEFI firmware (version 1)\r\nBdsDxe: loading Boot0001 \"A\"\r\n\
        BdsDxe: failed to load Boot0001 \"A\"\r\n\
        BdsDxe: loading Boot0002 \"B\"\r\nBdsDxe: loading Boot0001 \"A\"\r\n";
    assert_eq!(restarts(entries.as_bytes()), Vec::<String>::new());
}

#[test]
fn power_that_lies_is_seen() {
    let sign = "SPL: U-Boot SPL 2025.01 (Jan 01 2025)";
    let mut watch = RestartWatch::new(SignSet::built_in());
    assert_eq!(watched(&mut watch, FIRMWARE.as_bytes()), [sign]);
    watch.switched_off();
    watch.expect_boot();
    assert_eq!(
        watched(&mut watch, [FIRMWARE, KERNEL].concat().as_bytes()),
        Vec::<String>::new()
    );
    watch.switched_off();
    assert_eq!(watched(&mut watch, FIRMWARE.as_bytes()), [sign]);
}

#[test]
fn patterns_of_a_user_are_the_only_signs() {
    let patterns =
        ["Bootrom v[0-9]+", "^>>> START"].map(|pattern| regex::Regex::new(pattern).unwrap());
    let mut watch = RestartWatch::new(SignSet::with_patterns(&patterns));
    watch.expect_boot();
    let text = "Bootrom v3 ready\r\nU-Boot SPL 2025.01\r\nsee Bootrom v3\r\nBootrom v4\r\n>>> START\r\nBootrom v5";
    assert_eq!(
        watched(&mut watch, text.as_bytes()),
        ["pattern: Bootrom v4", "pattern: >>> START"]
    );
    assert_eq!(watched(&mut watch, b"1\r\n"), ["pattern: Bootrom v51"]);
}

#[test]
fn three_megabytes_a_second_of_noise_are_no_restart() {
    let mut watch = RestartWatch::new(SignSet::built_in());
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(1 << 20)
    .collect();
    assert_eq!(watched(&mut watch, &noise), Vec::<String>::new());
    assert_eq!(watched(&mut watch, b"\r\n\r\nOpenSBI v1.2\r\n").len(), 1);
}
