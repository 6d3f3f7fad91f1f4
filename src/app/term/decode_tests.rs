//! Input as it comes: whole, in pieces, late, without end, and far too much of it.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEventKind};

use super::*;
use crate::app::key::Key;
use crate::rng::Rng;

/// What a terminal answers to all questions, one answer after the other.
const ANSWERS: [&[u8]; 5] = [
    b"\x1bP1$r0;48:2:1:2:3m\x1b\\",
    b"\x1bP1+r524742=382F382F38\x1b\\",
    b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
    b"\x1b[1;2R",
    b"\x1b[?62;22c",
];

/// A decoder, and a clock that only goes on when told.
struct Input {
    decoder: Decoder,
    now: Instant,
}

impl Input {
    fn new() -> Self {
        Self { decoder: Decoder::default(), now: Instant::now() }
    }

    /// In front of a terminal that has been asked.
    fn asked() -> Self {
        let mut input = Self::new();
        input.decoder.expect_answers();
        input
    }

    fn feed(&mut self, bytes: &[u8]) -> Vec<Decoded> {
        self.decoder.feed(bytes, self.now)
    }

    fn wait(&mut self, time: Duration) -> Vec<Decoded> {
        self.now += time;
        self.decoder.give_up(self.now)
    }
}

/// The keys among them, as they are written in the help, and all else that is no answer.
fn said(decoded: &[Decoded]) -> Vec<String> {
    let said = decoded.iter().filter_map(|decoded| match decoded {
        Decoded::Event(Event::Key(key)) => Some(Key::from(key).to_string()),
        Decoded::Event(Event::Paste(text)) => Some(format!("pasted {text}")),
        Decoded::Event(other) => Some(format!("{other:?}")),
        Decoded::Answer(_) => None,
    });
    said.collect()
}

fn answers(decoded: &[Decoded]) -> usize {
    decoded.iter().filter(|decoded| matches!(decoded, Decoded::Answer(_))).count()
}

#[test]
fn keys_are_read_in_every_way_that_terminals_send_them() {
    for (bytes, keys) in [
        (&b"xQ:+ \r\t\x7f"[..], "x Q : + Space Enter Tab Bksp"),
        (b"\x03\x0c\x1a\x00", "^C ^L ^Z ^Space"),
        ("\u{e4}\u{4f60}\u{1f600}".as_bytes(), "\u{e4} \u{4f60} \u{1f600}"),
        (b"\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F", "\u{2191} \u{2193} \u{2192} \u{2190} Home End"),
        (b"\x1bOA\x1bOH\x1bOP\x1bOS\x1b[[A\x1b[[E", "\u{2191} Home F1 F4 F1 F5"),
        (b"\x1b[1~\x1b[2~\x1b[3~\x1b[4~\x1b[5~\x1b[6~", "Home Ins Del End PgUp PgDn"),
        (b"\x1b[15~\x1b[17~\x1b[21~\x1b[23~\x1b[24~", "F5 F6 F10 F11 F12"),
        (b"\x1b[1;5C\x1b[1;3D\x1b[5;5~\x1b[Z", "^\u{2192} Alt-\u{2190} ^PgUp Tab"),
        (b"\x1bx\x1bX\x1b\r", "Alt-x Alt-X Alt-Enter"),
        // As Ctrl-C where a program has left another keyboard protocol on.
        (b"\x1b[99;5u\x1b[27;5;99~", "^C ^C"),
        // Without questions these are keys.
        (b"\x1bP\x1b]x", "Alt-P Alt-] x"),
        (b"\x1b\x03\x1b\x1b[A", "Esc ^C Esc \u{2191}"),
        // What nobody knows is no key, and no key is lost for it.
        (b"\x1b[?1;2y\x1b[200x\x1b[>0;1c\xff\xfel", "l"),
        (b"\x1b[12\x03\x1b[1;\x1b[Al", "^C \u{2191} l"),
    ] {
        let decoded = Input::new().feed(bytes);
        assert_eq!(said(&decoded).join(" "), keys, "{}", bytes.escape_ascii());
    }
    let decoded = Input::new().feed(b"\x1b[99;1:3u");
    let released =
        KeyEvent::new_with_kind(KeyCode::Char('c'), KeyModifiers::NONE, KeyEventKind::Release);
    assert_eq!(decoded, [Decoded::Event(Event::Key(released))]);
}

