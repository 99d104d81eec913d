//! Arbitrary bytes for every reader of what others write.
//!
//! ```text
//! corpus --mutate, by a seed--> input --> target --> summary --a new one--> kept, to be mutated further
//! ```
//!
//! `fuzz TARGET|all [RUNS] [SEED]` first gives the target every file of its corpus, then mutations of them. A panic,
//! more than [`SLOW`] for one input, or more memory than [`MEMORY`] ends it; the input is in the file that it names.
//! The same seed makes the same inputs.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a program of tests: what it finds ends it"
)]

mod mutator;
mod targets;

use std::{
    collections::HashSet,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, setrlimit};

use mutator::Mutator;
use targets::Target;

/// Address space of the whole program.
const MEMORY: u64 = 4 << 30;

/// The time that one input may take: a hundred times of what the longest takes on an idle host.
const SLOW: Duration = Duration::from_secs(20);

/// Inputs longer than this are cut: long ones find little that short ones do not.
const LONGEST: usize = 64 << 10;

/// Inputs that are kept to be mutated.
const MOST_KEPT: usize = 4000;

fn main() {
    let mut args = std::env::args().skip(1);
    let wanted = args.next().unwrap_or_else(|| "all".to_owned());
    let runs: u64 = args.next().map_or(10_000, |runs| runs.parse().unwrap());
    let seed: u64 = args.next().map_or(1, |seed| seed.parse().unwrap());
    let limit = Rlimit {
        current: Some(MEMORY),
        maximum: Some(MEMORY),
    };
    setrlimit(Resource::As, limit).unwrap();
    let targets: Vec<Target> = Target::ALL
        .into_iter()
        .filter(|target| wanted == "all" || wanted == target.name())
        .collect();
    assert!(!targets.is_empty(), "there is no target `{wanted}`");
    for target in targets {
        fuzz(target, runs, seed);
    }
}

fn fuzz(target: Target, runs: u64, seed: u64) {
    let began = Instant::now();
    let corpus = read_corpus(target);
    let mut mutator = Mutator::new(seed);
    let watch = Watch::start(target);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut seen = HashSet::new();
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let mut longest = Duration::ZERO;
    let total = corpus.len() as u64 + runs;
    for run in 0..total {
        let input = match corpus.get(usize::try_from(run).unwrap_or(usize::MAX)) {
            Some(input) => input.clone(),
            None => mutator.mutate(&kept, target.words()),
        };
        let input = &input[..input.len().min(LONGEST)];
        watch.begins(input);
        let one = Instant::now();
        let summary = runtime.block_on(target.run(input));
        longest = longest.max(one.elapsed());
        let mut hasher = DefaultHasher::new();
        summary.hash(&mut hasher);
        let is_new = seen.insert(hasher.finish()) && kept.len() < MOST_KEPT;
        if is_new || run < corpus.len() as u64 {
            kept.push(input.to_vec());
        }
    }
    watch.ends();
    println!(
        "{}: {total} executions, seed {seed}, {} kinds of outcome, longest {} ms, {:.1} s",
        target.name(),
        seen.len(),
        longest.as_millis(),
        began.elapsed().as_secs_f64()
    );
}

fn read_corpus(target: Target) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = target
        .corpus()
        .iter()
        .map(|folder| root.join(folder))
        .flat_map(|folder| {
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        })
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let inputs: Vec<_> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(!inputs.is_empty(), "`{}` has no corpus", target.name());
    inputs
}

/// Has the input that runs in a file, and ends the program when it runs too long.
struct Watch {
    file: fs::File,
    /// Milliseconds since the beginning at which the input began, from 1; 0 between two.
    began: Arc<AtomicU64>,
    clock: Instant,
}

impl Watch {
    fn start(target: Target) -> Self {
        let path =
            std::env::temp_dir().join(format!("qa-fuzz-{}-{}", target.name(), std::process::id()));
        let file = fs::File::create(&path).unwrap();
        eprintln!(
            "{}: the input that runs is in {}",
            target.name(),
            path.display()
        );
        let began = Arc::new(AtomicU64::new(0));
        let clock = Instant::now();
        let (own, shown) = (Arc::clone(&began), path);
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_millis(200));
                match own.load(Ordering::Relaxed) {
                    0 => {}
                    u64::MAX => {
                        let _ = fs::remove_file(&shown); // It is only in the way.
                        return;
                    }
                    began if clock.elapsed() > Duration::from_millis(began) + SLOW => {
                        eprintln!("{} takes longer than {} s", shown.display(), SLOW.as_secs());
                        std::process::abort();
                    }
                    _ => {}
                }
            }
        });
        Self { file, began, clock }
    }

    fn begins(&self, input: &[u8]) {
        self.file.set_len(input.len() as u64).unwrap();
        self.file.write_all_at(input, 0).unwrap();
        let now = u64::try_from(self.clock.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.began.store(now.max(1), Ordering::Relaxed);
    }

    fn ends(&self) {
        self.began.store(u64::MAX, Ordering::Relaxed);
    }
}
