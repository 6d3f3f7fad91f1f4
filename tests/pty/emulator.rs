//! The terminal's own side: bytes in; a screen, modes and answers out.

use std::collections::BTreeSet;
use std::num::NonZeroU16;

use vt100::{Callbacks, Color, MouseProtocolMode, Parser};

use super::program::Kind;
use super::screen::Screen;

/// Modes that `vt100` leaves to us, and what they do while set.
const OTHER_MODES: [(u16, &str); 4] = [
    (1004, "focus reports are on"),
    (1015, "mouse reports (urxvt) are on"),
    (SYNCHRONIZED, "a synchronised update is open"),
    (2048, "resize reports are on"),
];
const SYNCHRONIZED: u16 = 2026;
/// What stands for U+FFFD, which `vt100` leaves out though terminals give it a cell.
const NO_CHARACTER: &str = "□";
/// The last byte of U+FFFD in UTF-8.
const LAST_OF_NO_CHARACTER: u8 = 0xbd;

/// A terminal in memory. It honours synchronised updates: while one is open it shows what it
/// showed before.
pub struct Emulator {
    parser: Parser<Extras>,
    /// All that came in.
    pub output: Vec<u8>,
    /// Whether the alternate screen was ever entered.
    pub entered_alternate: bool,
    kind: Kind,
}

impl Kind {
    /// What such a terminal takes a piece of output for.
    fn understood(self, piece: &[u8]) -> Vec<u8> {
        let mut piece = piece.to_vec();
        if self.latin1 {
            piece = piece.into_iter().map(char::from).collect::<String>().into_bytes();
        }
        let alternate = [&b"\x1b[?1049h"[..], b"\x1b[?1049l"];
        for sequence in alternate.into_iter().filter(|_| self.no_alternate_screen) {
            if piece.ends_with(sequence) {
                piece.truncate(piece.len() - sequence.len());
            }
        }
        piece
    }
}

/// What `vt100` does not keep.
struct Extras {
    shown: Screen,
    modes: BTreeSet<u16>,
    replies: Vec<u8>,
    /// Whether U+FFFD was left out.
    left_out: bool,
    /// The background's red, green and blue, each of four hexadecimal digits.
    background: &'static str,
}

impl Callbacks for Extras {
    fn unhandled_char(&mut self, _: &mut vt100::Screen, c: char) {
        self.left_out |= c == char::REPLACEMENT_CHARACTER;
    }

    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        match (first, last, params) {
            (Some(b'?'), 'h' | 'l', modes) => {
                let ours = |mode: &u16| OTHER_MODES.iter().any(|(other, _)| other == mode);
                for mode in modes.iter().filter_map(|mode| mode.first()).filter(|mode| ours(mode)) {
                    if *mode == SYNCHRONIZED {
                        self.shown = Screen(screen.clone());
                    }
                    if last == 'h' {
                        self.modes.insert(*mode)
                    } else {
                        self.modes.remove(mode)
                    };
                }
            }
            (None, 'n', [[5]]) => self.replies.extend(b"\x1b[0n"),
            (None, 'n', [[6]]) => {
                let (row, col) = screen.cursor_position();
                self.replies.extend(format!("\x1b[{};{}R", row + 1, col + 1).bytes());
            }
            // A VT220 with colours.
            (None, 'c', [] | [[0]]) => self.replies.extend(b"\x1b[?62;22c"),
            _ => {}
        }
    }

    fn unhandled_osc(&mut self, _: &mut vt100::Screen, params: &[&[u8]]) {
        if params == [&b"11"[..], b"?"] {
            self.replies.extend(format!("\x1b]11;rgb:{}\x1b\\", self.background).bytes());
        }
    }
}

impl Emulator {
    /// Of so many columns and rows, on this background.
    pub fn new(
        (cols, rows): (NonZeroU16, NonZeroU16),
        background: &'static str,
        kind: Kind,
    ) -> Self {
        let shown = Screen(Parser::new(rows, cols, 0).screen().clone());
        let (modes, replies) = (BTreeSet::new(), Vec::new());
        let extras = Extras { shown, modes, replies, left_out: false, background };
        let parser = Parser::new_with_callbacks(rows, cols, 0, extras);
        Self { parser, output: Vec::new(), entered_alternate: false, kind }
    }

