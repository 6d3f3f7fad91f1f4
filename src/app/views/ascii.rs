//! Everything on screen in ASCII, for terminals and fonts that have nothing else.

use ratatui::buffer::Buffer;

/// Replaces what is not ASCII by what comes closest, cell for cell.
pub fn only_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if let Some(c) = cell.symbol().chars().next().filter(|c| !c.is_ascii()) {
            cell.set_char(closest(c));
        }
    }
}

fn closest(c: char) -> char {
    match c {
        // Braille: its upper dots, its lower dots, or both.
        '\u{2800}'..='\u{28ff}' => match c as u32 & 0xff {
            0 => ' ',
            dots if dots & 0b1110_0100 == 0 => '\'',
            dots if dots & 0b0001_1011 == 0 => '.',
            _ => ':',
        },
        // Bars in eighths: upright ones, then lying ones.
        '▁' => '_',
        '▂' => '.',
        '▃' => ':',
        '▄' => '-',
        '▅' => '=',
        '▆' => '+',
        '▇' => '*',
        '█' | '▉' | '▊' => '#',
        '▋' | '▌' => '=',
        '▍' | '▎' => '-',
        '▏' => '|',
        '▀' => '\'',
        '─' | '·' | '–' => '-',
        '│' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' => '+',
        '•' | '∘' => 'o',
        '●' => 'O',
        '▲' => '^',
        '▼' => 'v',
        '░' => '.',
        '▒' => ':',
        '▓' => '#',
        '×' => 'x',
        '≠' => '!',
        '←' => '<',
        '→' => '>',
        '↑' => '^',
        '↓' => 'v',
        '…' => '~',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn ascii_stays_and_the_rest_becomes_ascii_in_the_same_cells_and_colours() {
        let area = Rect::new(0, 0, 12, 1);
        let mut buffer = Buffer::empty(area);
        buffer.set_string(0, 0, "a ≠ ⠁⣀█▏→字", Style::new().bold());
        only_ascii(&mut buffer);
        let text: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(text, "a ! '.#|>?  ");
        assert!(buffer[(2, 0)].modifier.contains(ratatui::style::Modifier::BOLD));
    }
}
