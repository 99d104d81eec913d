//! Tests of the looks, on a clock that the tests move.

use tokio::sync::oneshot::{Receiver, error::TryRecvError};

use super::*;

const MS: Duration = Duration::from_millis(1);

struct Bench {
    looks: Looks,
    now: Instant,
}

impl Bench {
    /// A connection to a screen of 2 x 1 pixels, whose first look has ended.
    async fn new() -> Self {
        let now = Instant::now();
        let looks = Looks::new("the server".to_owned(), (2, 1), now);
        let mut bench = Self { looks, now };
        assert_eq!(bench.paint(0, 2, 1), None);
        assert!(!bench.looks.is_under_way());
        // The answer to the first request was the only one.
        bench.now += 1000 * MS;
        bench
    }

    fn wish(&mut self) -> (Option<Ask>, Receiver<Result<Shot, BoardFault>>) {
        let (answer, answered) = oneshot::channel();
        (self.looks.wish(answer, self.now), answered)
    }

    fn paint(&mut self, x: u16, width: u16, value: u8) -> Option<Ask> {
        let rect = Rect {
            x,
            y: 0,
            width,
            height: 1,
        };
        let pixels = vec![value; usize::from(width) * 4];
        self.came(VncEvent::RawImage(rect, pixels))
    }

    fn came(&mut self, event: VncEvent) -> Option<Ask> {
        self.looks.came(event, self.now).unwrap()
    }

    fn tick_after(&mut self, time: Duration) -> Option<Ask> {
        self.now += time;
        self.looks.tick(self.now).unwrap()
    }
}

fn value(answered: &mut Receiver<Result<Shot, BoardFault>>) -> Option<u8> {
    match answered.try_recv() {
        Ok(shot) => Some(shot.unwrap().rgb[0]),
        Err(TryRecvError::Empty) => None,
        Err(TryRecvError::Closed) => panic!("closed"),
    }
}

#[tokio::test]
async fn a_call_while_a_look_is_under_way_waits_for_the_next_one() {
    let mut bench = Bench::new().await;
    let (ask, mut first) = bench.wish();
    assert_eq!(ask, Some(Ask::Whole));
    bench.paint(0, 1, 2);
    let (ask, mut second) = bench.wish();
    assert_eq!(ask, None);
    assert_eq!(bench.paint(1, 1, 2), Some(Ask::Whole));
    assert_eq!(value(&mut first), Some(2));
    assert_eq!(value(&mut second), None);
    assert_eq!(bench.paint(0, 2, 3), None);
    assert_eq!(value(&mut second), Some(3));
}

#[tokio::test]
async fn a_call_that_was_dropped_starts_no_further_look() {
    let mut bench = Bench::new().await;
    let (_, mut first) = bench.wish();
    drop(bench.wish());
    assert_eq!(bench.paint(0, 2, 2), None);
    assert_eq!(value(&mut first), Some(2));
    assert!(!bench.looks.is_under_way());
}

#[tokio::test]
async fn a_server_that_says_nothing_is_woken_up_once() {
    let mut bench = Bench::new().await;
    let (_, _answered) = bench.wish();
    assert_eq!(bench.tick_after(49 * MS), None);
    assert_eq!(bench.tick_after(MS), Some(Ask::Nothing));
    assert_eq!(bench.tick_after(50 * MS), None);
    // One that has said something is awake.
    bench.paint(0, 2, 1);
    let (_, _answered) = bench.wish();
    bench.paint(0, 1, 1);
    assert_eq!(bench.tick_after(100 * MS), None);
}

#[tokio::test]
async fn a_request_that_a_resize_dropped_is_made_again_and_the_old_answer_is_not_taken_for_new() {
    let mut bench = Bench::new().await;
    let (_, mut first) = bench.wish();
    bench.came(VncEvent::SetResolution((4, 1).into()));
    assert_eq!(bench.tick_after(100 * MS), None);
    assert_eq!(bench.tick_after(150 * MS), Some(Ask::Whole));
    assert_eq!(bench.paint(0, 4, 2), None);
    assert_eq!(value(&mut first), Some(2));
    // One of the two requests may still be answered, by what was there before the next call.
    let (ask, mut second) = bench.wish();
    assert_eq!(ask, Some(Ask::Whole));
    assert_eq!(bench.paint(0, 4, 3), Some(Ask::Whole));
    assert_eq!(value(&mut second), None);
    assert_eq!(bench.paint(0, 4, 4), None);
    assert_eq!(value(&mut second), Some(4));
    // After a silence it cannot.
    bench.now += 500 * MS;
    let (_, mut third) = bench.wish();
    assert_eq!(bench.paint(0, 4, 5), None);
    assert_eq!(value(&mut third), Some(5));
}

#[tokio::test]
async fn a_resize_that_answers_with_the_new_size_needs_no_second_request() {
    let mut bench = Bench::new().await;
    let (_, mut answered) = bench.wish();
    bench.paint(0, 2, 9);
    assert_eq!(value(&mut answered), Some(9));
    let (_, mut answered) = bench.wish();
    bench.paint(0, 1, 2);
    bench.came(VncEvent::SetResolution((1, 1).into()));
    assert_eq!(value(&mut answered), None);
    assert_eq!(bench.paint(0, 1, 3), None);
    let shot = answered.try_recv().unwrap().unwrap();
    assert_eq!((shot.width, shot.height, shot.rgb), (1, 1, vec![3; 3]));
}

#[tokio::test]
async fn a_silent_server_is_told_to_the_caller_asked_again_and_given_up_in_the_end() {
    let mut bench = Bench::new().await;
    let (_, mut answered) = bench.wish();
    bench.tick_after(PATIENCE - MS);
    assert_eq!(value(&mut answered), None);
    assert_eq!(bench.tick_after(MS), Some(Ask::Whole));
    let fault = answered.try_recv().unwrap().unwrap_err();
    assert_eq!(fault.words, "the server did not answer within 5 s");
    bench.now += GIVEN_UP;
    let fault = bench.looks.tick(bench.now).unwrap_err();
    assert_eq!(fault.words, "the server did not answer within 30 s");
}

#[tokio::test]
async fn a_server_that_trickles_pixels_for_ever_keeps_no_caller_waiting() {
    let mut bench = Bench::new().await;
    let (_, mut answered) = bench.wish();
    for _ in 0..20 {
        assert_eq!(value(&mut answered), None);
        bench.paint(0, 1, 1);
        bench.tick_after(1000 * MS);
    }
    let fault = answered.try_recv().unwrap().unwrap_err();
    assert!(
        fault.words.contains("no whole picture within 20 s"),
        "{fault}"
    );
}
