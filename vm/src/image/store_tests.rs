//! The store with build programs that are small shell scripts.

use std::{
    fs,
    future::{pending, ready},
    io::{Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::mpsc,
};

use tempfile::TempDir;

use super::*;

/// A build program for these tests that does all well: a boot sector, and a number that grows.
const GOOD: &str = r#"
echo "building $1"
echo x >>"$1/../runs"
{ head -c 510 /dev/zero; printf '\125\252 %s' "$(wc -l <"$1/../runs")"; } >"$2"
"#;

/// A root with one recipe, `small`, and a store.
struct Bench {
    folder: TempDir,
    store: ImageStore,
}

impl Bench {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let recipe = folder.path().join("recipes/small");
        fs::create_dir_all(&recipe).unwrap();
        fs::write(recipe.join("disk"), "").unwrap();
        let layouts = folder.path().join("recipes/layouts");
        fs::create_dir(&layouts).unwrap();
        fs::write(layouts.join("disk"), "").unwrap();
        let store = ImageStore::open(folder.path().join("store")).unwrap();
        let bench = Self { folder, store };
        bench.set_script(script);
        bench
    }

    fn set_script(&self, script: &str) {
        let build = self.path("recipes/build");
        // Closed before it is run: a program that somebody writes to does not start.
        let mut file = fs::File::options()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o755)
            .open(build)
            .unwrap();
        file.write_all(format!("#!/bin/sh\nset -eu\n{script}").as_bytes())
            .unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn recipe(&self) -> Recipe {
        Recipe::find("small", &[self.path("recipes")]).unwrap()
    }

    async fn build(&self) -> Result<BuiltImage, BuildError> {
        self.store.build(&self.recipe(), drop, pending()).await
    }

    /// Returns how often the good script ran.
    fn runs(&self) -> usize {
        let runs = fs::read_to_string(self.path("recipes/runs"));
        runs.unwrap_or_default().lines().count()
    }

    /// Returns the files in the store, except for hidden lock files.
    fn in_store(&self) -> Vec<String> {
        let entries = fs::read_dir(self.store.folder()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with(".lock"))
            .collect();
        names.sort();
        names
    }
}

/// A named pipe: reading it waits until a script has come as far as writing to it.
fn pipe(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[tokio::test]
async fn a_build_is_kept_and_found_again() {
    let bench = Bench::new(GOOD);
    let recipe = bench.recipe();
    assert_eq!(bench.store.find(&recipe).unwrap(), None);

    let mut lines = Vec::new();
    let built = bench
        .store
        .build(&recipe, |progress| lines.push(progress), pending())
        .await
        .unwrap();

    let expected = format!("building {}", recipe.folder().display());
    assert_eq!(lines, [BuildProgress::Line(expected)]);
    let content = fs::read(&built.path).unwrap();
    assert!(content.ends_with(b"\x55\xaa 1"), "{content:?}");
    assert_eq!(built.digest, Digest::of_bytes(&content));
    assert_eq!(
        (built.name.as_str(), built.bytes, built.recipe_digest),
        ("small", content.len() as u64, recipe.digest())
    );
    let found = bench.store.find(&recipe).unwrap().unwrap();
    assert_eq!(
        (&found.path, found.digest, found.recipe_digest),
        (&built.path, built.digest, built.recipe_digest)
    );
    assert_eq!(bench.store.list().unwrap(), [found]);
    let name = format!("small-{}", recipe.digest().short());
    assert_eq!(
        bench.in_store(),
        [format!("{name}.json"), format!("{name}.qcow2")]
    );
}

#[tokio::test]
async fn an_unchanged_recipe_is_built_once_and_a_changed_one_again() {
    let bench = Bench::new(GOOD);
    let first = bench.build().await.unwrap();
    assert_eq!(bench.build().await.unwrap().path, first.path);
    assert_eq!(bench.runs(), 1);

    fs::write(bench.path("recipes/small/packages"), "vim\n").unwrap();
    let second = bench.build().await.unwrap();
    assert_ne!(second.path, first.path);
    assert_eq!(bench.runs(), 2);
    assert_eq!(bench.store.list().unwrap().len(), 2);
}

#[tokio::test]
async fn a_rebuild_replaces_the_image_only_when_the_new_one_is_complete() {
    let bench = Bench::new(&format!(
        "if [ -e \"$1/../broken\" ]; then exit 3; fi\n{GOOD}"
    ));
    let recipe = bench.recipe();
    let first = bench.build().await.unwrap();

    fs::write(bench.path("recipes/broken"), "").unwrap();
    let failed = bench.store.rebuild(&recipe, drop, pending()).await;
    assert!(
        matches!(failed, Err(BuildError::Failed { .. })),
        "{failed:?}"
    );
    let kept = bench.store.find(&recipe).unwrap().unwrap();
    assert_eq!(kept.digest, first.digest);

    fs::remove_file(bench.path("recipes/broken")).unwrap();
    let second = bench.store.rebuild(&recipe, drop, pending()).await.unwrap();
    assert_eq!(second.path, first.path);
    assert_ne!(second.digest, first.digest);
    bench.store.verify(&second).unwrap();
}

#[tokio::test]
async fn a_failed_build_tells_its_last_lines_and_leaves_nothing() {
    let bench = Bench::new("touch \"$2.part\"\necho out\necho err >&2\nexit 3\n");
    let error = bench.build().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the build of image `small` failed (exit status: 3); its last lines:\nout\nerr"
    );
    assert_eq!(bench.in_store(), [""; 0]);
}

