//! Which needles steps may look at.

use super::materials;

fn looks(steps: &str) -> scenarios::Looks {
    let text = format!("steps:\n{steps}");
    let mut looks = scenarios::Looks::default();
    for material in materials(&[("a.yaml", &text)]) {
        looks.extend(&material.looks);
    }
    looks
}

#[test]
fn needles_that_may_be_looked_at_are_known() {
    let looks = looks(
        "  - see: { needle: login, not: busy now }
  - gone: [splash, bar]
  - press: { keys: a, until: pressed }
  - group: { name: g, steps: [{ click: inner }] }
  - drag: { from: here, to: there }
  - scroll: { direction: up, at: wheel }
  - move: '{{ user }}'
  - run: { command: id, save: x }
  - see: app-{{ x }}-window
",
    );
    let carries = |tags: &[&str]| {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        looks.include(&tags)
    };
    for tags in [
        &["login"][..],
        &["login", "english"],
        &["busy", "now"],
        &["splash"],
        &["bar"],
        &["pressed"],
        &["inner"],
        &["here"],
        &["there"],
        &["wheel"],
        &["alice"],
        &["app-calc-window"],
        // The variable may be `a b`.
        &["app-a", "b-window"],
    ] {
        assert!(carries(tags), "{tags:?}");
    }
    for tags in [&["busy"][..], &["other"], &["bob"], &["calc-window"], &[]] {
        assert!(!carries(tags), "{tags:?}");
    }
}
