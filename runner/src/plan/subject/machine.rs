//! The machine of a cell. Resolves everything that its description only refers to: paths, logins, secrets.

use scenarios::{Credential, CredentialValue, Machine, Secret};

use super::JobImage;
use crate::failure::Failure;
use crate::project::Project;

/// Returns the machine of this name for an image. Paths in it are resolved from the folder of the project.
///
/// # Errors
/// There is no such machine, or the image is for another architecture.
pub(super) fn machine(name: &str, image: &JobImage, project: &Project) -> Result<Machine, Failure> {
    let refused = |error| Failure::of_findings(vec![error]);
    let Some(file) = &project.file else {
        return Machine::preset(name).map_err(refused);
    };
    let mut machine = file.machine(name).map_err(refused)?;
    if let Some(declared) = file.images.get(&image.name) {
        file.check_fit(declared, &machine).map_err(refused)?;
        // The users depend on the image, so its `login:` overrides the machine's.
        if let Some(login) = &declared.login {
            machine.login = Some(login.clone());
        }
    }
    if let Some(cdrom) = &mut machine.cdrom {
        let path = project.root.join(&cdrom.value);
        cdrom.value = path.to_string_lossy().into_owned();
    }
    Ok(machine)
}

/// Returns the credentials that a machine hands to its guest's systemd, and the values of secrets among them.
///
/// # Errors
/// A secret has no value, or the name of a credential is invalid.
pub(super) fn credentials(
    machine: &Machine,
    project: &Project,
) -> Result<(Vec<vm::Credential>, Vec<String>), Failure> {
    let mut credentials = Vec::new();
    let mut secrets = Vec::new();
    for declared in &machine.credentials {
        let value = match &declared.value {
            CredentialValue::Text(text) => text.clone(),
            CredentialValue::Secret(source) => {
                let value = secret(declared, source, project)?;
                secrets.extend((!value.is_empty()).then(|| value.clone()));
                value
            }
        };
        let credential = vm::Credential::new(declared.name.as_str(), value)
            .map_err(|error| Failure::usage(error.to_string()))?;
        credentials.push(credential);
    }
    Ok((credentials, secrets))
}

fn secret(
    declared: &Credential,
    source: &scenarios::SecretSource,
    project: &Project,
) -> Result<String, Failure> {
    let secret = Secret {
        name: declared.name.clone(),
        source: source.clone(),
        at: declared.at.clone(),
    };
    let mut values = project.secrets(std::iter::once(&secret))?;
    Ok(values.remove(&secret.name).unwrap_or_default())
}
