//! The answers of kvmd.

use std::{io::Cursor, thread};

use image::{RgbImage, codecs::jpeg::JpegEncoder};
use serde_json::{Value, json};

use super::{
    Press, digits,
    http::{Answer, Request},
    server::{Faults, Inside, PASSWORD, USER, locked},
};

/// Returns the refusal of a request that is not let in.
pub(super) fn refusal(inside: &Inside, request: &Request) -> Option<Answer> {
    let faults = locked(&inside.faults).clone();
    if let Some(status) = faults.status {
        return Some(Answer::refused(status, "Error", "something went wrong"));
    }
    let (user, password) = (
        request.header("x-kvmd-user"),
        request.header("x-kvmd-passwd"),
    );
    if user.is_none() {
        return Some(Answer::refused(401, "UnauthorizedError", "Unauthorized"));
    }
    let is_right = match &faults.totp {
        None => password == Some(PASSWORD),
        Some(secret) => {
            let valid = digits::valid_now(secret).map(|digits| format!("{PASSWORD}{digits}"));
            valid.iter().any(|valid| password == Some(valid))
        }
    };
    let is_let_in = user == Some(USER) && is_right && !faults.wrong_password;
    (!is_let_in).then(|| Answer::refused(403, "ForbiddenError", "Forbidden"))
}

/// Returns the answer to a request.
pub(super) fn answer(inside: &Inside, request: &Request) -> Answer {
    let done = || Answer::ok(&json!({}));
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/api/auth/check") => done(),
        ("GET", "/api/info") => Answer::ok(
            &json!({"system": {"kvmd": {"version": "4.82"}, "streamer": {"app": "ustreamer"}}}),
        ),
        ("GET", "/api/hid") => Answer::ok(&hid(&locked(&inside.faults))),
        ("POST", "/api/hid/reset") => {
            locked(&inside.faults).keyboard_is_away = false;
            inside.tell_hid();
            done()
        }
        ("GET", "/api/streamer") => Answer::ok(&streamer(inside)),
        ("GET", "/api/streamer/snapshot") => snapshot(inside),
        ("GET", "/api/atx") => Answer::ok(&atx(inside)),
        ("POST", "/api/atx/power") => power(inside, request),
        ("POST", "/api/atx/click") => click(inside, request),
        ("GET", "/api/msd") => Answer::ok(&msd(inside)),
        ("POST", path) if path.starts_with("/api/msd/") => medium(inside, request),
        _ => Answer {
            status: 404,
            content: "text/plain",
            body: b"404: Not Found".to_vec(),
        },
    }
}

pub(super) fn hid(faults: &Faults) -> Value {
    json!({
        "enabled": true,
        "online": true,
        "busy": false,
        "keyboard": {"online": !faults.keyboard_is_away, "leds": {"caps": false, "num": false, "scroll": false}},
        "mouse": {"online": true, "absolute": true},
    })
}

pub(super) fn atx(inside: &Inside) -> Value {
    let is_on = locked(&inside.board).is_on();
    json!({"enabled": true, "busy": false, "leds": {"power": is_on, "hdd": false}})
}

pub(super) fn streamer(inside: &Inside) -> Value {
    let has_signal = picture(inside).is_some();
    let fps = if locked(&inside.faults).frozen { 0 } else { 30 };
    json!({"streamer": {"source": {"online": has_signal, "captured_fps": fps}}})
}

pub(super) fn msd(inside: &Inside) -> Value {
    let drive = locked(&inside.medium).clone();
    let free = locked(&inside.faults).free_space;
    let images = drive["images"].as_object().cloned().unwrap_or_default();
    let part = json!({"size": free, "free": free, "writable": true});
    json!({
        "enabled": true,
        "online": true,
        "busy": false,
        "drive": drive,
        "storage": {"images": images, "parts": {"": part}},
    })
}

