//! Tests of the control by Redfish with a service in this process.

use std::{fs, future::Future, path::Path, time::Duration};

use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::{
    Redfish, RedfishSpec,
    fake_bmc::{FakeBmc, error, quick},
};
use crate::board::{BoardFault, FaultKind, Tls};

const RESET: &str = "POST /redfish/v1/Systems/1/Actions/ComputerSystem.Reset";

/// The fault of a request, in which no password may be.
async fn fault<T>(asked: impl Future<Output = Result<T, BoardFault>>) -> BoardFault {
    let fault = asked.await.map(|_| ()).unwrap_err();
    assert!(!format!("{fault:?}").contains("sesame"), "{fault:?}");
    fault
}

#[tokio::test]
async fn power_is_switched_and_seen() {
    let bmc = FakeBmc::new().await;
    let redfish = bmc.redfish();
    assert_eq!(redfish.is_on().await, Ok(Some(false)));
    redfish.on().await.unwrap();
    assert_eq!(redfish.is_on().await, Ok(Some(true)));
    // It is on already.
    redfish.on().await.unwrap();
    redfish.reset().await.unwrap();
    assert_eq!(redfish.is_on().await, Ok(Some(true)));
    redfish.press_button().await.unwrap();
    redfish.off().await.unwrap();
    assert_eq!(redfish.is_on().await, Ok(Some(false)));
    redfish.off().await.unwrap();
    let kinds = ["On", "ForceRestart", "PushPowerButton", "ForceOff"];
    let expected = kinds.map(|kind| format!("{RESET} {{\"ResetType\":\"{kind}\"}}"));
    assert_eq!(bmc.changes(), expected);
}

#[tokio::test]
async fn a_power_that_is_neither_on_nor_off_is_not_known() {
    let bmc = FakeBmc::new().await;
    for power in [json!("PoweringOn"), json!(null), json!(7)] {
        bmc.change(|state| state.power = power);
        assert_eq!(bmc.redfish().is_on().await, Ok(None));
    }
}

#[tokio::test]
async fn power_that_lies_is_a_fault_with_what_it_shows() {
    let bmc = FakeBmc::new().await;
    bmc.change(|state| state.lies = true);
    let off = fault(bmc.impatient().on()).await;
    assert_eq!(off.kind, FaultKind::TimedOut);
    assert!(
        off.words.contains(
            "took the request to switch on, but after 0.02 s it shows the power as `Off`"
        ),
        "{off}"
    );
    bmc.change(|state| state.power = json!("On"));
    assert_eq!(fault(bmc.impatient().off()).await.kind, FaultKind::TimedOut);
}

#[tokio::test]
async fn a_service_that_fails_for_a_moment_is_looked_at_again() {
    let bmc = FakeBmc::new().await;
    let redfish = bmc.redfish();
    let looks = std::cell::Cell::new(0);
    let looked = redfish.until("switch on", || async {
        looks.set(looks.get() + 1);
        if looks.get() < 4 {
            bmc.change(|state| state.instead.push_back((503, error("busy"))));
        }
        redfish.client.get("/redfish/v1/").await.map(|_| None)
    });
    looked.await.unwrap();
    assert_eq!(looks.get(), 4);
}

#[tokio::test]
async fn a_system_that_is_off_cannot_be_reset() {
    let bmc = FakeBmc::new().await;
    let refused = fault(bmc.redfish().reset()).await;
    assert_eq!(refused.kind, FaultKind::Refused);
    assert_eq!(refused.advice.as_deref(), Some("switch it on"));
    assert!(bmc.changes().is_empty());
}

#[tokio::test]
async fn a_kind_of_reset_that_is_missing_is_replaced_or_refused() {
    let bmc = FakeBmc::new().await;
    bmc.change(|state| {
        state.resets = vec!["On", "PowerCycle", "GracefulShutdown"];
        state.power = json!("On");
    });
    bmc.redfish().reset().await.unwrap();
    bmc.redfish().press_button().await.unwrap();
    let changes = bmc.changes().join("\n");
    assert!(
        changes.contains("PowerCycle") && changes.contains("GracefulShutdown"),
        "{changes}"
    );
    let refused = fault(bmc.redfish().off()).await;
    assert_eq!(refused.kind, FaultKind::Refused);
    assert!(refused.words.contains("ForceOff"), "{refused}");
}

