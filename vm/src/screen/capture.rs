use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    time::{Instant, sleep_until},
};

use super::{
    CaptureError, Frame, MemoryFile, Placeholder, Screen, ScreenState,
    change::changed_area,
    pacing::interval,
    ppm::{LONGEST_HEAD, Ppm},
};
use crate::qmp::{Call, Qmp, QmpError, Trace};

/// How long a capture may take. QEMU does it in milliseconds, between two bits of other work.
const LIMIT: Duration = Duration::from_secs(10);

/// Tells the capture task that something was done that the screen may show.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScreenNudge(Arc<Notify>);

impl ScreenNudge {
    pub(crate) fn nudge(&self) {
        self.0.notify_one();
    }
}

/// The task behind a [`Screen`].
#[derive(Debug)]
pub(crate) struct CaptureTask {
    qmp: Qmp,
    file: MemoryFile,
    buffer: Vec<u8>,
    // What the newest picture's file began with; behind it come the pixels of the newest frame.
    header: Vec<u8>,
    nudge: ScreenNudge,
    requests: mpsc::Receiver<FrameRequest>,
    state: watch::Sender<ScreenState>,
    checked: watch::Sender<Option<std::time::Instant>>,
    generations: Arc<AtomicU64>,
}

/// Asks for a frame captured after the request.
pub(super) type FrameRequest = oneshot::Sender<Result<Frame, CaptureError>>;

impl CaptureTask {
    /// Starts to capture into `file`, which QEMU has inherited. Ends with the connection to QEMU. `generations` counts
    /// on across restarts of a machine.
    pub(crate) fn start(
        qmp: Qmp,
        file: MemoryFile,
        nudge: ScreenNudge,
        generations: Arc<AtomicU64>,
    ) -> Screen {
        let (requests, queue) = mpsc::channel(16);
        let (state, state_seen) = watch::channel(ScreenState::Starting);
        let (checked, checked_seen) = watch::channel(None);
        let task = Self {
            qmp,
            file,
            buffer: Vec::new(),
            header: Vec::new(),
            nudge,
            requests: queue,
            state,
            checked,
            generations,
        };
        tokio::spawn(task.run());
        Screen::new(state_seen, checked_seen, requests)
    }

    /// The screen of a machine without one.
    pub(crate) fn none() -> Screen {
        let (requests, _) = mpsc::channel(1);
        let (_, state) = watch::channel(ScreenState::Unavailable {
            reason: CaptureError::NoScreen,
            last: None,
        });
        let (_, checked) = watch::channel(None);
        Screen::new(state, checked, requests)
    }

    async fn run(mut self) {
        let (mut input, mut change) = (Instant::now(), Instant::now());
        let mut next = input;
        let mut waiting: Vec<FrameRequest> = Vec::new();
        loop {
            tokio::select! {
                // A request that came before the capture begins is answered by it.
                request = self.requests.recv() => match request {
                    Some(request) => waiting.push(request),
                    // Every handle is gone.
                    None => return,
                },
                () = self.nudge.0.notified() => {
                    input = Instant::now();
                    next = next.min(input + interval(Duration::ZERO, Duration::ZERO));
                    continue;
                }
                () = sleep_until(next) => {}
            }
            while let Ok(request) = self.requests.try_recv() {
                waiting.push(request);
            }
            let begun = Instant::now();
            let captured = self.capture(begun.into_std()).await;
            if matches!(captured, Ok((_, Novelty::New))) {
                change = Instant::now();
            }
            let captured = captured.map(|(frame, _)| frame);
            // Before anyone is answered: who hears that there is no picture must not find the one before in the state.
            match &captured {
                Ok(_) | Err(CaptureError::Gone) => {}
                Err(reason) => self.fail(reason.clone()),
            }
            for request in waiting.drain(..) {
                // Whoever asked may have gone.
                let _ = request.send(captured.clone());
            }
            if matches!(captured, Err(CaptureError::Gone)) {
                return;
            }
            next = begun
                + interval(
                    begun.saturating_duration_since(input),
                    begun.saturating_duration_since(change),
                );
        }
    }

