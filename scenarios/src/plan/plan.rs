//! The tree of scenarios to run.

use std::sync::Arc;

use super::chain::Chain;
use crate::finding::{Diagnostic, sort};
use crate::library::Library;
use crate::scenario::Scenario;

/// The tree of scenarios to run. Its root is power-on. A child starts where its parent ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The scenarios that start at power-on, in the order they were requested.
    pub roots: Vec<PlanNode>,
}

/// A scenario in the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanNode {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// True if it was requested. False if a requested scenario only starts after it.
    pub requested: bool,
    /// The scenarios that start where it ends.
    pub next: Vec<PlanNode>,
}

impl Plan {
    /// Plans the requested scenarios. Without any request, plans all.
    ///
    /// # Errors
    /// Unknown names, circles of `after`, and every `after` that leads nowhere, to another image or machine, or too
    /// far.
    pub fn new(library: &Library, requested: &[String]) -> Result<Self, Vec<Diagnostic>> {
        let mut findings = Vec::new();
        let mut wanted = Vec::new();
        for name in requested {
            match library.find(name) {
                Ok(scenario) => wanted.push(Arc::clone(scenario)),
                Err(error) => findings.push(error),
            }
        }
        if requested.is_empty() {
            wanted.extend(library.scenarios().cloned());
        }
        let mut plan = Self { roots: Vec::new() };
        for scenario in wanted {
            match Chain::to(library, &scenario) {
                Ok(chain) => plan.add(&chain),
                Err(broken) => findings.push(broken.finding),
            }
        }
        if findings.is_empty() {
            return Ok(plan);
        }
        sort(&mut findings);
        Err(findings)
    }

    fn add(&mut self, chain: &Chain) {
        let mut nodes = &mut self.roots;
        let last = chain.stages.len().saturating_sub(1);
        for (depth, stage) in chain.stages.iter().enumerate() {
            let at = match nodes
                .iter()
                .position(|node| node.scenario.name == stage.name)
            {
                Some(at) => at,
                None => {
                    nodes.push(PlanNode {
                        scenario: Arc::clone(stage),
                        requested: false,
                        next: Vec::new(),
                    });
                    nodes.len() - 1
                }
            };
            nodes[at].requested |= depth == last;
            nodes = &mut nodes[at].next;
        }
    }

    /// Returns the chains of the requested scenarios, parents first.
    pub fn chains(&self) -> Vec<Chain> {
        fn walk(nodes: &[PlanNode], above: &mut Vec<Arc<Scenario>>, chains: &mut Vec<Chain>) {
            for node in nodes {
                above.push(Arc::clone(&node.scenario));
                if node.requested {
                    chains.push(Chain::new(above.clone(), &node.scenario));
                }
                walk(&node.next, above, chains);
                above.pop();
            }
        }
        let mut chains = Vec::new();
        walk(&self.roots, &mut Vec::new(), &mut chains);
        chains
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Source;

    fn library(scenarios: &[(&str, &str)]) -> Library {
        let sources = scenarios.iter().map(|(name, head)| {
            Source::new(
                format!("s/{name}.yaml"),
                format!("{head}\nsteps: [{{ see: x }}]\n"),
            )
        });
        let (library, findings) = Library::read(sources);
        assert_eq!(findings, []);
        library
    }

    fn plan(library: &Library, requested: &[&str]) -> Result<String, String> {
        fn show(nodes: &[PlanNode]) -> String {
            let node = |node: &PlanNode| {
                let mark = if node.requested { "*" } else { "" };
                let next = if node.next.is_empty() {
                    String::new()
                } else {
                    format!("({})", show(&node.next))
                };
                format!("{}{mark}{next}", node.scenario.name)
            };
            nodes.iter().map(node).collect::<Vec<_>>().join(" ")
        }
        let requested: Vec<String> = requested.iter().map(|name| (*name).to_owned()).collect();
        Plan::new(library, &requested)
            .map(|plan| show(&plan.roots))
            .map_err(|findings| {
                let line = |f: &Diagnostic| format!("{} {f}", f.place().unwrap_or_default());
                findings.iter().map(line).collect::<Vec<_>>().join("\n")
            })
    }

    fn desktop() -> Library {
        library(&[
            ("login", "image: gnome"),
            ("calc", "after: login"),
            ("editor", "after: login"),
            ("save", "after: editor"),
            ("console", "image: console"),
        ])
    }

    #[test]
    fn scenarios_share_the_way_from_power_on() {
        let library = desktop();
        assert_eq!(plan(&library, &["calc"]).as_deref(), Ok("login(calc*)"));
        assert_eq!(
            plan(&library, &["save", "calc"]).as_deref(),
            Ok("login(editor(save*) calc*)")
        );
        assert_eq!(
            plan(&library, &["calc", "login", "calc"]).as_deref(),
            Ok("login*(calc*)")
        );
        assert_eq!(
            plan(&library, &[]).as_deref(),
            Ok("login*(calc* editor*(save*)) console*")
        );
    }

    #[test]
    fn a_chain_leads_from_power_on_to_the_judged_scenario() {
        let library = desktop();
        let plan = Plan::new(&library, &["save".into(), "login".into()]).expect("a plan");
        let chains = plan.chains();
        let names: Vec<Vec<&str>> = chains
            .iter()
            .map(|chain| {
                chain
                    .stages
                    .iter()
                    .map(|stage| stage.name.as_str())
                    .collect()
            })
            .collect();
        assert_eq!(names, [vec!["login"], vec!["login", "editor", "save"]]);
        assert_eq!(chains[1].image(), Some("gnome"));
        assert_eq!(chains[1].judged().name, "save");
    }

    #[test]
    fn unknown_names_are_all_reported() {
        assert_eq!(
            plan(&desktop(), &["logn", "zzz"]),
            Err(" unknown scenario `logn`\n unknown scenario `zzz`".into())
        );
        assert_eq!(
            plan(&library(&[("a", "after: lgin"), ("login", "")]), &["a"]),
            Err("s/a.yaml:1:8 unknown scenario `lgin`".into())
        );
    }

    #[test]
    fn a_cycle_is_shown_once_wherever_it_is_entered() {
        let library = library(&[
            ("a", "after: b"),
            ("b", "after: c"),
            ("c", "after: a"),
            ("d", "after: c"),
        ]);
        let message = "s/a.yaml:1:8 scenarios that start after each other: a -> b -> c -> a";
        assert_eq!(plan(&library, &[]), Err(message.into()));
        assert_eq!(plan(&library, &["d"]), Err(message.into()));
        let own = self::library(&[("a", "after: a")]);
        assert_eq!(
            plan(&own, &["a"]),
            Err("s/a.yaml:1:8 scenarios that start after each other: a -> a".into())
        );
    }

    #[test]
    fn a_scenario_is_on_the_image_of_what_it_starts_after() {
        let library = library(&[
            ("a", "image: one"),
            ("b", "after: a"),
            ("c", "after: b\nimage: two"),
        ]);
        assert_eq!(
            plan(&library, &["c"]),
            Err(
                "s/c.yaml:2:8 `c` is on the image `two`, but starts after `b`, which is on `one`"
                    .into()
            )
        );
    }
}
