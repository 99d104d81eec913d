//! A scenario on a machine that follows a script.

use std::sync::Arc;
use std::time::Duration;

use image::{ImageFormat, RgbImage};
use reports::{Cause, CauseKind, Entry, Event, Fold, OpenEnd, Run, Scenario, Step, Verdict};
use time::macros::datetime;
use vm::scripted::{Effect, Script, ScriptedPicture};

use crate::engine::machines::Machines;
use crate::engine::policy::Policy;
use crate::engine::shared::Engine;
use crate::feed::Feed;
use crate::plan::{SampleProject, sample_request};
use crate::results::RunFolder;

/// Width and height of every picture.
pub(super) const SIZE: (u32, u32) = (64, 48);

/// The image is a CD, so that `boot` and `media` have drives to act on.
const PROJECT: &str = "\
images:
  cd: { path: cd.iso, machine: pc }
machines:
  pc: { preset: bios-x86_64, memory: 64M, disks: [{ size: 1G }] }
";

/// The name of the scenario.
const NAME: &str = "story";

/// The needles of the project, each of a whole picture.
const NEEDLES: [(&str, u32); 3] = [("menu", 1), ("desktop", 2), ("window", 3)];

/// A scenario on a machine that follows a script.
pub(super) struct Rig {
    project: SampleProject,
    script: Script,
    policy: fn(&mut Policy),
    /// The scenarios that are judged.
    names: Vec<&'static str>,
}

/// A scenario that has run.
#[derive(Debug)]
pub(super) struct Ran {
    /// Its report.
    pub run: Run,
    /// Its event log.
    pub log: Vec<Arc<Entry>>,
    /// The time that passed on the clock of the scenario.
    pub passed: Duration,
}

impl Rig {
    /// Makes a scenario of these steps.
    pub(super) fn steps(steps: &str) -> Self {
        Self::scenario(&format!("steps:\n{steps}"))
    }

    /// Makes a scenario of a whole file.
    pub(super) fn scenario(text: &str) -> Self {
        let path = format!("scenarios/{NAME}.yaml");
        let project = SampleProject::new(&[("qa.yaml", PROJECT), (&path, text)]);
        for name in ["cd.iso", "second.iso"] {
            project.write(name, &cd());
        }
        for (name, seed) in NEEDLES {
            write_needle(&project, name, seed);
        }
        Self {
            project,
            script: Script::new(),
            policy: |_| {},
            names: vec![NAME],
        }
    }

    /// Adds another file to the project.
    pub(super) fn file(self, path: &str, text: &str) -> Self {
        self.project.write(path, text.as_bytes());
        self
    }

    /// Adds another scenario, which is judged as well.
    pub(super) fn also(mut self, name: &'static str, text: &str) -> Self {
        self.names.insert(0, name);
        self.file(&format!("scenarios/{name}.yaml"), text)
    }

    /// Gives the machine its script.
    pub(super) fn script(mut self, script: impl FnOnce(Script) -> Script) -> Self {
        self.script = script(self.script);
        self
    }

    /// Lets the machine do this when it is switched on.
    pub(super) fn starts(self, effects: impl IntoIterator<Item = Effect>) -> Self {
        self.script(|script| script.at_start(effects))
    }

    /// Changes how often the scenario is tried.
    pub(super) fn policy(mut self, policy: fn(&mut Policy)) -> Self {
        self.policy = policy;
        self
    }

    /// Runs the scenario.
    pub(super) async fn run(self) -> Ran {
        let planned = self.project.planned(&sample_request(&self.names));
        let planned = planned.expect("a plan");
        let folder = RunFolder::create(self.project.root(), datetime!(2026-11-30 02:03:04 UTC));
        let feed = Feed::new();
        let machines = Machines::Scripted(Arc::new(self.script));
        let folder = folder.expect("a folder");
        let mut engine = Engine::sample(machines, planned.store, &feed, folder);
        (self.policy)(&mut engine.policy);
        let began = tokio::time::Instant::now();
        Arc::new(engine).run(&planned.jobs).await;
        let passed = began.elapsed();
        let log = feed.entries();
        let mut fold = Fold::default();
        log.iter().for_each(|entry| fold.take(entry));
        Ran {
            run: fold.into_run(OpenEnd::CutShort),
            log,
            passed,
        }
    }
}

impl Ran {
    /// Returns the scenario.
    #[track_caller]
    pub(super) fn scenario(&self) -> &Scenario {
        self.named(NAME)
    }

    /// Returns the scenario of this name.
    #[track_caller]
    pub(super) fn named(&self, name: &str) -> &Scenario {
        let is_it = |scenario: &&Scenario| scenario.info.name == name;
        self.run
            .scenarios
            .iter()
            .find(is_it)
            .expect("a scenario of this name")
    }

    /// Asserts that every step held.
    #[track_caller]
    pub(super) fn holds(&self) -> &Self {
        self.is(Verdict::Passed)
    }

