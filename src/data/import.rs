//! One picture file: from its bytes to pixels, and on to the shape that a network takes.
//!
//! ```text
//!   file -> bytes -> decode -> upright: opaque, 8 bits, grey or RGB -> fit: the middle -> values
//! ```

use std::fs::File;
use std::io::{self, Cursor, IsTerminal, Read};
use std::path::{Path, PathBuf};

use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageReader, Limits, RgbImage};

use super::shape::Shape;
use crate::files;

/// The largest side in pixels.
pub const LARGEST: u32 = 8192;
/// The memory that a decoded picture may take, in bytes.
const MOST_MEMORY: u64 = 256 << 20;
/// The largest file in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// Why a file is not taken for a picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file cannot be opened or read.
    #[error("cannot read the picture {}: {reason}", shown(path))]
    Unreadable {
        /// The file; `-` is standard input.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// It is no picture, or a broken one.
    #[error(
        "{} is no picture in PNG, JPEG, WebP, BMP, GIF or TIFF, or a broken one: {reason}",
        shown(path)
    )]
    NoPicture {
        /// The file; `-` is standard input.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It is too large.
    #[error(
        "{} has {width} x {height} pixels; give a picture of at most {LARGEST} x {LARGEST} that \
         takes no more than {} MiB",
        shown(path),
        MOST_MEMORY >> 20
    )]
    TooLarge {
        /// The file; `-` is standard input.
        path: PathBuf,
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
}

impl PictureError {
    /// What is wrong, without the file's name.
    pub fn reason(&self) -> String {
        match self {
            Self::Unreadable { reason, .. } | Self::NoPicture { reason, .. } => reason.clone(),
            Self::TooLarge { width, height, .. } => {
                format!("it has {width} x {height} pixels, which are too many")
            }
        }
    }
}

/// How a picture is named to the user.
pub fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// A picture in PNG, JPEG, WebP, BMP, GIF or TIFF, from standard input if the path is `-`, as a
/// network of this shape takes it: `height x width x channels` bytes, as [`upright`], [`fit`] and
/// [`values`] say.
///
/// # Errors
/// One sentence that names the file and what is wrong with it.
pub fn picture(path: &Path, shape: Shape) -> Result<Vec<u8>, PictureError> {
    let picture = upright(&bytes(path)?, path)?;
    Ok(values(fit(picture, shape.size()), shape.channels))
}

/// The bytes of a file, or of standard input if the path is `-`.
///
/// # Errors
/// If it cannot be read, is larger than 64 MiB, or is no ordinary file.
pub fn bytes(path: &Path) -> Result<Vec<u8>, PictureError> {
    let failed = |reason: &str| PictureError::Unreadable {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let broken = |error: io::Error| failed(&error.kind().to_string());
    let source: &mut dyn Read = if path == Path::new("-") {
        let input = io::stdin();
        if input.is_terminal() {
            return Err(failed("it is the terminal; send it a file, as with `< FILE`"));
        }
        &mut input.lock()
    } else {
        // Before it is opened: opening a pipe waits for somebody to write to it.
        let found = path.metadata().map_err(broken)?;
        if found.is_dir() {
            return Err(failed("it is a folder"));
        }
        if !found.is_file() {
            return Err(failed("it is a device, a pipe or a socket"));
        }
        if found.len() > MOST_BYTES {
            return Err(failed(&too_long()));
        }
        &mut File::open(path).map_err(broken)?
    };
    let mut bytes = Vec::new();
    source.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(broken)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(failed(&too_long()));
    }
    Ok(bytes)
}

fn too_long() -> String {
    format!("it is larger than {} MiB", MOST_BYTES >> 20)
}

/// The pixels of a picture, of an animation those of its first image, as they are stored, and how
/// they must be turned to stand upright. The bytes tell the format. `path` is for errors.
///
/// # Errors
/// If it is of another format, broken, or too large.
pub fn decode(bytes: &[u8], path: &Path) -> Result<(DynamicImage, Orientation), PictureError> {
    let no_picture = |reason: String| PictureError::NoPicture { path: path.to_owned(), reason };
    let broken = |error: ImageError| no_picture(sentence(&error));
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| no_picture(error.to_string()))?;
    if !reader.format().is_some_and(|format| format.reading_enabled()) {
        return Err(no_picture(other_kind(bytes)));
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if width.max(height) > LARGEST || decoder.total_bytes() > MOST_MEMORY {
        return Err(PictureError::TooLarge { path: path.to_owned(), width, height });
    }
    if width.min(height) == 0 {
        return Err(no_picture("it has no pixels".to_owned()));
    }
    let orientation = decoder.orientation().map_err(broken)?;
    Ok((DynamicImage::from_decoder(decoder).map_err(broken)?, orientation))
}

/// What bytes are that are no picture.
fn other_kind(bytes: &[u8]) -> String {
    match files::kind(&bytes[..bytes.len().min(files::HEAD)]) {
        _ if bytes.is_empty() => "it is empty".to_owned(),
        Some(kind) => format!("it is {kind}"),
        None => "its content is of another kind".to_owned(),
    }
}

