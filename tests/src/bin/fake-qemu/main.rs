//! QEMU and `qemu-img` for tests, found through PATH under their names: plays the script that an
//! environment variable names.

mod agent;
mod base64;
mod commands;
mod disk;
mod drives;
mod inherited;
mod input;
mod keyboard;
mod machine;
mod memory;
mod migration;
mod options;
mod qemu_img;
mod rules;
mod starved;
mod told;
mod wire;

use std::{path::Path, process::ExitCode, time::Duration};

use machine::Machine;
use options::Options;
use qa_tests::{Entry, Journal, Script};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How the program ends.
#[derive(Debug)]
pub(crate) struct Ended {
    status: u8,
    stderr: String,
}

fn main() -> ExitCode {
    let mut args = std::env::args();
    let called = args.next().unwrap_or_default();
    let name = Path::new(&called)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let args: Vec<String> = args.collect();
    let result = if name == "qemu-img" {
        qemu_img::run(&args)
    } else {
        qemu(&name, &args)
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Ended { status, stderr }) => {
            eprint!("{stderr}");
            ExitCode::from(status)
        }
    }
}

fn qemu(name: &str, args: &[String]) -> Result<(), Ended> {
    let failed = |message: String| Ended {
        status: 1,
        stderr: format!("{name}: {message}\n"),
    };
    let script = script().map_err(failed)?;
    if args == ["--version"] {
        println!("QEMU emulator version {} (fake)", script.version);
        return Ok(());
    }
    Journal::add(
        &script.journal,
        &Entry::Started {
            pid: std::process::id(),
            args: args.to_vec(),
        },
    );
    let options = Options::read(args, &script.lacks).map_err(failed)?;
    let version = script.version.clone();
    let mut machine = Machine::new(script, options).map_err(failed)?;
    machine.greet(&version);
    loop {
        serve(&mut machine)?;
    }
}

fn script() -> Result<Script, String> {
    let path = std::env::var_os(Script::VARIABLE)
        .ok_or_else(|| format!("{} is not set", Script::VARIABLE))?;
    let text = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Waits for `qa` to say something and takes it.
fn serve(machine: &mut Machine) -> Result<(), Ended> {
    let wires = [
        Some(&machine.qmp),
        machine.serial.as_ref(),
        machine.port.as_ref(),
    ];
    let [qmp, serial, port] = wires.map(|wire| wire.and_then(wire::Wire::open));
    let is_deserted = [qmp, serial, port].iter().all(Option::is_none);
    if machine.is_hung() || is_deserted {
        // Hung, or `qa` has closed everything: QEMU would stay, so that somebody must end it.
        rustix::event::pause();
        return Ok(());
    }
    let told = machine.told.as_ref().map(told::Told::changes);
    let ready = wait([qmp, serial, port, told], machine.next_moment());
    machine.pass();
    if ready[0] {
        for line in machine.qmp.lines() {
            machine.command(&line)?;
        }
    }
    if ready[1]
        && let Some(serial) = &mut machine.serial
    {
        let bytes = serial.bytes();
        machine.serial_sent(&bytes);
    }
    if ready[2]
        && let Some(port) = &mut machine.port
    {
        for line in port.lines() {
            machine.agent_line(&line);
        }
    }
    if ready[3] {
        machine.hear();
    }
    Ok(())
}

/// Waits until one of the sources has something, or the time is over.
fn wait(sources: [Option<std::os::fd::BorrowedFd<'_>>; 4], time: Option<Duration>) -> [bool; 4] {
    // A moment more, so that the time is over indeed.
    let time = time.map(|time| time + Duration::from_millis(1));
    let time = time.and_then(|time| Timespec::try_from(time).ok());
    let mut fds: Vec<_> = sources
        .iter()
        .flatten()
        .map(|fd| PollFd::new(fd, PollFlags::IN))
        .collect();
    while let Err(rustix::io::Errno::INTR) = poll(&mut fds, time.as_ref()) {}
    let mut answers = fds.iter().map(|fd| !fd.revents().is_empty());
    sources.map(|source| source.is_some() && answers.next().unwrap_or(false))
}