    async fn capture(
        &mut self,
        begun: std::time::Instant,
    ) -> Result<(Frame, Novelty), CaptureError> {
        let call = Call {
            trace: Trace::FailuresOnly,
            limit: LIMIT,
            ..Call::default()
        };
        let arguments = json!({"filename": self.file.path_for_heir()});
        self.qmp
            .call("screendump", arguments, call)
            .await
            .map_err(|error| match error {
                QmpError::Refused { description, .. } => CaptureError::Refused {
                    reason: description,
                },
                QmpError::TimedOut { seconds, .. } => CaptureError::TimedOut { seconds },
                QmpError::Closed { .. } => CaptureError::Gone,
                error @ (QmpError::UnexpectedAnswer { .. } | QmpError::Unsendable { .. }) => {
                    CaptureError::Refused {
                        reason: error.to_string(),
                    }
                }
            })?;
        let unreadable = |reason: String| CaptureError::Unreadable { reason };
        let last = self.state.borrow().frame().cloned();
        if let Some(last) = last
            && self
                .file
                .holds(&self.header, &last.rgb)
                .map_err(|error| unreadable(error.to_string()))?
        {
            self.checked.send_replace(Some(begun));
            return Ok((self.again(begun, last), Novelty::Known));
        }
        self.file
            .read(&mut self.buffer, LONGEST_HEAD, |head, length| {
                Ppm::check_announced(head, length).map_err(io::Error::other)
            })
            .map_err(|error| unreadable(error.to_string()))?;
        let picture = Ppm::parse(&self.buffer).map_err(|error| unreadable(error.to_string()))?;
        if let Some(placeholder) = Placeholder::of(&picture) {
            self.checked.send_replace(Some(begun));
            return Err(CaptureError::Placeholder(placeholder));
        }
        let pixels = self.buffer.len() - picture.rgb.len();
        self.header.clear();
        self.header.extend_from_slice(&self.buffer[..pixels]);
        self.checked.send_replace(Some(begun));
        Ok(self.publish(begun, &picture))
    }

    fn publish(&self, begun: std::time::Instant, picture: &Ppm<'_>) -> (Frame, Novelty) {
        let Ppm { width, height, rgb } = *picture;
        let mut changed = None;
        let current = self.state.borrow().clone();
        if let Some(last) = current.frame()
            && (last.width, last.height) == (width, height)
        {
            changed = changed_area(&last.rgb, rgb, width);
            if changed.is_none() {
                return (self.again(begun, last.clone()), Novelty::Known);
            }
        }
        let frame = Frame {
            generation: self.generations.fetch_add(1, Ordering::Relaxed) + 1,
            captured: begun,
            width,
            height,
            rgb: rgb.into(),
            changed,
        };
        self.state.send_replace(ScreenState::Shown(frame.clone()));
        (frame, Novelty::New)
    }

    /// The screen still shows the newest frame.
    fn again(&self, begun: std::time::Instant, last: Frame) -> Frame {
        let unavailable = matches!(*self.state.borrow(), ScreenState::Unavailable { .. });
        if unavailable {
            self.state.send_replace(ScreenState::Shown(last.clone()));
        }
        Frame {
            captured: begun,
            ..last
        }
    }

    fn fail(&self, reason: CaptureError) {
        self.state.send_if_modified(|state| {
            let known = matches!(state, ScreenState::Unavailable { reason: before, .. } if *before == reason);
            if !known {
                *state = ScreenState::Unavailable {
                    last: state.frame().cloned(),
                    reason,
                };
            }
            !known
        });
    }
}

/// Whether a capture shows something else than the one before.
#[derive(Debug, PartialEq, Eq)]
enum Novelty {
    New,
    Known,
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{Rect, qmp::fake::FakeQemu};

