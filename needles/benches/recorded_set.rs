//! CPU time a search over the recorded set: frame preparation and matching, without reading and decoding files.
//!
//! `cargo bench -p qa-needles --bench recorded_set`; see `tests/recorded_set.rs` for the folder.
#![expect(clippy::unwrap_used, reason = "a broken set ends the benchmark")]

use std::collections::HashMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use needles::{
    Depth, Needle, Picture, PreparedFrame, PreparedNeedle, SearchRatio, Settled, find_to,
};

const PASSES: u32 = 10;

/// Of this thread.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
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
    let mut pictures: HashMap<String, Picture> = HashMap::new();
    let mut files: HashMap<String, Arc<Needle>> = HashMap::new();
    let mut cases = Vec::new();
    for line in std::fs::read_to_string(folder.join("kdelinux-expected.jsonl"))
        .unwrap()
        .lines()
    {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| case[key].as_str().unwrap().to_owned();
        let file = |name: &str| std::fs::read(folder.join("kdelinux-needles").join(name)).unwrap();
        let name = text("needle").replace(".json", "");
        for picture in [text("screenshot"), format!("{name}.png")] {
            pictures
                .entry(picture.clone())
                .or_insert_with(|| Picture::from_png(&file(&picture)).unwrap());
        }
        let needle = || Arc::new(Needle::from_json(&name, &file(&text("needle"))).unwrap());
        files.entry(name.clone()).or_insert_with(needle);
        cases.push((
            text("screenshot"),
            name.clone(),
            case["ratio"].as_f64().unwrap(),
            case["ok"] == true,
        ));
    }
    for depth in [Depth::Verdict, Depth::Similarity] {
        // The least time of each case: what other programs on the machine take isn't ours.
        let mut least = vec![Duration::MAX; cases.len()];
        let mut preparing = vec![Duration::MAX; cases.len()];
        let mut alone = vec![Duration::MAX; cases.len()];
        let mut prepared = vec![Duration::MAX; cases.len()];
        let mut settled = Settled::ALL.map(|stage| (stage, 0));
        for _ in 0..PASSES {
            let mut frames: HashMap<&str, PreparedFrame> = HashMap::new();
            let mut needles: HashMap<&str, PreparedNeedle> = HashMap::new();
            for (index, (screenshot, name, ratio, _)) in cases.iter().enumerate() {
                let start = cpu_time();
                let needle = needles.entry(name).or_insert_with(|| {
                    PreparedNeedle::new(files[name].clone(), &pictures[&format!("{name}.png")])
                });
                preparing[index] = preparing[index].min(cpu_time() - start);
                let frame = frames
                    .entry(screenshot)
                    .or_insert_with(|| PreparedFrame::new(pictures[screenshot].clone()));
                black_box(find_to(
                    needle,
                    frame,
                    SearchRatio::new(*ratio).unwrap(),
                    depth,
                ));
                least[index] = least[index].min(cpu_time() - start);
                // Alone: on a frame of which nothing was needed before, and again on one that has all it takes.
                let twins = [(); 2].map(|()| {
                    PreparedNeedle::new(files[name].clone(), &pictures[&format!("{name}.png")])
                });
                let ratio = SearchRatio::new(*ratio).unwrap();
                let [fresh, used] =
                    [(); 2].map(|()| PreparedFrame::new(pictures[screenshot].clone()));
                for twin in &twins {
                    black_box(find_to(twin, &used, ratio, depth));
                }
                let start = cpu_time();
                black_box(find_to(&twins[0], &fresh, ratio, depth));
                alone[index] = alone[index].min(cpu_time() - start);
                let start = cpu_time();
                black_box(find_to(&twins[1], &fresh, ratio, depth));
                prepared[index] = prepared[index].min(cpu_time() - start);
            }
            for frame in frames.values() {
                for (total, (_, more)) in settled.iter_mut().zip(frame.settled()) {
                    total.1 += more;
                }
            }
        }
        let mean = |times: &[Duration]| times.iter().sum::<Duration>() / times.len() as u32;
        println!(
            "{depth:?}: {:.1?} a search, of which cutting out needles {:.1?}",
            mean(&least),
            mean(&preparing),
        );
        println!(
            "  each as the first on its frame: {:.1?}, of which preparing the frame {:.1?}",
            mean(&alone),
            mean(&alone).saturating_sub(mean(&prepared))
        );
        let all: u64 = settled.iter().map(|(_, count)| count).sum();
        let shares = settled.iter().filter(|(_, count)| *count > 0);
        let shares = shares
            .map(|(stage, count)| format!("{stage} {:.1} %", *count as f64 * 100.0 / all as f64));
        let shares = shares.collect::<Vec<_>>().join(", ");
        println!(
            "  {} areas are settled by: {shares}",
            all / u64::from(PASSES)
        );
        for ratio in [0.0, 0.02, 1.0] {
            for ok in [true, false] {
                let fits = |index: &usize| cases[*index].2 == ratio && cases[*index].3 == ok;
                let times: Vec<Duration> = (0..cases.len())
                    .filter(fits)
                    .map(|index| least[index])
                    .collect();
                let most = times.iter().max().unwrap();
                println!(
                    "  ratio {ratio:<4} ok {ok:<5} {:>4} searches, mean {:>9.1?}, most {most:>9.1?}",
                    times.len(),
                    mean(&times)
                );
            }
        }
        if std::env::var_os("QA_SLOWEST").is_some() {
            let mut slow: Vec<usize> = (0..cases.len()).collect();
            slow.sort_by_key(|&index| std::cmp::Reverse(least[index]));
            for index in slow.into_iter().take(15) {
                let (screenshot, name, ratio, ok) = &cases[index];
                let sizes: Vec<_> = files[name]
                    .match_areas()
                    .map(|a| (a.rect.width, a.rect.height))
                    .collect();
                println!(
                    "  {:?} {screenshot} {name} {ratio} {ok} {sizes:?}",
                    least[index]
                );
            }
        }
    }
}
