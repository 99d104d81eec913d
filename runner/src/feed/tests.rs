//! Tests of the feed: which listener gets which entries.

use super::*;
use reports::{Envelope, Event, NoticeKind};

fn note(text: &str) -> Entry {
    Entry {
        envelope: Envelope::default(),
        event: Event::Note { text: text.into() },
    }
}

fn notice() -> Notice {
    Notice {
        scenario: Some("login".into()),
        attempt: Some(1),
        machine: None,
        kind: NoticeKind::Nearest {
            needle: "greeter".into(),
            similarity: 0.5,
            required: 0.96,
        },
    }
}

fn heard(news: &mut mpsc::UnboundedReceiver<News>) -> Vec<String> {
    let mut heard = Vec::new();
    while let Ok(news) = news.try_recv() {
        heard.push(match news {
            News::Entry(entry) => format!("{} {:?}", entry.envelope.seq, entry.event),
            News::Notice(_) => "notice".to_owned(),
        });
    }
    heard
}

#[test]
fn whoever_comes_late_hears_all_from_the_beginning_and_once() {
    let feed = Feed::new();
    let (early, mut early_news) = Queue::new(true);
    feed.listen(early);
    feed.publish(note("one"));
    feed.publish(note("two"));
    let (late, mut late_news) = Queue::new(true);
    feed.listen(late);
    feed.publish(note("three"));
    let early = heard(&mut early_news);
    assert_eq!(early.len(), 3);
    assert!(early[2].starts_with("2 "), "{early:?}");
    assert_eq!(heard(&mut late_news), early);
}

#[test]
fn notices_go_to_those_who_show_them_and_are_not_kept() {
    let feed = Feed::new();
    let (plain, mut plain_news) = Queue::new(false);
    feed.listen(plain);
    let (terminal, mut terminal_news) = Queue::new(true);
    feed.listen(terminal);
    feed.notify(&notice());
    assert_eq!(heard(&mut plain_news), [""; 0]);
    assert_eq!(heard(&mut terminal_news), ["notice"]);
    let (late, mut late_news) = Queue::new(true);
    feed.listen(late);
    assert_eq!(heard(&mut late_news), [""; 0]);
}

#[test]
fn a_display_that_is_gone_is_no_failure() {
    let feed = Feed::new();
    let (gone, news) = Queue::new(true);
    feed.listen(gone);
    drop(news);
    feed.publish(note("one"));
    feed.notify(&notice());
    assert_eq!(feed.broken(), None);
}

/// Takes one entry, and fails at the next.
struct Full(Option<()>);

impl Listener for Full {
    fn entry(&mut self, _entry: &Arc<Entry>) -> io::Result<()> {
        let room = self.0.take();
        room.ok_or_else(|| io::Error::other("it is full"))
    }
}

#[test]
fn a_listener_that_fails_is_remembered_and_hears_no_more() {
    let feed = Feed::new();
    let (other, mut news) = Queue::new(false);
    feed.listen(Full(Some(())));
    feed.listen(other);
    feed.publish(note("one"));
    assert_eq!(feed.broken(), None);
    feed.publish(note("two"));
    feed.publish(note("three"));
    assert_eq!(feed.broken().as_deref(), Some("it is full"));
    assert_eq!(heard(&mut news).len(), 3);
}

#[test]
fn the_queue_ends_when_the_feed_closes() {
    let feed = Feed::new();
    let (queue, mut news) = Queue::new(false);
    feed.listen(queue);
    feed.publish(note("one"));
    feed.close();
    feed.publish(note("two"));
    assert!(matches!(news.try_recv(), Ok(News::Entry(_))));
    assert!(matches!(
        news.try_recv(),
        Err(mpsc::error::TryRecvError::Disconnected)
    ));
}
