//! Text on a recorded screen, read by the tesseract of this host.

use std::{fs, process::Command};

use crate::host::{repository, require};

/// Whether a needle matches its own screen when an area of it must say this.
fn matches(area: &str, text: &str) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let screen = repository().join("needles/gnome/gnome-logout-dialog.png");
    fs::copy(&screen, dir.path().join("n.png")).unwrap();
    let json =
        format!(r#"{{"tags":["n"],"area":[{{"type":"match",{area},"qa":{{"text":{text}}}}}]}}"#);
    fs::write(dir.path().join("n.json"), json).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_qa-under-test"))
        .args(["needle", "match", "--format", "json", "--needles"])
        .args([dir.path(), screen.as_path()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{said}{}", String::from_utf8_lossy(&output.stderr));
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(found["texts"].is_array(), "it was read: {said}");
    assert!(!said.contains("skipped"), "{said}");
    found["ok"].as_bool().unwrap()
}

#[test]
fn the_text_of_an_area_decides() {
    require("tesseract");
    let title = r#""xpos":426,"ypos":318,"width":172,"height":22"#;
    assert!(matches(title, r#""Log Out Test User""#));
    assert!(!matches(title, r#""Log Out Root""#));
    let countdown = r#""xpos":350,"ypos":356,"width":324,"height":46"#;
    assert!(matches(
        countdown,
        r#"{"regex":"automatically in [0-9]+\\s+seconds"}"#
    ));
}
