//! Text that is split anywhere.

use proptest::prelude::*;

use super::*;

/// Lines of boards, noise, and prompts in any order.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(FIRMWARE.as_bytes().to_vec()),
        Just(KERNEL.as_bytes().to_vec()),
        Just(LOGIN.as_bytes().to_vec()),
        Just(b"root@board:~# dmesg\r\n".to_vec()),
        Just(b"root@board:~# ".to_vec()),
        Just(b"reboot\r\n[   90.000000] reboot: Restarting system\r\n".to_vec()),
        Just(b"\x1b[2J\x1b[1;1HBdsDxe: loading Boot0001 \"A\"\r\n".to_vec()),
        Just(b"[    0.000000] a\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..30),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn text_may_be_split_anywhere(text in stream(), size in 1..40_usize) {
        let mut one = RestartWatch::new(SignSet::built_in());
        let mut many = RestartWatch::new(SignSet::built_in());
        let whole = one.take(&text);
        let parts: Vec<SeenRestart> = text.chunks(size).flat_map(|chunk| many.take(chunk)).collect();
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn positions_are_in_the_text(text in stream()) {
        let mut watch = RestartWatch::new(SignSet::built_in());
        for seen in watch.take(&text) {
            prop_assert!(seen.position < text.len() as u64);
            prop_assert!(seen.sign.chars().count() <= 120);
        }
    }
}
