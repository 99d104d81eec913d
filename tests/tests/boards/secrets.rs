//! Passwords of a lab are in no file and in no output, even if the board or a service says them.

use std::{io::Write, net::TcpListener, thread};

use image::RgbImage;
use qa_tests::{
    Outcome,
    fake_kvmd::{Board, FakeKvmd, Input, PASSWORD, Press},
};

use super::{SWITCH, run_on};

struct Black;

impl Board for Black {
    fn picture(&mut self) -> Option<RgbImage> {
        Some(RgbImage::new(160, 120))
    }

    fn input(&mut self, _input: &Input) {}

    fn press(&mut self, _press: Press) {}

    fn is_on(&mut self) -> bool {
        true
    }
}

/// Checks that a secret is neither in the output nor in any file of the run.
#[track_caller]
fn keeps(secret: &str, outcome: &Outcome) {
    let said = format!("{}{}", outcome.stdout(), outcome.stderr());
    assert!(!said.contains(secret), "{said}");
    let files = outcome.files();
    for name in ["events.jsonl", "junit.xml", "report.html", "s/board.log"] {
        assert!(files.iter().any(|(path, _)| path.ends_with(name)), "{name}");
    }
    for (path, bytes) in files {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(secret), "{}", path.display());
    }
}

#[test]
fn the_password_of_a_kvm_is_nowhere_even_if_the_board_says_it() {
    let kvmd = FakeKvmd::before(Black, 90);
    let lines = format!(
        "commands: {{ on: touch on, off: rm -f on, write: 'true', serial: 'echo password {PASSWORD}; cat' }}\n\
        power: commands\nstorage: commands\nserial: commands\nkvmd: {{ address: '{}', \
        password: {{ env: KVM }} }}\nscreen: kvmd\n",
        kvmd.address()
    );
    // The project itself is no place for a password: this one stands for a board that knows it.
    let steps =
        "- serial: { regex: password, within: 10s }\n- see: { needle: here, within: 300ms }\n";
    let qa = run_on(&lines, steps).env("KVM", PASSWORD);
    keeps(PASSWORD, &qa.exit_code(1));
    let lines = format!(
        "{SWITCH}kvmd: {{ address: '{}', user: me, password: {{ env: KVM }} }}\nscreen: kvmd\n",
        kvmd.address()
    );
    let wrong = "quite wrong";
    keeps(
        wrong,
        &run_on(&lines, "- see: here").env("KVM", wrong).exit_code(3),
    );
}

#[test]
fn the_password_of_a_vnc_server_is_nowhere() {
    let secret = "vncpass1";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            // No security type, and the reason for that.
            let words = format!("the password is not {secret}");
            let length = u32::try_from(words.len()).expect("it is short");
            let mut answer = b"RFB 003.008\n\0".to_vec();
            answer.extend(length.to_be_bytes());
            answer.extend(words.as_bytes());
            let _ = stream.and_then(|mut stream| stream.write_all(&answer));
        }
    });
    let lines = format!(
        "{SWITCH}vnc: {{ address: '{address}', password: {{ env: VNC }} }}\nscreen: vnc\ninput: vnc\n"
    );
    let qa = run_on(&lines, "- see: here").env("VNC", secret);
    keeps(secret, &qa.exit_code(3));
    let general = format!(
        "general_hw: {{ GENERAL_HW_CMD_DIR: /bin, GENERAL_HW_POWERON_CMD: 'true', GENERAL_HW_POWEROFF_CMD: 'true', \
        GENERAL_HW_FLASH_CMD: 'true', \
        GENERAL_HW_VNC_IP: 127.0.0.1, GENERAL_HW_VNC_PORT: '{}', GENERAL_HW_VNC_PASSWORD: {secret} }}",
        address.port()
    );
    keeps(secret, &run_on(&general, "- see: here").exit_code(3));
}
