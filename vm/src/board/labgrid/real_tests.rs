//! Tests with the real programs of labgrid: a coordinator, an exporter and clients on the loopback.
//!
//! `cargo test -p qa-vm --lib --features real-machines -- board::labgrid::real`. The programs are those in the folder
//! QA_LABGRID, or else those of `qa doctor --install --boards`. Takes some 20 s.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net,
    time::{sleep, timeout},
};

use super::{Labgrid, LabgridSpec, Owner, Place, SerialProtocol, holders, release_from};
use crate::board::{
    FaultKind,
    command::{Ending, Process},
};

/// The limit for a program to be ready, on a busy host.
const READY: Duration = Duration::from_secs(120);

/// Returns the folder of the programs. None if they are not installed.
fn programs() -> Option<PathBuf> {
    let given = std::env::var_os("QA_LABGRID").map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(std::env::home_dir()?.join(".cache")));
    let folder = given.or_else(|| Some(cache?.join("qa/labgrid/bin")))?;
    folder
        .join("labgrid-coordinator")
        .is_file()
        .then_some(folder)
}

/// A lab with one board: a power switch that speaks HTTP, and a serial line that is a TCP port.
struct Lab {
    programs: PathBuf,
    folder: TempDir,
    address: String,
    serial_port: u16,
    relay_is_on: Arc<AtomicBool>,
    coordinator: Option<Process>,
    exporter: Option<Process>,
    _serial: net::TcpListener,
}

impl Lab {
    async fn start(programs: PathBuf) -> Self {
        let relay = net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relay_port = relay.local_addr().unwrap().port();
        let relay_is_on = Arc::new(AtomicBool::new(false));
        tokio::spawn(switch(relay, Arc::clone(&relay_is_on)));
        let serial = net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let serial_port = serial.local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let exported = format!(
            "board1:\n  NetworkSerialPort:\n    host: 127.0.0.1\n    port: {serial_port}\n    protocol: raw\n  \
            NetworkPowerPort:\n    model: rest\n    host: 'http://127.0.0.1:{relay_port}/relay/{{index}}'\n    \
            index: 1\n"
        );
        std::fs::write(folder.path().join("exporter.yaml"), exported).unwrap();
        // Nothing else asks for a port of this host in this moment.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut lab = Self {
            programs,
            folder,
            address: format!("127.0.0.1:{port}"),
            serial_port,
            relay_is_on,
            coordinator: None,
            exporter: None,
            _serial: serial,
        };
        lab.coordinator = Some(
            lab.program(
                "labgrid-coordinator",
                &["-l", &lab.address],
                "Coordinator ready",
            )
            .await,
        );
        lab.start_exporter().await;
        for words in ["create", "add-match exp1/board1/*", "set-tags board=test"] {
            lab.client(words);
        }
        lab
    }

    async fn start_exporter(&mut self) {
        let arguments = ["-c", &self.address, "--name", "exp1", "exporter.yaml"];
        self.exporter = Some(
            self.program("labgrid-exporter", &arguments, "connected to coordinator")
                .await,
        );
    }

    /// Starts a program, and waits until it says that it is ready.
    async fn program(&self, name: &str, arguments: &[&str], ready: &str) -> Process {
        let log = self.folder.path().join(format!("{name}.log"));
        let file = std::fs::File::create(&log).unwrap();
        let mut command = Command::new(self.programs.join(name));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("PYTHONUNBUFFERED", "1");
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file);
        let mut process = Process::start(command, Ending::Asked).await.unwrap();
        let said = async {
            while !std::fs::read_to_string(&log).unwrap().contains(ready) {
                sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            ready = timeout(READY, said) => ready.unwrap(),
            status = process.ended() => panic!("{name} ended: {status:?}: {}", std::fs::read_to_string(&log).unwrap()),
        }
        process
    }

    fn client(&self, words: &str) {
        let mut command = Command::new(self.program_path());
        command
            .args(["-x", &self.address, "-p", "b1"])
            .args(words.split(' '));
        assert!(command.status().unwrap().success(), "{words}");
    }

    fn program_path(&self) -> PathBuf {
        self.programs.join("labgrid-client")
    }

    fn spec(&self) -> LabgridSpec {
        LabgridSpec {
            coordinator: Some(self.address.clone()),
            place: Place::Named("b1".to_owned()),
            environment: None,
            state: None,
            serial: None,
            fastboot: None,
            program: self.program_path(),
        }
    }

    async fn acquire(&self, patience: Duration) -> Result<Labgrid, crate::board::BoardFault> {
        let owner = Owner::of_this_process("real").unwrap();
        Labgrid::acquire(&self.spec(), &owner, patience, |_| {}).await
    }

    async fn holders(&self) -> Vec<super::Holder> {
        holders(Some(&self.address), &self.program_path())
            .await
            .unwrap()
    }
}

/// A power switch that speaks HTTP: GET tells its state, PUT sets it.
async fn switch(relay: net::TcpListener, is_on: Arc<AtomicBool>) {
    loop {
        let (mut peer, _) = relay.accept().await.unwrap();
        let mut request = Vec::new();
        let body = loop {
            let mut buffer = [0; 1024];
            let length = peer.read(&mut buffer).await.unwrap();
            request.extend_from_slice(&buffer[..length]);
            let text = String::from_utf8_lossy(&request).into_owned();
            let size = text.to_ascii_lowercase();
            let size = size.split_once("content-length: ").map_or(0, |(_, rest)| {
                rest.lines()
                    .next()
                    .unwrap()
                    .trim()
                    .parse::<usize>()
                    .unwrap()
            });
            match text.split_once("\r\n\r\n") {
                Some((_, body)) if body.len() >= size || length == 0 => break body.to_owned(),
                _ if length == 0 => break String::new(),
                _ => {}
            }
        };
        if request.starts_with(b"PUT") {
            is_on.store(body == "1", Ordering::Relaxed);
        }
        let state = if is_on.load(Ordering::Relaxed) {
            "1"
        } else {
            "0"
        };
        let answer =
            format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{state}");
        peer.write_all(answer.as_bytes()).await.unwrap();
    }
}

