//! Tests of boards from the hold to the return.

use std::os::unix::{ffi::OsStringExt, fs::symlink};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

use super::*;
use crate::{
    Arch,
    board::{
        Concealed, LineFrom, LineSpec, PowerCommands, PowerFrom, Shell, SignSet, StorageFrom,
        labgrid::Fake, underway::all_returned,
    },
};

/// A board whose power is the file `on` of its folder, and its results.
struct Lab {
    folder: TempDir,
    spec: BoardSpec,
}

impl Lab {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let commands = PowerCommands {
            on: "touch on; echo on >> log".to_owned(),
            off: "rm -f on; echo off >> log".to_owned(),
            reset: None,
            button: None,
            status: None,
            pause: Duration::ZERO,
            settle: Duration::ZERO,
            limit: Duration::from_secs(60),
            shell: Shell {
                folder: Some(folder.path().to_owned()),
                ..Shell::default()
            },
        };
        let spec = BoardSpec {
            name: "mars".to_owned(),
            arch: Arch::Riscv64,
            labgrid: None,
            kvmd: None,
            vnc: None,
            redfish: None,
            power: PowerFrom::Commands(Box::new(commands)),
            line: None,
            screen: None,
            input: None,
            storage: None,
            signs: SignSet::built_in(),
            locks: folder.path().join("locks"),
            patience: Duration::ZERO,
            run: "run-1".to_owned(),
            concealed: Concealed::default(),
        };
        Self { folder, spec }
    }

    /// Changes the command that switches the board on.
    fn switches_on_by(&mut self, line: String) {
        if let PowerFrom::Commands(commands) = &mut self.spec.power {
            commands.on = line;
        }
    }

    async fn launch(&self) -> Result<(Machine, MachineEvents), LaunchError> {
        Machine::board(&self.spec, None, &self.folder.path().join("s"), |_| {}).await
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

#[tokio::test]
async fn a_board_that_could_not_be_started_is_free_when_the_error_is_told() {
    let mut lab = Lab::new();
    lab.switches_on_by("echo no relay >&2; exit 1".to_owned());
    for _ in 0..2 {
        let error = lab.launch().await.unwrap_err();
        assert!(error.to_string().contains("no relay"), "{error}");
    }
    assert!(lab.file("log").ends_with("off\n"));
}

#[tokio::test]
async fn a_board_that_is_started_again_has_its_line_again() {
    let mut lab = Lab::new();
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap().to_string();
    lab.spec.line = Some(LineFrom::Line(LineSpec::Tcp {
        address: address.clone(),
    }));
    let (machine, _events) = lab.launch().await.unwrap();
    // The server is closed for a moment, as one with a single client is.
    drop(server);
    let back = async {
        while !lab.file("log").ends_with("on\noff\n") {
            tokio::task::yield_now().await;
        }
        tokio::net::TcpListener::bind(&address).await.unwrap()
    };
    let (again, _server) = tokio::join!(machine.relaunch(), back);
    again.unwrap().0.shutdown().await;
    assert_eq!(lab.file("log"), "off\non\noff\non\noff\n");
}

#[tokio::test]
async fn a_serial_device_that_comes_with_the_power_is_opened_then() {
    let mut lab = Lab::new();
    let board = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&board).unwrap();
    unlockpt(&board).unwrap();
    let pty = ptsname(&board, Vec::new()).unwrap().into_bytes();
    let pty = std::ffi::OsString::from_vec(pty);
    symlink(&pty, lab.folder.path().join("pty")).unwrap();
    let path = lab.folder.path().join("ttyUSB0");
    lab.spec.line = Some(LineFrom::Line(LineSpec::Device { path, speed: 9600 }));
    lab.switches_on_by("ln -s $(readlink pty) ttyUSB0".to_owned());
    let (machine, _events) = lab.launch().await.unwrap();
    machine.shutdown().await;
    let log = lab.file("s/board.log");
    assert!(log.contains("its first words may be missing"), "{log}");
}

/// A lab whose place is switched and written by labgrid, in a state of its strategy. `export` is the answer to that.
fn strategic(export: &str) -> (Lab, Fake) {
    let mut lab = Lab::new();
    let fake = Fake::new(&format!(
        "case \"$*\" in *version) says version;; *places) says places-free;; *acquire) says acquired;; \
         *release-from*) says released;; *export*) {export};; \
         *'power get') says power-on;; *power*|*sd-mux*|*write-image*) exit 0;; esac"
    ));
    let environment = fake.folder().join("env.yaml");
    fs::write(&environment, "targets: {}").unwrap();
    lab.spec.labgrid = Some(crate::board::LabgridSpec {
        environment: Some(environment),
        state: Some("flash".to_owned()),
        ..fake.spec("b1")
    });
    lab.spec.power = PowerFrom::Labgrid;
    lab.spec.storage = Some(StorageFrom::Labgrid);
    (lab, fake)
}

/// Returns what a place was asked to do, after it was acquired.
fn done(fake: &Fake) -> Vec<String> {
    let calls = fake.calls();
    let acquired = calls.iter().position(|call| call.ends_with("acquire"));
    let words = |call: &String| {
        let (_, words) = call.split_once("-p b1 ").unwrap();
        let words: Vec<&str> = words.split(' ').take(2).collect();
        words.join(" ")
    };
    calls[acquired.unwrap() + 1..].iter().map(words).collect()
}

#[tokio::test]
async fn a_board_is_written_in_its_state_and_boots_from_off() {
    let (lab, fake) = strategic("says export");
    let image = lab.folder.path().join("image");
    // A boot sector.
    let mut bytes = vec![0xf4; 4096];
    bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
    fs::write(&image, bytes).unwrap();
    let image = ImageFile {
        format: Some(crate::image::FileFormat::Raw),
        ..ImageFile::new(&image)
    };
    let results = lab.folder.path().join("s");
    let launched = Machine::board(&lab.spec, Some(&image), &results, |_| {}).await;
    launched.unwrap().0.shutdown().await;
    let calls = done(&fake);
    let expected = [
        "power off",
        "-s flash",
        "sd-mux host",
        "write-image --mode",
        "sd-mux dut",
        "power off",
        "power on",
        "power off",
    ];
    assert_eq!(calls[..expected.len()], expected);
    assert!(
        calls[expected.len()].starts_with("release-from"),
        "{calls:?}"
    );
}

#[tokio::test]
async fn a_board_whose_state_is_not_reached_is_off_and_given_back() {
    let (lab, fake) = strategic("echo no such state >&2; exit 1");
    let error = lab.launch().await.unwrap_err();
    assert!(error.to_string().contains("no such state"), "{error}");
    let calls = done(&fake);
    assert_eq!(calls[..3], ["power off", "-s flash", "power off"]);
    assert!(calls[3].starts_with("release-from"), "{calls:?}");
}

#[tokio::test]
async fn a_board_that_is_given_up_while_its_state_is_reached_is_off_and_given_back() {
    let (lab, fake) = strategic(": > \"$folder/asked\"; sleep 1000");
    let asked = async {
        while !fake.folder().join("asked").exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        launched = lab.launch() => panic!("{launched:?}"),
        () = asked => {}
    }
    all_returned().await;
    let calls = done(&fake);
    assert_eq!(calls[..3], ["power off", "-s flash", "power off"]);
    assert!(calls[3].starts_with("release-from"), "{calls:?}");
}
