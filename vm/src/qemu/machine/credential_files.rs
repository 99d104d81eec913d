//! The credentials of a machine, in files without names.

use std::{
    fs::File,
    io::{self, Write},
    os::fd::{AsRawFd, RawFd},
    path::PathBuf,
};

use rustix::fs::{MemfdFlags, memfd_create};

use crate::Credential;

/// The OEM strings of credentials in files without names. QEMU inherits them and reads them while it builds the
/// machine. So they are on no disk, and in no command line.
#[derive(Debug)]
pub(super) struct CredentialFiles(Vec<File>);

impl CredentialFiles {
    pub(super) fn new(credentials: &[Credential]) -> io::Result<Self> {
        let files = credentials.iter().map(|credential| {
            let mut file = File::from(memfd_create("qa-credential", MemfdFlags::CLOEXEC)?);
            file.write_all(credential.oem_string().as_bytes())?;
            Ok(file)
        });
        Ok(Self(files.collect::<io::Result<_>>()?))
    }

    /// Returns the descriptors to inherit.
    pub(super) fn fds(&self) -> impl Iterator<Item = RawFd> {
        self.0.iter().map(AsRawFd::as_raw_fd)
    }

    /// Returns the paths by which a process that inherited the descriptors opens them.
    pub(super) fn paths_for_heir(&self) -> Vec<PathBuf> {
        self.fds()
            .map(|fd| PathBuf::from(format!("/proc/self/fd/{fd}")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_heir_reads_each_from_its_beginning() {
        let credentials =
            [("a", "x"), ("b", "y")].map(|(name, value)| Credential::new(name, value).unwrap());
        let files = CredentialFiles::new(&credentials).unwrap();
        // This process has the descriptors as well.
        let read: Vec<String> = files
            .paths_for_heir()
            .iter()
            .map(|path| fs::read_to_string(path).unwrap())
            .collect();
        let expected: Vec<String> = credentials.iter().map(Credential::oem_string).collect();
        assert_eq!(read, expected);
    }
}
