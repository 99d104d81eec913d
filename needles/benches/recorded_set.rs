//! CPU time a search over the recorded set: frame preparation and matching, without reading and decoding files.
//!
//! `QA_RECORDED_SET=folder cargo bench -p qa-needles --bench recorded_set`; see `tests/recorded_set.rs` for the folder.
#![expect(clippy::unwrap_used, reason = "a broken set ends the benchmark")]

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use needles::{Depth, Needle, Picture, PreparedFrame, PreparedNeedle, SearchRatio, find_to};

const PASSES: u32 = 5;

fn main() {
    let Some(folder) = std::env::var_os("QA_RECORDED_SET") else {
        println!("skipped: QA_RECORDED_SET names no folder with recorded cases");
        return;
    };
    let folder = Path::new(&folder);
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
        let mut kinds: HashMap<(u64, bool), (u32, Duration, Duration)> = HashMap::new();
        let mut slow = Vec::new();
        let (mut preparing, mut total) = (Duration::ZERO, Duration::ZERO);
        for pass in 0..PASSES {
            let mut frames: HashMap<&str, PreparedFrame> = HashMap::new();
            let mut needles: HashMap<&str, PreparedNeedle> = HashMap::new();
            for (index, (screenshot, name, ratio, ok)) in cases.iter().enumerate() {
                let start = Instant::now();
                let needle = needles.entry(name).or_insert_with(|| {
                    PreparedNeedle::new(files[name].clone(), &pictures[&format!("{name}.png")])
                });
                preparing += start.elapsed();
                let frame = frames
                    .entry(screenshot)
                    .or_insert_with(|| PreparedFrame::new(pictures[screenshot].clone()));
                black_box(find_to(
                    needle,
                    frame,
                    SearchRatio::new(*ratio).unwrap(),
                    depth,
                ));
                let time = start.elapsed();
                total += time;
                let kind = kinds.entry(((ratio * 100.0) as u64, *ok)).or_default();
                *kind = (kind.0 + 1, kind.1 + time, kind.2.max(time));
                if pass == 0 {
                    slow.push((time, index));
                }
            }
        }
        let searches = PASSES * cases.len() as u32;
        println!(
            "{depth:?}: {:?} a search, of which preparing needles {:?}",
            total / searches,
            preparing / searches
        );
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(kind, _)| *kind);
        for ((ratio, ok), (count, sum, most)) in kinds {
            println!(
                "  ratio {:>4} ok {ok:<5} {count:>5} searches, mean {:>10.1?}, most {most:>10.1?}",
                ratio as f64 / 100.0,
                sum / count
            );
        }
        slow.sort_unstable();
        for (time, index) in slow
            .iter()
            .rev()
            .take(if std::env::var_os("QA_SLOWEST").is_some() {
                12
            } else {
                0
            })
        {
            println!(
                "  {time:?} {:?} {:?}",
                cases[*index],
                files[&cases[*index].1]
                    .areas()
                    .iter()
                    .map(|a| (a.rect.width, a.rect.height))
                    .collect::<Vec<_>>()
            );
        }
    }
}
