//! Boards: a QEMU that `qa` does not know of, reached as hardware is: a real labgrid switches it and exports its serial
//! line, a network KVM shows its screen, its SD card is a file.

#[cfg(feature = "nightly")]
mod faults;
mod lab;
mod rig;
#[cfg(feature = "nightly")]
mod times;

use std::{fs, path::Path};
#[cfg(feature = "nightly")]
use std::{
    thread,
    time::{Duration, Instant},
};

use reports::Verdict;
use tempfile::TempDir;

use crate::host::{Project, repository, require, require_image};
use lab::Lab;
use rig::Rig;

/// A riscv64 rig that is the place `board` of a lab.
struct Dressed {
    // Ends in this order.
    lab: Lab,
    rig: Rig,
    bench: TempDir,
}

impl Dressed {
    fn start() -> Self {
        require("qemu-system-riscv64");
        require_image("console-riscv64");
        let bench = tempfile::tempdir().unwrap();
        let rig = Rig::start(bench.path(), "riscv64", &[]);
        let lab = Lab::start(bench.path(), &rig);
        Self { lab, rig, bench }
    }
}

/// Returns the repository's project with these machines and the matrix `boards` more.
fn project(machines: &str, matrix: &str) -> Project {
    let root = repository();
    let file = fs::read_to_string(root.join("qa.yaml")).unwrap();
    let file = file.replacen("\nmachines:\n", &format!("\nmachines:\n{machines}"), 1);
    let file = file.replacen("\nmatrix:\n", &format!("\nmatrix:\n{matrix}"), 1);
    Project::shipped_as(&file)
}

/// A board that is a place of labgrid with a network KVM, and whose card is written by a command.
fn labgrid_board(name: &str, arch: &str, lab: &Lab, rig: &Rig, card: &Path) -> String {
    format!(
        "  {name}:
    arch: {arch}
    login: {{ user: root, password: password }}
    vars: {{ boots_by: u-boot }}
    board:
      labgrid: {{ place: board, coordinator: '{}', program: '{}' }}
      kvmd: {{ address: '{}', password: {{ env: QA_TEST_KVMD }} }}
      commands: {{ write: 'cp --sparse=always \"$QA_IMAGE\" {}' }}
      power: labgrid
      serial: labgrid
      storage: commands
      screen: kvmd
      input: kvmd
",
        lab.coordinator,
        lab.programs.join("labgrid-client").display(),
        rig.ports["kvmd"].as_str().unwrap(),
        card.display(),
    )
}

#[test]
fn a_board_of_a_lab_passes_what_a_virtual_machine_passes() {
    let Dressed { lab, rig, bench } = Dressed::start();
    let card = bench.path().join("card");
    let machines = labgrid_board("rig", "riscv64", &lab, &rig, &card);
    let project = project(
        &machines,
        "  boards:\n    images: [console-riscv64]\n    machines: [rig, small-riscv64]\n    scenarios: [board-boot]\n",
    );
    let outcome = project
        .with_env("QA_TEST_KVMD", qa_tests::fake_kvmd::PASSWORD)
        .run(&["--matrix", "boards", "--cold"])
        .exits_with(0);
    let junit = outcome.file("junit.xml");
    for machine in ["rig", "small-riscv64"] {
        let name = format!("board-boot@console-riscv64+{machine}");
        assert_eq!(outcome.verdict(&name).0, Verdict::Passed, "{name}");
        assert!(junit.contains(&name), "{name}: {junit}");
    }
    assert!(junit.contains("a board (power labgrid, serial labgrid, screen kvmd"));
    assert_eq!(lab.holder(), "");
}

/// A board that commands switch, through the relay of its rig.
#[cfg(feature = "nightly")]
fn commanded_board(name: &str, arch: &str, rig: &Rig, card: &Path, screen: &str) -> String {
    let relay = rig.port("relay");
    let python = "python3 -c 'import urllib.request as u; ";
    let relay = format!("\"http://127.0.0.1:{relay}/relay/0\"");
    let put = |value: &str| {
        format!("{python}u.urlopen(u.Request({relay}, data=b\"{value}\", method=\"PUT\"))'")
    };
    let get = format!("{python}print([\"off\", \"on\"][int(u.urlopen({relay}).read())])'");
    format!(
        "  {name}:
    arch: {arch}
    login: {{ user: root, password: password }}
    board:
      commands:
        on: |-
          {}
        off: |-
          {}
        status: |-
          {get}
        write: cp --sparse=always \"$QA_IMAGE\" {}
      power: commands
      storage: commands
      serial: {{ tcp: '127.0.0.1:{}' }}
{screen}",
        put("1"),
        put("0"),
        card.display(),
        rig.port("serial"),
    )
}

