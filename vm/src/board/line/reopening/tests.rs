//! Lines that are lost, on a clock that does not wait.

use std::sync::{Arc, Mutex};

use super::*;

/// The board's ends of the lines that were opened, and the times of all tries.
#[derive(Clone)]
struct Board {
    gap: Gap,
    ends: Arc<Mutex<Vec<DuplexStream>>>,
    tries: Arc<Mutex<Vec<Instant>>>,
}

fn fault() -> BoardFault {
    BoardFault::new(FaultKind::Unreachable, "no board")
}

impl Board {
    fn new() -> Self {
        Self {
            gap: Gap::of_line(),
            ends: Arc::default(),
            tries: Arc::default(),
        }
    }

    fn line(&self) -> LineStream {
        let (ours, theirs) = duplex(1024);
        self.ends.lock().unwrap().push(theirs);
        let (read, write) = tokio::io::split(ours);
        LineStream::new(read, write)
    }

    fn end(&self) -> DuplexStream {
        self.ends.lock().unwrap().pop().unwrap()
    }

    /// Opens a line that can be opened again whenever `may_open` says so for the number of the try.
    fn carried(
        &self,
        give_up: u64,
        pace: Pace,
        may_open: impl Fn(usize) -> bool + Send + 'static,
    ) -> (LineStream, mpsc::Receiver<LineNews>) {
        let board = self.clone();
        let open = move || {
            board.tries.lock().unwrap().push(Instant::now());
            let number = board.tries.lock().unwrap().len();
            let line = may_open(number).then(|| board.line());
            std::future::ready(line.ok_or_else(fault))
        };
        let name = "the serial line at lab:4001".to_owned();
        let give_up = Duration::from_secs(give_up);
        carried(open, self.line(), name, give_up, pace, &self.gap)
    }
}

async fn text(line: &mut LineStream, length: usize) -> String {
    let mut bytes = vec![0; length];
    line.read.read_exact(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_lost_line_comes_back_under_the_same_reader() {
    let board = Board::new();
    let (mut line, mut news) = board.carried(60, Pace::UNLIMITED, |number| number == 3);
    let mut end = board.end();
    end.write_all(b"U-Boot SPL").await.unwrap();
    assert_eq!(text(&mut line, 10).await, "U-Boot SPL");
    drop(end);
    let LineNews::Lost(fault) = news.recv().await.unwrap() else {
        panic!("it was lost");
    };
    assert_eq!(
        fault.words,
        "the serial line at lab:4001 was closed by its other end"
    );
    // Written while it is lost, and sent when it is back.
    line.write.write_all(b"help").await.unwrap();
    assert_eq!(news.recv().await, Some(LineNews::Back));
    let mut end = board.end();
    end.write_all(b"OpenSBI").await.unwrap();
    assert_eq!(text(&mut line, 7).await, "OpenSBI");
    let mut bytes = [0; 4];
    end.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"help");
}

#[tokio::test(start_paused = true)]
async fn the_waits_grow_and_end() {
    let board = Board::new();
    let (mut line, mut news) = board.carried(30, Pace::UNLIMITED, |_| false);
    let begun = Instant::now();
    drop(board.end());
    assert_eq!(line.read.read(&mut [0; 8]).await.unwrap(), 0);
    assert!(
        (30..32).contains(&begun.elapsed().as_secs()),
        "{:?}",
        begun.elapsed()
    );
    assert!(matches!(news.recv().await, Some(LineNews::Lost(_))));
    let Some(LineNews::Gone(fault)) = news.recv().await else {
        panic!("it was given up");
    };
    assert_eq!(
        fault.words,
        "no board; for 30 s it could not be opened again"
    );
    assert_eq!(news.recv().await, None);
    let tries = board.tries.lock().unwrap();
    let waits: Vec<f32> = tries
        .windows(2)
        .map(|two| (two[1] - two[0]).as_secs_f32())
        .collect();
    let near = |wait: f32, expected: f32| (wait - expected).abs() < 0.05;
    assert!(
        near(waits[0], 0.4) && near(waits[1], 0.8) && near(waits[4], 5.0),
        "{waits:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_closes_each_connection_at_once_is_given_up() {
    let board = Board::new();
    let (mut line, mut news) = board.carried(20, Pace::UNLIMITED, |_| true);
    drop(board.end());
    let mut last = None;
    while let Some(next) = news.recv().await {
        if next == LineNews::Back {
            drop(board.end());
        }
        last = Some(next);
    }
    assert!(matches!(last, Some(LineNews::Gone(_))), "{last:?}");
    assert!(board.tries.lock().unwrap().len() < 12);
    assert_eq!(line.read.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_was_steady_starts_with_short_waits_again() {
    let board = Board::new();
    let (_line, mut news) = board.carried(10, Pace::UNLIMITED, |_| true);
    // Longer in sum than the time after which it is given up.
    for _ in 0..5 {
        let end = board.end();
        sleep(STEADY * 2).await;
        let lost = Instant::now();
        drop(end);
        assert!(matches!(news.recv().await, Some(LineNews::Lost(_))));
        assert_eq!(news.recv().await, Some(LineNews::Back));
        assert!(lost.elapsed() < FIRST_WAIT * 2, "{:?}", lost.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn the_words_of_a_source_are_kept() {
    struct Broken;
    impl AsyncRead for Broken {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::Error::other(fault())))
        }
    }
    let first = LineStream::new(Broken, tokio::io::sink());
    let open = || std::future::ready(Err(fault()));
    let give_up = Duration::from_secs(1);
    let (_line, mut news) = carried(
        open,
        first,
        String::new(),
        give_up,
        Pace::UNLIMITED,
        &Gap::of_line(),
    );
    assert_eq!(news.recv().await, Some(LineNews::Lost(fault())));
}

#[tokio::test(start_paused = true)]
async fn a_slow_board_gets_its_bytes_one_chunk_at_a_time() {
    let board = Board::new();
    let pace = Pace {
        chunk: 2,
        pause: Duration::from_millis(100),
    };
    let (mut line, _news) = board.carried(10, pace, |_| true);
    let mut end = board.end();
    let begun = Instant::now();
    let writing = line.write.write_all(b"0123456789");
    let mut bytes = [0; 10];
    let (written, read) = tokio::join!(writing, end.read_exact(&mut bytes));
    written.unwrap();
    read.unwrap();
    assert_eq!(&bytes, b"0123456789");
    assert!(
        begun.elapsed() >= Duration::from_millis(400),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_line_that_is_dropped_is_closed() {
    let board = Board::new();
    let (line, mut news) = board.carried(10, Pace::UNLIMITED, |_| true);
    let mut end = board.end();
    drop(line);
    assert_eq!(end.read(&mut [0; 8]).await.unwrap(), 0);
    assert_eq!(news.recv().await, None);
    assert_eq!(board.tries.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_reader_outlives_the_writer() {
    let board = Board::new();
    let (line, _news) = board.carried(10, Pace::UNLIMITED, |_| true);
    let LineStream { mut read, write } = line;
    drop(write);
    let mut end = board.end();
    end.write_all(b"still").await.unwrap();
    let mut bytes = [0; 5];
    read.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"still");
}