fn kill(process: &mut Option<Process>) {
    let process = process.take().unwrap();
    process.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_of_a_real_lab_is_used_from_check_to_release() {
    let Some(programs) = programs() else {
        println!(
            "skipped: no labgrid; `qa doctor --install --boards` installs it, or QA_LABGRID names its folder"
        );
        return;
    };
    let mut lab = Lab::start(programs).await;
    Labgrid::check(&lab.spec()).await.unwrap();
    let unknown = LabgridSpec {
        place: Place::Named("b".to_owned()),
        ..lab.spec()
    };
    assert!(
        Labgrid::check(&unknown)
            .await
            .unwrap_err()
            .words
            .contains("knows no place `b`")
    );
    the_parts_of_a_place_are_used(&lab).await;
    a_run_that_has_died_is_released_alone(&lab).await;
    the_death_of_the_exporter_and_of_the_coordinator_is_told(&mut lab).await;
}

async fn the_parts_of_a_place_are_used(lab: &Lab) {
    let board = lab.acquire(Duration::ZERO).await.unwrap();
    board.power_on().await.unwrap();
    assert!(lab.relay_is_on.load(Ordering::Relaxed) && board.is_on().await.unwrap());
    board.power_off().await.unwrap();
    assert!(!lab.relay_is_on.load(Ordering::Relaxed) && !board.is_on().await.unwrap());
    let serial = board.export_serial().await.unwrap();
    assert_eq!((&*serial.host, serial.port), ("127.0.0.1", lab.serial_port));
    assert_eq!(
        (serial.protocol, serial.speed),
        (SerialProtocol::Raw, 115_200)
    );
    drop(serial);
    assert_eq!(
        board.sd_mux(super::Mux::Host).await.unwrap_err().kind,
        FaultKind::NoResource
    );
    others_wait_in_the_queue(lab, board).await;
}

async fn others_wait_in_the_queue(lab: &Lab, board: Labgrid) {
    let fault = lab.acquire(Duration::ZERO).await.unwrap_err();
    assert!(
        fault.kind == FaultKind::Held && fault.words.contains("held by the run real on"),
        "{fault:?}"
    );
    let waited = Mutex::new(String::new());
    let owner = Owner::of_this_process("second").unwrap();
    let (spec, note) = (lab.spec(), |words: &str| {
        *waited.lock().unwrap() = words.to_owned()
    });
    let second = Labgrid::acquire(&spec, &owner, READY, note);
    let release = async {
        while waited.lock().unwrap().is_empty() {
            sleep(Duration::from_millis(20)).await;
        }
        board.release().await.unwrap();
    };
    let (second, ()) = tokio::join!(second, release);
    let held = lab.holders().await;
    assert_eq!(
        (held.len(), &*held[0].place, &held[0].owner),
        (1, "b1", &owner)
    );
    drop(second.unwrap());
    crate::board::all_returned().await;
    assert_eq!(lab.holders().await, []);

    // A place by its tags leaves no reservation.
    let tagged = LabgridSpec {
        place: Place::Tagged([("board".to_owned(), "test".to_owned())].into()),
        ..lab.spec()
    };
    let by_tags = Labgrid::acquire(&tagged, &owner, Duration::ZERO, |_| {})
        .await
        .unwrap();
    assert_eq!(by_tags.place(), "b1");
    by_tags.release().await.unwrap();
    lab.acquire(Duration::ZERO)
        .await
        .unwrap()
        .release()
        .await
        .unwrap();
}

/// Releases a place from the run that has it. Another name does not release it.
async fn a_run_that_has_died_is_released_alone(lab: &Lab) {
    let owner = Owner::of_this_process("second").unwrap();
    let board = lab.acquire(Duration::ZERO).await.unwrap();
    let dead = lab.holders().await.remove(0).owner;
    let (address, program) = (lab.address.clone(), lab.program_path());
    release_from(Some(&address), &program, "b1", &owner)
        .await
        .unwrap();
    assert_eq!(lab.holders().await.len(), 1);
    release_from(Some(&address), &program, "b1", &dead)
        .await
        .unwrap();
    assert_eq!(lab.holders().await, []);
    assert_eq!(board.power_on().await.unwrap_err().kind, FaultKind::Held);
    board.release().await.unwrap();
}

async fn the_death_of_the_exporter_and_of_the_coordinator_is_told(lab: &mut Lab) {
    // The exporter dies in the middle, and comes back.
    let board = lab.acquire(Duration::ZERO).await.unwrap();
    kill(&mut lab.exporter);
    let fault = until(async || board.power_on().await.err()).await;
    assert_eq!(
        fault.words,
        "the labgrid exporter `exp1` of the place `b1` is gone"
    );
    lab.start_exporter().await;
    until(async || board.power_on().await.ok()).await;

    // So does the coordinator.
    kill(&mut lab.coordinator);
    let fault = board.power_on().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(
        fault.words.contains(&format!(
            "the labgrid coordinator at {} does not answer",
            lab.address
        )),
        "{fault:?}"
    );
    assert_eq!(
        board.release().await.unwrap_err().kind,
        FaultKind::Unreachable
    );
}

/// Asks again until there is an answer.
async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    timeout(READY, asked).await.unwrap()
}
