//! Addresses, certificates and broken connections.

use super::{
    super::fake_site::{Certificate, FakeSite, Reply},
    *,
};

const SHORT: Limits = Limits {
    connection: Duration::from_secs(20),
    answer: Duration::from_millis(50),
};

/// Asks a device for its first page.
async fn ask(address: &str, tls: &Tls) -> Result<Vec<u8>, BoardFault> {
    ask_within(address, tls, Limits::default()).await
}

async fn ask_within(address: &str, tls: &Tls, limits: Limits) -> Result<Vec<u8>, BoardFault> {
    let site = HttpSite::new("the device", address, tls, limits)?;
    let request = site.client().get(site.url("", &[]));
    let answer = site.send(request, limits.answer).await?;
    site.body(answer, 100, limits.answer).await
}

#[tokio::test]
async fn a_certificate_that_nobody_signed_is_refused_with_its_fingerprint() {
    let site = FakeSite::https(Certificate::SelfSigned, |_| Reply::ok("text/plain", b"hi")).await;
    let fault = ask(&site.address(), &Tls::System).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied, "{fault}");
    assert!(
        fault.words.contains("nobody that this host trusts"),
        "{fault}"
    );
    let advice = fault.advice.unwrap();
    let fingerprint = advice.split("`certificate: ").nth(1).unwrap();
    let fingerprint = fingerprint.trim_end_matches('`');
    let pinned = Tls::fingerprint(fingerprint).unwrap();
    assert_eq!(ask(&site.address(), &pinned).await.unwrap(), b"hi");
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_refused_but_can_be_pinned() {
    let site = FakeSite::https(Certificate::Expired, |_| Reply::ok("text/plain", b"hi")).await;
    let (_folder, roots) = Certificate::Expired.file();
    let fault = ask(&site.address(), &roots).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied, "{fault}");
    assert!(fault.words.ends_with("it has expired"), "{fault}");
    let advice = fault.advice.unwrap();
    let told = advice.split("certificate: ").nth(1).unwrap();
    let pinned = Tls::fingerprint(told.trim_matches('`')).unwrap();
    assert_eq!(ask(&site.address(), &pinned).await.unwrap(), b"hi");
    let fault = ask(&site.address(), &Tls::System).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied, "{fault}");
}

#[tokio::test]
async fn a_certificate_that_a_given_one_signed_is_trusted() {
    let site = FakeSite::https(Certificate::SelfSigned, |_| Reply::ok("text/plain", b"hi")).await;
    let (_folder, roots) = Certificate::SelfSigned.file();
    assert_eq!(ask(&site.address(), &roots).await.unwrap(), b"hi");
    assert_eq!(ask(&site.address(), &Tls::Insecure).await.unwrap(), b"hi");
}

#[tokio::test]
async fn another_certificate_than_the_pinned_one_is_told_with_both_fingerprints() {
    let site = FakeSite::https(Certificate::SelfSigned, |_| Reply::ok("text/plain", b"hi")).await;
    let fault = ask(&site.address(), &Tls::Fingerprint([7; 32])).await;
    let fault = fault.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    assert!(fault.words.contains(&shown(&[7; 32])), "{fault}");
    assert_eq!(fault.words.matches("sha256:").count(), 2, "{fault}");
}

#[tokio::test]
async fn a_device_that_is_not_there_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let fault = ask(&address, &Tls::System).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(fault.words.contains("refused"), "{fault}");
    let fault = ask("http://no-such-host.invalid", &Tls::System).await;
    assert_eq!(fault.unwrap_err().kind, FaultKind::Unreachable);
}

#[tokio::test]
async fn a_connection_that_is_closed_is_told() {
    let site = FakeSite::http(|_| Reply::Close).await;
    let fault = ask(&site.address(), &Tls::System).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable, "{fault}");
    let site = FakeSite::http(|_| Reply::cut("text/plain", b"half", 8)).await;
    let fault = ask(&site.address(), &Tls::System).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(
        fault.words.contains("in the middle of an answer"),
        "{fault}"
    );
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_does_not_end_is_late() {
    for reply in [Reply::Hang, Reply::stalls("text/plain", b"half", 8)] {
        let site = FakeSite::http(move |_| reply.clone()).await;
        let fault = ask_within(&site.address(), &Tls::System, SHORT).await;
        let fault = fault.unwrap_err();
        assert_eq!(fault.kind, FaultKind::TimedOut);
        assert!(
            fault.words.ends_with("did not answer within 50ms"),
            "{fault}"
        );
    }
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let site = FakeSite::http(|_| Reply::ok("text/plain", &[b'x'; 101])).await;
    let fault = ask(&site.address(), &Tls::System).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotUnderstood);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let site = FakeSite::http(|_| {
        Reply::new(301, "text/plain", b"").header("Location", "https://other/?token=secret")
    })
    .await;
    let fault = ask(&site.address(), &Tls::System).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Refused);
    assert!(fault.words.ends_with("on to https://other"), "{fault}");
}

#[tokio::test]
async fn a_redirect_that_stays_at_the_device_is_followed_if_wanted() {
    let site = FakeSite::http(|request| {
        let to = match request.path.as_str() {
            "/a" => "/a/",
            "/a/" => return Reply::ok("text/plain", b"hi"),
            "/circle" => "/circle",
            _ => "http://127.0.0.1:1/a/",
        };
        Reply::new(308, "text/plain", b"").header("Location", to)
    })
    .await;
    let device = HttpSite::with_redirects(
        "the device",
        &site.address(),
        &Tls::System,
        Limits::default(),
    )
    .unwrap();
    let ask = async |path| {
        let request = device.client().get(device.url(path, &[]));
        device.send(request, device.limits.answer).await
    };
    assert!(ask("/a").await.unwrap().status().is_success());
    for path in ["/circle", "/elsewhere"] {
        let fault = ask(path).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Refused, "{fault}");
        assert!(fault.words.contains("sends its callers on"), "{fault}");
    }
}

#[test]
fn an_address_is_read_and_shown_without_secrets() {
    let rows = [
        ("kvm7", "the kvmd at https://kvm7"),
        ("http://kvm7:8080/", "the kvmd at http://kvm7:8080"),
        (
            "http://me:secret@kvm7/a?password=secret",
            "the kvmd at http://kvm7/a",
        ),
    ];
    for (address, name) in rows {
        let site = HttpSite::new("the kvmd", address, &Tls::Insecure, Limits::default());
        let site = site.unwrap();
        assert_eq!(site.name(), name);
        assert!(!format!("{site:?}").contains("secret"));
    }
    for address in ["", "ftp://kvm7", "https://", "http://kvm 7"] {
        let site = HttpSite::new("the kvmd", address, &Tls::Insecure, Limits::default());
        assert_eq!(site.unwrap_err().kind, FaultKind::Refused, "{address}");
    }
}
