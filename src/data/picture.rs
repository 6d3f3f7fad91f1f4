//! A user's own picture of a digit, brought to where MNIST has its digits.

use std::fs::File;
use std::io::BufReader;
use std::ops::Range;
use std::path::{Path, PathBuf};

use png::{ColorType, Decoder, Limits, Transformations};

use super::{PIXELS, SIDE, ink};

/// The largest side in pixels.
const LARGEST: usize = 4096;
/// The memory that decoding may take: eight bytes a pixel, as of 16-bit colours with transparency.
const LIMITS: Limits = Limits { bytes: 8 * LARGEST * LARGEST };
/// The share of the darkest ink below which there is only paper, its shadows and its grain.
const GRAIN: f32 = 0.25;
/// The least difference between ink and paper, of 255.
const CONTRAST: f32 = 32.0;

/// Why there is no digit in a picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file cannot be opened.
    #[error("cannot read the picture {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// It is no PNG, or a broken one.
    #[error("{path} is no PNG picture: {reason}; give a PNG of one digit")]
    NoPng {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It is too large.
    #[error(
        "{path} has {width} x {height} pixels; give a picture of at most {LARGEST} x {LARGEST}"
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// Nothing stands out from its edge.
    #[error("{0} shows nothing but its own background; give a picture of one digit")]
    Empty(PathBuf),
}

/// Reads a PNG as MNIST's makers would have: ink is what differs from the paper at the edge, dark
/// on light or light on dark. It is scaled into a box of 20 x 20 pixels and its centre moved to the
/// middle. A picture of 28 x 28 with black paper is a digit of MNIST already and is taken as it is.
///
/// # Errors
/// One sentence that names the file and what is wrong with it.
pub fn read(path: &Path) -> Result<[u8; PIXELS], PictureError> {
    let grey = decode(path)?;
    let ink = grey.ink().ok_or_else(|| PictureError::Empty(path.to_owned()))?;
    if (grey.width, grey.height) == (SIDE, SIDE) && grey.paper() < CONTRAST {
        let mut pixels = [0; PIXELS];
        pixels.iter_mut().zip(&grey.values).for_each(|(pixel, value)| *pixel = value.round() as u8);
        return Ok(pixels);
    }
    Ok(ink.placed())
}

/// Values in rows.
struct Grey {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

/// The picture's brightness, 0 to 255; what is transparent is white.
fn decode(path: &Path) -> Result<Grey, PictureError> {
    let file = File::open(path).map_err(|error| PictureError::Unreadable {
        path: path.to_owned(),
        reason: error.kind().to_string(),
    })?;
    let broken = |error: png::DecodingError| {
        let reason = match error {
            png::DecodingError::IoError(error) => error.kind().to_string(),
            other => other.to_string().trim_end_matches('.').to_owned(),
        };
        PictureError::NoPng { path: path.to_owned(), reason }
    };
    let mut decoder = Decoder::new_with_limits(BufReader::new(file), LIMITS);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(broken)?;
    let (width, height) = (reader.info().width, reader.info().height);
    let too_large = || PictureError::TooLarge { path: path.to_owned(), width, height };
    if width.max(height) as usize > LARGEST {
        return Err(too_large());
    }
    let mut bytes = vec![0; reader.output_buffer_size().ok_or_else(too_large)?];
    let frame = reader.next_frame(&mut bytes).map_err(broken)?;
    let (samples, alpha) = match frame.color_type {
        ColorType::Grayscale | ColorType::Indexed => (1, false),
        ColorType::GrayscaleAlpha => (1, true),
        ColorType::Rgb => (3, false),
        ColorType::Rgba => (3, true),
    };
    // Rec. 601.
    let weights = if samples == 3 { &[0.299, 0.587, 0.114][..] } else { &[1.0] };
    let brightness = |pixel: &[u8]| {
        let light: f32 = pixel.iter().zip(weights).map(|(v, weight)| f32::from(*v) * weight).sum();
        let opaque = if alpha { f32::from(pixel[samples]) / 255.0 } else { 1.0 };
        opaque * light + (1.0 - opaque) * 255.0
    };
    let pixels = bytes[..frame.buffer_size()].chunks_exact(samples + usize::from(alpha));
    let (width, height) = (width as usize, height as usize);
    Ok(Grey { width, height, values: pixels.map(brightness).collect() })
}

impl Grey {
    /// The brightness of the paper: the median at the edge.
    fn paper(&self) -> f32 {
        let (right, bottom) = (self.width - 1, self.height - 1);
        let at_edge = |i: &usize| {
            let (x, y) = (i % self.width, i / self.width);
            x == 0 || y == 0 || x == right || y == bottom
        };
        let mut edge: Vec<f32> =
            (0..self.values.len()).filter(at_edge).map(|i| self.values[i]).collect();
        let middle = edge.len() / 2;
        *edge.select_nth_unstable_by(middle, f32::total_cmp).1
    }

