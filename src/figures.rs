//! Numbers as people read them, written one way in the whole program.

/// A count and its noun: "1 epoch", "3 epochs", "10,000 digits".
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {}", thousands(count as u64), plural(count, noun))
}

/// The noun for so many: "epoch" for one, "epochs" for any other count.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// 12345 as "12,345".
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// With so many decimals, and never as a negative zero.
pub fn fixed(value: impl Into<f64>, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.into());
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_owned(),
        _ => text,
    }
}

/// With so many decimals, or with as many as two significant digits need: 2.50, 0.10, 0.0031. What
/// is smaller than any such decimals takes an exponent: 3.1e-7.
pub fn figure(value: impl Into<f64>, decimals: usize) -> String {
    /// More decimals than these are hard to count.
    const MOST: usize = 5;
    let value = value.into();
    if value == 0.0 || !value.is_finite() {
        return fixed(value, decimals);
    }
    // Rounding to two digits comes first, as it may carry: 0.0999 is 0.10.
    let rounded = format!("{value:.1e}");
    let exponent = rounded.split_once('e').and_then(|(_, power)| power.parse::<i32>().ok());
    match exponent.map(|power| 1 - power) {
        Some(needed) if needed > MOST.max(decimals) as i32 => rounded,
        Some(needed) if needed > decimals as i32 => fixed(value, needed as usize),
        _ => fixed(value, decimals),
    }
}

/// The same with its sign, and zero without one: "+1.20", "-0.0031", "0.00".
pub fn signed(value: impl Into<f64>, decimals: usize) -> String {
    let value = value.into();
    let text = figure(value, decimals);
    if value > 0.0 { format!("+{text}") } else { text }
}

/// A share, 0 to 1, in percent with so many decimals: "97.6 %".
pub fn percent(share: impl Into<f64>, decimals: usize) -> String {
    format!("{} %", fixed(100.0 * share.into(), decimals))
}

/// A cross-entropy in nats: three decimals while it is small, fewer for one that has run away.
pub fn loss(value: f64) -> String {
    match value.abs() {
        size if size >= 1e6 => format!("{value:.2e}"),
        size if size >= 100.0 => fixed(value, 2),
        _ => fixed(value, 3),
    }
}

/// The numbers beside an axis: as few decimals, from so many on, as tell them apart.
pub fn labels(values: &[f64], decimals: usize) -> Vec<String> {
    const MOST: usize = 8;
    let written = |decimals| values.iter().map(|&v| fixed(v, decimals)).collect::<Vec<_>>();
    let distinct = |labels: &Vec<String>| labels.windows(2).all(|pair| pair[0] != pair[1]);
    (decimals..MOST).map(written).find(distinct).unwrap_or_else(|| written(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_agrees_with_its_noun() {
        assert_eq!(counted(0, "epoch"), "0 epochs");
        assert_eq!(counted(1, "epoch"), "1 epoch");
        assert_eq!(counted(1_234_567, "digit"), "1,234,567 digits");
        assert_eq!(plural(1, "test digit"), "test digit");
    }

    #[test]
    fn zero_has_no_sign_however_it_came_about() {
        for tiny in [-0.0, -1e-9, -0.0004] {
            assert_eq!(fixed(tiny, 2), "0.00");
            assert_eq!(percent(tiny / 100.0, 1), "0.0 %");
        }
        assert_eq!(fixed(-0.005_1, 2), "-0.01");
        assert_eq!(fixed(f64::NEG_INFINITY, 2), "-inf");
        assert_eq!([0.0, -0.0].map(|zero| signed(zero, 2)), ["0.00", "0.00"]);
    }

    #[test]
    fn a_small_figure_keeps_two_significant_digits() {
        let written: Vec<_> = [2.5, 0.1, 0.0999, 0.05, 0.0031, -0.0031, 0.000_042, 3.14e-7, 12.345]
            .map(|value| figure(value, 2))
            .into();
        let expected =
            ["2.50", "0.10", "0.10", "0.050", "0.0031", "-0.0031", "4.2e-5", "3.1e-7", "12.35"];
        assert_eq!(written, expected.map(str::to_owned));
        assert_eq!(signed(0.0031, 2), "+0.0031");
        assert_eq!(figure(f32::NAN, 2), "NaN");
    }

    #[test]
    fn a_loss_is_told_as_it_is_however_large() {
        let written = [0.1804, 2.5004, 424.66, 5.3e8, f64::INFINITY].map(loss);
        assert_eq!(written, ["0.180", "2.500", "424.66", "5.30e8", "inf"]);
    }

    #[test]
    fn labels_of_an_axis_are_told_apart() {
        assert_eq!(labels(&[0.0, 0.05, 0.1], 1), ["0.00", "0.05", "0.10"]);
        assert_eq!(labels(&[0.0, 1.25, 2.5], 1), ["0.0", "1.2", "2.5"]);
        assert_eq!(labels(&[1.0, 1.0], 1).len(), 2, "equal ones end, too");
    }
}
