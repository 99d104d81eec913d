//! From where a system boots the next time.

use serde_json::json;

use super::{Redfish, power::texts};
use crate::board::BoardFault;

/// From where a system boots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BootTarget {
    /// From the network (PXE).
    Network,
    /// From an address of HTTP.
    Http,
    /// From a CD or DVD, also a virtual one.
    Cd,
    /// From a USB stick, also a virtual one.
    Usb,
    /// From its disk.
    Disk,
    /// Into the setup of its firmware.
    Setup,
}

impl BootTarget {
    /// Returns the name in Redfish.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "Pxe",
            Self::Http => "UefiHttp",
            Self::Cd => "Cd",
            Self::Usb => "Usb",
            Self::Disk => "Hdd",
            Self::Setup => "BiosSetup",
        }
    }
}

impl Redfish {
    /// Makes the next boot, and only that one, start from there. Does not restart the system.
    ///
    /// # Errors
    /// See [`BoardFault`]. `Refused` if the system cannot boot from there.
    pub async fn boot_once(&self, target: BootTarget) -> Result<(), BoardFault> {
        let system = self.system().await?;
        let boot = &system.json["Boot"];
        let name = target.name();
        let allowed = texts(&boot["BootSourceOverrideTarget@Redfish.AllowableValues"]);
        if let Some(allowed) = allowed
            && !allowed.iter().any(|allowed| allowed == name)
        {
            let all = allowed.join(", ");
            let words = format!("cannot let this system boot from {name}, only from {all}");
            return Err(self.client.unable(&words));
        }
        let body = json!({
            "Boot": {
                "BootSourceOverrideEnabled": "Once",
                "BootSourceOverrideTarget": name,
            }
        });
        self.client.patch(&system, &body).await
    }
}