/// The reason in one line.
fn sentence(error: &ImageError) -> String {
    let text = match error {
        ImageError::IoError(error) => error.kind().to_string(),
        ImageError::Decoding(error) => {
            let source = std::error::Error::source(error);
            source.map_or_else(|| error.to_string(), ToString::to_string)
        }
        ImageError::Unsupported(_) => "it is of a kind that is not supported".to_owned(),
        other => other.to_string(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

/// A picture as it is looked at: turned as its EXIF says, laid on white where it is transparent,
/// 8 bits a channel, in grey (`Luma8`) or in colour (`Rgb8`). An opaque picture of 8 bits keeps its
/// values; of 16 bits, the nearest of 8 are taken.
///
/// # Errors
/// As [`decode`], and if a JPEG ends too early, which its decoder fills up with grey.
pub fn upright(bytes: &[u8], path: &Path) -> Result<DynamicImage, PictureError> {
    let (picture, orientation) = decode(bytes, path)?;
    if bytes.starts_with(&[0xff, 0xd8]) && !is_whole_jpeg(bytes) {
        let reason = "it ends too early".to_owned();
        return Err(PictureError::NoPicture { path: path.to_owned(), reason });
    }
    let mut picture = opaque(picture);
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Whether a JPEG goes on to its end marker. What may lie behind that, such as a film, is no part
/// of the picture.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    const END: u8 = 0xd9;
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        // Compressed values have 00 or a restart marker after each FF, and FF may be repeated.
        let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
        let Some(at) = rest.windows(2).position(is_marker) else { return false };
        if rest[at + 1] == END {
            return true;
        }
        rest = &rest[at + 2..];
        let length = rest.first_chunk().map_or(0, |&length| u16::from_be_bytes(length));
        rest = rest.get(usize::from(length)..).unwrap_or_default();
    }
}

/// On white, with 8 bits a channel.
fn opaque(picture: DynamicImage) -> DynamicImage {
    let color = picture.color();
    match (color.has_color(), color.has_alpha()) {
        (false, false) => picture.into_luma8().into(),
        (true, false) => picture.into_rgb8().into(),
        (false, true) => {
            let mut pixels = picture.into_luma_alpha8();
            pixels.pixels_mut().for_each(|pixel| lay_on_white(&mut pixel.0));
            DynamicImage::from(pixels).into_luma8().into()
        }
        (true, true) => {
            let mut pixels = picture.into_rgba8();
            pixels.pixels_mut().for_each(|pixel| lay_on_white(&mut pixel.0));
            DynamicImage::from(pixels).into_rgb8().into()
        }
    }
}

/// Mixes the colours of a pixel, whose last value is its opacity, with white.
fn lay_on_white(pixel: &mut [u8]) {
    if let Some((alpha, colours)) = pixel.split_last_mut() {
        let alpha = u32::from(std::mem::replace(alpha, 255));
        for colour in colours {
            *colour = ((u32::from(*colour) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
}

/// Brings a picture to a height and a width: the largest part of these proportions is cut out of
/// its middle, and resampled with a triangle filter that averages where it shrinks, as Pillow's
/// `BILINEAR` does. A picture of this size stays as it is.
pub fn fit(picture: DynamicImage, [height, width]: [usize; 2]) -> DynamicImage {
    let is = [picture.height() as usize, picture.width() as usize];
    if is == [height, width] {
        return picture;
    }
    let [cut_height, cut_width] = cut(is, [height, width]);
    let [top, left] = [(is[0] - cut_height) / 2, (is[1] - cut_width) / 2];
    let [left, top, cut_width, cut_height] = [left, top, cut_width, cut_height].map(|n| n as u32);
    let middle = picture.crop_imm(left, top, cut_width, cut_height);
    middle.resize_exact(width as u32, height as u32, FilterType::Triangle)
}

/// The largest height and width within `is` that have the proportions of `wanted`, to the nearest
/// pixel.
fn cut(is: [usize; 2], wanted: [usize; 2]) -> [usize; 2] {
    let along = |side: usize, by: usize, of: usize| ((side * by + of / 2) / of).max(1);
    let [height, width] = wanted;
    match is[1] * height > is[0] * width {
        true => [is[0], along(is[0], width, height).min(is[1])],
        false => [along(is[1], height, width).min(is[0]), is[1]],
    }
}

/// The bytes of an upright picture, row by row, with one channel or with three. The grey of a
/// colour is its luma of ITU-R BT.601, rounded as Pillow's `convert("L")` does.
pub fn values(picture: DynamicImage, channels: usize) -> Vec<u8> {
    match (picture, channels) {
        (DynamicImage::ImageLuma8(grey), 1) => grey.into_raw(),
        (DynamicImage::ImageLuma8(grey), _) => grey.iter().flat_map(|&v| [v; 3]).collect(),
        (colour, 1) => colour.into_rgb8().as_chunks().0.iter().map(luma).collect(),
        (colour, _) => colour.into_rgb8().into_raw(),
    }
}

/// The upright picture that has these [`values`].
pub fn from_values(values: &[u8], shape: Shape) -> DynamicImage {
    let (width, height, values) = (shape.width as u32, shape.height as u32, values.to_vec());
    let picture = match shape.channels {
        1 => GrayImage::from_raw(width, height, values).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, values).map(DynamicImage::from),
    };
    picture.unwrap_or_default()
}

fn luma(&[r, g, b]: &[u8; 3]) -> u8 {
    let sum = 19_595 * u32::from(r) + 38_470 * u32::from(g) + 7_471 * u32::from(b);
    ((sum + 0x8000) >> 16) as u8
}

/// An upright picture in grey where that is all it shows, though it be stored in colour.
pub fn plainest(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageRgb8(colour)
            if colour.as_chunks().0.iter().all(|[r, g, b]| r == g && g == b) =>
        {
            DynamicImage::from(colour).into_luma8().into()
        }
        other => other,
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