#[tokio::test]
async fn a_build_that_makes_no_disk_is_told() {
    for (script, expected) in [
        ("true", "no image at "),
        (": >\"$2\"", " is empty; "),
        ("echo hello >\"$2\"", "text that starts with `hello`"),
    ] {
        let bench = Bench::new(script);
        let error = bench.build().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the build of image `small` ended without a disk image"
        );
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains(expected), "{cause}");
        assert_eq!(bench.in_store(), [""; 0]);
    }
}

#[tokio::test]
async fn a_build_program_that_does_not_start_is_told() {
    let bench = Bench::new("");
    let build = bench.path("recipes/build");
    fs::set_permissions(&build, PermissionsExt::from_mode(0o644)).unwrap();
    let error = bench.build().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "cannot start the build program {}; `qa doctor` says what this host lacks",
            build.display()
        )
    );
}

#[tokio::test]
async fn a_cancelled_build_ends_every_process_and_leaves_nothing() {
    // The grandchild holds the pipe `alive` open until it dies.
    let bench = Bench::new("(exec 9>\"$1/../alive\"; echo started; exec sleep 600) &\nwait\n");
    let alive = bench.path("recipes/alive");
    pipe(&alive);
    let (ended, all_ended) = mpsc::channel();
    let reader = alive.clone();
    std::thread::spawn(move || {
        let mut pipe = fs::File::open(reader).unwrap();
        // Returns when the last writer has gone.
        pipe.read_to_end(&mut Vec::new()).unwrap();
        ended.send(()).unwrap();
    });

    let (started, has_started) = tokio::sync::oneshot::channel();
    let mut started = Some(started);
    let on_progress = move |_| {
        if let Some(started) = started.take() {
            started.send(()).unwrap();
        }
    };
    let cancel = async { has_started.await.unwrap() };
    let error = bench
        .store
        .build(&bench.recipe(), on_progress, cancel)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the build of image `small` was cancelled; nothing was kept"
    );
    all_ended.recv().unwrap();
    assert_eq!(bench.in_store(), [""; 0]);
}

#[tokio::test]
async fn a_dropped_build_ends_its_processes_as_well() {
    let bench = Bench::new("exec 9>\"$1/../alive\"\necho started\nsleep 600\n");
    let alive = bench.path("recipes/alive");
    pipe(&alive);
    let reader = alive.clone();
    let gone = std::thread::spawn(move || {
        fs::File::open(reader)
            .unwrap()
            .read_to_end(&mut Vec::new())
            .unwrap()
    });
    let (started, has_started) = tokio::sync::oneshot::channel();
    let mut started = Some(started);
    let recipe = bench.recipe();
    let build = bench.store.build(
        &recipe,
        move |_| started.take().unwrap().send(()).unwrap(),
        pending(),
    );
    tokio::select! {
        ended = build => panic!("it ended by itself: {ended:?}"),
        started = has_started => started.unwrap(),
    }
    gone.join().unwrap();
    assert_eq!(bench.in_store(), [""; 0]);
}

#[tokio::test]
async fn what_a_killed_build_left_is_cleared_by_the_next() {
    let bench = Bench::new(GOOD);
    let left = bench.store.folder().join(".building-small/tree/etc");
    fs::create_dir_all(&left).unwrap();
    bench.build().await.unwrap();
    assert_eq!(bench.in_store().len(), 2);
}

