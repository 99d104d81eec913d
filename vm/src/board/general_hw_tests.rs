//! Tests of the variables of openQA.

use std::{fs, os::unix::fs::symlink};

use super::*;
use crate::board::command::WriteCommand;

fn variables(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter()
        .map(|(name, value)| (format!("{PREFIX}{name}"), (*value).to_owned()))
        .collect()
}

fn read(rows: &[(&str, &str)]) -> GeneralHw {
    GeneralHw::read(&variables(rows)).unwrap()
}

fn call(line: &str) -> Option<Call> {
    let mut words = words(line).into_iter();
    Some(Call {
        program: words.next()?.into(),
        arguments: words.collect(),
    })
}

#[test]
fn a_worker_of_a_lab_is_read_as_it_is() {
    let mut board = read(&[
        ("CMD_DIR", "/lab/generalhw_scripts"),
        ("FLASH_CMD", "flash_sd_rootless.sh"),
        ("FLASH_ARGS", "/dev/shm/1 000000001006"),
        ("POWERON_CMD", "power_on_off_shelly.sh"),
        ("POWERON_ARGS", "192.168.7.11 on"),
        ("POWEROFF_CMD", "power_on_off_shelly.sh"),
        ("POWEROFF_ARGS", "192.168.7.11 off"),
        ("IS_SHUTDOWN_CMD", "is_shutdown.sh"),
        ("SOL_CMD", "get_sol_dev.sh"),
        ("SOL_ARGS", "serial/by-path/x"),
        ("VIDEO_STREAM_URL", "/dev/video0?fps=2"),
        ("EDID", "type=hdmi"),
        ("INPUT_CMD", "input.sh"),
        ("KEYBOARD_URL", "http://192.168.7.21/cmd"),
        ("IMAGE_CMD", "image.sh"),
        ("EJECT_CMD", "eject.sh"),
        ("ALSA_CTRL_DEV", "/dev/snd/x"),
    ]);
    let ignored: Vec<_> = board
        .ignored
        .iter()
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    assert_eq!(
        ignored,
        [
            "GENERAL_HW_ALSA_CTRL_DEV: it is not known",
            "GENERAL_HW_EDID: the EDID of a grabber is not set",
            "GENERAL_HW_EJECT_CMD: no CD is taken out",
            "GENERAL_HW_IMAGE_CMD: no disk is copied back",
            "GENERAL_HW_INPUT_CMD: keys are sent in another way: give the board an `input:`",
            "GENERAL_HW_KEYBOARD_URL: keys are sent in another way: give the board an `input:`",
        ]
    );
    assert_eq!(board.read.len(), 11);
    board.read.clear();
    board.ignored.clear();
    let dir = "/lab/generalhw_scripts";
    let expected = GeneralHw {
        power: Some(PowerCall {
            on: call(&format!("{dir}/power_on_off_shelly.sh 192.168.7.11 on")).unwrap(),
            off: call(&format!("{dir}/power_on_off_shelly.sh 192.168.7.11 off")).unwrap(),
            is_shut_down: call(&format!("{dir}/is_shutdown.sh")),
        }),
        flash: call(&format!(
            "{dir}/flash_sd_rootless.sh /dev/shm/1 000000001006"
        )),
        serial: call(&format!("{dir}/get_sol_dev.sh serial/by-path/x")),
        vnc: None,
        video: Some(VideoStream {
            url: "/dev/video0?fps=2".to_owned(),
        }),
        ..GeneralHw::default()
    };
    assert_eq!(board, expected);
}

#[test]
fn a_command_never_leaves_its_folder_and_may_bring_arguments() {
    let board = read(&[
        ("CMD_DIR", "/lab"),
        ("FLASH_CMD", "../../bin/ctl flash"),
        ("FLASH_ARGS", "light"),
    ]);
    assert_eq!(board.flash, call("/lab/ctl flash light"));
}

#[test]
fn a_vnc_server_has_a_usual_port_and_its_password_is_never_shown() {
    let board = read(&[
        ("VNC_IP", "kvm"),
        ("VNC_PASSWORD", "secret7"),
        ("VNC_DEPTH", "32"),
        ("VNC_JPEG", "1"),
    ]);
    let vnc = board.vnc.as_ref().unwrap();
    assert_eq!(
        (&*vnc.host, vnc.port, vnc.password.as_deref()),
        ("kvm", 5900, Some("secret7"))
    );
    assert!(!format!("{board:?}").contains("secret7"));
    assert!(board.ignored.is_empty());
    assert_eq!(
        read(&[("VNC_IP", "kvm"), ("VNC_PORT", "5901")])
            .vnc
            .unwrap()
            .port,
        5901
    );
}

