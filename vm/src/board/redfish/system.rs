//! Finds the system that a service controls.

use serde_json::Value;

use super::{Redfish, client::Resource};
use crate::board::{BoardFault, FaultKind};

impl Redfish {
    /// Returns the present state of the system.
    pub(super) async fn system(&self) -> Result<Resource, BoardFault> {
        let root = self.client.get(self.client.root()).await?;
        let systems = self.members(&root.json["Systems"]).await?;
        let path = self.chosen(&systems)?;
        self.client.get(path).await
    }

    /// Returns the paths of the members of a collection.
    pub(super) async fn members(&self, link: &Value) -> Result<Vec<String>, BoardFault> {
        let collection = self.client.get(self.client.link(link)?).await?;
        let members = collection.json["Members"]
            .as_array()
            .ok_or_else(|| self.client.strange(&collection.path, "no members"))?;
        members
            .iter()
            .map(|member| Ok(self.client.link(member)?.to_owned()))
            .collect()
    }

    fn chosen<'a>(&self, systems: &'a [String]) -> Result<&'a str, BoardFault> {
        let has = || match systems {
            [] => "it has none".to_owned(),
            all => {
                let ids: Vec<String> = all.iter().map(|path| format!("`{}`", id(path))).collect();
                format!("it has {}", ids.join(", "))
            }
        };
        let source = self.client.source();
        match (&self.system, systems) {
            (None, [only]) => Ok(only),
            (None, _) => Err(BoardFault::new(
                FaultKind::Refused,
                format!("{source} has not one system: {}", has()),
            )
            .advice("say which one is meant")),
            (Some(wanted), _) => systems
                .iter()
                .map(String::as_str)
                .find(|path| id(path) == wanted)
                .ok_or_else(|| {
                    BoardFault::new(
                        FaultKind::Refused,
                        format!("{source} has no system `{wanted}`: {}", has()),
                    )
                    .advice("correct the id of the system")
                }),
        }
    }
}

/// Returns the last part of a path.
fn id(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}
