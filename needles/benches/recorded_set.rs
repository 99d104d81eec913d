//! CPU time a search over the recorded set: frame preparation and matching, without reading and decoding files.
//!
//! `cargo bench -p qa-needles --bench recorded_set`; see `tests/recorded_set.rs` for the folder. Where
//! `/usr/bin/python3` has `cv2`, OpenCV on one thread does the same searches as os-autoinst does them; exclude areas
//! cost it nothing here. `QA_SLOWEST=1` lists the slowest searches.
#![expect(clippy::unwrap_used, reason = "a broken set ends the benchmark")]

mod opencv;

use std::collections::HashMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use needles::{
    Depth, Needle, Picture, PreparedFrame, PreparedNeedle, SearchRatio, Settled, find_to,
};

const PASSES: u32 = 10;

/// The number of frames of each picture and ratio in the mixed set.
const MIXED: usize = 4;

struct Case {
    /// The frame that its searches share: searches of another group are on a frame of their own.
    group: usize,
    screenshot: String,
    needle: String,
    ratio: SearchRatio,
    /// Whether it matches.
    ok: bool,
}

struct Set {
    folder: PathBuf,
    cases: Vec<Case>,
    needles: HashMap<String, Arc<Needle>>,
    pictures: HashMap<String, Picture>,
}

/// CPU time a case, and by what areas were settled.
struct Times {
    /// As `qa needle match --batch` goes about it: searches share a frame.
    shared: Vec<Duration>,
    /// The part of it that cuts out needles.
    cutting: Vec<Duration>,
    /// Alone: on a frame of which nothing was needed before.
    fresh: Vec<Duration>,
    /// Alone, on a frame that has all it takes.
    prepared: Vec<Duration>,
    settled: [(Settled, u64); Settled::ALL.len()],
}

fn main() {
    let folder = match std::env::var_os("QA_RECORDED_SET") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
    };
    if !folder.join("kdelinux-expected.jsonl").is_file() {
        println!("skipped: no recorded cases in {}", folder.display());
        return;
    }
    let set = Set::read(folder);
    let opencv = set.opencv();
    if let Err(why) = &opencv {
        println!("OpenCV is not compared: {why}");
    }
    for depth in [Depth::Verdict, Depth::Similarity] {
        set.tell(depth, &set.times(depth), opencv.as_deref().ok());
    }
    let mixed = set.mixed();
    println!("Needles on pictures of other needles, one to two searches a frame:");
    let opencv = mixed.opencv();
    for depth in [Depth::Verdict, Depth::Similarity] {
        let times = mixed.times(depth);
        mixed.tell(depth, &times, opencv.as_deref().ok());
        if let Ok(opencv) = &opencv {
            mixed.tell_slower(&times, opencv);
        }
    }
}