#[test]
fn a_variable_without_effect_is_named_with_the_reason() {
    let board = read(&[
        ("CMD_DIR", "/lab"),
        ("SOL_CMD", "sol"),
        ("NO_SERIAL", "1"),
        ("VIDEO_STREAM_URL", "/dev/video0"),
        ("VIDEO_CMD_PREFIX", "ssh root@kvm"),
        ("POWERON_CMD", ""),
    ]);
    // A device of this host would show something else.
    assert_eq!((board.serial, board.video), (None, None));
    let ignored: Vec<_> = board
        .ignored
        .iter()
        .map(|(name, why)| format!("{name}: {why}"))
        .collect();
    assert_eq!(
        ignored,
        [
            "GENERAL_HW_CMD_DIR: there is no command",
            "GENERAL_HW_SOL_CMD: GENERAL_HW_NO_SERIAL is set",
            "GENERAL_HW_VIDEO_CMD_PREFIX: no program is run on another host for the video",
            "GENERAL_HW_VIDEO_STREAM_URL: GENERAL_HW_VIDEO_CMD_PREFIX is set: the video is one of another host",
        ]
    );
    assert!(
        read(&[("CMD_DIR", "/lab"), ("SOL_CMD", "sol"), ("NO_SERIAL", "0")])
            .serial
            .is_some()
    );
    assert_eq!(GeneralHw::read(&BTreeMap::new()), Ok(GeneralHw::default()));
}

#[test]
fn a_mistake_is_told_by_the_name_of_its_variable() {
    let rows: [(&[(&str, &str)], &str); 4] = [
        (
            &[("SOL_CMD", "sol")],
            "GENERAL_HW_SOL_CMD is set, but not GENERAL_HW_CMD_DIR",
        ),
        (
            &[("CMD_DIR", "/lab"), ("POWERON_CMD", "on")],
            "GENERAL_HW_POWEROFF_CMD is not set",
        ),
        (
            &[("VNC_IP", "kvm"), ("VNC_PORT", "70000")],
            "GENERAL_HW_VNC_PORT is `70000`",
        ),
        (
            &[("CMD_DIR", "/lab"), ("SOL_CMD", "sol/")],
            "GENERAL_HW_SOL_CMD is `sol/`, which names no command",
        ),
    ];
    for (rows, words) in rows {
        let fault = GeneralHw::read(&variables(rows)).unwrap_err();
        assert!(fault.words.starts_with(words), "{fault:?}");
    }
}

#[tokio::test]
async fn its_power_and_flash_commands_run() {
    let folder = tempfile::tempdir().unwrap();
    let lab = folder.path().join("the lab's");
    fs::create_dir(&lab).unwrap();
    symlink("/bin/sh", lab.join("sh")).unwrap();
    fs::write(
        lab.join("power"),
        format!("cd '{}'\necho \"$@\" > state", folder.path().display()),
    )
    .unwrap();
    fs::write(
        lab.join("shut"),
        format!(
            "read state < '{}/state'\n[ \"$state\" = off ]",
            folder.path().display()
        ),
    )
    .unwrap();
    fs::write(
        lab.join("flash"),
        format!("echo \"$@\" > '{}/flashed'", folder.path().display()),
    )
    .unwrap();
    // The line is in quotes, so the blanks and the quote of the folder have no meaning.
    let script = |name: &str| Call {
        program: lab.join("sh"),
        arguments: vec![lab.join(name).to_string_lossy().into_owned()],
    };
    let with = |name: &str, argument: &str| {
        let mut call = script(name);
        call.arguments.push(argument.to_owned());
        call
    };
    let power = PowerCall {
        on: with("power", "on"),
        off: with("power", "off"),
        is_shut_down: Some(script("shut")),
    };
    let minute = Duration::from_secs(60);
    let commands = power.commands(minute);
    commands.on().await.unwrap();
    assert_eq!(commands.is_on().await, Ok(Some(true)));
    commands.off().await.unwrap();
    assert_eq!(commands.is_on().await, Ok(Some(false)));
    let image = folder.path().join("x.img");
    fs::write(&image, "image").unwrap();
    let write = WriteCommand {
        line: with("flash", "card").flash_line(Some(10)),
        limit: minute,
        shell: Shell::default(),
    };
    write.write(&image, None).await.unwrap();
    let flashed = fs::read_to_string(folder.path().join("flashed")).unwrap();
    assert_eq!(flashed, format!("card {} 10G\n", image.display()));
}
