//! The connections to a QEMU.

use std::{
    io,
    os::{
        fd::{AsRawFd, RawFd},
        unix::net::UnixStream,
    },
};

use crate::MachineSpec;

/// The connections to a QEMU, made before it starts, so that nothing has to wait for a socket.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) ours: Ends,
    /// QEMU's ends.
    pub(super) theirs: Ends,
}

/// One end of each connection.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) qmp: UnixStream,
    /// One for each serial line of the machine.
    pub(super) serials: Vec<UnixStream>,
    pub(super) agent: UnixStream,
    /// Our end is for the process that is the TPM. None if there is no TPM.
    pub(super) tpm: Option<UnixStream>,
}

impl Lines {
    pub(super) fn new(spec: &MachineSpec) -> io::Result<Self> {
        let (qmp, agent) = (UnixStream::pair()?, UnixStream::pair()?);
        let serials = (0..spec.serials).map(|_| UnixStream::pair());
        let serials = serials.collect::<io::Result<Vec<_>>>()?;
        let (our_serials, their_serials) = serials.into_iter().unzip();
        let tpm = spec.tpm.then(UnixStream::pair).transpose()?;
        let (our_tpm, their_tpm) = tpm.unzip();
        Ok(Self {
            ours: Ends {
                qmp: qmp.0,
                serials: our_serials,
                agent: agent.0,
                tpm: our_tpm,
            },
            theirs: Ends {
                qmp: qmp.1,
                serials: their_serials,
                agent: agent.1,
                tpm: their_tpm,
            },
        })
    }
}

impl Ends {
    /// Returns all descriptors.
    pub(super) fn fds(&self) -> Vec<RawFd> {
        let all = [&self.qmp, &self.agent]
            .into_iter()
            .chain(&self.serials)
            .chain(&self.tpm);
        all.map(AsRawFd::as_raw_fd).collect()
    }
}