    /// How much ink there is, 0 to 1: whatever differs more from the paper, the darker or the
    /// lighter; `None` if nothing does.
    fn ink(&self) -> Option<Self> {
        let paper = self.paper();
        let most =
            |sign: f32| self.values.iter().map(|value| sign * (value - paper)).fold(0.0, f32::max);
        let (light, dark) = (most(1.0), most(-1.0));
        let (sign, most) = if dark > light { (-1.0, dark) } else { (1.0, light) };
        let share = |value: &f32| {
            let ink = sign * (value - paper) / most;
            if ink < GRAIN { 0.0 } else { ink }
        };
        let values = self.values.iter().map(share).collect();
        (most >= CONTRAST).then_some(Self { values, ..*self })
    }

    /// The ink as MNIST has it.
    fn placed(&self) -> [u8; PIXELS] {
        let inked = |x: usize, y: usize| self.values[self.width * y + x] > 0.0;
        let columns = extent(self.width, |x| (0..self.height).any(|y| inked(x, y)));
        let rows = extent(self.height, |y| (0..self.width).any(|x| inked(x, y)));
        let longest = columns.len().max(rows.len()) as f32;
        let scale = longest / ink::BOX;
        let middle = [&columns, &rows].map(|range| (range.start + range.end) as f32 / 2.0);
        // Each pixel is the mean of what it covers, so that no stroke is missed.
        let mut canvas = [0.0; PIXELS];
        let covered = |at: usize, middle: f32| {
            let from = (at as f32 - ink::CENTRE) * scale + middle;
            (from, from + scale)
        };
        for (i, pixel) in canvas.iter_mut().enumerate() {
            *pixel = self.mean(covered(i % SIDE, middle[0]), covered(i / SIDE, middle[1]));
        }
        let most = canvas.iter().copied().fold(0.0, f32::max);
        let by = ink::centre(&canvas).map(|at| (ink::CENTRE - at).round() as isize);
        let mut pixels = [0; PIXELS];
        for (i, pixel) in pixels.iter_mut().enumerate() {
            let from = |at: usize, by: isize| at.checked_add_signed(-by).filter(|&at| at < SIDE);
            if let Some((x, y)) = from(i % SIDE, by[0]).zip(from(i / SIDE, by[1])) {
                *pixel = ink::byte(canvas[SIDE * y + x] / most);
            }
        }
        pixels
    }