#[tokio::test]
async fn one_of_several_systems_must_be_named_and_must_exist() {
    let bmc = FakeBmc::new().await;
    bmc.change(|state| state.systems = vec!["left", "right"]);
    let redfish = |system: Option<&str>| {
        let system = system.map(ToOwned::to_owned);
        Redfish::new(&RedfishSpec {
            system,
            ..bmc.spec()
        })
        .unwrap()
    };
    assert_eq!(redfish(Some("right")).is_on().await, Ok(Some(false)));
    for system in [None, Some("middle")] {
        let refused = fault(redfish(system).is_on()).await;
        assert_eq!(refused.kind, FaultKind::Refused);
        assert!(
            refused.words.ends_with("it has `left`, `right`"),
            "{refused}"
        );
    }
    bmc.change(|state| state.systems.clear());
    let refused = fault(redfish(None).is_on()).await;
    assert!(refused.words.ends_with("it has none"), "{refused}");
}

#[tokio::test]
async fn a_wrong_password_is_denied() {
    let bmc = FakeBmc::new().await;
    for (user, password) in [(Some("admin"), "wrong"), (None, "sesame")] {
        let spec = RedfishSpec {
            user: user.map(ToOwned::to_owned),
            password: Some(password.to_owned()),
            ..bmc.spec()
        };
        assert!(!format!("{spec:?}{:?}", Redfish::new(&spec)).contains(password));
        let denied = fault(Redfish::new(&spec).unwrap().is_on()).await;
        assert_eq!(denied.kind, FaultKind::Denied);
        assert!(
            denied.words.ends_with("HTTP 401: `who are you?`"),
            "{denied}"
        );
    }
}

#[tokio::test]
async fn answers_that_are_not_those_of_redfish_are_not_understood() {
    let bmc = FakeBmc::new().await;
    let bodies = [
        "<html>welcome</html>",
        "",
        "[]",
        "{",
        "{}",
        "{\"Systems\": 7}",
        // Not to another host: it would get the password.
        "{\"Systems\": {\"@odata.id\": \"//elsewhere/redfish\"}}",
        "{\"Systems\": {\"@odata.id\": \"http://elsewhere/redfish\"}}",
    ];
    for body in bodies {
        bmc.change(|state| state.instead.push_back((200, body.to_owned())));
        let fault = fault(bmc.redfish().is_on()).await;
        assert_eq!(fault.kind, FaultKind::NotUnderstood, "{body}: {fault}");
    }
    bmc.change(|state| state.instead.push_back((200, " ".repeat(5 << 20))));
    let fault = fault(bmc.redfish().is_on()).await;
    assert_eq!(fault.kind, FaultKind::NotUnderstood, "{fault}");
    assert!(
        fault.words.ends_with("has more than 4194304 bytes"),
        "{fault}"
    );
}