#[test]
fn the_mouse_is_read_in_both_ways_that_terminals_report_it() {
    let decoded =
        Input::new().feed(b"\x1b[<0;300;20M\x1b[<0;300;20m\x1b[<34;1;1M\x1b[<68;1;1M\x1b[M`!!");
    let events: Vec<_> = decoded
        .iter()
        .map(|decoded| match decoded {
            Decoded::Event(Event::Mouse(event)) => (event.kind, event.column, event.row),
            other => panic!("{other:?}"),
        })
        .collect();
    use crossterm::event::MouseButton::{Left, Right};
    let expected = [
        (MouseEventKind::Down(Left), 299, 19),
        (MouseEventKind::Up(Left), 299, 19),
        (MouseEventKind::Drag(Right), 0, 0),
        (MouseEventKind::ScrollUp, 0, 0),
        (MouseEventKind::ScrollUp, 0, 0),
    ];
    assert_eq!(events, expected);
}

#[test]
fn escape_counts_at_once_and_in_other_input_as_soon_as_nothing_follows() {
    let mut input = Input::new();
    assert_eq!(said(&input.feed(b"\x1b")), ["Esc"]);
    input.now += MOMENT;
    assert_eq!(said(&input.feed(b"x\x1b")), ["x"]);
    assert_eq!(said(&input.wait(ESCAPE)), ["Esc"]);
    // In pieces that a line has cut, it is the beginning of more.
    assert_eq!(said(&input.feed(b"\x1b[C\x1b")), ["\u{2192}"]);
    assert_eq!(said(&input.feed(b"[C")), ["\u{2192}"]);
}

#[test]
fn however_a_line_cuts_its_input_the_same_is_read() {
    let mut whole = ANSWERS.concat();
    whole.extend_from_slice(b"q\x1b[<65;10;10M\x1b[200~some\x1b text\n\x1b[201~\x1b[1;5D");
    whole.extend_from_slice("\u{4f60}".as_bytes());
    let expected = Input::asked().feed(&whole);
    assert_eq!((answers(&expected), said(&expected).len()), (5, 5));
    for at in 0..=whole.len() {
        let mut input = Input::asked();
        let mut decoded = input.feed(&whole[..at]);
        decoded.extend(input.feed(&whole[at..]));
        assert_eq!(decoded, expected, "cut at {at}");
    }
    let mut input = Input::asked();
    let bytes: Vec<_> = whole.chunks(1).flat_map(|byte| input.feed(byte)).collect();
    assert_eq!(bytes, expected);
}

#[test]
fn late_answers_are_no_keys_wherever_they_are_cut() {
    for answer in ANSWERS {
        for at in 1..answer.len() - 1 {
            let mut input = Input::asked();
            input.now += Duration::from_secs(5);
            let mut decoded = input.feed(&answer[..at]);
            // Longer than anything is held back.
            decoded.extend(input.wait(2 * MOMENT));
            decoded.extend(input.feed(&answer[at..]));
            decoded.extend(input.feed(b"l"));
            let keys = said(&decoded);
            // What is a key by itself, and came by itself, was taken for one.
            let begun = escape::alone(&answer[..at]).is_some();
            assert_eq!(keys.last().unwrap(), "l");
            assert_eq!(keys.len(), 1 + usize::from(begun), "{keys:?} {}", answer.escape_ascii());
            assert_eq!(answers(&decoded), 1, "{}, cut at {at}", answer.escape_ascii());
        }
    }
}

