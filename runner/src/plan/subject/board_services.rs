//! The services that a board is reached through, with the values of their secrets.

use std::path::PathBuf;

use scenarios::board::{Certificate, Labgrid, Place};
use scenarios::{Secret, SecretSource};
use vm::board::{GeneralHw, KvmdSpec, LabgridPlace, LabgridSpec, RedfishSpec, Tls, VncSpec};

use super::board_spec::Reading;
use crate::cache::labgrid_folder;
use crate::failure::Failure;

impl Reading<'_> {
    /// Returns the value of a secret, and notes it.
    pub(super) fn secret(&mut self, name: &str, source: &SecretSource) -> Result<String, Failure> {
        let secret = Secret {
            name: format!("{name} of the board {}", self.machine.name),
            source: source.clone(),
            at: self.board.at.clone(),
        };
        let mut values = self.project.secrets(std::iter::once(&secret))?;
        let value = values.remove(&secret.name).unwrap_or_default();
        if !value.is_empty() {
            self.secrets.push(value.clone());
        }
        Ok(value)
    }

    pub(super) fn secret_if(
        &mut self,
        name: &str,
        source: Option<&SecretSource>,
    ) -> Result<Option<String>, Failure> {
        source.map(|source| self.secret(name, source)).transpose()
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.project.root.join(path)
    }

    pub(super) fn tls(&self, certificate: &Certificate) -> Tls {
        match certificate {
            Certificate::System => Tls::System,
            Certificate::Unchecked => Tls::Insecure,
            Certificate::Fingerprint(bytes) => Tls::Fingerprint(*bytes),
            Certificate::Authorities(file) => Tls::File(self.path(file)),
        }
    }

    pub(super) fn labgrid(&self, labgrid: &Labgrid) -> Result<LabgridSpec, Failure> {
        Ok(LabgridSpec {
            coordinator: labgrid.coordinator.clone(),
            place: match &labgrid.place {
                Place::Named(name) => LabgridPlace::Named(name.clone()),
                Place::Tagged(tags) => LabgridPlace::Tagged(tags.clone()),
            },
            environment: labgrid.environment.as_deref().map(|file| self.path(file)),
            state: labgrid.state.clone(),
            serial: labgrid.resource.clone(),
            fastboot: labgrid.fastboot.clone(),
            program: match &labgrid.program {
                Some(program) => program.into(),
                None => labgrid_program()?,
            },
        })
    }

    pub(super) fn kvmd(&mut self) -> Result<Option<KvmdSpec>, Failure> {
        let Some(kvmd) = &self.board.kvmd else {
            return Ok(None);
        };
        Ok(Some(KvmdSpec {
            address: kvmd.address.clone(),
            user: kvmd.user.clone().unwrap_or_else(|| "admin".to_owned()),
            password: self.secret("password of kvmd", &kvmd.password)?,
            totp: self.secret_if("totp of kvmd", kvmd.totp.as_ref())?,
            tls: self.tls(&kvmd.certificate),
        }))
    }

    pub(super) fn vnc(&mut self, general: &GeneralHw) -> Result<Option<VncSpec>, Failure> {
        let Some(vnc) = &self.board.vnc else {
            let Some(vnc) = &general.vnc else {
                return Ok(None);
            };
            self.secrets.extend(vnc.password.clone());
            return Ok(Some(VncSpec {
                address: format!("{}:{}", vnc.host, vnc.port),
                username: None,
                password: vnc.password.clone(),
            }));
        };
        Ok(Some(VncSpec {
            address: vnc.address.clone(),
            username: vnc.user.clone(),
            password: self.secret_if("password of vnc", vnc.password.as_ref())?,
        }))
    }

    pub(super) fn redfish(&mut self) -> Result<Option<RedfishSpec>, Failure> {
        let Some(redfish) = &self.board.redfish else {
            return Ok(None);
        };
        Ok(Some(RedfishSpec {
            address: redfish.address.clone(),
            user: redfish.user.clone(),
            password: self.secret_if("password of redfish", redfish.password.as_ref())?,
            system: redfish.system.clone(),
            tls: self.tls(&redfish.certificate),
            limit: RedfishSpec::LIMIT,
        }))
    }
}

/// Returns the `labgrid-client` to use: the one that `qa doctor --install --boards` installed, or that of PATH.
pub(crate) fn labgrid_program() -> Result<PathBuf, Failure> {
    Ok(vm::board::labgrid::default_program(&labgrid_folder()?))
}