    /// Asserts the verdict.
    #[track_caller]
    pub(super) fn is(&self, verdict: Verdict) -> &Self {
        let scenario = self.scenario();
        assert_eq!(scenario.verdict, verdict, "{:?}", scenario.why());
        self
    }

    /// Asserts that the system under test is blamed, for this cause, in a message with these words.
    #[track_caller]
    pub(super) fn fails(&self, kind: CauseKind, words: &str) -> &Self {
        self.is(Verdict::Failed).because(kind, words)
    }

    /// Asserts that something else than the system under test is blamed.
    #[track_caller]
    pub(super) fn breaks(&self, kind: CauseKind, words: &str) -> &Self {
        self.is(Verdict::Error).because(kind, words)
    }

    #[track_caller]
    fn because(&self, kind: CauseKind, words: &str) -> &Self {
        let cause = self.cause();
        assert_eq!(cause.kind, kind, "{cause:?}");
        assert!(cause.message.contains(words), "{cause:?}");
        self
    }

    /// Returns the cause of the verdict.
    #[track_caller]
    pub(super) fn cause(&self) -> &Cause {
        self.scenario().cause.as_ref().expect("a cause")
    }

    /// Asserts that the cause names this step.
    #[track_caller]
    pub(super) fn at_step(&self, step: &str) -> &Self {
        let cause = self.cause();
        let named = cause.step.as_deref().unwrap_or_default();
        assert_eq!(named, format!("{NAME} step {step}"), "{cause:?}");
        self
    }

    /// Asserts that the scenario took at least so long on its clock, and less than the given time more.
    #[track_caller]
    pub(super) fn takes(&self, least: Duration, more: Duration) -> &Self {
        let passed = self.passed;
        assert!(passed >= least && passed < least + more, "{passed:?}");
        self
    }

    /// Asserts that a remark in the log has these words.
    #[track_caller]
    pub(super) fn notes(&self, words: &str) -> &Self {
        let notes: Vec<_> = self.all_notes().collect();
        assert!(notes.iter().any(|note| note.contains(words)), "{notes:?}");
        self
    }

    /// Returns the remarks in the log.
    pub(super) fn all_notes(&self) -> impl Iterator<Item = &str> {
        self.log.iter().filter_map(|entry| match &entry.event {
            Event::Note { text } => Some(text.as_str()),
            _ => None,
        })
    }

    /// Returns the steps of the last attempt.
    pub(super) fn steps(&self) -> Vec<&Step> {
        let attempt = self.scenario().last_attempt().expect("an attempt");
        attempt.steps().collect()
    }

    /// Returns the actions with keyboard and pointer, in their order, each with how often it was done.
    pub(super) fn actions(&self) -> Vec<(&str, u32)> {
        let actions = self.log.iter().filter_map(|entry| match &entry.event {
            Event::Input { what, times, .. } => Some((what.as_str(), *times)),
            _ => None,
        });
        actions.collect()
    }

    /// Returns how many events are of a kind.
    pub(super) fn count(&self, is_it: fn(&Event) -> bool) -> usize {
        self.log.iter().filter(|entry| is_it(&entry.event)).count()
    }
}

/// Returns so many minutes.
pub(super) const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

/// Returns an effect that lasts so many seconds.
pub(super) const fn after(seconds: u64) -> Effect {
    Effect::Wait(Duration::from_secs(seconds))
}

/// Shows the picture of a needle.
pub(super) fn shown(needle: &str) -> Effect {
    let (_, seed) = NEEDLES
        .iter()
        .find(|(name, _)| *name == needle)
        .expect("a needle");
    pattern(*seed)
}

/// Shows a picture that differs from that of every other seed.
pub(super) fn pattern(seed: u32) -> Effect {
    let picture = ScriptedPicture::new(SIZE.0, picture(seed).into_raw()).expect("whole rows");
    Effect::Show(picture)
}

/// A picture that differs from that of every other seed, and has no flat place.
fn picture(seed: u32) -> RgbImage {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    RgbImage::from_fn(SIZE.0, SIZE.1, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, red, green, blue] = state.to_le_bytes();
        image::Rgb([red, green, blue])
    })
}

/// Adds a needle of a whole picture to a project.
fn write_needle(project: &SampleProject, name: &str, seed: u32) {
    let mut png = std::io::Cursor::new(Vec::new());
    picture(seed)
        .write_to(&mut png, ImageFormat::Png)
        .expect("a picture");
    project.write(&format!("needles/{name}.png"), png.get_ref());
    let (width, height) = SIZE;
    let json = format!(
        r#"{{"tags": ["{name}"], "area": [
            {{"type": "match", "xpos": 0, "ypos": 0, "width": {width}, "height": {height}}}]}}"#
    );
    project.write(&format!("needles/{name}.json"), json.as_bytes());
}

/// The descriptor of an ISO 9660 volume: as much of a CD as a plan looks at.
fn cd() -> Vec<u8> {
    let mut cd = vec![0; 64 << 10];
    cd[0x8000..0x8007].copy_from_slice(b"\x01CD001\x01");
    cd
}
