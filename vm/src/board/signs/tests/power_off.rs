//! Power-offs, and texts that only look like one.

use super::*;

const WORDS: &str = "[   99.000000] reboot: Power down\r\n";

/// Returns the last words of a board that was logged in to, a moment after this text.
fn off_after(text: &str, is_line_whole: bool) -> Option<&'static str> {
    let mut watch = RestartWatch::new(SignSet::built_in());
    watch.expect_boot();
    watch.take([FIRMWARE, KERNEL, LOGIN, SHELL, text].concat().as_bytes());
    watch.take_power_off(is_line_whole)
}

#[test]
fn a_board_that_says_nothing_more_is_off() {
    let rows = [
        "poweroff\r\n[  OK  ] Reached target Power-Off.\r\n[   99.000000] reboot: Power down\r\n",
        // Its button was pressed.
        "\r\n[   99.000000] reboot: Power down\r\n",
        "[   99.000000] reboot: Power down\r\n",
        "exec halt\r\n[   99.000000] reboot: System halted\r\n",
        "poweroff\r\nPower down.\r\n",
        // A program that nobody knows powers it off.
        "./nightly\r\nround 1\r\n[   99.000000] reboot: Power down\r\n",
        // The line goes dead.
        "./nightly\r\n[   99.000000] reboot: Power down\r\n\u{0}\u{fffd}~",
        // Firmware has something to say as well.
        "poweroff\r\n[   99.000000] reboot: Power down\r\nNOTICE:  PSCI: system off\r\n",
    ];
    for text in rows {
        assert!(off_after(text, true).is_some(), "{text:?}");
    }
    // Without its line, a command that runs may have printed more.
    assert!(off_after(rows[0], false).is_some());
    assert!(off_after(rows[5], false).is_none());
}

#[test]
fn what_a_command_prints_is_no_power_off() {
    let prompt = "root@board:~# ";
    let rows = [
        format!("dmesg\r\n{KERNEL}{WORDS}{prompt}"),
        format!("cat /sys/fs/pstore/dmesg-1\r\n{WORDS}more\r\n"),
        format!("cat /sys/fs/pstore/dmesg-1\r\n{WORDS}mo"),
        // It is older than the kernel that runs.
        "cat /sys/fs/pstore/dmesg-1\r\n[    1.000000] reboot: Power down\r\n".to_owned(),
        "journalctl -b -1\r\nNov 30 10:00:00 board kernel: reboot: Power down\r\n".to_owned(),
        // The shell is still there.
        format!("poweroff\r\n{WORDS}{prompt}"),
        format!("poweroff\r\n{WORDS}{prompt}uptime\r\n"),
        // It has started over.
        format!("poweroff\r\n{WORDS}{FIRMWARE}"),
    ];
    for text in rows {
        assert_eq!(off_after(&text, true), None, "{text:?}");
    }
}

#[test]
fn a_power_off_is_told_once_however_its_text_arrives() {
    let text = WORDS.as_bytes();
    for split in 0..=text.len() {
        let mut watch = RestartWatch::new(SignSet::built_in());
        watch.expect_boot();
        watch.take(KERNEL.as_bytes());
        watch.take(&text[..split]);
        watch.take(&text[split..]);
        assert_eq!(watch.power_offs(), 1, "split at {split}");
        assert_eq!(watch.take_power_off(true), Some("reboot: Power down"));
        assert_eq!(watch.take_power_off(true), None, "split at {split}");
    }
}

#[test]
fn power_that_is_switched_from_here_is_no_power_off() {
    let mut watch = RestartWatch::new(SignSet::built_in());
    watch.expect_boot();
    watch.take([KERNEL, WORDS].concat().as_bytes());
    watch.switched_off();
    assert_eq!(watch.take_power_off(true), None);
}

#[test]
fn patterns_of_a_user_change_nothing_about_power_offs() {
    let patterns = ["Bootrom"].map(|pattern| regex::Regex::new(pattern).unwrap());
    let mut watch = RestartWatch::new(SignSet::with_patterns(&patterns));
    watch.expect_boot();
    watch.take([KERNEL, WORDS].concat().as_bytes());
    assert!(watch.take_power_off(true).is_some());
    watch.take(
        ["root@board:~# cat log\r\n", WORDS, "more\r\n"]
            .concat()
            .as_bytes(),
    );
    assert_eq!(watch.take_power_off(true), None);
}
