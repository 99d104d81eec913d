//! The effect of noisy pictures on verdicts: JPEG, moved and scaled pictures, as network KVMs and grabbers give them.
//!
//! `cargo bench -p qa-needles --bench noise`; see `tests/recorded_set.rs` for the folder of the public cases. Without
//! it, only the needles of this repository are measured. Each case is a needle on a picture. The verdict and the
//! similarities on the picture itself are compared with those on the changed picture. Prints Markdown tables.
//! `QA_LOST=1` names each case whose verdict changes.
#![expect(clippy::unwrap_used, reason = "a broken set ends the measurement")]

mod distortion;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use needles::{Needle, Outcome, Picture, PreparedFrame, PreparedNeedle, SearchRatio, find};
use rayon::prelude::*;

use distortion::{Colours, Distortion};

const QUALITIES: [u8; 5] = [60, 70, 80, 90, 95];

struct Case {
    screen: String,
    needle: String,
    ratio: SearchRatio,
}

#[derive(Default)]
struct Set {
    pictures: BTreeMap<String, Picture>,
    needles: BTreeMap<String, Arc<Needle>>,
    cases: Vec<Case>,
}

/// The effect of one distortion on all cases of a set.
#[derive(Default)]
struct Effect {
    lost: Vec<String>,
    gained: Vec<String>,
    /// By how much the similarity of each area fell, of all cases that match on the picture itself.
    falls: Vec<f64>,
}

fn main() {
    let shipped = Set::shipped();
    tell("The needles of this repository", &shipped);
    let folder = match std::env::var_os("QA_RECORDED_SET") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
    };
    if folder.join("kdelinux-expected.jsonl").is_file() {
        tell("The public cases", &Set::public(&folder));
    } else {
        println!("skipped: no public cases in {}", folder.display());
    }
}

fn read_picture(file: &Path) -> Picture {
    Picture::from_png(&std::fs::read(file).unwrap()).unwrap()
}

fn read_needle(name: &str, file: &Path) -> Arc<Needle> {
    Arc::new(Needle::from_json(name, &std::fs::read(file).unwrap()).unwrap())
}

impl Set {
    /// Every needle of the repository on the picture of every other needle.
    fn shipped() -> Self {
        let mut set = Self::default();
        for folder in std::fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap() {
            let Ok(files) = std::fs::read_dir(folder.unwrap().path()) else {
                continue;
            };
            for file in files.map(|file| file.unwrap().path()) {
                let picture = file.with_extension("png");
                if file.extension().is_some_and(|end| end == "json") && picture.is_file() {
                    let name = file.file_stem().unwrap().to_string_lossy().into_owned();
                    set.needles.insert(name.clone(), read_needle(&name, &file));
                    set.pictures.insert(name, read_picture(&picture));
                }
            }
        }
        for screen in set.pictures.keys() {
            for needle in set.needles.keys() {
                set.cases.push(Case {
                    screen: screen.clone(),
                    needle: needle.clone(),
                    ratio: SearchRatio::MARGIN,
                });
            }
        }
        set
    }

