//! Snapshots and streams, and what devices give instead.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{
    super::fake_site::{FakeSite, Reply, Request},
    *,
};
use crate::board::picture::tests::{jpeg, png};

const MJPEG: &str = "multipart/x-mixed-replace;boundary=cut";

fn spec(site: &FakeSite) -> HttpPictureSpec {
    HttpPictureSpec {
        address: site.address(),
        user: None,
        password: None,
        tls: Tls::System,
    }
}

fn part(headers: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("--cut\r\n{headers}Content-Length: {}\r\n\r\n", bytes.len());
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

/// Connects and takes a picture. Returns its size.
async fn size(site: &FakeSite) -> Result<(u32, u32), CaptureError> {
    let mut screen = HttpScreen::connect(&spec(site)).await?;
    take(&mut screen).await
}

async fn take(screen: &mut HttpScreen) -> Result<(u32, u32), CaptureError> {
    match screen.take(None).await? {
        Taken::Picture(picture) => Ok((picture.width, picture.height)),
        Taken::Same => panic!("the screen cannot know that"),
    }
}

fn short() -> Limits {
    Limits {
        answer: Duration::from_millis(50),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_picture_is_read_by_its_content() {
    for bytes in [jpeg(20, 10), png(20, 10)] {
        let site = FakeSite::http(move |_| Reply::ok("application/octet-stream", &bytes)).await;
        assert_eq!(size(&site).await, Ok((20, 10)));
    }
}

#[tokio::test]
async fn name_and_password_are_sent_and_asked_for() {
    let is_right =
        |request: &Request| request.header("authorization") == Some("Basic bWU6c2VjcmV0");
    let site = FakeSite::http(move |request| match is_right(&request) {
        true => Reply::ok("image/jpeg", &jpeg(20, 10)),
        false => Reply::new(401, "text/html", b"<h1>Unauthorized</h1>"),
    })
    .await;
    let fault = HttpScreen::connect(&spec(&site)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    let mut right = spec(&site);
    right.user = Some("me".to_owned());
    right.password = Some("secret".to_owned());
    assert!(!format!("{right:?}").contains("secret"));
    let mut screen = HttpScreen::connect(&right).await.unwrap();
    assert_eq!(take(&mut screen).await, Ok((20, 10)));
    assert!(!format!("{screen:?}").contains("secret"));
}

#[tokio::test]
async fn a_stream_gives_a_part_that_began_after_the_call() {
    // A part comes whenever the test says so.
    let (send, parts) = std::sync::mpsc::channel::<Vec<u8>>();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/stream", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::{BufRead, Write};
        let listener = listener.into_std().unwrap();
        listener.set_nonblocking(false).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = std::io::BufReader::new(stream.try_clone().unwrap()).lines();
        while !head.next().unwrap().unwrap().is_empty() {}
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {MJPEG}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        for part in parts {
            stream.write_all(&part).unwrap();
        }
    });
    let spec = HttpPictureSpec {
        address,
        user: None,
        password: None,
        tls: Tls::System,
    };
    let mut screen = HttpScreen::connect(&spec).await.unwrap();
    send.send(part("", &jpeg(20, 10))).unwrap();
    let mut news = screen.feed.as_ref().map(|feed| feed.news()).unwrap();
    news.changed().await.unwrap();
    // The first part is whole before the call. So it is the second one that is taken.
    let (taken, ()) = tokio::join!(take(&mut screen), async {
        send.send(part("", &jpeg(30, 10))).unwrap();
    });
    assert_eq!(taken, Ok((30, 10)));
}

#[tokio::test]
async fn a_stream_that_ended_is_asked_for_again() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let site = FakeSite::http(move |_| {
        let number = counted.fetch_add(1, Ordering::Relaxed) as u32;
        let body = part("", &jpeg(20 + number, 10));
        match number {
            0 => Reply::stream_that_ends(MJPEG, &[]),
            _ => Reply::stream(MJPEG, &body),
        }
    })
    .await;
    let mut screen = HttpScreen::connect(&spec(&site)).await.unwrap();
    let mut news = screen.feed.as_ref().map(|feed| feed.news()).unwrap();
    // The channel closes, or says so.
    let _ended = news.changed().await;
    assert_eq!(take(&mut screen).await, Ok((21, 10)));
}

#[tokio::test]
async fn a_stream_that_stops_in_the_middle_of_a_picture_is_told_in_time() {
    let whole = part("", &jpeg(20, 10));
    let half = whole[..whole.len() / 2].to_vec();
    let site = FakeSite::http(move |_| Reply::stream(MJPEG, &half)).await;
    let mut screen = HttpScreen::connect_within(&spec(&site), short()).await;
    let error = take(screen.as_mut().unwrap()).await.unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains("sent no whole picture within 50ms"),
        "{words}"
    );
}

#[tokio::test]
async fn a_stream_that_breaks_is_told() {
    let site = FakeSite::http(|_| Reply::stream_that_ends(MJPEG, b"--cut\r\n\r\n\xff\xd8")).await;
    let error = size(&site).await.unwrap_err().to_string();
    assert!(error.contains("sends no more pictures"), "{error}");
    let site = FakeSite::http(|_| Reply::stream(MJPEG, &b"x\n".repeat(20_000))).await;
    let error = size(&site).await.unwrap_err().to_string();
    assert!(error.contains("without a picture"), "{error}");
}

#[tokio::test]
async fn half_a_picture_is_not_understood() {
    let half = jpeg(200, 100)[..2000].to_vec();
    let site = FakeSite::http(move |_| Reply::ok("image/jpeg", &half)).await;
    let error = size(&site).await.unwrap_err();
    assert!(matches!(error, CaptureError::Broken { .. }), "{error}");
    assert!(error.to_string().contains("cut off"), "{error}");
    let body = part("", &jpeg(200, 100)[..2000]);
    let site = FakeSite::http(move |_| Reply::stream(MJPEG, &body)).await;
    let error = size(&site).await.unwrap_err();
    assert!(matches!(error, CaptureError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn no_signal_is_told_in_every_form() {
    let notice = jpeg(20, 10);
    let replies = [
        Reply::new(503, "text/plain", b"Service Unavailable"),
        Reply::ok("image/jpeg", &notice).header("X-UStreamer-Online", "false"),
        Reply::stream(MJPEG, &part("X-UStreamer-Online: false\r\n", &notice)),
    ];
    for reply in replies {
        let site = FakeSite::http(move |_| reply.clone()).await;
        let error = size(&site).await.unwrap_err();
        assert!(matches!(error, CaptureError::Refused { .. }), "{error}");
        assert!(error.to_string().contains("no signal"), "{error}");
    }
}

#[tokio::test]
async fn a_page_instead_of_a_picture_is_told() {
    let site = FakeSite::http(|_| Reply::ok("text/html", b"<html><h1>Welcome, camera</h1>")).await;
    let error = size(&site).await.unwrap_err().to_string();
    assert!(error.contains("\"Welcome, camera\""), "{error}");
    let site = FakeSite::http(|_| Reply::new(404, "text/html", b"<h1>No such page</h1>")).await;
    let fault = HttpScreen::connect(&spec(&site)).await.unwrap_err();
    assert!(
        fault.words.ends_with("404 Not Found No such page"),
        "{fault}"
    );
    assert_eq!(fault.advice.unwrap(), "check the path of the address");
    let site = FakeSite::http(|_| Reply::new(500, "text/plain", b"oh no")).await;
    let error = size(&site).await.unwrap_err().to_string();
    assert!(error.contains("500 Internal Server Error oh no"), "{error}");
}
