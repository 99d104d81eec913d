//! Finds parts of a board whose service is not declared, and services that give nothing.

use super::description::Board;
use super::service::Service;
use super::sources::{InputSource, PowerSource, ScreenSource, SerialSource, StorageSource};
use crate::yaml::{Fields, Reader};

/// Reports parts whose service is not declared, and a board that cannot be started. Returns true if there are none.
pub(super) fn check(reader: &mut Reader, board: &Board, fields: &Fields) -> bool {
    let mut fine = true;
    for (part, service) in parts(board) {
        if board.has(service) {
            continue;
        }
        let at = fields.get(part).map_or(&fields.at, |node| &node.at);
        let name = service.name();
        reader.invalid::<()>(
            at,
            format!("`{part}: {name}` needs the field `{name}`"),
            &format!("add `{name}:` under `board:`, with its address"),
        );
        fine = false;
    }
    for (part, command) in lacking_commands(board) {
        let at = fields.get(part).map_or(&fields.at, |node| &node.at);
        reader.invalid::<()>(
            at,
            format!("`{part}: commands` needs the command `{command}`"),
            &format!("add `{command}:` under `commands:`"),
        );
        fine = false;
    }
    if board.power.is_none() && board.general_hw.is_empty() {
        let help = "write `power:` with one of labgrid, kvmd, redfish and commands";
        if !fields.misspells("power") {
            reader.invalid::<()>(
                &fields.at,
                "a board needs a source of power: without one, no run could start it",
                help,
            );
        }
        fine = false;
    }
    let used: Vec<Service> = parts(board).map(|(_, service)| service).collect();
    for service in Service::ALL {
        // Labgrid also says whose board it is, so it may give nothing else.
        let gives = used.contains(&service) || service == Service::Labgrid;
        if board.has(service) && !gives && fine {
            let name = service.name();
            let at = fields.get(name).map_or(&fields.at, |node| &node.at);
            reader.invalid::<()>(
                at,
                format!("`{name}` is declared, and no part of the board comes from it"),
                &format!("name it in a part, such as `power: {name}` or `screen: {name}`, or leave it out"),
            );
            fine = false;
        }
    }
    fine
}

/// Returns the parts that come from a service, with their fields.
fn parts(board: &Board) -> impl Iterator<Item = (&'static str, Service)> {
    let power = board.power.map(|power| match power {
        PowerSource::Labgrid => Service::Labgrid,
        PowerSource::Kvmd => Service::Kvmd,
        PowerSource::Redfish => Service::Redfish,
        PowerSource::Commands => Service::Commands,
    });
    let serial = board.serial.as_ref().and_then(|serial| match serial {
        SerialSource::Labgrid => Some(Service::Labgrid),
        SerialSource::Commands => Some(Service::Commands),
        SerialSource::Line(_) => None,
    });
    let screen = board.screen.as_ref().and_then(|screen| match screen {
        ScreenSource::Kvmd => Some(Service::Kvmd),
        ScreenSource::Vnc => Some(Service::Vnc),
        ScreenSource::Commands => Some(Service::Commands),
        ScreenSource::Http { .. } | ScreenSource::Capture { .. } => None,
    });
    let input = board.input.map(|input| match input {
        InputSource::Kvmd => Service::Kvmd,
        InputSource::Vnc => Service::Vnc,
        InputSource::Commands => Service::Commands,
    });
    let storage = board.storage.map(|storage| match storage {
        StorageSource::Labgrid => Service::Labgrid,
        StorageSource::Kvmd => Service::Kvmd,
        StorageSource::Commands => Service::Commands,
    });
    [
        ("power", power),
        ("serial", serial),
        ("screen", screen),
        ("input", input),
        ("storage", storage),
    ]
    .into_iter()
    .filter_map(|(part, service)| Some((part, service?)))
}

/// Returns the parts that come from commands of which one is missing, with that command.
fn lacking_commands(board: &Board) -> Vec<(&'static str, &'static str)> {
    let Some(commands) = &board.commands else {
        return Vec::new();
    };
    let mut lacking = Vec::new();
    let mut need = |is_used: bool, part, line: &Option<String>, name| {
        if is_used && line.is_none() {
            lacking.push((part, name));
        }
    };
    let power = board.power == Some(PowerSource::Commands);
    need(power, "power", &commands.on, "on");
    need(power, "power", &commands.off, "off");
    let serial = board.serial == Some(SerialSource::Commands);
    need(serial, "serial", &commands.serial, "serial");
    let screen = board.screen == Some(ScreenSource::Commands);
    need(screen, "screen", &commands.picture, "picture");
    let input = board.input == Some(InputSource::Commands);
    need(input, "input", &commands.input, "input");
    let storage = board.storage == Some(StorageSource::Commands);
    need(storage, "storage", &commands.write, "write");
    lacking
}
