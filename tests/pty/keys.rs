//! Keys by name, and the bytes a terminal sends for them.

/// The bytes of a key, `None` for a name that is unknown.
///
/// Names are those of single characters, `Enter`, `Tab`, `BackTab`, `Esc`, `Space`, `Backspace`,
/// `Delete`, `Insert`, `Home`, `End`, `PageUp`, `PageDown`, `Up`, `Down`, `Left`, `Right` and `F1`
/// to `F12`; `C-x` is x with Ctrl, `M-x` is x with Alt. `application` is whether the program
/// asked for cursor keys in application mode.
pub fn bytes(key: &str, application: bool) -> Option<Vec<u8>> {
    if let Some(plain) = key.strip_prefix("M-").filter(|plain| !plain.is_empty()) {
        return Some([b"\x1b".to_vec(), bytes(plain, application)?].concat());
    }
    if let Some(letter) = key.strip_prefix("C-").filter(|letter| !letter.is_empty()) {
        return match letter.as_bytes() {
            b"Space" => Some(vec![0]),
            [letter @ (b'a'..=b'z' | b'A'..=b'Z' | b'@'..=b'_')] => Some(vec![letter & 0x1f]),
            _ => None,
        };
    }
    let cursor = |last: char| format!("\x1b{}{last}", if application { 'O' } else { '[' });
    let sequence = match key {
        "Enter" => "\r".into(),
        "Tab" => "\t".into(),
        "BackTab" => "\x1b[Z".into(),
        "Esc" => "\x1b".into(),
        "Space" => " ".into(),
        "Backspace" => "\x7f".into(),
        "Delete" => "\x1b[3~".into(),
        "Insert" => "\x1b[2~".into(),
        "Home" => cursor('H'),
        "End" => cursor('F'),
        "PageUp" => "\x1b[5~".into(),
        "PageDown" => "\x1b[6~".into(),
        "Up" => cursor('A'),
        "Down" => cursor('B'),
        "Right" => cursor('C'),
        "Left" => cursor('D'),
        "F1" => "\x1bOP".into(),
        "F2" => "\x1bOQ".into(),
        "F3" => "\x1bOR".into(),
        "F4" => "\x1bOS".into(),
        "F5" => "\x1b[15~".into(),
        "F6" => "\x1b[17~".into(),
        "F7" => "\x1b[18~".into(),
        "F8" => "\x1b[19~".into(),
        "F9" => "\x1b[20~".into(),
        "F10" => "\x1b[21~".into(),
        "F11" => "\x1b[23~".into(),
        "F12" => "\x1b[24~".into(),
        one if one.chars().count() == 1 => one.to_owned(),
        _ => return None,
    };
    Some(sequence.into_bytes())
}
