//! The program that runs a command in the guest, as lines to type at its shell.

use vm::Relay;

/// The number of bytes of the program in one line. Terminals take 4095 bytes, small shells 1023.
const PIECE: usize = 400;

/// The reader: reads the program and runs it. Short enough for the line of every shell.
const READER: &str = concat!(
    r#"s=$(stty -g);stty -echo;n=0;while printf "\n%s:%s:%s.\n" $1 $2 $n;IFS= read -r l||exit;do "#,
    r#"case $l in $n+*)p=$p${l#*+};n=$((n+1));;.${#p})break;;.*)p=;n=0;;esac;done;eval "$(printf "$p")""#
);

/// The end of the program: runs the command and sends its output until `qa` has understood it.
const SENDER: &str = include_str!("sender.sh");

/// A command with everything that the guest needs to run it, cut into lines.
#[derive(Debug)]
pub(crate) struct Program {
    relay: Relay,
    pieces: Vec<String>,
}

impl Program {
    /// Makes the program for a command line with this standard input. `user` is another user to run it as.
    pub(crate) fn new(command: &str, user: Option<&str>, stdin: &[u8]) -> Self {
        let relay = Relay::new();
        let words = [
            ("r", Relay::SCRIPT),
            ("c", command),
            ("u", user.unwrap_or_default()),
        ];
        let mut text = Vec::new();
        for (name, value) in words {
            text.extend(format!("{name}='{}'\n", value.replace('\'', r"'\''")).into_bytes());
        }
        // As a format of `printf`, which can write any byte.
        text.extend(format!("i='{}'\n", written(stdin).replace('\'', r"'\''")).into_bytes());
        text.extend_from_slice(SENDER.as_bytes());
        Self {
            relay,
            pieces: pieces(&written(&text)),
        }
    }

    /// Returns the relay that runs the command.
    pub(super) fn relay(&self) -> &Relay {
        &self.relay
    }

    /// Returns the line that starts the reader.
    pub(super) fn start(&self) -> Vec<u8> {
        let [first, second] = self.relay.halves();
        // The space in front keeps the line out of the history of most shells.
        format!(" sh -c '{READER}' qa {first} {second}\n").into_bytes()
    }

    /// Returns the line that the reader waits for: the piece of this number, or after the last piece the number of all
    /// characters.
    pub(super) fn line(&self, number: usize) -> Vec<u8> {
        match self.pieces.get(number) {
            Some(piece) => format!("{number}+{piece}\n"),
            None => format!(".{}\n", self.pieces.iter().map(String::len).sum::<usize>()),
        }
        .into_bytes()
    }

    /// Returns the number of pieces.
    pub(super) fn length(&self) -> usize {
        self.pieces.len()
    }
}

/// Returns bytes as a format of `printf`, in printable ASCII.
fn written(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match byte {
            b'\\' | b'%' | b'-' | 0..=0x1f | 0x7f..=0xff => text.push_str(&format!("\\{byte:03o}")),
            _ => text.push(char::from(byte)),
        }
    }
    text
}

/// Cuts a text into pieces of at most [`PIECE`] bytes, never inside an escape.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > PIECE {
        let escape = rest[PIECE - 3..PIECE].find('\\');
        let (piece, more) = rest.split_at(escape.map_or(PIECE, |place| PIECE - 3 + place));
        pieces.push(piece.to_owned());
        rest = more;
    }
    pieces.push(rest.to_owned());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_short_and_printable() {
        let all: Vec<u8> = (0..=255).cycle().take(9000).collect();
        let program = Program::new(&"é'\\%-\n".repeat(3000), None, &all);
        for number in 0..=program.length() {
            let line = program.line(number);
            assert!(line.len() < 450, "{number}");
            let (end, rest) = line.split_last().unwrap();
            assert_eq!(*end, b'\n');
            assert!(rest.iter().all(|byte| (0x20..0x7f).contains(byte)));
        }
        assert!(program.start().len() < 300, "{}", program.start().len());
        assert!(!READER.contains('\''), "it stands between quotes");
    }
}