#[tokio::test]
async fn two_builds_at_once_become_one() {
    // The first does not end before the second waits for it.
    let bench = Bench::new(&format!("read -r _ <\"$1/../go\"\n{GOOD}"));
    let go = bench.path("recipes/go");
    pipe(&go);
    let recipe = bench.recipe();
    let first = bench.store.build(&recipe, drop, pending());
    let second = async {
        // Another process would have a store of its own, too.
        let store = ImageStore::open(bench.store.folder()).unwrap();
        let mut seen = Vec::new();
        let on_progress = |progress| {
            seen.push(progress);
            // Opened for both: this must not wait for the script to read.
            let mut go = fs::File::options()
                .read(true)
                .write(true)
                .open(&go)
                .unwrap();
            go.write_all(b"go\n").unwrap();
            std::mem::forget(go);
        };
        let built = store.build(&recipe, on_progress, pending()).await;
        (built, seen)
    };
    let (first, (second, seen)) = tokio::join!(biased; first, second);
    assert_eq!(seen, [BuildProgress::WaitingForAnotherBuild]);
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.path, first.digest), (second.path, second.digest));
    assert_eq!(bench.runs(), 1);
}

#[tokio::test]
async fn waiting_for_another_build_can_be_cancelled() {
    let bench = Bench::new(GOOD);
    fs::create_dir_all(bench.store.folder()).unwrap();
    let lock = fs::File::create(bench.store.folder().join(".small.lock")).unwrap();
    lock.lock().unwrap();
    let recipe = bench.recipe();
    let error = bench
        .store
        .build(&recipe, drop, ready(()))
        .await
        .unwrap_err();
    assert!(matches!(error, BuildError::Cancelled { .. }));
    assert_eq!(bench.runs(), 0);
}

#[tokio::test]
async fn an_incomplete_image_counts_as_none() {
    let bench = Bench::new(GOOD);
    let recipe = bench.recipe();
    let image = bench.build().await.unwrap();
    let note = image.path.with_extension("json");
    let noted = fs::read_to_string(&note).unwrap();
    let other_recipe = noted.replace(&recipe.digest().to_string(), &"0".repeat(64));
    for broken in [
        "",
        "{",
        &noted.replace("\"format\": 1", "\"format\": 2"),
        &other_recipe,
    ] {
        assert_ne!(broken, noted);
        fs::write(&note, broken).unwrap();
        assert_eq!(bench.store.find(&recipe).unwrap(), None, "{broken}");
    }
    fs::write(&note, &noted).unwrap();
    assert!(bench.store.find(&recipe).unwrap().is_some());
    fs::write(&image.path, "QFI\u{fb} cut off").unwrap();
    assert_eq!(bench.store.find(&recipe).unwrap(), None);
    fs::remove_file(&image.path).unwrap();
    assert_eq!(bench.store.find(&recipe).unwrap(), None);
    assert_eq!(bench.store.list().unwrap(), []);
    // And is built anew.
    bench.build().await.unwrap();
    assert_eq!(bench.runs(), 2);
}

#[tokio::test]
async fn changed_bytes_are_found_and_told_with_the_way_out() {
    let bench = Bench::new(GOOD);
    let image = bench.build().await.unwrap();
    bench.store.verify(&image).unwrap();
    fs::write(&image.path, b"QFI\xfb 7").unwrap();
    let error = bench.store.verify(&image).unwrap_err().to_string();
    assert!(error.contains(" has changed since it was built"), "{error}");
    assert!(
        error.ends_with("build it again with `qa image build small --force`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_removed_image_is_gone_and_can_be_removed_again() {
    let bench = Bench::new(GOOD);
    let image = bench.build().await.unwrap();
    bench.store.remove(&image).unwrap();
    assert_eq!(bench.store.find(&bench.recipe()).unwrap(), None);
    assert_eq!(bench.in_store(), [""; 0]);
    bench.store.remove(&image).unwrap();
}

#[test]
fn a_store_is_made_when_it_is_needed_and_told_with_its_path_where_it_cannot_be() {
    let parent = tempfile::tempdir().unwrap();
    let store = ImageStore::open(parent.path().join("images")).unwrap();
    assert_eq!(store.list().unwrap(), []);
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    let file = tempfile::NamedTempFile::new().unwrap();
    let folder = file.path().join("images");
    let error = ImageStore::open(&folder).unwrap().list().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("image store: cannot read {}", folder.display())
    );
}
