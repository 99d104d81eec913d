//! The states that a kvmd tells: of its keyboard and mouse, of the board's power, of the medium, of the streamer.

use serde_json::Value;

/// The newest states. Each is null until it was told.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct States {
    pub(super) hid: Value,
    pub(super) atx: Value,
    pub(super) msd: Value,
    pub(super) streamer: Value,
}

impl States {
    /// Takes an event of the WebSocket. Returns true if it is one of a state.
    pub(super) fn take(&mut self, kind: &str, event: &Value) -> bool {
        // Before version 4, the names ended with `_state`.
        let state = match kind.strip_suffix("_state").unwrap_or(kind) {
            "hid" => &mut self.hid,
            "atx" => &mut self.atx,
            "msd" => &mut self.msd,
            "streamer" => &mut self.streamer,
            _ => return false,
        };
        merge(state, event);
        true
    }

    /// Returns true if the state of the keyboard and the mouse was told.
    pub(super) fn has_told_hid(&self) -> bool {
        !self.hid.is_null()
    }

    /// Returns false if the keyboard is known to be away: then the target takes no keys.
    pub(super) fn has_keyboard(&self) -> bool {
        self.hid["keyboard"]["online"].as_bool() != Some(false) && !self.is_hid_away()
    }

    /// Returns false if the mouse is known to be away.
    pub(super) fn has_mouse(&self) -> bool {
        self.hid["mouse"]["online"].as_bool() != Some(false) && !self.is_hid_away()
    }

    /// Returns true if the mouse is known to take moves only, not places.
    pub(super) fn is_mouse_relative(&self) -> bool {
        self.hid["mouse"]["absolute"].as_bool() == Some(false)
    }

    /// Returns true if the streamer is known to have no signal.
    pub(super) fn has_no_signal(&self) -> bool {
        self.streamer["streamer"]["source"]["online"].as_bool() == Some(false)
    }

    /// Returns true if the streamer is known to capture no pictures, although it has a signal: then its picture stays
    /// as it is, whatever the board shows.
    pub(super) fn is_frozen(&self) -> bool {
        let source = &self.streamer["streamer"]["source"];
        source["online"].as_bool() == Some(true) && source["captured_fps"].as_f64() == Some(0.0)
    }

    fn is_hid_away(&self) -> bool {
        self.hid["online"].as_bool() == Some(false)
    }
}

/// Takes a change: newer versions tell only the fields that differ.
fn merge(state: &mut Value, change: &Value) {
    match (state, change) {
        (Value::Object(state), Value::Object(change)) => {
            for (name, value) in change {
                merge(state.entry(name).or_insert(Value::Null), value);
            }
        }
        (state, change) => state.clone_from(change),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_are_taken_in_both_forms() {
        let mut states = States::default();
        assert!(states.has_keyboard() && states.has_mouse());
        let all = json!({"online": true, "keyboard": {"online": true, "leds": {"caps": true}}});
        assert!(states.take("hid_state", &all));
        assert!(states.take("hid", &json!({"keyboard": {"online": false}})));
        assert!(!states.has_keyboard() && states.has_mouse());
        assert_eq!(states.hid["keyboard"]["leds"]["caps"], true);
        assert!(states.take(
            "hid",
            &json!({"mouse": {"absolute": false}, "online": false})
        ));
        assert!(states.is_mouse_relative() && !states.has_mouse());
        assert!(states.take(
            "streamer",
            &json!({"streamer": {"source": {"online": false}}})
        ));
        assert!(states.has_no_signal() && !states.is_frozen());
        for (fps, is_frozen) in [(json!(0), true), (json!(1), false), (json!(null), false)] {
            let source = json!({"online": true, "captured_fps": fps});
            states.take("streamer", &json!({"streamer": {"source": source}}));
            assert_eq!(states.is_frozen(), is_frozen, "{fps}");
        }
        assert!(states.take("streamer", &json!({"streamer": null})));
        assert!(!states.has_no_signal());
        assert!(!states.take("loop", &json!({})));
        for garbage in [json!(null), json!([1]), json!("x")] {
            states.take("hid", &garbage);
            assert!(states.has_keyboard());
        }
    }
}