    /// A QEMU that shows pictures.
    struct Picture {
        qemu: FakeQemu,
        path: String,
    }

    impl Picture {
        async fn start() -> (Screen, Self, ScreenNudge) {
            let (qmp, _events, qemu) = FakeQemu::connected().await;
            let file = MemoryFile::new().unwrap();
            // This process is the heir here.
            let path = file.path_for_heir();
            let nudge = ScreenNudge::default();
            let screen = CaptureTask::start(qmp, file, nudge.clone(), Arc::default());
            (screen, Self { qemu, path }, nudge)
        }

        async fn show(&mut self, width: u32, height: u32, rgb: &[u8]) {
            let heard = self.qemu.heard().await;
            assert_eq!(heard["execute"], "screendump");
            let ppm = [format!("P6\n{width} {height}\n255\n").as_bytes(), rgb].concat();
            fs::write(&self.path, ppm).unwrap();
            self.qemu
                .say(&format!("{{\"return\": {{}}, \"id\": {}}}\n", heard["id"]))
                .await;
        }

        async fn refuse(&mut self) {
            let id = self.qemu.heard().await["id"].clone();
            self.qemu
                .say(&format!(
                    "{{\"error\": {{\"class\": \"GenericError\", \"desc\": \"no surface\"}}, \
                    \"id\": {id}}}\n"
                ))
                .await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_changes_are_published_with_their_area() {
        let (screen, mut picture, _nudge) = Picture::start().await;
        let mut watch = screen.watch();
        picture.show(2, 2, &[0; 12]).await;
        watch.changed().await.unwrap();
        let first = watch.borrow_and_update().frame().unwrap().clone();
        assert_eq!(
            (first.generation, first.width, first.height, first.changed),
            (1, 2, 2, None)
        );
        picture.show(2, 2, &[0; 12]).await;
        picture
            .show(2, 2, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9])
            .await;
        watch.changed().await.unwrap();
        let second = watch.borrow_and_update().frame().unwrap().clone();
        let area = Rect {
            x: 1,
            y: 1,
            width: 1,
            height: 1,
        };
        assert_eq!((second.generation, second.changed), (2, Some(area)));
    }

