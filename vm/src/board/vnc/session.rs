//! One connection to a VNC server, from its log-in to its end.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use vnc::{VncClient, VncEvent, X11Event};

use super::{
    connection::Request,
    fault::{lost, silent},
    hands::Hands,
    look::{Ask, Looks, TICK},
    open::Opened,
};
use crate::{board::BoardFault, input::InputEvent};

/// The longest time in which a message must be on its way.
const SENDING: Duration = Duration::from_secs(5);

/// The reason why a connection ended.
pub(super) enum End {
    /// Nobody wants it any more.
    Unwanted,
    /// It was lost. `worked` tells whether there was a whole picture before.
    Lost { fault: BoardFault, worked: bool },
}

/// Serves the requests of the handles with a connection, until it ends.
pub(super) async fn serve(
    opened: Opened,
    source: &str,
    hands: &mut Hands,
    requests: &mut mpsc::Receiver<Request>,
) -> End {
    let mut session = Session {
        client: opened.client,
        source,
        looks: Looks::new(source.to_owned(), opened.screen, Instant::now()),
        hands,
    };
    let mut ticked = Instant::now();
    loop {
        let tick = sleep_until(ticked + TICK);
        let done = tokio::select! {
            event = session.client.recv_event() => match event {
                Ok(event) => session.came(event).await,
                Err(_) => Err(lost(source, "the server closed it")),
            },
            request = requests.recv() => match request {
                Some(request) => session.serve(request).await,
                None => return End::Unwanted,
            },
            () = tick, if session.looks.is_under_way() => {
                ticked = Instant::now();
                session.tick(ticked).await
            }
        };
        if let Err(fault) = done {
            session.looks.refuse_all(&fault);
            let worked = session.looks.has_finished();
            return End::Lost { fault, worked };
        }
    }
}

struct Session<'a> {
    client: VncClient,
    source: &'a str,
    looks: Looks,
    hands: &'a mut Hands,
}

impl Session<'_> {
    async fn came(&mut self, event: VncEvent) -> Result<(), BoardFault> {
        let ask = self.looks.came(event, Instant::now())?;
        self.ask(ask).await
    }

    async fn tick(&mut self, now: Instant) -> Result<(), BoardFault> {
        let ask = self.looks.tick(now)?;
        self.ask(ask).await
    }

    async fn serve(&mut self, request: Request) -> Result<(), BoardFault> {
        match request {
            Request::Picture(answer) => {
                let ask = self.looks.wish(answer, Instant::now());
                self.ask(ask).await
            }
            Request::Input(events, answer) => {
                let sent = self.input(&events).await;
                // The caller may have gone.
                let _ = answer.send(sent.clone());
                sent
            }
        }
    }

    async fn input(&mut self, events: &[InputEvent]) -> Result<(), BoardFault> {
        for &event in events {
            let message = self.hands.message(event, self.looks.screen());
            self.send(message).await?;
        }
        Ok(())
    }

    async fn ask(&self, ask: Option<Ask>) -> Result<(), BoardFault> {
        match ask {
            Some(Ask::Whole) => self.send(X11Event::FullRefresh).await,
            Some(Ask::Nothing) => self.send(self.hands.nothing()).await,
            None => Ok(()),
        }
    }

    async fn send(&self, message: X11Event) -> Result<(), BoardFault> {
        match timeout(SENDING, self.client.input(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(lost(self.source, "the server closed it")),
            Err(_) => Err(silent(self.source, SENDING.as_secs())),
        }
    }
}
