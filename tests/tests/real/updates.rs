//! A system that updates itself, and comes back by itself when the update is broken.

use reports::Verdict;

use crate::host::{Project, require_image};

/// All these hold, each from power-on of a fresh disk or from where another one ended.
pub(crate) fn hold(image: &str, names: &[&str]) {
    require_image(image);
    let args = [names, &["--cold"]].concat();
    let outcome = Project::shipped().run(&args).exits_with(0);
    for name in names {
        assert_eq!(outcome.verdict(name).0, Verdict::Passed, "{name}");
    }
}

#[test]
fn a_system_updates_itself() {
    hold("atomic", &["update"]);
}

#[test]
fn a_broken_update_is_given_up() {
    hold("atomic", &["rollback-automatic"]);
}
