use super::*;
use crate::finding::Source;
use crate::project::{Capability, Machine, Project};
use crate::value::SecretSource;

/// Reads a machine that is a board with these lines under `board:`.
fn read(lines: &str) -> Result<Machine, Vec<String>> {
    let mut text = "machines:\n  b:\n    arch: riscv64\n    board:\n".to_owned();
    for line in lines.lines() {
        text.push_str(&format!("      {line}\n"));
    }
    machine(&text)
}

fn machine(text: &str) -> Result<Machine, Vec<String>> {
    let (project, findings) = Project::read(&Source::new("qa.yaml", text));
    match (project, findings.is_empty()) {
        (Some(mut project), true) => Ok(project.machines.remove("b").expect("the machine")),
        _ => Err(findings
            .into_iter()
            .map(|finding| finding.message)
            .collect()),
    }
}

#[test]
fn a_board_takes_each_part_from_its_own_service() {
    let machine = read(
        "profile: mars-cm\n\
         labgrid: { place: mars-1, coordinator: 'lab:20408', environment: lab.yaml, state: shell }\n\
         kvmd: { address: 'https://kvm7', password: { env: KVM }, certificate: unchecked }\n\
         power: labgrid\n\
         serial: labgrid\n\
         storage: labgrid\n\
         screen: kvmd\n\
         input: kvmd\n\
         network: true\n\
         wait: 30m\n\
         restarts: [U-Boot SPL]\n\
         health: { scenario: board-boot, image: known-good }",
    )
    .unwrap();
    let board = machine.board.as_ref().unwrap();
    assert_eq!(board.power, Some(PowerSource::Labgrid));
    assert_eq!(board.serial, Some(SerialSource::Labgrid));
    assert_eq!(board.screen, Some(ScreenSource::Kvmd));
    let labgrid = board.labgrid.as_ref().unwrap();
    assert_eq!(labgrid.place, Place::Named("mars-1".to_owned()));
    let kvmd = board.kvmd.as_ref().unwrap();
    assert_eq!(kvmd.password, SecretSource::Env("KVM".to_owned()));
    assert_eq!(kvmd.certificate, Certificate::Unchecked);
    assert_eq!(board.wait.unwrap().as_secs(), 30 * 60);
    assert!(board.restarts[0].regex().is_match("U-Boot SPL 2023"));
    let had = |capability: Capability| capability.is_had_by(&machine);
    assert!(had(Capability::Display) && had(Capability::Network));
    assert!(!had(Capability::Agent) && !had(Capability::Tpm));
}

#[test]
fn a_board_can_be_commands_alone() {
    let machine = read(
        "commands: { on: relay on, off: relay off, write: 'dd if=$QA_IMAGE of=/dev/sdx', limit: 5s }\n\
         power: commands\n\
         storage: commands\n\
         serial: { device: /dev/ttyUSB0, speed: 1500000 }\n\
         screen: { capture: /dev/video0 }",
    )
    .unwrap();
    let board = machine.board.as_ref().unwrap();
    let device = SerialLine::Device {
        path: "/dev/ttyUSB0".to_owned(),
        speed: Some(1_500_000),
    };
    assert_eq!(board.serial, Some(SerialSource::Line(device)));
    assert_eq!(board.commands.as_ref().unwrap().limit.unwrap().as_secs(), 5);
}

#[test]
fn mistakes_are_named() {
    let power = "commands: { on: a, off: b }\npower: commands\n";
    for (lines, message) in [
        (
            "power: labgrid",
            "`power: labgrid` needs the field `labgrid`",
        ),
        (
            "commands: { on: a }\npower: commands",
            "`power: commands` needs the command `off`",
        ),
        (
            "serial: { tcp: 'a:1' }",
            "a board needs a source of power: without one, no run could start it",
        ),
        (
            &format!("{power}vnc: {{ address: 'a:5901' }}"),
            "`vnc` is declared, and no part of the board comes from it",
        ),
        (
            &format!("{power}vnc: {{ address: a }}\nscreen: vnc"),
            "`a` is no address with a port",
        ),
        (
            &format!("{power}serial: {{ tcp: 'a:1', speed: 9600 }}"),
            "a raw TCP connection has no speed",
        ),
        (&format!("{power}serial: {{ }}"), "`serial` needs one line"),
        (
            &format!("{power}screen: {{ http: 'ftp://a' }}"),
            "`ftp://a` is no address of a web service",
        ),
        (
            "labgrid: { coordinator: 'a:1' }\npower: labgrid",
            "`labgrid` needs a place",
        ),
        (
            "kvmd: { address: 'https://a', password: { env: X }, certificate: 'sha256:12' }\npower: kvmd",
            "this is no SHA-256 fingerprint",
        ),
    ] {
        assert_eq!(read(lines).unwrap_err(), [message], "{lines}");
    }
}

#[test]
fn a_board_has_no_field_of_a_virtual_machine() {
    let text = "machines:\n  b:\n    cpus: 4\n    serial: 2\n    \
        board: { commands: { on: a, off: b }, power: commands }\n";
    assert_eq!(
        machine(text).unwrap_err(),
        [
            "the machine `b` is a board, which has no `cpus`",
            "the machine `b` is a board, which needs the field `arch`",
            "the machine `b` is a board, which has no `serial`",
        ]
    );
}
