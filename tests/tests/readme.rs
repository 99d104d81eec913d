//! What the README shows works as shown.

use std::{fs, path::Path};

use qa_tests::{Qa, cd};

use crate::qa;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The README's blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let (readme, fence) = (readme(), format!("```{language}\n"));
    readme
        .split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(str::to_owned)
        .collect()
}

/// The needles of every tag that the README's scenarios name.
fn with_needles(qa: Qa) -> Qa {
    qa.needles([
        "gnome-overview-search",
        "app-calculator",
        "calculator-window",
        "calculator-shows-42",
        "login",
        "installer-restart",
        "shut-down",
    ])
}

#[test]
fn every_yaml_block_passes_the_check() {
    let blocks = blocks("yaml");
    assert!(blocks.len() >= 2, "a scenario and a project file");
    for block in blocks {
        let is_project = !block.lines().any(|line| line == "steps:");
        // A part of a project file.
        let block = match block.starts_with("watch:") {
            true => format!("images: {{ mine: {{ path: build/disk.qcow2 }} }}\n{block}"),
            false => block,
        };
        let qa = if block.contains("matrix:") {
            // As long as it names its scenarios, all that it names must be there.
            qa().project(&block)
                .scenario(
                    "gnome-login",
                    "image: gnome\nsteps:\n  - type: '{{ user }}'\n",
                )
                .scenario(
                    "gnome-calculator",
                    "after: gnome-login\nsteps:\n  - note: x\n",
                )
                .scenario(
                    "console-login",
                    "image: console\nsteps:\n  - type: '{{ user }}'\n",
                )
        } else if is_project {
            qa().project(&block)
                .file("build/disk.qcow2", "")
                .scenario("s", "image: mine\nsteps:\n  - note: x\n")
        } else {
            let project = "scenarios: [scenarios]\nneedles: [needles]\n\
                images: { gnome: { recipe: gnome }, installer: { path: installer.iso }, mine: { path: mine.iso } }\n";
            with_needles(qa().project(project))
                .scenario("gnome-calculator", &block)
                .file("installer.iso", cd("installer"))
                .file("mine.iso", cd("mine"))
                .scenario("gnome-login", "image: gnome\nsteps:\n  - note: x\n")
                .scenario("install", "image: installer\nsteps:\n  - note: x\n")
        };
        qa.args(["check"]).stdout_has(" 0 errors").exit_code(0);
    }
}

#[test]
fn the_verbs_of_the_table_are_the_verbs_of_the_schema() {
    let table: Vec<_> = readme()
        .lines()
        .filter(|line| {
            [
                "| look",
                "| act",
                "| talk",
                "| power",
                "| structure",
                "| record",
            ]
            .iter()
            .any(|start| line.starts_with(start))
        })
        .flat_map(|line| {
            line.split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(table.len() > 20, "{table:?}");
    let schema = qa().args(["schema"]).any_stdout().exit_code(0);
    for verb in table {
        assert!(schema.stdout().contains(&format!("\"{verb}\"")), "{verb}");
    }
}

#[test]
fn every_command_shown_is_one() {
    for block in blocks("sh") {
        for line in block
            .lines()
            .map(|line| line.split(" #").next().unwrap_or_default().trim())
        {
            let Some(call) = line
                .strip_prefix("qa ")
                .or_else(|| line.strip_prefix("target/release/qa "))
            else {
                continue;
            };
            let command: Vec<_> = call
                .split_whitespace()
                .take_while(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()))
                .collect();
            let flags = call
                .split_whitespace()
                .filter(|word| word.starts_with("--"));
            let known = ["match", "check", "show", "crop", "build", "list", "verify"];
            let words = command.iter().take(1).copied().chain(
                command
                    .iter()
                    .skip(1)
                    .take(1)
                    .copied()
                    .filter(|word| known.contains(word)),
            );
            let help = qa().args(words.chain(["--help"])).any_stdout().exit_code(0);
            for flag in flags {
                assert!(help.stdout().contains(flag), "{line}: no {flag}");
            }
        }
    }
}
