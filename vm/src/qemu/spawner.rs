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

struct Order {
    command: Command,
    child: oneshot::Sender<io::Result<Child>>,
}

/// Spawns from the one thread that lives as long as this process.
///
/// A machine is told by the kernel to die when the *thread* that spawned it ends (`PR_SET_PDEATHSIG`), and the threads of an
/// async runtime come and go.
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
    spawned.await.map_err(|_| gone())?
}

fn start() -> Option<Sender<Order>> {
    let (orders, queue) = channel::<Order>();
    let parent = thread::Builder::new().name("machine-parent".to_owned());
    let run = move || {
        // Never ends: the sender is in a static.
        for Order { mut command, child } in queue {
            if let Err(Ok(mut orphan)) = child.send(command.spawn()) {
                // Whoever ordered it has gone. Its exit needs no look: a machine that cannot be killed has ended.
                let _ = orphan.kill();
                let _ = orphan.wait();
            }
        }
    };
    parent.spawn(run).ok().map(|_| orders)
}
