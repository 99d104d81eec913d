//! Every YAML example passes `qa check`.
//!
//! The second word of its fence says which kind it is:
//!
//! - `yaml,scenario`: a whole scenario.
//! - `yaml,project`: a `qa.yaml`. One without images gets the image `mine`.
//! - `yaml,steps`: some steps. They get the head of a scenario on the image `mine`.
//!
//! An example is checked in a project that has the images of [`WORLD`]. Needles, fragments and other scenarios that an
//! example names need not be there: a stub of each is made.

use std::collections::BTreeSet;

use qa_tests::{Badge, Outcome, Qa, Screen, cd};
use serde_json::{Value, json};

use super::page::{Block, pages};
use crate::qa;

/// The project around a scenario or steps.
const WORLD: &str = "\
images:
  gnome: { recipe: gnome }
  console: { recipe: console }
  installer: { path: cd.iso }
  mine: { path: cd.iso }
vars: { user: alice, password: secret }
watch: [panic]
";

/// The image that an example runs on if it names none.
const IMAGE: &str = "images: { mine: { path: build/disk.qcow2 } }\n";

/// What is wrong with an example, or nothing.
type Finding = Option<String>;

/// Returns the lines, two columns further to the right.
fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// Returns the image that a scenario names.
fn image_of(text: &str) -> Option<&str> {
    let line = text.lines().find_map(|line| line.strip_prefix("image: "))?;
    line.split('#').next().map(str::trim)
}

/// Makes the project of an example. The second value is the image that stubs of scenarios run on.
fn project_of(block: &Block) -> Result<(Qa, String), String> {
    let text = &block.text;
    match block.info.get(1).map(String::as_str) {
        Some("project") => {
            let own = match text.contains("images:") {
                true => text.clone(),
                false => format!("{IMAGE}{text}"),
            };
            let first = own
                .lines()
                .skip_while(|line| !line.starts_with("images:"))
                .skip(1)
                .find(|line| !line.trim_start().starts_with('#'))
                .map_or("mine", |line| {
                    line.trim().split(':').next().unwrap_or("mine")
                });
            let image = if text.contains("images:") {
                first
            } else {
                "mine"
            }
            .to_owned();
            let scenario = format!("image: {image}\nsteps:\n  - note: x\n");
            Ok((qa().project(&own).scenario("any", &scenario), image))
        }
        Some("scenario") => {
            let image = image_of(text).unwrap_or("mine").to_owned();
            let qa = qa().project(WORLD).file("cd.iso", cd("installer"));
            Ok((qa.scenario("example", text), image))
        }
        Some("steps") => {
            let scenario = format!("image: mine\nsteps:\n{}", indented(text));
            let qa = qa().project(WORLD).file("cd.iso", cd("installer"));
            Ok((qa.scenario("example", &scenario), "mine".to_owned()))
        }
        other => Err(format!(
            "{}: write `yaml,scenario`, `yaml,project` or `yaml,steps`, not {other:?}",
            block.at
        )),
    }
}

/// Adds the stub of what a finding says is missing; none if nothing can be added.
fn stub(qa: Qa, finding: &Value, image: &str) -> Option<Qa> {
    let message = finding["message"].as_str()?;
    let name = message.split('`').nth(1)?;
    match finding["code"].as_str()? {
        "unknown-tag" => {
            let tags: Vec<&str> = name.split_whitespace().collect();
            let word = tags.join("-");
            let badge = Badge::of(&word);
            let mut needle = badge.needle();
            needle["tags"] = json!(tags);
            let picture = Screen::empty().badge(&badge.word, badge.x, badge.y).png();
            Some(
                qa.file(&format!("needles/{word}.json"), needle.to_string())
                    .file(&format!("needles/{word}.png"), picture),
            )
        }
        "unknown-scenario" => {
            Some(qa.scenario(name, &format!("image: {image}\nsteps:\n  - note: x\n")))
        }
        "unknown-fragment" => Some(qa.file(name, "fragment: true\nsteps:\n  - note: x\n")),
        _ => None,
    }
}

/// Returns the findings of a call of `qa check --format json`, but for the stubs that turned out not to be needed.
fn findings(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.stdout().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|finding: &Value| finding["code"] != "unused-needle")
        .collect()
}

/// Runs `qa check` on an example and returns what it finds wrong.
fn check(block: &Block) -> Finding {
    let (mut qa, image) = match project_of(block) {
        Ok(made) => made,
        Err(wrong) => return Some(wrong),
    };
    let mut stubbed = BTreeSet::new();
    loop {
        let outcome = qa
            .args(["check", "--strict", "--format", "json"])
            .any_stdout()
            .any_stderr()
            .any_exit_code();
        let found = findings(&outcome);
        if found.is_empty() {
            let is_right = outcome.stderr().is_empty();
            return (!is_right).then(|| format!("{}: {}", block.at, outcome.stderr()));
        }
        qa = outcome.then();
        let mut now = BTreeSet::new();
        for finding in found {
            let message = finding["message"].to_string();
            if !now.insert(message.clone()) {
                continue;
            }
            let is_new = !stubbed.contains(&message);
            match is_new.then(|| stub(qa, &finding, &image)).flatten() {
                Some(more) => qa = more,
                None => return Some(format!("{}: {finding:#}", block.at)),
            }
        }
        stubbed.extend(now);
    }
}

#[test]
fn every_yaml_example_passes_the_check() {
    let blocks: Vec<Block> = pages()
        .iter()
        .flat_map(super::page::Page::blocks)
        .filter(|block| block.info[0] == "yaml")
        .collect();
    assert!(blocks.len() >= 20, "{}", blocks.len());
    let wrong: Vec<String> = blocks.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_example_that_is_wrong_is_found() {
    let block = |info: &str, text: &str| Block {
        at: "p.md:1".to_owned(),
        info: info.split(',').map(str::to_owned).collect(),
        text: text.to_owned(),
    };
    for (info, text, word) in [
        ("yaml,steps", "- seee: login\n", "unknown verb"),
        ("yaml,scenario", "image: mine\nsteps: []\n", "no steps"),
        ("yaml,project", "machine: {}\n", "unknown field"),
        ("yaml", "- see: login\n", "yaml,steps"),
    ] {
        let wrong = check(&block(info, text)).unwrap_or_default();
        assert!(wrong.contains(word), "{text}: {wrong}");
    }
    let right = block("yaml,steps", "- see: [login, \"a b\"]\n- include: c.yaml\n");
    assert_eq!(check(&right), None);
}
