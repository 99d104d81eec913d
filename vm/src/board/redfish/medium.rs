//! The virtual medium of a system: an image that it sees as a CD or as a USB stick.

use reqwest::Url;
use serde_json::{Value, json};

use super::{Redfish, client::Resource, power::texts};
use crate::board::BoardFault;

impl Redfish {
    /// Lets the system see the image at this address as a medium, read-only, and waits until the service shows it. The
    /// service itself loads the image. An `.iso` becomes a CD, anything else a USB stick, if the service has both. What
    /// was in the drive before is ejected.
    ///
    /// # Errors
    /// See [`BoardFault`]. `Refused` if the system has no virtual medium.
    pub async fn insert_medium(&self, url: &str) -> Result<(), BoardFault> {
        let inserted = self.insert(url).await;
        inserted.map_err(|fault| without_password(fault, url))
    }

    async fn insert(&self, url: &str) -> Result<(), BoardFault> {
        let drives = self.drives().await?;
        let Some(drive) = fitting(&drives, url) else {
            return Err(self.client.unable("has no virtual medium for this system"));
        };
        if is_in(drive) {
            self.eject(drive).await?;
        }
        let body = json!({ "Image": url, "Inserted": true, "WriteProtected": true });
        let action = &drive.json["Actions"]["#VirtualMedia.InsertMedia"];
        if action.is_null() {
            // Older services have no action for it.
            self.client.patch(drive, &body).await?;
        } else {
            let target = self.client.path(&action["target"])?;
            self.client.post(target, &body).await?;
        }
        self.until_medium(drive, "insert a medium", true).await
    }

    /// Takes all virtual media out, and waits until the service shows it. Does nothing if there are none.
    ///
    /// # Errors
    /// See [`BoardFault`].
    pub async fn eject_medium(&self) -> Result<(), BoardFault> {
        for drive in self.drives().await?.iter().filter(|drive| is_in(drive)) {
            self.eject(drive).await?;
        }
        Ok(())
    }

    async fn eject(&self, drive: &Resource) -> Result<(), BoardFault> {
        let action = &drive.json["Actions"]["#VirtualMedia.EjectMedia"];
        if action.is_null() {
            let body = json!({ "Image": null, "Inserted": false });
            self.client.patch(drive, &body).await?;
        } else {
            let target = self.client.path(&action["target"])?;
            self.client.post(target, &json!({})).await?;
        }
        self.until_medium(drive, "eject a medium", false).await
    }

    /// Returns the virtual drives of the system. Newer services list them with the system, older ones with the manager.
    async fn drives(&self) -> Result<Vec<Resource>, BoardFault> {
        let system = self.system().await?;
        let mut collections = Vec::new();
        if !system.json["VirtualMedia"].is_null() {
            collections.push(system.json["VirtualMedia"].clone());
        } else {
            let managers = system.json["Links"]["ManagedBy"].as_array();
            for manager in managers.into_iter().flatten() {
                let manager = self.client.get(self.client.link(manager)?).await?;
                let media = &manager.json["VirtualMedia"];
                if !media.is_null() {
                    collections.push(media.clone());
                }
            }
        }
        let mut drives = Vec::new();
        for collection in collections {
            for path in self.members(&collection).await? {
                drives.push(self.client.get(&path).await?);
            }
        }
        Ok(drives)
    }

    async fn until_medium(
        &self,
        drive: &Resource,
        done: &str,
        wanted: bool,
    ) -> Result<(), BoardFault> {
        self.until(done, || async {
            let drive = self.client.get(&drive.path).await?;
            let state = if wanted {
                "it shows no medium"
            } else {
                "it still shows the medium"
            };
            Ok((is_in(&drive) != wanted).then(|| state.to_owned()))
        })
        .await
    }
}

/// Hides the password of an address, which a service may repeat in its own words.
fn without_password(mut fault: BoardFault, url: &str) -> BoardFault {
    let parsed = Url::parse(url).ok();
    if let Some(password) = parsed.as_ref().and_then(Url::password)
        && !password.is_empty()
    {
        fault.words = fault.words.replace(password, "•••");
    }
    fault
}

/// Returns true if there is a medium in a drive.
fn is_in(drive: &Resource) -> bool {
    let image = drive.json["Image"].as_str();
    drive.json["Inserted"]
        .as_bool()
        // A service without `Inserted` has an image or not.
        .unwrap_or_else(|| image.is_some_and(|image| !image.is_empty()))
}

/// Returns the drive for an image.
fn fitting<'a>(drives: &'a [Resource], url: &str) -> Option<&'a Resource> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let kinds: &[&str] = if path.to_ascii_lowercase().ends_with(".iso") {
        &["CD", "DVD"]
    } else {
        &["USBStick"]
    };
    let takes = |drive: &Value| {
        let types = texts(&drive["MediaTypes"]).unwrap_or_default();
        types.iter().any(|taken| kinds.contains(&taken.as_str()))
    };
    drives
        .iter()
        .find(|drive| takes(&drive.json))
        .or_else(|| drives.first())
}
