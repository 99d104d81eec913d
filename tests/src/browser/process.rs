//! The process of the browser.

use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running browser. It is ended when this value is dropped.
#[derive(Debug)]
pub(super) struct Process {
    /// Its address for the DevTools protocol.
    pub(super) address: String,
    _child: Child,
    _profile: TempDir,
}

/// Names of the program.
const NAMES: [&str; 2] = ["chromium", "google-chrome"];

impl Process {
    /// Starts the browser that is installed. What is missing is a failure that names the command that gets it.
    pub(super) async fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = NAMES
            .iter()
            .find_map(|name| spawn(name, &profile).ok())
            .unwrap_or_else(|| panic!("none of {NAMES:?} is installed: `make chromium`"));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let address = loop {
            let Some(line) = lines.next_line().await.unwrap() else {
                panic!("the browser ended: {said:#?}");
            };
            if let Some((_, address)) = line.split_once("DevTools listening on ") {
                break address.trim().to_owned();
            }
            said.push(line);
        };
        // It must never wait for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self {
            address,
            _child: child,
            _profile: profile,
        }
    }
}

fn spawn(name: &str, profile: &TempDir) -> std::io::Result<Child> {
    Command::new(name)
        // As root it has no sandbox of its own; the pages are those of this test.
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .args(["--remote-debugging-port=0", "--disable-dev-shm-usage"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}