#[tokio::test]
async fn errors_are_told_with_the_words_of_the_service() {
    let bmc = FakeBmc::new().await;
    let rows = [
        (
            500,
            error("the fan\nis broken"),
            "HTTP 500: `the fan is broken`",
        ),
        (500, "<html>".to_owned(), "HTTP 500"),
        (404, String::new(), "HTTP 404"),
    ];
    for (status, body, words) in rows {
        bmc.change(|state| state.instead.push_back((status, body)));
        let refused = fault(bmc.redfish().is_on()).await;
        assert_eq!(refused.kind, FaultKind::Refused);
        assert!(refused.words.ends_with(words), "{refused}");
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_or_breaks_off_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let spec = RedfishSpec {
        address: format!("http://{}", listener.local_addr().unwrap()),
        user: None,
        password: None,
        system: None,
        tls: Tls::System,
        limit: RedfishSpec::LIMIT,
    };
    let redfish = Redfish::new(&spec).unwrap();
    let half = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Sys";
        stream.write_all(half).await.unwrap();
    };
    let (broken, ()) = tokio::join!(fault(redfish.is_on()), half);
    assert_eq!(broken.kind, FaultKind::Unreachable, "{broken}");
    drop(listener);
    let gone = fault(redfish.is_on()).await;
    assert_eq!(gone.kind, FaultKind::Unreachable, "{gone}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_service_is_told_in_the_end() {
    let bmc = FakeBmc::new().await;
    bmc.change(|state| state.is_silent = true);
    let silent = fault(bmc.redfish().is_on()).await;
    assert_eq!(silent.kind, FaultKind::TimedOut, "{silent}");
}

#[test]
fn an_address_that_is_none_is_told_without_its_password() {
    for address in ["", "https://", "ftp://bmc", "https://u:sesame@bmc", "a b"] {
        let spec = RedfishSpec {
            address: address.to_owned(),
            user: None,
            password: None,
            system: None,
            tls: Tls::System,
            limit: Duration::from_secs(1),
        };
        let fault = Redfish::new(&spec).map(|_| ()).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unreachable, "{address}");
        assert!(!fault.words.contains("sesame"), "{fault}");
    }
}

const OWN: &str = include_str!("certificates/own.pem");
const ISSUED: &str = include_str!("certificates/issued.pem");
const EXPIRED: &str = include_str!("certificates/expired.pem");
const ISSUER: &str = include_str!("certificates/issuer.pem");

async fn is_on(bmc: &FakeBmc, tls: Tls) -> Result<Option<bool>, BoardFault> {
    let spec = RedfishSpec { tls, ..bmc.spec() };
    quick(Redfish::new(&spec)?).is_on().await
}

fn file(folder: &Path, pem: &str) -> Tls {
    let path = folder.join("trusted.pem");
    fs::write(&path, pem).unwrap();
    Tls::File(path)
}

#[tokio::test]
async fn a_certificate_is_trusted_by_its_issuer_by_itself_or_by_its_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let own = FakeBmc::with_certificate(OWN).await;
    let unknown = fault(is_on(&own, Tls::System)).await;
    assert_eq!(unknown.kind, FaultKind::Denied, "{unknown}");
    assert_eq!(is_on(&own, file(folder.path(), OWN)).await, Ok(Some(false)));
    assert_eq!(is_on(&own, Tls::Insecure).await, Ok(Some(false)));
    // The fault tells the fingerprint, so that it can be copied.
    let zeros = Tls::Fingerprint([0; 32]);
    let stranger = fault(is_on(&own, zeros)).await;
    assert_eq!(stranger.kind, FaultKind::Denied, "{stranger}");
    let found = Tls::fingerprint(stranger.words.rsplit(' ').next().unwrap());
    assert_eq!(is_on(&own, found.unwrap()).await, Ok(Some(false)));

    let issued = FakeBmc::with_certificate(ISSUED).await;
    assert_eq!(
        is_on(&issued, file(folder.path(), ISSUER)).await,
        Ok(Some(false))
    );
    let other = fault(is_on(&issued, file(folder.path(), OWN))).await;
    assert_eq!(other.kind, FaultKind::Denied, "{other}");
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_denied() {
    let folder = tempfile::tempdir().unwrap();
    let bmc = FakeBmc::with_certificate(EXPIRED).await;
    let denied = fault(is_on(&bmc, file(folder.path(), ISSUER))).await;
    assert_eq!(denied.kind, FaultKind::Denied, "{denied}");
    assert!(denied.words.ends_with("it has expired"), "{denied}");
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_told_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let bmc = FakeBmc::new().await;
    let unusable = [
        file(folder.path(), "no certificate"),
        Tls::File(folder.path().join("missing.pem")),
    ];
    for tls in unusable {
        let missing = fault(is_on(&bmc, tls.clone())).await;
        assert_eq!(missing.kind, FaultKind::Missing, "{tls:?}");
    }
}