/// Returns the picture that the streamer has.
fn picture(inside: &Inside) -> Option<RgbImage> {
    let faults = locked(&inside.faults).clone();
    if faults.no_signal {
        return None;
    }
    let mut frozen = locked(&inside.frozen);
    match (&*frozen, faults.frozen) {
        (Some(picture), true) => Some(picture.clone()),
        (_, is_frozen) => {
            let picture = locked(&inside.board).picture();
            *frozen = picture.clone().filter(|_| is_frozen);
            picture
        }
    }
}

fn snapshot(inside: &Inside) -> Answer {
    let faults = locked(&inside.faults).clone();
    thread::sleep(faults.slow_snapshots);
    // The streamer runs only while a client is connected.
    let is_running = !locked(&inside.sockets).is_empty();
    let Some(picture) = picture(inside).filter(|_| is_running) else {
        return Answer::refused(503, "UnavailableError", "Service Unavailable");
    };
    let mut jpeg = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, inside.quality);
    picture.write_with_encoder(encoder).unwrap();
    let mut body = jpeg.into_inner();
    if faults.half_jpeg {
        body.truncate(body.len() / 2);
    }
    Answer {
        status: 200,
        content: "image/jpeg",
        body,
    }
}

fn power(inside: &Inside, request: &Request) -> Answer {
    let is_on = locked(&inside.board).is_on();
    // As kvmd does: an action that seems to be done already is not carried out.
    let press = match request.field("action").unwrap() {
        "on" => (!is_on).then_some(Press::Power),
        "off" => is_on.then_some(Press::Power),
        "off_hard" => is_on.then_some(Press::LongPower),
        "reset_hard" => is_on.then_some(Press::Reset),
        other => panic!("kvmd has no action {other}"),
    };
    pressed(inside, press)
}

fn click(inside: &Inside, request: &Request) -> Answer {
    let press = match request.field("button").unwrap() {
        "power" => Press::Power,
        "power_long" => Press::LongPower,
        "reset" => Press::Reset,
        other => panic!("kvmd has no button {other}"),
    };
    pressed(inside, Some(press))
}

fn pressed(inside: &Inside, press: Option<Press>) -> Answer {
    let press = press.filter(|_| !locked(&inside.faults).power_lies);
    if let Some(press) = press {
        locked(&inside.board).press(press);
    }
    inside.tell("atx", &atx(inside));
    Answer::ok(&json!({}))
}

fn medium(inside: &Inside, request: &Request) -> Answer {
    let refused = |error: &str| Answer::refused(400, error, error);
    let free = locked(&inside.faults).free_space;
    let mut drive = locked(&inside.medium);
    let is_connected = drive["connected"] == true;
    let name = request.field("image").unwrap_or_default().to_owned();
    let is_set = |name: &str| request.field(name) == Some("1");
    match request.path.as_str() {
        "/api/msd/set_connected" if is_set("connected") == is_connected => {
            return refused(if is_connected {
                "MsdConnectedError"
            } else {
                "MsdDisconnectedError"
            });
        }
        "/api/msd/set_connected" if drive["image"].is_null() => {
            return refused("MsdImageNotSelected");
        }
        "/api/msd/set_connected" => drive["connected"] = is_set("connected").into(),
        _ if is_connected => return refused("MsdConnectedError"),
        "/api/msd/write" if !drive["images"][&name].is_null() => {
            return refused("MsdImageExistsError");
        }
        "/api/msd/write" if request.length > free => return refused("No space left on device"),
        "/api/msd/write" => {
            let size = request.length;
            drive["images"][&name] = json!({"size": size, "complete": true});
            return Answer::ok(&json!({"image": {"name": name, "size": size, "written": size}}));
        }
        _ if drive["images"][&name].is_null() => return refused("MsdUnknownImageError"),
        "/api/msd/set_params" => {
            drive["image"] = json!({"name": name});
            drive["cdrom"] = is_set("cdrom").into();
            drive["rw"] = is_set("rw").into();
        }
        "/api/msd/remove" => {
            let images = drive["images"].as_object_mut().unwrap();
            images.remove(&name).unwrap();
        }
        other => panic!("kvmd has no {other}"),
    }
    Answer::ok(&json!({}))
}
