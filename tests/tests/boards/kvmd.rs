//! A network KVM that refuses, is slow, or shows nothing.

use std::{
    io::Cursor,
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use image::{ImageFormat, Rgb, RgbImage};
use qa_tests::{
    Qa, Screen,
    fake_kvmd::{Board, FakeKvmd, Faults, Input, PASSWORD, Press},
};
use reports::{CauseKind, Verdict};
use rustls::{
    ServerConfig, ServerConnection,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::{SWITCH, awaits, run_on, says, told};

/// A board that shows the badge `here`, and the badge `typed` after a key.
#[derive(Clone, Default)]
struct Shows(Arc<Mutex<Shown>>);

#[derive(Default)]
struct Shown {
    is_black: bool,
    keys: u32,
}

impl Board for Shows {
    fn picture(&mut self) -> Option<RgbImage> {
        let shown = self.0.lock().unwrap();
        if shown.is_black {
            return Some(RgbImage::from_pixel(160, 120, Rgb([0; 3])));
        }
        let word = if shown.keys > 0 { "typed" } else { "here" };
        let png = Cursor::new(Screen::of(word).png());
        let picture = image::load(png, ImageFormat::Png).unwrap();
        Some(picture.into_rgb8())
    }

    fn input(&mut self, input: &Input) {
        if matches!(input, Input::Key { down: true, .. }) {
            self.0.lock().unwrap().keys += 1;
        }
    }

    fn press(&mut self, _press: Press) {}

    fn is_on(&mut self) -> bool {
        true
    }
}

/// The KVM of a board, and the call of a scenario on it. `more` is more under `kvmd:`.
fn before(board: &Shows, more: &str, steps: &str) -> (FakeKvmd, Qa) {
    let kvmd = FakeKvmd::before(board.clone(), 95);
    let lines = format!(
        "{SWITCH}kvmd: {{ address: '{}', password: {{ env: KVM }}{more} }}\nscreen: kvmd\ninput: kvmd\n",
        kvmd.address()
    );
    let qa = run_on(&lines, steps)
        .needles(["typed"])
        .env("KVM", PASSWORD);
    (kvmd, qa)
}

fn kvm(steps: &str) -> (FakeKvmd, Qa) {
    before(&Shows::default(), "", steps)
}

#[test]
fn a_scenario_sees_and_types_through_a_kvm() {
    let steps = "- see: here\n- press: enter\n- changed: { within: 10s }\n- see: typed\n";
    let (_kvmd, qa) = kvm(steps);
    let outcome = qa.exit_code(0);
    says(&outcome.file("s/board.log"), &["kvmd 4.82 answers"]);
}

#[test]
fn a_kvm_that_lets_nobody_in_is_an_error_with_what_to_check() {
    let (_kvmd, qa) = kvm("- see: here");
    let outcome = qa.env("KVM", "wrong one").exit_code(3);
    let wrong = told(&outcome, CauseKind::Launch);
    says(
        &wrong,
        &[
            "board `mars`",
            "the kvmd at http://127.0.0.1",
            "refused the name or the password",
            "six digits",
        ],
    );
    let secret = "GEZDGNBVGY3TQOJQ";
    let second = |faults: &mut Faults| faults.totp = Some(secret.to_owned());
    let (kvmd, qa) = kvm("- see: here");
    kvmd.set(second);
    says(&told(&qa.exit_code(3), CauseKind::Launch), &["six digits"]);
    let (kvmd, qa) = before(&Shows::default(), ", totp: { env: TOTP }", "- see: here");
    kvmd.set(second);
    qa.env("TOTP", secret).exit_code(0);
    let (_kvmd, qa) = before(&Shows::default(), ", totp: { env: TOTP }", "- see: here");
    let outcome = qa.env("TOTP", "123 456!").exit_code(3);
    says(&told(&outcome, CauseKind::Launch), &["not the six digits"]);
}

#[test]
fn a_kvm_that_answers_with_an_error_is_an_error() {
    let (kvmd, qa) = kvm("- see: here");
    kvmd.set(|faults| faults.status = Some(500));
    let outcome = qa.exit_code(3);
    let at_start = told(&outcome, CauseKind::Launch);
    says(
        &at_start,
        &[
            "board `mars`",
            "500 something went wrong",
            "journalctl -u kvmd",
        ],
    );
    // It breaks in the middle: `see` proves nothing about the board.
    let (kvmd, qa) = kvm("- see: here\n- see: { needle: typed, within: 1s }");
    let run = qa.start();
    awaits("a snapshot was taken", || {
        let requests = kvmd.requests();
        requests.iter().any(|request| request.contains("snapshot"))
    });
    kvmd.set(|faults| faults.status = Some(500));
    let outcome = run.exit_code(3);
    assert_eq!(outcome.verdict("s").0, Verdict::Error);
    says(
        &told(&outcome, CauseKind::Harness),
        &["500 something went wrong", "journalctl -u kvmd"],
    );
}

#[test]
fn pictures_that_are_slow_or_cut_off() {
    let (kvmd, qa) = kvm("- see: here");
    kvmd.set(|faults| faults.slow_snapshots = Duration::from_millis(300));
    qa.exit_code(0);
    let (kvmd, qa) = kvm("- see: { needle: here, within: 500ms }");
    kvmd.set(|faults| faults.half_jpeg = true);
    let outcome = qa.exit_code(3);
    let cut = told(&outcome, CauseKind::Harness);
    says(
        &cut,
        &["the picture of the kvmd at", "cannot be read", "cut off"],
    );
}

#[test]
fn no_signal_and_a_black_or_frozen_picture_are_told_apart() {
    let see = "- see: { needle: here, within: 500ms }";
    let (kvmd, qa) = kvm(see);
    kvmd.set(|faults| faults.no_signal = true);
    let outcome = qa.exit_code(1);
    let dark = told(&outcome, CauseKind::Deadline);
    says(
        &dark,
        &[
            "nothing to look at",
            "has no signal from the board",
            "serial0.log",
        ],
    );
    let board = Shows::default();
    board.0.lock().unwrap().is_black = true;
    let (_kvmd, qa) = before(&board, "", see);
    let outcome = qa.exit_code(1);
    let black = told(&outcome, CauseKind::Deadline);
    assert!(!black.contains("nothing to look at"), "{black}");
    assert!(
        outcome.last_evidence().frame.is_some(),
        "the black picture is kept"
    );
    let (kvmd, qa) = kvm("- see: here\n- press: enter\n- changed: { within: 500ms }\n");
    kvmd.set(|faults| faults.frozen = true);
    let outcome = qa.exit_code(3);
    says(
        &told(&outcome, CauseKind::Harness),
        &[
            "its picture stands still",
            "restart the streamer of the KVM",
        ],
    );
}

#[test]
fn a_keyboard_that_a_kvm_lost_is_connected_again() {
    let board = Shows::default();
    let (kvmd, qa) = before(&board, "", "- see: here\n- press: enter\n- see: typed\n");
    kvmd.set(|faults| faults.keyboard_is_away = true);
    qa.exit_code(0);
    let requests = kvmd.requests();
    assert!(
        requests.contains(&"POST /api/hid/reset".to_owned()),
        "{requests:?}"
    );
    assert_eq!(board.0.lock().unwrap().keys, 1);
}

/// Serves a certificate that nobody trusts, on loopback. Returns the address.
fn with_certificate(pem: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let key = include_bytes!("../../../vm/src/board/http/certificates/key.pem");
    let key = PrivateKeyDer::from_pem_slice(key).unwrap();
    let certificate = CertificateDer::from_pem_slice(pem).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(Arc::clone(&config));
            // The client ends the handshake: it trusts nobody.
            let _ = connection.unwrap().complete_io(&mut stream);
        }
    });
    format!("https://{address}")
}

#[test]
fn a_certificate_that_is_not_trusted_is_told_with_its_fingerprint() {
    let certificates: [&[u8]; 2] = [
        include_bytes!("../../../vm/src/board/http/certificates/self_signed.pem"),
        include_bytes!("../../../vm/src/board/http/certificates/expired.pem"),
    ];
    for pem in certificates {
        let address = with_certificate(pem);
        let lines = format!(
            "{SWITCH}kvmd: {{ address: '{address}', password: {{ env: KVM }} }}\nscreen: kvmd\n"
        );
        let qa = run_on(&lines, "- see: here").env("KVM", PASSWORD);
        let words = told(&qa.exit_code(3), CauseKind::Launch);
        says(
            &words,
            &[
                "board `mars`",
                "the certificate of the kvmd at https://127.0.0.1",
                "sha256:",
                "certificate:",
            ],
        );
    }
}
