//! The client's part of RFC 2217: the options of a telnet connection, and the settings of the serial port behind it.
//! Pure: bytes in; data and answers out.
//!
//! ```text
//! start:  WILL COM-PORT, WILL/DO BINARY, WILL/DO SUPPRESS-GO-AHEAD -->
//!         <-- DO COM-PORT
//!         SET-BAUDRATE, DATASIZE 8, PARITY none, STOPSIZE 1, CONTROL none -->
//!         <-- the speed that it has now: Agreement::Speed
//! ```

use std::collections::BTreeSet;

use super::telnet::{Command, IAC, SB, SE, Splitter, Verb, escape};

const BINARY: u8 = 0;
const SUPPRESS_GO_AHEAD: u8 = 3;
const COM_PORT: u8 = 44;

const SET_BAUDRATE: u8 = 1;
const SET_DATASIZE: u8 = 2;
const SET_PARITY: u8 = 3;
const SET_STOPSIZE: u8 = 4;
const SET_CONTROL: u8 = 5;

/// A server answers with the number of the request and this.
const ANSWER: u8 = 100;

/// The most answers in the life of a connection. A usual server needs five. More are a server that answers to answers,
/// and without a limit that would never end.
const MOST_ANSWERS: u32 = 100;

/// The state of an option, of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Off,
    /// We asked for it, and have no answer yet.
    Asked,
    On,
    /// The other end does not want it.
    Refused,
}

/// The known settings of the serial port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agreement {
    /// The other end has not answered.
    Open,
    /// The other end takes settings of the port, and has not told its speed.
    Accepted,
    /// The port has this speed now, in baud.
    Speed(u32),
    /// The other end takes no settings.
    Refused,
}

/// The connection to a serial port.
#[derive(Debug)]
pub(super) struct Negotiation {
    splitter: Splitter,
    speed: u32,
    /// Of us and of the other end: BINARY, SUPPRESS-GO-AHEAD, COM-PORT.
    ours: [Side; 3],
    theirs: [Side; 3],
    /// The options without meaning here that were refused: each once, with its verb.
    refused: BTreeSet<(u8, u8)>,
    answers: u32,
    agreement: Agreement,
}

/// Returns the place of a known option in the lists.
fn known(option: u8) -> Option<usize> {
    match option {
        BINARY => Some(0),
        SUPPRESS_GO_AHEAD => Some(1),
        COM_PORT => Some(2),
        _ => None,
    }
}

impl Negotiation {
    /// Begins a connection to a port that must have this speed. Adds the first requests to `out`.
    pub(super) fn start(speed: u32, out: &mut Vec<u8>) -> Self {
        for (verb, option) in [
            (Verb::Will, COM_PORT),
            (Verb::Will, BINARY),
            (Verb::Do, BINARY),
            (Verb::Will, SUPPRESS_GO_AHEAD),
            (Verb::Do, SUPPRESS_GO_AHEAD),
        ] {
            out.extend([IAC, verb.byte(), option]);
        }
        Self {
            splitter: Splitter::new(),
            speed,
            ours: [Side::Asked; 3],
            theirs: [Side::Asked, Side::Asked, Side::Off],
            refused: BTreeSet::new(),
            answers: 0,
            agreement: Agreement::Open,
        }
    }

