//! Takes a board, switches it on, and makes a machine of it.
//!
//! ```text
//! take the hold -> acquire the place -> connect every source
//!     -> off -> state of labgrid's strategy -> write the image -> off, if there was a state -> open the line -> on
//! shutdown: off -> release the place -> give the hold back
//! ```
//!
//! A state comes after the first off, and nothing switches the power between it and the write: fastboot runs only as
//! long as the strategy has left the board on. Then the board is off again, so that it boots what was written, and its
//! line is open before its first word. A serial device that has its power from the board is opened after that.
//!
//! After any fault the board is given back before the error is returned: whoever tries again finds it free.

use std::{
    fs, io,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use tokio::sync::broadcast;

use super::{
    BoardFault, BoardLog, BoardMachine, BoardNews, BoardPower, BoardSpec, FaultKind,
    gap::Gaps,
    held::Held,
    hold::Hold,
    parts::connect,
    start::{LINE_CLOSES, LINE_COMES, Lines, may_come_with_power, open_lines, screen_and_input},
};
use crate::{
    Agent, BackendFacts, Capability, Keyboard, Lack, LaunchError, Machine, MachineEvent,
    MachineEvents, MachineFacts, Pointer, Power, Processors, Screen, Serial, Starvation,
    image::ImageFile, input::Player, machine::Backend,
};

/// The events that a slow receiver may be behind before it misses some.
const EVENTS_KEPT: usize = 1024;

impl Machine {
    /// Takes a board, writes the image to it if there is one, and switches it on. Its logs are `serial0.log` and
    /// `board.log` in `folder`, which is made if it does not exist.
    ///
    /// # Errors
    /// [`LaunchError::Board`] with the fault of a source, [`LaunchError::File`] for the folder and its logs. The board
    /// was given back then, and is off unless its switch failed; `board.log` says so.
    pub async fn board(
        spec: &BoardSpec,
        image: Option<&ImageFile>,
        folder: &Path,
        news: impl Fn(BoardNews) + Send + Sync,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        let file = |action: &'static str, path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| LaunchError::File {
                action,
                path,
                source,
            }
        };
        fs::create_dir_all(folder).map_err(file("create", folder))?;
        let log = BoardLog::open(folder, spec.concealed.clone()).map_err(file("open", folder))?;
        let wait = |holder: &str| {
            log.say(&format!("waiting: {holder} has the board"));
            news(BoardNews::Waiting {
                holder: holder.to_owned(),
            });
        };
        let hold = Hold::take(&spec.locks, &spec.name, &spec.run, spec.patience, &wait).await?;
        let parts = connect(spec, &log, &news).await?;
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let power = parts.power(spec, events.clone(), log.clone());
        let held = Held {
            spec: spec.clone(),
            parts,
            power,
            log,
            hold,
        };
        // From here on, dropping `unfinished` switches the board off and gives it back.
        let unfinished = BoardMachine {
            held: Some(held),
            folder: folder.to_owned(),
            generations: Arc::default(),
            events,
            driver: tokio::spawn(std::future::ready(())),
            line: None,
            gaps: Gaps::none(),
            is_over: AtomicBool::new(false),
        };
        let prepared = unfinished.prepare(image, &news).await;
        unfinished.started(prepared, Duration::ZERO, &news).await
    }
}

/// The handles of a board that is on.
struct Opened {
    serial: Serial,
    screen: Screen,
    player: Player,
    heard: broadcast::Receiver<MachineEvent>,
}

impl BoardMachine {
    /// Switches on a board that was prepared, and makes a machine of it. Its serial line must be there after
    /// `patience`. After a fault, gives it back.
    async fn started(
        mut self,
        prepared: Result<(), BoardFault>,
        patience: Duration,
        news: &(impl Fn(BoardNews) + Send + Sync),
    ) -> Result<(Machine, MachineEvents), LaunchError> {
        let opened = match prepared {
            Ok(()) => self.open(patience, news).await,
            Err(fault) => Err(fault.into()),
        };
        match (opened, &self.held) {
            (Ok(opened), Some(held)) => {
                let (spec, power) = (held.spec.clone(), held.power.clone());
                Ok(self.finished(opened, &spec, power))
            }
            (Err(error), _) => {
                self.shutdown().await;
                Err(error)
            }
            (Ok(_), None) => Err(over().into()),
        }
    }