    /// The mean over a rectangle, parts of pixels included; beyond the picture there is no ink.
    fn mean(&self, columns: (f32, f32), rows: (f32, f32)) -> f32 {
        let pieces = |(from, to): (f32, f32), end: usize| {
            let first = from.max(0.0) as usize;
            let last = (to.max(0.0).ceil() as usize).min(end);
            (first..last).map(move |at| (at, (to.min(at as f32 + 1.0) - from.max(at as f32))))
        };
        let mut sum = 0.0;
        for (y, height) in pieces(rows, self.height) {
            for (x, width) in pieces(columns, self.width) {
                sum += width * height * self.values[self.width * y + x];
            }
        }
        sum / ((columns.1 - columns.0) * (rows.1 - rows.0))
    }
}

/// From the first to the last place that has ink.
fn extent(end: usize, has_ink: impl Fn(usize) -> bool) -> Range<usize> {
    let mut inked = (0..end).filter(|&at| has_ink(at));
    let first = inked.next().unwrap_or(0);
    first..inked.last().unwrap_or(first) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Drawing;

    fn write(path: &Path, width: usize, color: ColorType, bytes: &[u8]) {
        let height = bytes.len() / width / color.samples();
        let file = File::create(path).unwrap();
        let mut encoder = png::Encoder::new(file, width as u32, height as u32);
        encoder.set_color(color);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(bytes).unwrap();
    }

    /// A four, in MNIST's place.
    fn four() -> [u8; PIXELS] {
        let mut drawing = Drawing::default();
        for stroke in [&[[8.0, 5.0], [7.0, 14.0], [19.0, 14.0]][..], &[[18.0, 4.0], [17.0, 24.0]]] {
            drawing.begin(stroke[0]);
            stroke.iter().for_each(|&point| drawing.extend(point));
        }
        drawing.fit();
        drawing.pixels()
    }

    /// Enlarged, with paper around it.
    fn enlarged(digit: &[u8; PIXELS], by: usize, [left, top]: [usize; 2]) -> (usize, Vec<u8>) {
        let (width, height) = (SIDE * by + left, SIDE * by + top);
        let value = |i: usize| {
            let (x, y) = (i % width, i / width);
            let inside = x >= left && y >= top;
            if inside { digit[(y - top) / by * SIDE + (x - left) / by] } else { 0 }
        };
        (width, (0..width * height).map(value).collect())
    }

    fn difference(a: &[u8; PIXELS], b: &[u8; PIXELS]) -> f32 {
        let sum: u32 = a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        sum as f32 / PIXELS as f32
    }

    #[test]
    fn a_digit_of_mnist_is_taken_as_it_is_and_a_larger_one_in_any_colours_comes_close() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let digit = four();
        write(&path, SIDE, ColorType::Grayscale, &digit);
        assert_eq!(read(&path).unwrap(), digit);

        let (width, bytes) = enlarged(&digit, 9, [70, 20]);
        let ink = |i: usize| bytes[i];
        let each = |pixel: &dyn Fn(u8) -> Vec<u8>| -> Vec<u8> {
            (0..bytes.len()).flat_map(|i| pixel(ink(i))).collect()
        };
        for (name, color, bytes) in [
            ("white on black", ColorType::Grayscale, each(&|v| vec![v])),
            ("black on white", ColorType::Grayscale, each(&|v| vec![255 - v])),
            ("blue on yellow", ColorType::Rgb, each(&|v| vec![255 - v, 255 - v, v])),
            ("dark on grey", ColorType::Grayscale, each(&|v| vec![140 - v / 3])),
            ("black on nothing", ColorType::GrayscaleAlpha, each(&|v| vec![0, v])),
            ("red on nothing", ColorType::Rgba, each(&|v| vec![200, 0, 0, v])),
        ] {
            write(&path, width, color, &bytes);
            let off = difference(&read(&path).unwrap(), &digit);
            assert!(off < 6.0, "{name}: {off}");
        }
        let nothing = difference(&[0; PIXELS], &digit);
        assert!(nothing > 20.0, "{nothing}");
    }

    #[test]
    fn thin_and_tiny_ink_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        // A line of one pixel in a thousand, and a single dot.
        let mut line = vec![255; 1000 * 1000];
        (100..900).for_each(|y| line[1000 * y + 400] = 0);
        write(&path, 1000, ColorType::Grayscale, &line);
        let pixels = read(&path).unwrap();
        assert!((4..24).all(|y| pixels[SIDE * y + 13].max(pixels[SIDE * y + 14]) > 250));
        let mut dot = vec![0; 50 * 40];
        dot[50 * 30 + 45] = 255;
        write(&path, 50, ColorType::Grayscale, &dot);
        assert_eq!(read(&path).unwrap()[SIDE * 14 + 14], 255);
    }

    #[test]
    fn what_is_no_picture_of_a_digit_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::write(place("text.png"), "a seven").unwrap();
        std::fs::write(place("nothing.png"), "").unwrap();
        write(&place("plain.png"), 40, ColorType::Grayscale, &[200; 1600]);
        write(&place("black.png"), SIDE, ColorType::Grayscale, &[0; PIXELS]);
        write(&place("faint.png"), 40, ColorType::Grayscale, &{
            let mut pixels = [200; 1600];
            pixels[800] = 180;
            pixels
        });
        write(&place("wide.png"), 4097, ColorType::Grayscale, &[0; 4097]);
        write(&place("whole.png"), SIDE, ColorType::Grayscale, &four());
        let whole = std::fs::read(place("whole.png")).unwrap();
        std::fs::write(place("half.png"), &whole[..whole.len() / 2]).unwrap();
        for (name, says) in [
            ("missing.png", "cannot read the picture"),
            ("text.png", "is no PNG picture"),
            ("nothing.png", "is no PNG picture"),
            ("half.png", "is no PNG picture"),
            ("plain.png", "nothing but its own background"),
            ("black.png", "nothing but its own background"),
            ("faint.png", "nothing but its own background"),
            ("wide.png", "4097 x 1 pixels"),
        ] {
            let message = read(&place(name)).unwrap_err().to_string();
            assert!(message.contains(says) && message.contains(name), "{message}");
        }
    }
}