    /// Takes bytes of the other end. Adds the bytes of the serial line to `data`, and answers to `out`.
    pub(super) fn take(&mut self, mut bytes: &[u8], data: &mut Vec<u8>, out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            let text_mode = self.theirs[0] == Side::Refused;
            let (taken, command) = self.splitter.take(bytes, text_mode, data);
            bytes = &bytes[taken..];
            match command {
                Some(Command::Option(verb, option)) => self.option(verb, option, out),
                Some(Command::Sub(sub)) => self.sub(&sub),
                None => {}
            }
        }
    }

    /// Adds bytes for the serial line to `out`, as they are sent.
    pub(super) fn send(&self, data: &[u8], out: &mut Vec<u8>) {
        escape(data, self.ours[0] == Side::Refused, out);
    }

    pub(super) fn agreement(&self) -> Agreement {
        self.agreement
    }

    /// Answers to changes only, so that two ends never answer each other without end (RFC 1143).
    fn option(&mut self, verb: Verb, option: u8, out: &mut Vec<u8>) {
        let is_ours = matches!(verb, Verb::Do | Verb::Dont);
        let (yes, no) = if is_ours {
            (Verb::Will, Verb::Wont)
        } else {
            (Verb::Do, Verb::Dont)
        };
        let is_yes = matches!(verb, Verb::Will | Verb::Do);
        let Some(place) = known(option) else {
            if is_yes && self.refused.insert((no.byte(), option)) {
                self.answer(no, option, out);
            }
            return;
        };
        let sides = if is_ours {
            &mut self.ours
        } else {
            &mut self.theirs
        };
        let before = std::mem::replace(
            &mut sides[place],
            if is_yes { Side::On } else { Side::Refused },
        );
        match (before, is_yes) {
            (Side::Off | Side::Refused, true) => self.answer(yes, option, out),
            (Side::On, false) => self.answer(no, option, out),
            (Side::Asked | Side::On, true) | (Side::Off | Side::Asked | Side::Refused, false) => {}
        }
        if option == COM_PORT && before != Side::On {
            self.com_port(is_yes, out);
        }
    }

    fn answer(&mut self, verb: Verb, option: u8, out: &mut Vec<u8>) {
        if self.answers < MOST_ANSWERS {
            self.answers += 1;
            out.extend([IAC, verb.byte(), option]);
        }
    }

    /// The other end takes settings of its port, or refuses.
    fn com_port(&mut self, is_yes: bool, out: &mut Vec<u8>) {
        match (self.agreement, is_yes) {
            (Agreement::Open | Agreement::Refused, true) => {
                self.agreement = Agreement::Accepted;
                self.set(SET_BAUDRATE, &self.speed.to_be_bytes(), out);
                // 8 data bits, no parity, 1 stop bit, no flow control for what we send.
                for (request, value) in [
                    (SET_DATASIZE, 8),
                    (SET_PARITY, 1),
                    (SET_STOPSIZE, 1),
                    (SET_CONTROL, 1),
                ] {
                    self.set(request, &[value], out);
                }
            }
            (Agreement::Open, false) => self.agreement = Agreement::Refused,
            (Agreement::Accepted | Agreement::Speed(_), _) | (Agreement::Refused, false) => {}
        }
    }

    fn set(&self, request: u8, value: &[u8], out: &mut Vec<u8>) {
        out.extend([IAC, SB, COM_PORT, request]);
        // Never in text mode: a CR in a number is a number.
        escape(value, false, out);
        out.extend([IAC, SE]);
    }

    /// Takes the answer with the speed. Answers to other settings, and news of the modem lines, change nothing. A
    /// request to stop sending is not followed: TCP does that as well, and a lost request to go on would stop us for
    /// ever.
    fn sub(&mut self, sub: &[u8]) {
        if let &[COM_PORT, request, a, b, c, d] = sub
            && request == SET_BAUDRATE + ANSWER
            && matches!(self.agreement, Agreement::Accepted | Agreement::Speed(_))
        {
            self.agreement = Agreement::Speed(u32::from_be_bytes([a, b, c, d]));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SETTINGS: &[u8] = b"\xff\xfa\x2c\x01\x00\x16\xe3\x60\xff\xf0\
        \xff\xfa\x2c\x02\x08\xff\xf0\xff\xfa\x2c\x03\x01\xff\xf0\
        \xff\xfa\x2c\x04\x01\xff\xf0\xff\xfa\x2c\x05\x01\xff\xf0";

    fn started(speed: u32) -> Negotiation {
        let mut out = Vec::new();
        let line = Negotiation::start(speed, &mut out);
        assert_eq!(
            out,
            b"\xff\xfb\x2c\xff\xfb\x00\xff\xfd\x00\xff\xfb\x03\xff\xfd\x03"
        );
        line
    }

    /// Takes these chunks. Returns the data and the answers.
    fn taken(line: &mut Negotiation, chunks: &[&[u8]]) -> (Vec<u8>, Vec<u8>) {
        let (mut data, mut out) = (Vec::new(), Vec::new());
        for chunk in chunks {
            line.take(chunk, &mut data, &mut out);
        }
        (data, out)
    }

    #[test]
    fn a_server_that_accepts_gets_the_settings_once() {
        let mut line = started(1_500_000);
        let (data, out) = taken(
            &mut line,
            &[b"\xff\xfd\x2c\xff\xfd\x00\xff\xfb\x00", b"DDR V"],
        );
        assert_eq!((data.as_slice(), out.as_slice()), (&b"DDR V"[..], SETTINGS));
        assert_eq!(line.agreement(), Agreement::Accepted);
        let (data, out) = taken(
            &mut line,
            &[b"\xff\xfa\x2c\x65\x00\x16", b"\xe3\x60\xff\xf0\xff\xfd\x2c"],
        );
        assert_eq!((data.len(), out.len()), (0, 0));
        assert_eq!(line.agreement(), Agreement::Speed(1_500_000));
    }

    #[test]
    fn a_number_with_all_bits_is_escaped() {
        let (_, out) = taken(&mut started(0x00ff_ff00), &[b"\xff\xfd\x2c"]);
        assert!(
            out.starts_with(b"\xff\xfa\x2c\x01\x00\xff\xff\xff\xff\x00\xff\xf0"),
            "{out:?}"
        );
    }

    #[test]
    fn a_server_that_refuses_is_told() {
        let mut line = started(115_200);
        assert_eq!(taken(&mut line, &[b"\xff\xfe\x2c"]).1, b"");
        assert_eq!(line.agreement(), Agreement::Refused);
    }

    #[test]
    fn unknown_options_are_refused_once() {
        let mut line = started(115_200);
        let chunk: &[u8] = b"\xff\xfb\x01\xff\xfd\x01\xff\xfd\x18";
        assert_eq!(
            taken(&mut line, &[chunk]).1,
            b"\xff\xfe\x01\xff\xfc\x01\xff\xfc\x18"
        );
        assert_eq!(
            taken(&mut line, &[chunk, b"\xff\xfc\x01\xff\xfe\x18"]).1,
            b""
        );
    }

    #[test]
    fn a_server_without_binary_mode_gets_text() {
        let mut line = started(115_200);
        let (data, _) = taken(
            &mut line,
            &[b"a\r\x00b", b"\xff\xfe\x00\xff\xfc\x00", b"a\r\x00b\r\nc"],
        );
        // Until the server has refused, it is expected to agree.
        assert_eq!(data, b"a\r\x00ba\rb\r\nc");
        let mut out = Vec::new();
        line.send(b"root\r\xff", &mut out);
        assert_eq!(out, b"root\r\x00\xff\xff");
    }

    #[test]
    fn two_ends_never_answer_each_other_without_end() {
        // The other end is one like this, and one that sends back all that it gets.
        let (mut a, mut b) = (started(1), started(2));
        let mut to_b = b"\xff\xfb\x2c\xff\xfb\x00\xff\xfd\x00\xff\xfb\x03\xff\xfd\x03".to_vec();
        let mut to_a = to_b.clone();
        for _ in 0..10 {
            let (from_a, from_b) = (taken(&mut a, &[&to_a]).1, taken(&mut b, &[&to_b]).1);
            (to_a, to_b) = (from_b, from_a);
        }
        assert_eq!((to_a.len(), to_b.len()), (0, 0));
        let mut echo = b"\xff\xfb\x2c\xff\xfb\x00\xff\xfd\x00\xff\xfb\x03\xff\xfd\x03".to_vec();
        let mut line = started(115_200);
        for _ in 0..10 {
            echo = taken(&mut line, &[&echo]).1;
        }
        assert_eq!(echo, b"");
    }

    #[test]
    fn a_server_that_changes_its_mind_for_ever_is_ignored_at_last() {
        let mut line = started(115_200);
        let mut answers = 0;
        for _ in 0..10_000 {
            answers += taken(
                &mut line,
                &[b"\xff\xfd\x03\xff\xfe\x03\xff\xfb\x2c\xff\xfc\x2c"],
            )
            .1
            .len();
        }
        assert!(
            answers <= 3 * MOST_ANSWERS as usize + SETTINGS.len(),
            "{answers}"
        );
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"\xff\xfd\x2c".to_vec()),
            Just(b"\xff\xfc\x00".to_vec()),
            Just(b"\xff\xfa\x2c\x65\x00\x00\x25\x80\xff\xf0".to_vec()),
            Just(b"\r\x00".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..9),
            proptest::collection::vec(250..=255_u8, 0..9),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_splitting_gives_the_same_data_and_answers(bytes in stream(), size in 1..9_usize) {
            let (mut one, mut many) = (started(9600), started(9600));
            let whole = taken(&mut one, &[&bytes]);
            let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(taken(&mut many, &chunks), whole);
            prop_assert_eq!(one.agreement(), many.agreement());
        }

        #[test]
        fn memory_and_answers_are_bounded(bytes in stream()) {
            let mut line = started(9600);
            let (data, out) = taken(&mut line, &[&bytes]);
            prop_assert!(data.len() <= bytes.len());
            prop_assert!(out.len() <= 3 * MOST_ANSWERS as usize + SETTINGS.len());
            prop_assert!(line.refused.len() <= 512);
        }
    }
}
