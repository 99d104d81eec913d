//! A labgrid of its own on loopback: coordinator, exporter, client.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::rig::Rig;

/// The longest time in which a program of the lab must be ready.
pub(super) const READY: Duration = Duration::from_secs(60);

/// A labgrid with a coordinator and an exporter, on loopback. It ends with its value.
pub(super) struct Lab {
    pub(super) coordinator: String,
    pub(super) programs: PathBuf,
    children: Vec<Child>,
}

impl Lab {
    /// Starts a lab whose place `board` is a rig.
    pub(super) fn start(folder: &Path, rig: &Rig) -> Self {
        let programs = programs();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let coordinator = free.local_addr().unwrap().to_string();
        drop(free);
        let file = folder.join("exporter.yaml");
        let exported = format!(
            "board:\n  NetworkSerialPort: {{ host: 127.0.0.1, port: {}, protocol: raw, speed: 115200 }}\n  \
             NetworkPowerPort: {{ model: rest, host: 'http://127.0.0.1:{}/relay/{{index}}', index: 0 }}\n",
            rig.port("serial"),
            rig.port("relay")
        );
        fs::write(&file, exported).unwrap();
        let mut lab = Self {
            coordinator,
            programs,
            children: Vec::new(),
        };
        let address = lab.coordinator.clone();
        lab.background(folder, "labgrid-coordinator", &["-l", &address]);
        lab.until(&["places"]);
        let file = file.to_str().unwrap();
        lab.background(
            folder,
            "labgrid-exporter",
            &["-c", &address, "--name", "bench", file],
        );
        lab.until(&["-p", "board", "create"]);
        lab.until(&["-p", "board", "add-match", "bench/board/*"]);
        lab.awaits_resources();
        lab
    }

    fn background(&mut self, folder: &Path, program: &str, args: &[&str]) {
        let log = fs::File::create(folder.join(format!("{program}.log"))).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(self.programs.join(program))
            .args(args)
            // The coordinator keeps its places in its folder.
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.children.push(child);
    }

    fn client(&self, args: &[&str]) -> (bool, String) {
        let done = Command::new(self.programs.join("labgrid-client"))
            .args(["-x", &self.coordinator])
            .args(args)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        (done.status.success(), said)
    }

    /// Asks until it is done: a program that comes up tells nobody.
    fn until(&self, args: &[&str]) {
        let begun = Instant::now();
        while !self.client(args).0 {
            assert!(begun.elapsed() < READY, "labgrid-client {args:?}");
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn awaits_resources(&self) {
        let begun = Instant::now();
        while !self.client(&["resources"]).1.contains("NetworkPowerPort") {
            assert!(begun.elapsed() < READY, "the exporter does not come up");
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// Returns the clients of this lab that run.
    #[cfg(feature = "nightly")]
    pub(super) fn clients(&self) -> Vec<String> {
        let processes = fs::read_dir("/proc").unwrap();
        let lines =
            processes.filter_map(|process| fs::read(process.ok()?.path().join("cmdline")).ok());
        let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
        lines
            .filter(|line| line.contains("labgrid-client") && line.contains(&self.coordinator))
            .collect()
    }

    /// Returns who holds the place; empty if nobody does.
    pub(super) fn holder(&self) -> String {
        let (_, said) = self.client(&["-p", "board", "show"]);
        let line = said
            .lines()
            .find_map(|line| line.trim().strip_prefix("acquired:"));
        match line.map(str::trim) {
            Some("None") | None => String::new(),
            Some(holder) => holder.to_owned(),
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Returns the folder with labgrid's programs.
fn programs() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || std::env::home_dir().unwrap().join(".cache"),
        PathBuf::from,
    );
    let folder = cache.join("qa/labgrid/bin");
    assert!(
        folder.join("labgrid-client").exists(),
        "there is no labgrid in {}: qa doctor --install --boards",
        folder.display()
    );
    folder
}
