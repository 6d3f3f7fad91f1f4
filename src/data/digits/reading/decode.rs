//! Files of pictures to brightness.

use std::fs::File;
use std::io::{self, Cursor, IsTerminal, Read};
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageError, ImageReader, Limits};

use super::PictureError;
use super::plane::{Plane, quantile};

/// The largest side in pixels.
pub const LARGEST: u32 = 8192;
/// The memory that a decoded picture may take, in bytes.
const MOST_MEMORY: u64 = 256 << 20;
/// The largest file in bytes.
const MOST_BYTES: u64 = 64 << 20;
/// The largest side that is looked at; what is larger is made smaller first.
const LOOKED_AT: u32 = 1024;
/// The difference of brightness, of 255, from which a picture shows something without its
/// transparency.
const CONTRAST: f32 = 32.0;

/// The bytes of a file, or of standard input if the path is `-`.
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

/// The brightness of a picture's pixels, 0 to 255, upright; of an animation, that of its first
/// image. The bytes tell the format. `path` is for errors.
pub fn brightness(bytes: &[u8], path: &Path) -> Result<Plane, PictureError> {
    let no_picture = |reason: String| PictureError::NoPicture { path: path.to_owned(), reason };
    let broken = |error: ImageError| no_picture(sentence(&error));
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| no_picture(error.to_string()))?;
    if reader.format().is_none() {
        return Err(no_picture("its content is of another kind".to_owned()));
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
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    if width.max(height) > LOOKED_AT {
        picture = picture.thumbnail(LOOKED_AT, LOOKED_AT);
    }
    let mut picture = DynamicImage::ImageLumaA16(picture.into_luma_alpha16());
    picture.apply_orientation(orientation);
    let pixels = picture.into_luma_alpha16();
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    let channel = |k: usize, whole: f32| Plane {
        width,
        height,
        values: pixels.pixels().map(|pixel| f32::from(pixel.0[k]) / whole).collect(),
    };
    Ok(opaque(channel(0, 257.0), &channel(1, 65535.0)))
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

/// The brightness on paper that shows what there is: where the paper is transparent, ink is what is
/// not, in whatever colour. A card that shows something without its transparent surroundings is
/// laid on paper of its own brightness, and a hole is made visible.
fn opaque(light: Plane, alpha: &Plane) -> Plane {
    if alpha.values.iter().all(|&alpha| alpha == 1.0) {
        return light;
    }
    let (width, height) = (light.width, light.height);
    let at = |i: usize| (i % width, i / width);
    let solid: Vec<usize> = (0..light.values.len()).filter(|&i| alpha.values[i] >= 0.5).collect();
    let edge = |&i: &usize| {
        let (x, y) = at(i);
        x == 0 || y == 0 || x + 1 == width || y + 1 == height
    };
    let edges = (0..light.values.len()).filter(edge);
    let (clear, whole) =
        edges.fold((0, 0), |(n, all), i| (n + usize::from(alpha.values[i] < 0.5), all + 1));
    let mut values: Vec<f32> = solid.iter().map(|&i| light.values[i]).collect();
    let [dark, median, bright] = [0.02, 0.5, 0.98].map(|share| quantile(&mut values, share));
    let extent = |place: fn((usize, usize)) -> usize| {
        let places = || solid.iter().map(|&i| place(at(i)));
        places().max().zip(places().min()).map_or(0, |(high, low)| high - low + 1)
    };
    let area = extent(|(x, _)| x) * extent(|(_, y)| y);
    let is_card = bright - dark > CONTRAST && 2 * solid.len() > area;
    let laid_on = |paper: f32| {
        light.map(|i| alpha.values[i] * light.values[i] + (1.0 - alpha.values[i]) * paper)
    };
    match (2 * clear > whole, is_card) {
        (true, false) => alpha.map(|i| 255.0 * (1.0 - alpha.values[i])),
        (true, true) => laid_on(median),
        (false, _) => laid_on(if median > 127.0 { 0.0 } else { 255.0 }),
    }
}
