//! Starts processes from a thread that never ends.

use std::{
    io,
    process::{Child, Command},
    sync::{
        OnceLock,
        mpsc::{Sender, channel},
    },
    thread,
};

use tokio::sync::oneshot;

use super::qemu_process::reap;

struct Order {
    command: Command,
    child: oneshot::Sender<io::Result<Orphan>>,
}

/// Starts processes from the one thread that lives as long as this process.
///
/// The kernel ends a machine when the *thread* that spawned it ends (`PR_SET_PDEATHSIG`). The threads of an async
/// runtime come and go.
pub(crate) async fn spawn(command: Command) -> io::Result<Child> {
    static PARENT: OnceLock<Option<Sender<Order>>> = OnceLock::new();

    let gone = || io::Error::other("the thread that spawns machines could not be started");
    let (child, spawned) = oneshot::channel();
    PARENT
        .get_or_init(start)
        .as_ref()
        .ok_or_else(gone)?
        .send(Order { command, child })
        .map_err(|_| gone())?;
    let mut orphan = spawned.await.map_err(|_| gone())??;
    orphan.0.take().ok_or_else(gone)
}

/// A child that the caller has not taken yet. It ends with this value: the caller may leave at any moment, even between
/// the answer and its arrival.
/// the answer and its arrival.
struct Orphan(Option<Child>);

impl Drop for Orphan {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            reap(child);
        }
    }
}

fn start() -> Option<Sender<Order>> {
    let (orders, queue) = channel::<Order>();
    let parent = thread::Builder::new().name("machine-parent".to_owned());
    let run = move || {
        // Never ends: the sender is in a static.
        for Order { mut command, child } in queue {
            // An answer that comes too late is dropped here, and the child ends.
            drop(child.send(command.spawn().map(|child| Orphan(Some(child)))));
        }
    };
    parent.spawn(run).ok().map(|_| orders)
}