    fn public(folder: &Path) -> Self {
        let mut set = Self::default();
        let files = folder.join("kdelinux-needles");
        let lines = std::fs::read_to_string(folder.join("kdelinux-expected.jsonl")).unwrap();
        for line in lines.lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let name = |key: &str| {
                let file = Path::new(case[key].as_str().unwrap());
                file.with_extension("").to_string_lossy().into_owned()
            };
            let (screen, needle) = (name("screenshot"), name("needle"));
            for name in [&screen, &needle] {
                let read = || read_picture(&files.join(format!("{name}.png")));
                set.pictures.entry(name.clone()).or_insert_with(read);
            }
            let read = || read_needle(&needle, &files.join(format!("{needle}.json")));
            set.needles.entry(needle.clone()).or_insert_with(read);
            set.cases.push(Case {
                screen,
                needle,
                ratio: SearchRatio::new(case["ratio"].as_f64().unwrap()).unwrap(),
            });
        }
        set
    }

    /// Looks for the needle of each case on its changed picture. Without distortions, on the picture itself.
    fn outcomes(&self, distortions: &[Distortion]) -> Vec<Outcome> {
        let needle = |(name, needle): (&String, &Arc<Needle>)| {
            let prepared = PreparedNeedle::new(needle.clone(), &self.pictures[name]);
            (name.clone(), prepared)
        };
        let needles: BTreeMap<String, PreparedNeedle> = self.needles.iter().map(needle).collect();
        let frame = |(name, picture): (&String, &Picture)| {
            let changed = distortions
                .iter()
                .fold(picture.clone(), |picture, one| one.of(&picture));
            (name.clone(), PreparedFrame::new(changed))
        };
        let frames: BTreeMap<String, PreparedFrame> = self.pictures.par_iter().map(frame).collect();
        let search = |case: &Case| find(&needles[&case.needle], &frames[&case.screen], case.ratio);
        self.cases.par_iter().map(search).collect()
    }

    fn effect(&self, clean: &[Outcome], distortions: &[Distortion]) -> Effect {
        let mut effect = Effect::default();
        let changed = self.outcomes(distortions);
        for ((case, clean), changed) in self.cases.iter().zip(clean).zip(&changed) {
            let name = || format!("{} on {}", case.needle, case.screen);
            match (clean.ok, changed.ok) {
                (true, false) => effect.lost.push(name()),
                (false, true) => effect.gained.push(name()),
                (true, true) | (false, false) => {}
            }
            if clean.ok {
                let pairs = clean.areas.iter().zip(&changed.areas);
                let fall = pairs
                    .map(|(clean, changed)| clean.similarity.value() - changed.similarity.value());
                effect.falls.extend(fall);
            }
        }
        effect.falls.sort_by(f64::total_cmp);
        effect
    }
}

/// The distortions to measure, each a chain.
fn chains() -> Vec<Vec<Distortion>> {
    let mut chains = Vec::new();
    for colours in [Colours::Full, Colours::Halved] {
        chains.extend(QUALITIES.map(|quality| vec![Distortion::Jpeg(quality, colours)]));
    }
    let usual = Distortion::Jpeg(80, Colours::Halved);
    chains.extend([
        vec![Distortion::Yuyv],
        vec![Distortion::Shift(1)],
        vec![Distortion::Shift(2)],
        vec![Distortion::Scaled],
        vec![Distortion::Shift(1), usual],
        vec![Distortion::Shift(2), usual],
        vec![Distortion::Scaled, usual],
    ]);
    chains
}

fn tell(title: &str, set: &Set) {
    let clean = set.outcomes(&[]);
    let matching = clean.iter().filter(|outcome| outcome.ok).count();
    println!(
        "\n{title}: {} needles, {} pictures, {} searches. {matching} match, {} do not.\n",
        set.needles.len(),
        set.pictures.len(),
        set.cases.len(),
        clean.len() - matching
    );
    println!("| picture | matches lost | matches gained | fall: median | 95 % | worst |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut named = Vec::new();
    for chain in chains() {
        let names: Vec<String> = chain.iter().map(|one| one.name()).collect();
        let name = names.join(", then ");
        let effect = set.effect(&clean, &chain);
        println!(
            "| {name} | {} | {} | {:.4} | {:.4} | {:.4} |",
            effect.lost.len(),
            effect.gained.len(),
            at(&effect.falls, 0.5),
            at(&effect.falls, 0.95),
            at(&effect.falls, 1.0)
        );
        let kinds = [("lost", effect.lost), ("gained", effect.gained)];
        named.extend(kinds.map(|(kind, cases)| (name.clone(), kind, cases)));
    }
    if std::env::var_os("QA_LOST").is_some() {
        for (name, kind, cases) in named {
            for case in cases {
                println!("{name}: {kind}: {case}");
            }
        }
    }
}

/// Returns the value below which this share of a sorted list is.
fn at(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let index = (share * last as f64).round() as usize;
    sorted.get(index).copied().unwrap_or(f64::NAN)
}