/// All three architectures on rigs, beside virtual machines, in one run: `make boards`.
#[cfg(feature = "nightly")]
#[test]
fn the_same_scenarios_pass_on_boards_of_each_architecture() {
    for program in ["qemu-system-aarch64", "qemu-system-riscv64"] {
        require(program);
    }
    for image in ["console", "console-aarch64", "console-riscv64"] {
        require_image(image);
    }
    let bench = tempfile::tempdir().unwrap();
    let folder = |name: &str| bench.path().join(name);
    let riscv = Rig::start(&folder("riscv64"), "riscv64", &[]);
    let arm = Rig::start(&folder("aarch64"), "aarch64", &["--quality", "85"]);
    let pc = Rig::start(&folder("x86_64"), "x86_64", &["--vnc"]);
    let lab = Lab::start(bench.path(), &riscv);
    let kvmd = format!(
        "      kvmd: {{ address: '{}', password: {{ env: QA_TEST_KVMD }} }}\n      screen: kvmd\n      input: kvmd\n",
        arm.ports["kvmd"].as_str().unwrap()
    );
    let vnc = format!(
        "      vnc: {{ address: '127.0.0.1:{}' }}\n      screen: vnc\n      input: vnc\n",
        pc.port("vnc")
    );
    let machines = [
        labgrid_board(
            "rig-riscv64",
            "riscv64",
            &lab,
            &riscv,
            &folder("riscv64/card"),
        ),
        commanded_board(
            "rig-aarch64",
            "aarch64",
            &arm,
            &folder("aarch64/card"),
            &kvmd,
        ),
        commanded_board("rig-x86_64", "x86_64", &pc, &folder("x86_64/card"), &vnc),
    ];
    let cells = [
        ("console", "rig-x86_64"),
        ("console-aarch64", "rig-aarch64"),
        ("console-riscv64", "rig-riscv64"),
        ("console", "small"),
        ("console-aarch64", "small-aarch64"),
        ("console-riscv64", "small-riscv64"),
    ];
    let scenarios = ["console-login", "board-boot"];
    let include = cells.iter().map(|(image, machine)| {
        format!("      - {{ image: {image}, machine: {machine}, scenario: [console-login, board-boot] }}\n")
    });
    let matrix = format!("  boards:\n    include:\n{}", include.collect::<String>());
    let outcome = project(&machines.concat(), &matrix)
        .with_env("QA_TEST_KVMD", qa_tests::fake_kvmd::PASSWORD)
        .run(&["--matrix", "boards", "--cold", "-j", "1"])
        .exits_with(0);
    let junit = outcome.file("junit.xml");
    for (image, machine) in cells {
        for scenario in scenarios {
            let name = format!("{scenario}@{image}+{machine}");
            assert_eq!(outcome.verdict(&name).0, Verdict::Passed, "{name}");
            assert!(junit.contains(&name), "{name}: {junit}");
        }
    }
    assert_eq!(lab.holder(), "");
}

/// Returns a project whose board `rig` has an empty card: it starts its firmware and nothing more.
#[cfg(feature = "nightly")]
fn firmware_only(bench: &Path, lab: &Lab, rig: &Rig) -> Project {
    let card = bench.join("card");
    fs::File::create(&card).unwrap().set_len(1 << 20).unwrap();
    let machine = labgrid_board("rig", "riscv64", lab, rig, &card);
    let lines = machine
        .lines()
        .map(|line| match line.trim_start().starts_with("commands:") {
            true => "      commands: { write: 'true' }\n".to_owned(),
            false => format!("{line}\n"),
        });
    project(&lines.collect::<String>(), "").with_env("QA_TEST_KVMD", qa_tests::fake_kvmd::PASSWORD)
}

/// Runs that are killed at any moment: whatever they held is free after `qa board reap`, and none of their programs is
/// left.
#[cfg(feature = "nightly")]
#[test]
fn a_hundred_killed_runs_leave_no_place_and_no_program() {
    use rustix::process::Signal;

    let Dressed { lab, rig, bench } = Dressed::start();
    let project = firmware_only(bench.path(), &lab, &rig);
    let mut seed = 20_261_130_u64;
    let mut held = 0;
    for round in 0..100 {
        // Numerical Recipes' linear congruential generator.
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223) & 0xffff_ffff;
        let moment = Duration::from_millis(seed % 6000);
        let call = project.start(&["board-boot", "--machine", "rig", "--cold"]);
        thread::sleep(moment);
        call.signal(Signal::KILL);
        call.ends();
        held += u32::from(!lab.holder().is_empty());
        let reaped = project.qa(&["board", "reap"]);
        assert!(reaped.status.success(), "round {round}: {reaped:?}");
        assert_eq!(lab.holder(), "", "round {round}, killed after {moment:?}");
        let begun = Instant::now();
        while let Some(left) = lab.clients().first() {
            assert!(
                begun.elapsed() < lab::READY,
                "round {round}: {left} is left"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
    println!("{held} of 100 runs held the place when they were killed");
    assert!(held > 20, "only {held} runs held the place");
}