    /// Opens the handles and switches the board on.
    async fn open(
        &mut self,
        patience: Duration,
        news: &(impl Fn(BoardNews) + Send + Sync),
    ) -> Result<Opened, LaunchError> {
        let Some(held) = &self.held else {
            return Err(over().into());
        };
        let heard = self.events.subscribe();
        let lines = async |patience| {
            open_lines(held, &self.folder, &self.events, &self.gaps, patience).await
        };
        let mut opened = lines(patience).await;
        let is_on = matches!(&opened, Err(error) if may_come_with_power(&held.spec, error));
        if is_on {
            held.log.say(
                "the serial device is not there: the board is switched on first, and its first words may be missing",
            );
            held.power.start().await?;
            opened = lines(LINE_COMES).await;
        }
        let Lines {
            serial,
            driver,
            line,
        } = opened?;
        self.driver = driver;
        self.line = line;
        if !is_on {
            held.power.start().await?;
        }
        news(BoardNews::On);
        let generations = Arc::clone(&self.generations);
        let (screen, player) = screen_and_input(held, generations).await?;
        Ok(Opened {
            serial,
            screen,
            player,
            heard,
        })
    }

    fn finished(
        self,
        opened: Opened,
        spec: &BoardSpec,
        power: BoardPower,
    ) -> (Machine, MachineEvents) {
        let Opened {
            serial,
            screen,
            player,
            heard,
        } = opened;
        let capabilities = spec.capabilities();
        let has = |capability| capabilities.require(capability);
        let machine = Machine {
            facts: facts(spec),
            screen,
            keyboard: Keyboard::new(player.clone(), has(Capability::Keyboard)),
            pointer: Pointer::new(player, has(Capability::Pointer)),
            serials: has(Capability::Serial)
                .map(|()| vec![serial.clone()])
                .unwrap_or_default(),
            console: serial,
            agent: Agent::absent(Lack::without_remedy(Capability::Agent)),
            power: Power::of_board(power, capabilities.clone()),
            capabilities,
            processors: Processors::unknown(),
            starvation: Starvation::default(),
            events: self.events.downgrade(),
            backend: Backend::Board(Box::new(self)),
        };
        (machine, MachineEvents::new(heard))
    }

    /// Switches it off and on again, without writing its storage.
    pub(crate) async fn relaunch(mut self) -> Result<(Machine, MachineEvents), LaunchError> {
        self.driver.abort();
        // Many serial servers have one client at a time.
        self.line = None;
        // It stays with this value while it waits: dropping that switches the board off.
        let off = match &self.held {
            Some(held) => held.power.cut().await,
            None => Err(over()),
        };
        let Some(held) = self.held.take() else {
            return Err(over().into());
        };
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let power = held
            .parts
            .power(&held.spec, events.clone(), held.log.clone());
        let again = Self {
            held: Some(Held { power, ..held }),
            folder: self.folder.clone(),
            generations: Arc::clone(&self.generations),
            events,
            driver: tokio::spawn(std::future::ready(())),
            line: None,
            gaps: Gaps::none(),
            is_over: AtomicBool::new(false),
        };
        again.started(off, LINE_CLOSES, &|_| {}).await
    }
}

fn over() -> BoardFault {
    BoardFault::new(FaultKind::Refused, "the board was given back already")
}

fn facts(spec: &BoardSpec) -> MachineFacts {
    MachineFacts {
        arch: spec.arch,
        cpu_model: "board".to_owned(),
        cpus: 0,
        memory_mib: 0,
        firmware: "its own".to_owned(),
        backend: BackendFacts::Board(spec.sources()),
    }
}

#[cfg(test)]
#[path = "launch_tests.rs"]
mod tests;
