//! A real browser that shows a report: headless Chromium, spoken to by its DevTools protocol over loopback.

mod connection;
mod process;

use std::path::Path;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

use connection::Connection;
use process::Process;

/// How long a page may take to do what a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A browser with one page. Dropping it ends the browser.
#[derive(Debug)]
pub struct Browser {
    connection: Connection,
    // Ends after the connection.
    _process: Process,
}

/// The look of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Width of the window in CSS pixels.
    pub width: u32,
    /// Height of the window in CSS pixels.
    pub height: u32,
    /// True for the dark scheme.
    pub dark: bool,
}

impl Browser {
    /// Starts a browser.
    pub async fn start() -> Self {
        let process = Process::start().await;
        let mut connection = Connection::open(&process.address).await;
        for domain in ["Page", "Runtime", "Log", "Network"] {
            connection
                .call(&format!("{domain}.enable"), json!({}))
                .await;
        }
        Self {
            connection,
            _process: process,
        }
    }

    /// Opens a file, and waits until the page is loaded and painted.
    pub async fn open(&mut self, file: &Path, fragment: &str, look: Look) {
        let scheme = if look.dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.connection
            .call("Emulation.setEmulatedMedia", json!({"features": features}))
            .await;
        let size = json!({
            "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": false,
        });
        self.connection
            .call("Emulation.setDeviceMetricsOverride", size)
            .await;
        // Another page first, so that an address that differs by its fragment alone is loaded, too.
        self.go_to("about:blank").await;
        let address = format!("file://{}{fragment}", file.display());
        self.go_to(&address).await;
        self.value(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
        )
        .await;
    }

    async fn go_to(&mut self, address: &str) {
        self.connection.forget("Page.loadEventFired");
        let gone = self
            .connection
            .call("Page.navigate", json!({"url": address}))
            .await;
        assert!(gone.get("errorText").is_none(), "{address}: {gone}");
        let loaded = self.connection.wait_for("Page.loadEventFired");
        tokio::time::timeout(PATIENCE, loaded)
            .await
            .unwrap_or_else(|_| panic!("{address} was not loaded"));
    }

    /// Returns the value of a script, after its promise if it is one.
    pub async fn value(&mut self, script: &str) -> Value {
        let call = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let answer = self.connection.call("Runtime.evaluate", call).await;
        assert!(
            answer.get("exceptionDetails").is_none(),
            "{script}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// Waits until a script is true.
    pub async fn until(&mut self, script: &str) {
        let wait = format!(
            "new Promise((done) => {{ const look = () => ({script}) ? done() : requestAnimationFrame(look); look(); }})"
        );
        let waited = tokio::time::timeout(PATIENCE, self.value(&wait)).await;
        assert!(waited.is_ok(), "it never came: {script}");
    }

    /// Presses and releases a key by its name in the DOM: `ArrowLeft`, `/`.
    pub async fn press(&mut self, key: &str) {
        let is_character = key.chars().count() == 1;
        let mut down = json!({"type": "keyDown", "key": key, "code": key});
        if is_character {
            down["text"] = key.into();
        }
        self.connection.call("Input.dispatchKeyEvent", down).await;
        let up = json!({"type": "keyUp", "key": key, "code": key});
        self.connection.call("Input.dispatchKeyEvent", up).await;
    }

    /// Writes a text where the page has its focus.
    pub async fn write(&mut self, text: &str) {
        self.connection
            .call("Input.insertText", json!({"text": text}))
            .await;
    }

    /// Clicks the middle of the first element of a selector.
    pub async fn click(&mut self, selector: &str) {
        let place = self.place(selector, 0.5).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1,
            });
            self.connection
                .call("Input.dispatchMouseEvent", event)
                .await;
        }
    }

    /// Moves the pointer over the first element of a selector, to a share of its width.
    pub async fn hover(&mut self, selector: &str, share: f64) {
        let place = self.place(selector, share).await;
        let event = json!({"type": "mouseMoved", "x": place[0], "y": place[1]});
        self.connection
            .call("Input.dispatchMouseEvent", event)
            .await;
    }

    /// Drags the pointer over the first element of a selector, between two shares of its width and height.
    pub async fn drag(&mut self, selector: &str, from: (f64, f64), to: (f64, f64)) {
        let script = format!(
            "(() => {{ const box = document.querySelector({selector:?}).getBoundingClientRect(); \
            return [box.left, box.top, box.width, box.height]; }})()"
        );
        let place = self.value(&script).await;
        let edge = |index: usize| place[index].as_f64().unwrap();
        let point = |(x, y): (f64, f64)| (edge(0) + edge(2) * x, edge(1) + edge(3) * y);
        let (begin, end) = (point(from), point(to));
        for (kind, (x, y)) in [
            ("mousePressed", begin),
            ("mouseMoved", end),
            ("mouseReleased", end),
        ] {
            let event = json!({
                "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1,
            });
            self.connection
                .call("Input.dispatchMouseEvent", event)
                .await;
        }
    }

    /// Returns the point of an element at a share of its width, after it was scrolled into view.
    async fn place(&mut self, selector: &str, share: f64) -> Value {
        let script = format!(
            "(() => {{ const it = document.querySelector({selector:?}); it.scrollIntoView({{behavior: 'instant', \
            block: 'center'}}); const box = it.getBoundingClientRect(); \
            return [box.left + box.width * {share}, box.top + box.height / 2]; }})()"
        );
        self.value(&script).await
    }

    /// Returns a picture of the first element of a selector, as PNG.
    pub async fn picture(&mut self, selector: &str) -> Vec<u8> {
        self.place(selector, 0.5).await;
        let script = format!(
            "(() => {{ const box = document.querySelector({selector:?}).getBoundingClientRect(); \
            return {{x: box.left + scrollX, y: box.top + scrollY, width: box.width, height: box.height, \
            scale: 1}}; }})()"
        );
        let clip = self.value(&script).await;
        let taken = self
            .connection
            .call("Page.captureScreenshot", json!({"clip": clip}))
            .await;
        BASE64_STANDARD
            .decode(taken["data"].as_str().unwrap())
            .unwrap()
    }

    /// Returns what the page complained about: exceptions, errors on its console, and files that it could not read.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for event in self.connection.events() {
            let about = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" => complaints.push(about["exceptionDetails"].to_string()),
                "Runtime.consoleAPICalled" if about["type"] == "error" => {
                    complaints.push(about["args"].to_string());
                }
                "Log.entryAdded" if about["entry"]["level"] == "error" => {
                    complaints.push(about["entry"].to_string());
                }
                _ => {}
            }
        }
        complaints
    }

    /// Returns the addresses that pages have asked for.
    pub fn requests(&self) -> Vec<String> {
        let sent = self.connection.events().iter();
        sent.filter(|event| event["method"] == "Network.requestWillBeSent")
            .filter_map(|event| Some(event["params"]["request"]["url"].as_str()?.to_owned()))
            .collect()
    }
}
