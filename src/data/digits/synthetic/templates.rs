//! Reading the handwriting variants from their text file.

use std::sync::LazyLock;

use crate::data::digits::CLASSES;

/// A part of a stroke.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    /// A point that the curve goes through.
    Point([f32; 2]),
    /// Points on an oval: centre, half axes, start and sweep in degrees.
    Oval { centre: [f32; 2], radius: [f32; 2], start: f32, sweep: f32 },
    /// The end of one curve and the start of the next.
    Corner,
}

/// One way to write a digit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    pub weight: f32,
    pub strokes: Vec<Vec<Piece>>,
}

/// The variants of each digit.
pub(super) static TEMPLATES: LazyLock<[Vec<Template>; CLASSES]> = LazyLock::new(|| {
    parse(include_str!("templates.txt")).unwrap_or_else(|error| {
        // The text is part of the program, and a test reads it.
        unreachable!("{error}")
    })
});

fn parse(text: &str) -> Result<[Vec<Template>; CLASSES], String> {
    let mut templates: [Vec<Template>; CLASSES] = Default::default();
    for (i, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (digit, template) =
            parse_line(line).ok_or_else(|| format!("line {} makes no sense: {line}", i + 1))?;
        templates[digit].push(template);
    }
    match templates.iter().position(Vec::is_empty) {
        Some(digit) => Err(format!("there is no variant of {digit}")),
        None => Ok(templates),
    }
}

fn parse_line(line: &str) -> Option<(usize, Template)> {
    let (head, body) = line.split_once(':')?;
    let mut head = head.split_whitespace();
    let digit = head.next()?.parse().ok().filter(|&digit| digit < CLASSES)?;
    let weight = head.next()?.parse().ok().filter(|&weight| weight > 0.0)?;
    // A comma with spaces around it separates strokes; one without, coordinates.
    let strokes = body
        .split(" , ")
        .map(|stroke| stroke.split_whitespace().map(parse_piece).collect())
        .collect::<Option<Vec<Vec<Piece>>>>()?;
    Some((digit, Template { weight, strokes }))
}

fn parse_piece(text: &str) -> Option<Piece> {
    if text == "/" {
        return Some(Piece::Corner);
    }
    let (oval, numbers) = match text.strip_prefix('@') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let numbers: Vec<f32> = numbers.split(',').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    match (oval, &numbers[..]) {
        (false, &[x, y]) => Some(Piece::Point([x, y])),
        (true, &[x, y, rx, ry, start, sweep]) => {
            Some(Piece::Oval { centre: [x, y], radius: [rx, ry], start, sweep })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_file_has_every_digit_and_as_many_variants_as_the_readme_says() {
        let counts: Vec<usize> = TEMPLATES.iter().map(Vec::len).collect();
        assert!(counts.iter().all(|&n| n >= 8), "{counts:?}");
        let said = format!("{} handwriting variants", counts.iter().sum::<usize>());
        assert!(include_str!("../../../../README.md").contains(&said), "{said}");
    }

    #[test]
    fn a_line_that_makes_no_sense_is_named() {
        for bad in ["x 1 a: 0,0 1,1", "3 1 a: 0,0 1", "12 1 a: 0,0", "3 0 a: 0,0", "3 1 a 0,0"] {
            let error = parse(&format!("# comment\n{bad}")).unwrap_err();
            assert!(error.contains("line 2"), "{error}");
        }
        assert!(parse("3 1 a: 0,0 1,1").unwrap_err().contains("no variant of 0"));
    }
}
