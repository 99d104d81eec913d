//! The guest's clock after a restore.

use reports::Finding;

use super::{machine, only, warm};

/// Makes the only checkpoint an hour older.
fn an_hour_older(folder: &std::path::Path) {
    let file = folder.join("checkpoint.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let key = "\"saved\":";
    let start = text.find(key).unwrap() + key.len();
    let start = start + text[start..].find('"').unwrap() + 1;
    let end = start + text[start..].find('"').unwrap();
    let saved = &text[start..end];
    let older = time::OffsetDateTime::parse(saved, &time::format_description::well_known::Rfc3339)
        .unwrap()
        - time::Duration::HOUR;
    let older = older
        .format(&time::format_description::well_known::Rfc3339)
        .unwrap();
    std::fs::write(&file, text.replace(saved, &older)).unwrap();
}

#[test]
fn a_guest_without_an_agent_is_told_to_live_in_the_past() {
    let first = warm();
    an_hour_older(&only(&first));
    let outcome = first
        .then()
        .machine(machine())
        .args(["run", "one"])
        .stdout_has("the guest's clock is 1h")
        .exit_code(0);
    let findings = &outcome.scenario("one").findings;
    assert!(
        matches!(
            &findings[..],
            [Finding::OldClock { stage, behind_ms, .. }] if stage == "login" && *behind_ms >= 3_600_000
        ),
        "{findings:?}"
    );
}
