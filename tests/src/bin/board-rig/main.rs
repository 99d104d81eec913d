//! A QEMU dressed as a board, for tests: `board-rig FOLDER ARCH CARD [--quality N] [--vnc]`.
//!
//! ```text
//! relay    http://127.0.0.1:PORT/relay/0   GET: 0 or 1; PUT 1 starts QEMU, PUT 0 kills it, as power does
//! fault    http://127.0.0.1:PORT/fault     PUT: a line such as `serial-lose 100`; see `faults`
//! serial   tcp 127.0.0.1:PORT              the line stays when the power goes, as that of a board does
//! screen   a kvmd on 127.0.0.1:PORT, or VNC
//! card     a file: the board's SD card
//! ```
//!
//! Prints one line of JSON with the ports when it is ready, and ends with its standard input.

mod faults;
mod kvm_board;
mod machine;
mod power;
mod relay;
mod serial;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use qa_tests::fake_kvmd::FakeKvmd;
use tokio::{io::AsyncReadExt, net::TcpListener};

use faults::Faults;
use kvm_board::KvmBoard;
use machine::{Arch, Rig, Screen};
use power::Power;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("board-rig: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> io::Result<()> {
    let rig = Arc::new(Rig::of_arguments(std::env::args().skip(1)).map_err(io::Error::other)?);
    std::fs::create_dir_all(&rig.folder)?;
    rig.prepare()?;
    let faults = Arc::new(Faults::default());
    let serial = TcpListener::bind("127.0.0.1:0").await?;
    let relay = TcpListener::bind("127.0.0.1:0").await?;
    let mut ports = serde_json::json!({
        "relay": relay.local_addr()?.port(),
        "serial": serial.local_addr()?.port(),
    });
    let power = Arc::new(Power::new(Arc::clone(&rig)));
    match rig.screen {
        Screen::Vnc { port } => ports["vnc"] = port.into(),
        Screen::Kvmd { quality } => {
            let board = KvmBoard::new(rig.control_socket());
            let kvmd = FakeKvmd::before(board, quality);
            ports["kvmd"] = kvmd.address().into();
            faults.rule(kvmd);
        }
    }
    tokio::spawn(serial::serve(
        serial,
        rig.serial_socket(),
        Arc::clone(&faults),
    ));
    tokio::spawn(relay::serve(relay, Arc::clone(&power), faults));
    let mut out = io::stdout();
    writeln!(out, "{ports}")?;
    out.flush()?;
    // The end of the input, or a signal that kills this process, ends the rig. QEMU dies with this process.
    let mut rest = Vec::new();
    tokio::io::stdin().read_to_end(&mut rest).await?;
    power.off().await;
    Ok(())
}

impl Rig {
    fn of_arguments(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut plain = Vec::new();
        let (mut quality, mut vnc) = (92, false);
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quality" => {
                    let text = arguments.next().unwrap_or_default();
                    quality = text.parse().map_err(|_| format!("no quality: {text}"))?;
                }
                "--vnc" => vnc = true,
                _ => plain.push(argument),
            }
        }
        let [folder, arch, card] = &plain[..] else {
            return Err("usage: board-rig FOLDER ARCH CARD [--quality N] [--vnc]".to_owned());
        };
        let screen = match vnc {
            true => Screen::Vnc {
                port: machine::free_vnc_port().map_err(|error| error.to_string())?,
            },
            false => Screen::Kvmd { quality },
        };
        Ok(Self {
            folder: PathBuf::from(folder),
            arch: Arch::named(arch)?,
            card: PathBuf::from(card),
            screen,
        })
    }
}