    /// Takes output in and returns what a terminal would answer to the queries in it.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        // In pieces, so that the states between two sequences are seen: modes are set by `h` and
        // reset by `l`, and a `\` ends a device control string.
        let ends = [b'h', b'l', b'\\', LAST_OF_NO_CHARACTER];
        for piece in bytes.split_inclusive(|byte| ends.contains(byte)) {
            self.parser.process(&self.kind.understood(piece));
            if std::mem::take(&mut self.parser.callbacks_mut().left_out) {
                self.parser.process(NO_CHARACTER.as_bytes());
            }
            self.output.extend(piece);
            self.entered_alternate |= self.parser.screen().alternate_screen();
            if self.output.ends_with(b"\x1bP$qm\x1b\\") {
                let report = format!("\x1bP1$r{}m\x1b\\", self.rendition());
                self.parser.callbacks_mut().replies.extend(report.bytes());
            }
        }
        if !self.parser.callbacks().modes.contains(&SYNCHRONIZED) {
            self.show();
        }
        std::mem::take(&mut self.parser.callbacks_mut().replies)
    }

    /// Changes its size.
    pub fn resize(&mut self, (cols, rows): (NonZeroU16, NonZeroU16)) {
        self.parser.set_size(rows, cols);
        self.show();
    }

    /// What it shows.
    pub fn screen(&self) -> &Screen {
        &self.parser.callbacks().shown
    }

    /// Whether it shows the alternate screen.
    pub fn alternate_screen(&self) -> bool {
        self.parser.screen().alternate_screen()
    }

    /// Whether it shows a cursor, and whether it marks what is pasted.
    pub fn cursor_and_paste(&self) -> (bool, bool) {
        let screen = self.parser.screen();
        (!screen.hide_cursor(), screen.bracketed_paste())
    }

    /// Whether cursor keys are to be sent as `ESC O A` and not as `ESC [ A`.
    pub fn application_cursor(&self) -> bool {
        self.parser.screen().application_cursor()
    }

    /// In what it differs from a terminal that a shell would like to get back.
    pub fn disorder(&self) -> Vec<&'static str> {
        let screen = self.parser.screen();
        let modes = &self.parser.callbacks().modes;
        let open = OTHER_MODES.iter().filter(|(mode, _)| modes.contains(mode));
        [
            (screen.alternate_screen(), "the alternate screen is shown"),
            (screen.hide_cursor(), "the cursor is hidden"),
            (screen.bracketed_paste(), "bracketed paste is on"),
            (screen.mouse_protocol_mode() != MouseProtocolMode::None, "mouse reports are on"),
            (screen.application_cursor(), "cursor keys are in application mode"),
            (screen.application_keypad(), "the keypad is in application mode"),
            (screen.fgcolor() != Color::Default, "a text colour is set"),
            (screen.bgcolor() != Color::Default, "a background colour is set"),
            (screen.bold() || screen.inverse() || screen.underline(), "text attributes are set"),
        ]
        .into_iter()
        .filter_map(|(wrong, what)| wrong.then_some(what))
        .chain(open.map(|(_, what)| *what))
        .collect()
    }

    /// Colours and attributes as the numbers that set them.
    fn rendition(&self) -> String {
        let sequences = self.parser.screen().attributes_formatted();
        let numbers = sequences.split("\x1b[").map(|sequence| sequence.trim_end_matches('m'));
        let numbers = numbers.filter(|numbers| !numbers.is_empty());
        ["0"].into_iter().chain(numbers).collect::<Vec<_>>().join(";")
    }

    fn show(&mut self) {
        let (screen, extras) = self.parser.screen_and_callbacks_mut();
        extras.shown = Screen(screen.clone());
    }
}