impl Set {
    fn read(folder: PathBuf) -> Self {
        let mut set = Self {
            folder,
            cases: Vec::new(),
            needles: HashMap::new(),
            pictures: HashMap::new(),
        };
        let lines = std::fs::read_to_string(set.folder.join("kdelinux-expected.jsonl")).unwrap();
        for line in lines.lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| case[key].as_str().unwrap().to_owned();
            let needle = text("needle").replace(".json", "");
            for picture in [text("screenshot"), format!("{needle}.png")] {
                let file = set.file(&picture);
                let read = || Picture::from_png(&std::fs::read(file).unwrap()).unwrap();
                set.pictures.entry(picture).or_insert_with(read);
            }
            let file = set.file(&text("needle"));
            let read =
                || Arc::new(Needle::from_json(&needle, &std::fs::read(file).unwrap()).unwrap());
            set.needles.entry(needle.clone()).or_insert_with(read);
            set.cases.push(Case {
                group: 0,
                screenshot: text("screenshot"),
                needle,
                ratio: SearchRatio::new(case["ratio"].as_f64().unwrap()).unwrap(),
                ok: case["ok"] == true,
            });
        }
        set
    }

    /// Makes the searches of everyday work, most of which do not match: needles on pictures that others were cut from,
    /// at every ratio, one to two on a frame. The same set in every run.
    fn mixed(self) -> Self {
        let mut names: Vec<String> = self.needles.keys().cloned().collect();
        names.sort();
        let mut screens: Vec<String> = names.iter().map(|name| format!("{name}.png")).collect();
        screens.dedup();
        // xorshift64, so that the choice is the same everywhere.
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        let mut cases = Vec::new();
        let mut group = 0;
        for screenshot in &screens {
            for ratio in [0.0, 0.02, 1.0].into_iter().cycle().take(MIXED * 3) {
                group += 1;
                for _ in 0..1 + usize::from(next(5) < 2) {
                    let needle = names[next(names.len())].clone();
                    let ratio = SearchRatio::new(ratio).unwrap();
                    let frame = self.frame(screenshot);
                    cases.push(Case {
                        group,
                        ok: needles::find(&self.cut(&needle), &frame, ratio).ok,
                        screenshot: screenshot.clone(),
                        needle,
                        ratio,
                    });
                }
            }
        }
        Self { cases, ..self }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join("kdelinux-needles").join(name)
    }

    fn cut(&self, needle: &str) -> PreparedNeedle {
        let picture = &self.pictures[&format!("{needle}.png")];
        PreparedNeedle::new(self.needles[needle].clone(), picture)
    }

    fn frame(&self, screenshot: &str) -> PreparedFrame {
        PreparedFrame::new(self.pictures[screenshot].clone())
    }

    /// What each case takes OpenCV, in ms.
    fn opencv(&self) -> Result<Vec<f64>, String> {
        let areas = |case: &Case| {
            let search = |area: &needles::Area| opencv::Search {
                screen: self.file(&case.screenshot),
                needle: self.file(&format!("{}.png", case.needle)),
                area: area.rect,
                margin: area.margin.effective(case.ratio),
            };
            let areas = self.needles[&case.needle].match_areas();
            areas.map(search).collect::<Vec<_>>()
        };
        let searches: Vec<_> = self.cases.iter().flat_map(areas).collect();
        let mut times = opencv::times(&searches)?.into_iter();
        let of_case = |case: &Case| {
            let areas = self.needles[&case.needle].match_areas().count();
            times.by_ref().take(areas).sum()
        };
        Ok(self.cases.iter().map(of_case).collect())
    }

    fn times(&self, depth: Depth) -> Times {
        // The least time of each case: what other programs on the machine take isn't ours.
        let none = || vec![Duration::MAX; self.cases.len()];
        let mut times = Times {
            shared: none(),
            cutting: none(),
            fresh: none(),
            prepared: none(),
            settled: Settled::ALL.map(|stage| (stage, 0)),
        };
        for _ in 0..PASSES {
            let mut frames: HashMap<(usize, &str), PreparedFrame> = HashMap::new();
            let mut cut: HashMap<&str, PreparedNeedle> = HashMap::new();
            for (index, case) in self.cases.iter().enumerate() {
                let start = cpu_time();
                let needle = cut
                    .entry(&case.needle)
                    .or_insert_with(|| self.cut(&case.needle));
                keep_least(&mut times.cutting[index], start);
                let frame = frames
                    .entry((case.group, &case.screenshot))
                    .or_insert_with(|| self.frame(&case.screenshot));
                black_box(find_to(needle, frame, case.ratio, depth));
                keep_least(&mut times.shared[index], start);
                let twins = [(); 2].map(|()| self.cut(&case.needle));
                let [fresh, used] = [(); 2].map(|()| self.frame(&case.screenshot));
                for twin in &twins {
                    black_box(find_to(twin, &used, case.ratio, depth));
                }
                let start = cpu_time();
                black_box(find_to(&twins[0], &fresh, case.ratio, depth));
                keep_least(&mut times.fresh[index], start);
                let start = cpu_time();
                black_box(find_to(&twins[1], &fresh, case.ratio, depth));
                keep_least(&mut times.prepared[index], start);
            }
            for frame in frames.values() {
                for (total, (_, more)) in times.settled.iter_mut().zip(frame.settled()) {
                    total.1 += more;
                }
            }
        }
        times
    }

    /// Lists the searches that take longer than OpenCV, the worst first.
    fn tell_slower(&self, times: &Times, opencv: &[f64]) {
        let factor = |index: usize| millis(times.shared[index]) / opencv[index];
        let mut slower: Vec<usize> = (0..self.cases.len())
            .filter(|&index| factor(index) > 1.0)
            .collect();
        println!(
            "  slower than OpenCV: {} of {} searches",
            slower.len(),
            self.cases.len()
        );
        slower.sort_by(|&a, &b| factor(b).total_cmp(&factor(a)));
        for index in slower.into_iter().take(10) {
            let case = &self.cases[index];
            println!(
                "    {}: {} on {}, ratio {}",
                compared(&[index], &times.shared, Some(opencv)),
                case.needle,
                case.screenshot,
                case.ratio.value()
            );
        }
    }

    fn tell(&self, depth: Depth, times: &Times, opencv: Option<&[f64]>) {
        let all: Vec<usize> = (0..self.cases.len()).collect();
        println!(
            "{depth:?}: {}, of which cutting out needles {:.3} ms",
            compared(&all, &times.shared, opencv),
            mean(&all, &times.cutting)
        );
        println!(
            "  each as the first on its frame: {}, of which preparing the frame {:.3} ms",
            compared(&all, &times.fresh, opencv),
            mean(&all, &times.fresh) - mean(&all, &times.prepared)
        );
        let areas: u64 = times.settled.iter().map(|(_, count)| count).sum();
        let shares = times.settled.iter().filter(|(_, count)| *count > 0);
        let shares: Vec<String> = shares
            .map(|(stage, count)| format!("{stage} {:.1} %", *count as f64 * 100.0 / areas as f64))
            .collect();
        println!(
            "  {} areas are settled by: {}",
            areas / u64::from(PASSES),
            shares.join(", ")
        );
        for ratio in [0.0, 0.02, 1.0] {
            for ok in [true, false] {
                let is_it = |&index: &usize| {
                    (self.cases[index].ratio.value(), self.cases[index].ok) == (ratio, ok)
                };
                let some: Vec<usize> = all.iter().copied().filter(is_it).collect();
                let Some(most) = some.iter().map(|&index| times.shared[index]).max() else {
                    continue;
                };
                println!(
                    "  ratio {ratio:<4} ok {ok:<5} {:>4} searches, {}, most {:.3} ms",
                    some.len(),
                    compared(&some, &times.shared, opencv),
                    millis(most)
                );
            }
        }
        if std::env::var_os("QA_SLOWEST").is_some() {
            let mut slow = all;
            slow.sort_by_key(|&index| std::cmp::Reverse(times.shared[index]));
            for index in slow.into_iter().take(15) {
                let Case {
                    screenshot,
                    needle,
                    ratio,
                    ok,
                    group: _,
                } = &self.cases[index];
                let areas = self.needles[needle].match_areas();
                let sizes: Vec<_> = areas.map(|a| (a.rect.width, a.rect.height)).collect();
                println!(
                    "  {}: {screenshot} {needle} {} {ok} {sizes:?}",
                    compared(&[index], &times.shared, opencv),
                    ratio.value()
                );
            }
        }
    }
}

/// The mean over some cases, beside OpenCV's.
fn compared(cases: &[usize], times: &[Duration], opencv: Option<&[f64]>) -> String {
    let ours = mean(cases, times);
    let Some(opencv) = opencv else {
        return format!("{ours:.3} ms a search");
    };
    let theirs = cases.iter().map(|&index| opencv[index]).sum::<f64>() / cases.len() as f64;
    format!(
        "{ours:.3} ms a search, OpenCV {theirs:.2}: {:.0}x",
        theirs / ours
    )
}

/// In ms.
fn mean(cases: &[usize], times: &[Duration]) -> f64 {
    let sum: f64 = cases.iter().map(|&index| millis(times[index])).sum();
    sum / cases.len() as f64
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn keep_least(least: &mut Duration, start: Duration) {
    *least = (*least).min(cpu_time() - start);
}

/// Of this thread.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
