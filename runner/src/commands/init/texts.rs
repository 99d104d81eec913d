//! The texts of a new project.

use std::path::PathBuf;

use super::Cut;

/// The facts for the texts of a new project.
#[derive(Debug)]
pub(super) struct Texts<'t> {
    /// The name of the image.
    pub(super) image: &'t str,
    /// Its file, relative to the project where it lies in it.
    pub(super) path: PathBuf,
    /// The machine that it was looked at on.
    pub(super) machine: &'t str,
    /// The needles.
    pub(super) cuts: &'t [Cut],
}

impl Texts<'_> {
    /// Returns the name of the scenario.
    pub(super) fn scenario(&self) -> String {
        format!("{}-starts", self.image)
    }

    /// Returns the project file.
    pub(super) fn project(&self) -> String {
        format!(
            "# The project: what is tested, and on what. `qa check` finds mistakes in it.\n\
             images:\n  {}: {{ path: {}, machine: {} }}\n",
            self.image,
            quoted(&self.path.to_string_lossy()),
            self.machine
        )
    }

    /// Returns the scenario.
    pub(super) fn scenario_text(&self) -> String {
        let mut text = format!(
            "title: {} starts\nimage: {}\nsteps:\n",
            self.image, self.image
        );
        for cut in self.cuts {
            text.push_str(&format!(
                "  - see: {{ needle: {}, within: {}s }}\n",
                cut.name,
                within_seconds(cut.after_ms)
            ));
        }
        text
    }

    /// Returns the settings of an editor: the schemas of the files.
    pub(super) fn editor() -> String {
        let settings = serde_json::json!({
            "yaml.schemas": {
                ".vscode/qa-scenario.schema.json": "scenarios/**/*.yaml",
                ".vscode/qa-project.schema.json": "qa.yaml",
            }
        });
        format!("{settings:#}\n")
    }

    /// Returns the file for GitHub Actions.
    pub(super) fn github(&self) -> String {
        "# Runs the scenarios of this project. The job needs `qa` in its PATH, and the image where qa.yaml names it.\n\
         on: [push]\njobs:\n  images:\n    runs-on: ubuntu-latest\n    steps:\n      \
         - uses: actions/checkout@v4\n      - run: qa doctor --install\n      - run: qa check --strict\n      \
         - run: qa run\n      - run: qa report --format github\n        if: always()\n      \
         - uses: actions/upload-artifact@v4\n        if: always()\n        \
         with: { name: qa-results, path: qa-results/latest/ }\n"
            .to_owned()
    }

    /// Returns the file for GitLab CI.
    pub(super) fn gitlab(&self) -> String {
        "# Runs the scenarios of this project. The job needs `qa` in its PATH, and the image where qa.yaml names it.\n\
         images:\n  script:\n    - qa doctor --install\n    - qa check --strict\n    - qa run || status=$?\n    \
         - qa report --format gitlab\n    - exit ${status:-0}\n  artifacts:\n    when: always\n    \
         paths: [qa-results/2*/]\n    reports:\n      junit: qa-results/2*/junit.xml\n"
            .to_owned()
    }
}

/// Returns a deadline for a screen that came after this time: twice that time, at least half a minute. A machine
/// without hardware virtualization gets more time anyway.
fn within_seconds(after_ms: u64) -> u64 {
    (after_ms * 2).div_ceil(10_000).max(3) * 10
}

/// Returns a text as YAML writes it: as it is where that is safe, else in the quotes of JSON, which YAML reads, too.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '.');
    match text.chars().all(is_plain) && text.starts_with(begins) {
        true => text.to_owned(),
        false => serde_json::Value::from(text).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_twice_the_time_that_it_took() {
        assert_eq!(within_seconds(0), 30);
        assert_eq!(within_seconds(15_000), 30);
        assert_eq!(within_seconds(31_000), 70);
    }

    #[test]
    fn a_path_is_quoted_where_yaml_would_read_more_of_it() {
        assert_eq!(quoted("images/a-b.iso"), "images/a-b.iso");
        assert_eq!(quoted("it's #1.iso"), r#""it's #1.iso""#);
        assert_eq!(quoted("13.iso"), r#""13.iso""#);
        assert_eq!(quoted("a\nb: c"), r#""a\nb: c""#);
    }
}
