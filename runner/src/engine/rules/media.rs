//! CDs in the drive, and the disk that the machine boots from.

use reports::{CauseKind, Event};
use vm::scripted::Effect;

use super::{Rig, shown};

#[tokio::test(start_paused = true)]
async fn a_medium_is_changed_while_the_machine_runs_and_while_it_is_off() {
    let rig = Rig::steps(
        "  - media: eject\n  - media: { insert: second.iso }\n  - boot: disk1\n  - power: cut\n  - media: eject\n  \
        - boot: cd\n  - power: on\n  - see: menu\n",
    );
    let ran = rig.starts([shown("menu")]).run().await;
    ran.holds();
    assert_eq!(
        ran.count(|event| matches!(event, Event::MachineStarted { .. })),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_broke_is_no_machine_to_change() {
    let rig = Rig::steps("  - serial: ready\n  - media: eject\n");
    let ran = rig.starts([Effect::line("ready"), Effect::End]).run().await;
    ran.breaks(CauseKind::MachineExited, "ended");
}
