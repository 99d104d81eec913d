//! The machine of a job, with everything that its description only refers to.

use scenarios::{CredentialValue, Machine, Secret};

use crate::failure::Failure;
use crate::project::Project;

/// Makes paths independent of the folder of the call, and reads what of the credentials is kept elsewhere;
/// `all_secrets` takes those.
///
/// # Errors
/// A secret that has no value.
pub(super) fn resolved(
    project: &Project,
    mut machine: Machine,
    all_secrets: &mut Vec<String>,
) -> Result<Machine, Failure> {
    if let Some(cdrom) = &mut machine.cdrom {
        let path = project.root.join(&cdrom.value);
        cdrom.value = path.to_string_lossy().into_owned();
    }
    for credential in &mut machine.credentials {
        let CredentialValue::Secret(source) = &credential.value else {
            continue;
        };
        let secret = Secret {
            name: credential.name.clone(),
            source: source.clone(),
            at: credential.at.clone(),
        };
        let mut values = project.secrets(std::iter::once(&secret))?;
        let value = values.remove(&secret.name).unwrap_or_default();
        if !value.is_empty() {
            all_secrets.push(value.clone());
        }
        credential.value = CredentialValue::Text(value);
    }
    Ok(machine)
}
