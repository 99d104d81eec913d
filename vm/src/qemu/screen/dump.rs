//! Takes pictures of the screen of a QEMU, by `screendump` into a file in memory.

use std::{io, time::Duration};

use qapi::{Empty, qmp};

use super::{MemoryFile, drawn_by_qemu};
use crate::{
    CaptureError, Frame,
    qemu::qmp::{Call, Qmp, QmpError, Trace},
    screen::{LONGEST_HEAD, Picture, PictureSource, Ppm, Taken},
};

/// The longest time of a capture. QEMU takes milliseconds, between other work.
const LIMIT: Duration = Duration::from_secs(10);

/// The screen of a QEMU.
#[derive(Debug)]
pub(crate) struct ScreenDump {
    qmp: Qmp,
    file: MemoryFile,
    buffer: Vec<u8>,
    // The header of the newest picture's file. The pixels of the newest frame follow it in the file.
    header: Vec<u8>,
}

impl ScreenDump {
    /// Returns a source that captures into `file`, which QEMU has inherited.
    pub(crate) fn new(qmp: Qmp, file: MemoryFile) -> Self {
        Self {
            qmp,
            file,
            buffer: Vec::new(),
            header: Vec::new(),
        }
    }

    async fn dump(&self) -> Result<(), CaptureError> {
        let call = Call {
            trace: Trace::FailuresOnly,
            limit: LIMIT,
            ..Call::default()
        };
        let command = qmp::screendump {
            device: None,
            // QEMU before 7.1 knows no other than the default, PPM.
            format: None,
            head: None,
            filename: self.file.path_for_heir(),
        };
        let dumped = self.qmp.ask(command, call).await;
        dumped.map(|Empty {}| ()).map_err(|error| match error {
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
        })
    }
}

impl PictureSource for ScreenDump {
    async fn take(&mut self, last: Option<&Frame>) -> Result<Taken<'_>, CaptureError> {
        self.dump().await?;
        if let Some(last) = last
            && self
                .file
                .holds(&self.header, &last.rgb)
                .map_err(unreadable)?
        {
            return Ok(Taken::Same);
        }
        self.file
            .read(&mut self.buffer, LONGEST_HEAD, |head, length| {
                Ppm::check_announced(head, length).map_err(io::Error::other)
            })
            .map_err(unreadable)?;
        let Ppm { width, height, rgb } = Ppm::parse(&self.buffer).map_err(unreadable)?;
        let picture = Picture { width, height, rgb };
        if let Some(placeholder) = drawn_by_qemu(picture) {
            return Err(CaptureError::Placeholder(placeholder));
        }
        let pixels = self.buffer.len() - rgb.len();
        self.header.clear();
        self.header.extend_from_slice(&self.buffer[..pixels]);
        Ok(Taken::Picture(picture))
    }
}

fn unreadable(error: impl ToString) -> CaptureError {
    CaptureError::Unreadable {
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Arc};

    use tokio::time::Instant;

    use super::*;
    use crate::{
        Rect, Screen, ScreenState,
        qemu::qmp::fake::FakeQemu,
        screen::{CaptureTask, ScreenNudge},
    };

    /// A QEMU that shows pictures.
    struct Picture {
        qemu: FakeQemu,
        path: String,
    }

    impl Picture {
        async fn start() -> (Screen, Self, ScreenNudge) {
            let (qmp, _events, qemu) = FakeQemu::connected().await;
            let file = MemoryFile::new().unwrap();
            // This process inherits the file from itself.
            let path = file.path_for_heir();
            let nudge = ScreenNudge::default();
            let screen =
                CaptureTask::start(ScreenDump::new(qmp, file), nudge.clone(), Arc::default());
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
        // A file of a terabyte that takes no block on any disk.
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
