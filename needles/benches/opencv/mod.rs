//! Times of OpenCV on the same machine, where `/usr/bin/python3` has `cv2` (Debian: `python3-opencv`).

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use needles::Rect;

/// An area, which is looked for around its place by this many pixels.
pub(crate) struct Search {
    pub(crate) screen: PathBuf,
    pub(crate) needle: PathBuf,
    pub(crate) area: Rect,
    pub(crate) margin: i64,
}

/// What each takes as os-autoinst does it, in ms of CPU, or why that is not known.
pub(crate) fn times(searches: &[Search]) -> Result<Vec<f64>, String> {
    let program = "/usr/bin/python3";
    let mut child = Command::new(program)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/benches/opencv/search.py"
        ))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let lines: String = searches.iter().map(line).collect();
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // Beside the reading: it answers while it is told more.
        scope.spawn(|| stdin.map(|mut stdin| stdin.write_all(lines.as_bytes())));
        child.wait_with_output()
    });
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(error.lines().last().unwrap_or("no reason given").to_owned());
    }
    let times = String::from_utf8_lossy(&output.stdout);
    let times = times.lines().map(|line| {
        line.parse()
            .map_err(|_| format!("`{line}` of {program} is no time"))
    });
    let times: Vec<f64> = times.collect::<Result<_, String>>()?;
    if times.len() == searches.len() {
        Ok(times)
    } else {
        Err(format!(
            "{program} told {} times of {}",
            times.len(),
            searches.len()
        ))
    }
}

fn line(search: &Search) -> String {
    let Search {
        screen,
        needle,
        area: Rect {
            x,
            y,
            width,
            height,
        },
        margin,
    } = search;
    let (screen, needle) = (screen.display(), needle.display());
    format!("{screen}\t{needle}\t{x}\t{y}\t{width}\t{height}\t{margin}\n")
}
