//! The secrets that the description of a machine names, for a search in what leaves the host.

use super::credential::CredentialValue;
use super::machine::Machine;
use crate::finding::Span;
use crate::project::board::{Board, ScreenSource};
use crate::value::{Secret, SecretSource};

impl Machine {
    /// Returns every secret that the machine refers to, with a name for people: those of its credentials, and those of
    /// the services of a board.
    pub fn secrets(&self) -> Vec<Secret> {
        let credentials = self.credentials.iter().filter_map(|credential| {
            let CredentialValue::Secret(source) = &credential.value else {
                return None;
            };
            Some(Secret {
                name: format!("credential {}", credential.name),
                source: source.clone(),
                at: credential.at.clone(),
            })
        });
        let services = self.board.iter().zip(&self.at);
        let services = services.flat_map(|(board, at)| self.of_services(board, at));
        credentials.chain(services).collect()
    }

    fn of_services(&self, board: &Board, at: &Span) -> Vec<Secret> {
        let kvmd = board.kvmd.as_ref();
        let screen = match &board.screen {
            Some(ScreenSource::Http { password, .. }) => password.as_ref(),
            Some(
                ScreenSource::Kvmd
                | ScreenSource::Vnc
                | ScreenSource::Commands
                | ScreenSource::Capture { .. },
            )
            | None => None,
        };
        let sources: [(&str, Option<&SecretSource>); 5] = [
            ("password of kvmd", kvmd.map(|kvmd| &kvmd.password)),
            ("totp of kvmd", kvmd.and_then(|kvmd| kvmd.totp.as_ref())),
            (
                "password of vnc",
                board.vnc.as_ref().and_then(|vnc| vnc.password.as_ref()),
            ),
            (
                "password of redfish",
                board.redfish.as_ref().and_then(|of| of.password.as_ref()),
            ),
            ("password of the screen", screen),
        ];
        let named = sources.into_iter().filter_map(|(what, source)| {
            Some(Secret {
                name: format!("{what} of machine {}", self.name),
                source: source?.clone(),
                at: at.clone(),
            })
        });
        named.collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::Source;
    use crate::project::Project;

    #[test]
    fn credentials_and_services_of_a_board_name_their_secrets() {
        let yaml = "images: { i: { disk: a.img } }\nmachines:\n  pc:\n    preset: uefi-x86_64\n    \
                    credentials: { a.b: plain, passwd.root: { env: ROOT } }\n  \
                    board:\n    arch: aarch64\n    board:\n      kvmd: { address: https://kvm7, \
                    password: { env: KVM }, totp: { file: totp } }\n      power: kvmd\n      screen: kvmd\n";
        let (project, findings) =
            Project::read(&Source::new("qa.yaml".to_owned(), yaml.to_owned()));
        let project = project.unwrap_or_else(|| panic!("{findings:?}"));
        let names: Vec<String> = project
            .machines
            .values()
            .flat_map(super::Machine::secrets)
            .map(|secret| secret.name)
            .collect();
        assert_eq!(
            names,
            [
                "password of kvmd of machine board",
                "totp of kvmd of machine board",
                "credential passwd.root"
            ]
        );
    }
}