#[test]
fn an_answer_without_end_holds_keys_back_for_a_moment_and_control_characters_not_at_all() {
    for answer in ANSWERS {
        for at in 2..answer.len() - 1 {
            let cut = &answer[..at];
            // A key by itself, or its end cut in two.
            if escape::alone(cut).is_some() || cut.ends_with(b"\x1b") {
                continue;
            }
            let mut input = Input::asked();
            input.feed(cut);
            assert_eq!(said(&input.feed(b"\x03")), ["^C"], "{}", cut.escape_ascii());
            assert_eq!(said(&input.feed(b"l")), ["l"]);

            let mut input = Input::asked();
            input.feed(cut);
            assert_eq!(said(&input.feed(b"\x1b[C")), ["\u{2192}"], "{}", cut.escape_ascii());

            let mut input = Input::asked();
            input.feed(cut);
            input.wait(MOMENT);
            assert_eq!(said(&input.feed(b"3m")), ["3", "m"], "{}", cut.escape_ascii());

            // Keys that are held down do not make it longer.
            let mut input = Input::asked();
            let mut decoded = input.feed(cut);
            for _ in 0..40 {
                decoded.extend(input.wait(Duration::from_millis(33)));
                decoded.extend(input.feed(b"1"));
            }
            assert!(said(&decoded).len() >= 9, "{}", cut.escape_ascii());
        }
    }
    // Without a question nothing is an answer.
    assert_eq!(said(&Input::new().feed(b"\x1bP1$l")), ["Alt-P", "1", "$", "l"]);
    // What no answer contains ends it at once.
    assert_eq!(
        said(&Input::asked().feed(b"\x1bPl\x1b]q\x1bP1$r48q")),
        ["Alt-P", "l", "Alt-]", "q", "q"]
    );
}

#[test]
fn once_the_last_question_is_answered_nothing_is_an_answer() {
    let mut input = Input::asked();
    assert!(input.decoder.is_expecting());
    input.feed(&ANSWERS.concat());
    assert!(!input.decoder.is_expecting());
    let decoded = input.feed(b"\x1b[1;2R");
    let f3 = KeyEvent::new(KeyCode::F(3), KeyModifiers::SHIFT);
    assert_eq!(decoded, [Decoded::Event(Event::Key(f3))]);
}

#[test]
fn pasted_text_is_one_event_of_any_length_in_any_pieces() {
    let text = "git commit\r\u{4f60}\x1b[A\x03 q".repeat(40_000);
    let bytes = [PASTE[0], text.as_bytes(), PASTE[1], b"l"].concat();
    let mut rng = Rng::new(3);
    let mut input = Input::new();
    let (mut decoded, mut rest) = (Vec::new(), bytes.as_slice());
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min(1 + rng.below(5000)));
        decoded.extend(input.feed(piece));
        rest = after;
    }
    let said = said(&decoded);
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("pasted git commit") && said[0].len() <= PASTED + 10);
    assert_eq!(said[1], "l");
    // An empty one is nothing.
    assert_eq!(Input::new().feed(b"\x1b[200~\x1b[201~"), []);
}

#[test]
fn a_paste_without_end_holds_nothing_back_for_long() {
    let mut input = Input::new();
    assert_eq!(input.feed(b"\x1b[200~1\x032"), []);
    assert_eq!(said(&input.wait(MOMENT)), ["pasted 1\u{3}2"]);
    assert_eq!(said(&input.feed(b"l")), ["l"]);

    let mut input = Input::new();
    input.feed(b"\x1b[200~12");
    assert_eq!(input.feed(b"\x03"), []);
    assert_eq!(said(&input.wait(INTERRUPT)), ["pasted 12\u{3}", "^C"]);
    assert_eq!(said(&input.feed(b"l")), ["l"]);
}

#[test]
fn a_flood_is_read_to_its_end() {
    let mut input = Input::new();
    let flood = b"\x1b[<65;10;10M".repeat(100_000);
    let pieces = flood.chunks(4095);
    let decoded: Vec<_> = pieces.flat_map(|piece| input.feed(piece)).collect();
    assert_eq!(decoded.len(), 100_000);
    assert!(decoded.iter().all(|event| *event == decoded[0]));
    assert_eq!(said(&input.feed(b"\x03")), ["^C"]);
}

#[test]
fn no_input_does_harm() {
    let mut rng = Rng::new(7);
    let pieces: [&[u8]; 12] = [
        b"\x1b",
        b"[",
        b"P",
        b"]",
        b"\\",
        b"1$r",
        b"11;rgb:",
        b"\x1b[200~",
        b"\x1b[201~",
        b"<65;1M",
        b"\x9b\xe4\xff",
        b"x",
    ];
    for _ in 0..2000 {
        let mut input = if rng.below(2) == 0 { Input::new() } else { Input::asked() };
        for _ in 0..rng.below(30) {
            input.feed(pieces[rng.below(pieces.len())]);
            input.wait(Duration::from_millis(rng.below(300) as u64));
        }
        // Whatever came, a moment later keys work.
        input.wait(MOMENT);
        assert_eq!(said(&input.feed(b"\x03")), ["^C"]);
        assert_eq!(said(&input.feed(b"l")), ["l"]);
    }
}
