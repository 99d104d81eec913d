//! Name and password, and what is no kvmd.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::super::{
    super::{
        fake::{FakeKvmd, PASSWORD, refused},
        spec::KvmdLimits,
        totp::{Period, Totp},
    },
    *,
};
use crate::board::http::{
    Limits,
    fake_site::{Certificate, FakeSite, Reply},
};

fn short() -> KvmdLimits {
    KvmdLimits {
        http: Limits {
            answer: Duration::from_millis(50),
            ..Limits::default()
        },
        ..KvmdLimits::default()
    }
}

#[tokio::test]
async fn a_kvmd_is_known_by_its_version() {
    let fake = FakeKvmd::start().await;
    let kvmd = fake.connect().await.unwrap();
    assert_eq!(kvmd.version(), "4.82");
    assert!(!format!("{kvmd:?}").contains(PASSWORD));
}

#[tokio::test]
async fn a_wrong_password_is_denied_and_not_shown() {
    let fake = FakeKvmd::start().await;
    let mut spec = fake.spec();
    spec.password = "wrong".to_owned();
    let fault = Kvmd::connect(&spec).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert!(
        fault.words.ends_with("refused the name or the password"),
        "{fault}"
    );
    assert!(
        fault.advice.as_ref().unwrap().contains("two-factor"),
        "{fault:?}"
    );
    assert!(!format!("{fault:?}").contains("wrong"), "{fault:?}");
    spec.password = "wr\u{f6}ng".to_owned();
    let fault = Kvmd::connect(&spec).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert!(!format!("{fault:?}").contains("ng\""), "{fault:?}");
}

#[tokio::test]
async fn the_digits_of_two_factors_are_behind_the_password() {
    const SECRET: &str = "GEZDGNBVGY3TQOJQ";
    fn clock() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(59)
    }
    let digits = |number: u64| {
        let time = UNIX_EPOCH + Duration::from_secs(number * 30);
        Totp::parse(SECRET).unwrap().digits(Period::at(time))
    };
    let fake = FakeKvmd::start().await;
    let mut spec = fake.spec();
    spec.totp = Some(SECRET.to_owned());
    // The clock of the KVM is ahead: it takes only the next digits.
    for (accepted, is_right) in [(1, true), (2, true), (0, false), (3, false)] {
        let expected = format!("{PASSWORD}{}", digits(accepted));
        static REQUESTS: AtomicU32 = AtomicU32::new(0);
        REQUESTS.store(0, Ordering::Relaxed);
        fake.rule(move |request| {
            REQUESTS.fetch_add(1, Ordering::Relaxed);
            let told = request.header("x-kvmd-passwd").unwrap();
            if told != expected {
                return Some(refused(403, "Forbidden"));
            }
            request
                .path
                .starts_with("/api/auth")
                .then(|| refused(500, "let in"))
        });
        let connected = Kvmd::connect_within(&spec, KvmdLimits::default(), clock).await;
        let fault = connected.unwrap_err();
        assert_eq!(
            fault.words.contains("let in"),
            is_right,
            "{accepted}: {fault}"
        );
        assert_eq!(fault.kind == FaultKind::Denied, !is_right);
        let requests = REQUESTS.load(Ordering::Relaxed);
        assert_eq!(requests, if accepted == 1 { 1 } else { 2 });
    }
    spec.totp = Some("123456".to_owned());
    let fault = Kvmd::connect(&spec).await.unwrap_err();
    assert!(fault.words.contains("not in base32"), "{fault}");
}

#[tokio::test]
async fn what_is_no_kvmd_is_told() {
    let page = b"<html><title>Router login</title></html>";
    let rows = [
        (
            Reply::ok("text/html", page),
            FaultKind::NotUnderstood,
            "Router login",
        ),
        (
            Reply::new(404, "text/html", page),
            FaultKind::NotUnderstood,
            "Router login",
        ),
        (
            Reply::ok("application/json", b"{\"ok\": tr"),
            FaultKind::NotUnderstood,
            "not one of kvmd",
        ),
        (
            Reply::ok("application/json", b"[1, 2]"),
            FaultKind::NotUnderstood,
            "not one of kvmd",
        ),
        (
            Reply::new(502, "text/html", page),
            FaultKind::Unreachable,
            "kvmd behind it",
        ),
        (
            Reply::new(500, "text/html", page),
            FaultKind::Refused,
            "500 Router login",
        ),
        (refused(500, "oh no"), FaultKind::Refused, "500 oh no"),
        (Reply::Close, FaultKind::Unreachable, "cannot be reached"),
        (
            Reply::cut("application/json", b"{", 50),
            FaultKind::Unreachable,
            "in the middle",
        ),
    ];
    for (reply, kind, words) in rows {
        let fake = FakeKvmd::start().await;
        fake.on("/api/auth/check", reply);
        let fault = fake.connect().await.unwrap_err();
        assert_eq!(fault.kind, kind, "{fault}");
        assert!(fault.words.contains(words), "{fault}");
    }
    let fake = FakeKvmd::start().await;
    fake.on(
        "/api/info",
        Reply::ok("application/json", b"{\"ok\": true, \"result\": {}}"),
    );
    let fault = fake.connect().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotUnderstood);
    assert!(fault.words.contains("no version of kvmd"), "{fault}");
}

#[tokio::test]
async fn a_kvmd_that_does_not_answer_is_late() {
    let fake = FakeKvmd::start().await;
    fake.on("/api/auth/check", Reply::Hang);
    let fault = fake.connect_within(short()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::TimedOut);
}

#[tokio::test]
async fn a_web_server_that_passes_no_websocket_is_told() {
    let fake = FakeKvmd::start().await;
    fake.on("/api/ws", Reply::new(400, "text/plain", b"Bad Request"));
    let fault = fake.connect().await.unwrap_err();
    assert!(fault.words.contains("/api/ws"), "{fault}");
    fake.on("/api/ws", Reply::ok("application/json", b"{\"ok\": true}"));
    let fault = fake.connect().await.unwrap_err();
    assert!(fault.words.contains("opened no WebSocket"), "{fault}");
    assert!(fault.advice.unwrap().contains("proxy"));
}

#[tokio::test]
async fn a_certificate_that_nobody_signed_is_denied_with_its_fingerprint() {
    let site = FakeSite::https(Certificate::SelfSigned, |_| Reply::Close).await;
    let fake = FakeKvmd::start().await;
    let mut spec = fake.spec();
    spec.address = site.address();
    let fault = Kvmd::connect(&spec).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert!(fault.advice.unwrap().contains("sha256:"));
}