    #[tokio::test(start_paused = true)]
    async fn another_size_is_a_new_frame_without_area() {
        let (screen, mut picture, _nudge) = Picture::start().await;
        picture.show(2, 2, &[0; 12]).await;
        picture.show(1, 1, &[0; 3]).await;
        let frame = screen
            .watch()
            .wait_for(|state| state.frame().is_some_and(|frame| frame.generation == 2))
            .await
            .unwrap()
            .frame()
            .unwrap()
            .clone();
        assert_eq!((frame.width, frame.height, frame.changed), (1, 1, None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_screen_that_cannot_be_captured_is_told_once_and_comes_back() {
        let (screen, mut picture, _nudge) = Picture::start().await;
        let mut watch = screen.watch();
        picture.show(1, 1, &[5; 3]).await;
        watch.changed().await.unwrap();
        watch.borrow_and_update();
        picture.refuse().await;
        watch.changed().await.unwrap();
        match &*watch.borrow_and_update() {
            ScreenState::Unavailable { reason, last } => {
                assert_eq!(
                    reason.to_string(),
                    "the screen cannot be captured: no surface"
                );
                assert_eq!(last.as_ref().unwrap().generation, 1);
            }
            state => panic!("{state:?}"),
        }
        picture.refuse().await;
        picture.show(1, 1, &[5; 3]).await;
        watch.changed().await.unwrap();
        assert!(
            matches!(&*watch.borrow_and_update(), ScreenState::Shown(frame) if frame.generation == 1)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_asked_for_is_captured_after_the_question() {
        let (screen, mut picture, _nudge) = Picture::start().await;
        picture.show(1, 1, &[0; 3]).await;
        let before = screen
            .watch()
            .wait_for(|state| state.frame().is_some())
            .await
            .unwrap()
            .frame()
            .unwrap()
            .captured;
        let (frame, ()) = tokio::join!(screen.now(), picture.show(1, 1, &[1; 3]));
        let frame = frame.unwrap();
        assert_eq!(frame.generation, 2);
        // The clock stands still meanwhile: no interval was waited for.
        assert!(frame.captured >= before);
        assert_eq!(screen.last_checked(), Some(frame.captured));
    }

    #[tokio::test(start_paused = true)]
    async fn who_hears_that_there_is_no_picture_finds_none_in_the_state() {
        let (screen, mut picture, _nudge) = Picture::start().await;
        picture.show(1, 1, &[0; 3]).await;
        let mut watch = screen.watch();
        watch
            .wait_for(|state| state.frame().is_some())
            .await
            .unwrap();
        let (frame, ()) = tokio::join!(screen.now(), picture.refuse());
        assert!(matches!(frame, Err(CaptureError::Refused { .. })));
        assert!(matches!(screen.state(), ScreenState::Unavailable { .. }));
    }

    #[tokio::test(start_paused = true)]
    async fn garbage_is_an_error_and_captures_go_on() {
        let (screen, mut picture, _nudge) = Picture::start().await;
        let mut watch = screen.watch();
        picture.show(3, 3, &[0; 5]).await;
        watch.changed().await.unwrap();
        match &*watch.borrow_and_update() {
            ScreenState::Unavailable { reason, last: None } => assert_eq!(
                reason.to_string(),
                "the captured picture cannot be read: it has 5 bytes of pixels, expected 27"
            ),
            state => panic!("{state:?}"),
        }
        picture.show(1, 1, &[0; 3]).await;
        watch.changed().await.unwrap();
        assert!(watch.borrow().frame().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_picture_that_lies_about_its_size_takes_no_memory() {
        let (screen, mut picture, _nudge) = Picture::start().await;
        let mut watch = screen.watch();
        // A file of a terabyte, without a block on any disk.
        let heard = picture.qemu.heard().await;
        let file = fs::File::options().write(true).open(&picture.path).unwrap();
        fs::write(&picture.path, "P6\n2 2\n255\n").unwrap();
        file.set_len(1 << 40).unwrap();
        let answer = format!("{{\"return\": {{}}, \"id\": {}}}\n", heard["id"]);
        picture.qemu.say(&answer).await;
        watch.changed().await.unwrap();
        match &*watch.borrow_and_update() {
            ScreenState::Unavailable { reason, last: None } => assert_eq!(
                reason.to_string(),
                "the captured picture cannot be read: it has 1099511627765 bytes of pixels, expected 12"
            ),
            state => panic!("{state:?}"),
        }
        file.set_len(0).unwrap();
        picture.show(1, 1, &[0; 3]).await;
        watch.changed().await.unwrap();
        assert!(watch.borrow().frame().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn captures_slow_down_and_a_nudge_quickens_them() {
        let (_screen, mut picture, nudge) = Picture::start().await;
        for _ in 0..40 {
            picture.show(1, 1, &[0; 3]).await;
        }
        let before = Instant::now();
        picture.show(1, 1, &[0; 3]).await;
        assert_eq!(before.elapsed().as_millis().div_ceil(10), 25);
        nudge.nudge();
        let before = Instant::now();
        picture.show(1, 1, &[0; 3]).await;
        assert!(before.elapsed() < Duration::from_millis(60));
    }

    #[tokio::test]
    async fn the_end_of_qemu_closes_the_watch_and_answers_who_waits() {
        let (screen, picture, _nudge) = Picture::start().await;
        let mut watch = screen.watch();
        drop(picture);
        assert_eq!(screen.now().await.unwrap_err(), CaptureError::Gone);
        while watch.changed().await.is_ok() {}
    }
}
