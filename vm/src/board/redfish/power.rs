//! The power of a system.

use serde_json::{Value, json};

use super::{Redfish, client::Resource};
use crate::board::BoardFault;

impl Redfish {
    /// Returns true if the system is on. None while it is neither, or if the service does not tell.
    ///
    /// # Errors
    /// See [`BoardFault`].
    pub async fn is_on(&self) -> Result<Option<bool>, BoardFault> {
        Ok(match power(&self.system().await?) {
            "On" => Some(true),
            "Off" => Some(false),
            _ => None,
        })
    }

    /// Switches the system on, and waits until the service shows that it is. Does nothing if it is on.
    ///
    /// # Errors
    /// See [`BoardFault`]. `TimedOut` if the service took the request, and the power stayed as it was.
    pub async fn on(&self) -> Result<(), BoardFault> {
        let system = self.system().await?;
        if power(&system) == "On" {
            return Ok(());
        }
        self.act(&system, &["On", "ForceOn"]).await?;
        self.until_power(&system, "switch on", "On").await
    }

    /// Switches the system off at once, and waits until the service shows that it is. Does nothing if it is off.
    ///
    /// # Errors
    /// As [`on`](Self::on).
    pub async fn off(&self) -> Result<(), BoardFault> {
        let system = self.system().await?;
        if power(&system) == "Off" {
            return Ok(());
        }
        self.act(&system, &["ForceOff"]).await?;
        self.until_power(&system, "switch off", "Off").await
    }

    /// Restarts the system at once, and waits until the service shows that it is on. Many services show no change in
    /// between, so a restart that did not happen is not noticed here.
    ///
    /// # Errors
    /// As [`on`](Self::on). `Refused` if it is off.
    pub async fn reset(&self) -> Result<(), BoardFault> {
        let system = self.system().await?;
        if power(&system) == "Off" {
            let words = "cannot restart a system that is off";
            return Err(self.client.unable(words).advice("switch it on"));
        }
        self.act(&system, &["ForceRestart", "PowerCycle"]).await?;
        self.until_power(&system, "restart", "On").await
    }

    /// Presses the power button. Does not wait: the system decides what that means.
    ///
    /// # Errors
    /// See [`BoardFault`].
    pub async fn press_button(&self) -> Result<(), BoardFault> {
        let system = self.system().await?;
        // What the button means, for services that have no button.
        let instead = if power(&system) == "Off" {
            "On"
        } else {
            "GracefulShutdown"
        };
        self.act(&system, &["PushPowerButton", instead]).await
    }

    /// Asks for the first of these kinds of reset that the service has.
    async fn act(&self, system: &Resource, kinds: &[&str]) -> Result<(), BoardFault> {
        let action = &system.json["Actions"]["#ComputerSystem.Reset"];
        if action.is_null() {
            let words = "does not let anybody switch this system";
            return Err(self.client.unable(words));
        }
        let target = self.client.path(&action["target"])?;
        let kind = match self.allowed(action, "ResetType").await? {
            None => kinds.first().copied(),
            Some(allowed) => kinds
                .iter()
                .copied()
                .find(|kind| allowed.iter().any(|allowed| allowed == kind)),
        };
        let Some(kind) = kind else {
            let wanted = kinds.join(" or ");
            let words = format!("has no reset of the kind {wanted} for this system");
            return Err(self.client.unable(&words));
        };
        let body = json!({ "ResetType": kind });
        self.client.post(target, &body).await
    }

    /// Returns the values that a parameter of an action may have. None if the service does not tell.
    async fn allowed(
        &self,
        action: &Value,
        parameter: &str,
    ) -> Result<Option<Vec<String>>, BoardFault> {
        let listed = &action[format!("{parameter}@Redfish.AllowableValues")];
        if listed.is_array() {
            return Ok(texts(listed));
        }
        let info = &action["@Redfish.ActionInfo"];
        if info.is_null() {
            return Ok(None);
        }
        let info = self.client.get(self.client.path(info)?).await?;
        let parameters = info.json["Parameters"].as_array();
        let found = parameters
            .into_iter()
            .flatten()
            .find(|found| found["Name"] == parameter);
        Ok(found.and_then(|found| texts(&found["AllowableValues"])))
    }

    async fn until_power(
        &self,
        system: &Resource,
        done: &str,
        wanted: &str,
    ) -> Result<(), BoardFault> {
        self.until(done, || async {
            let system = self.client.get(&system.path).await?;
            let seen = power(&system);
            Ok((seen != wanted).then(|| format!("it shows the power as `{seen}`")))
        })
        .await
    }
}

/// Returns the power as the service names it: `On`, `Off`, `PoweringOn`, ...
fn power(system: &Resource) -> &str {
    system.json["PowerState"].as_str().unwrap_or("unknown")
}

/// Returns the texts of a list.
fn texts(list: &Value) -> Option<Vec<String>> {
    let texts = list.as_array()?.iter().filter_map(Value::as_str);
    Some(texts.map(ToOwned::to_owned).collect())
}
