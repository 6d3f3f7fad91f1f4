//! A user's own picture of a digit, brought to where MNIST has its digits.
//!
//! ```text
//!   file -> decode -> brightness -> paper -> ink -> parts -> the digit's ink -> place -> 28 x 28
//! ```

mod decode;
mod paper;
mod parts;
mod place;
mod plane;
mod remark;

use std::path::{Path, PathBuf};

pub use remark::Remark;

use self::paper::Ink;
use self::parts::Digit;
use self::plane::Plane;
use super::{PIXELS, SIDE};
use crate::data::import::{self, PictureError, shown};

/// How often there may be a sheet on a sheet.
const SHEETS: usize = 3;
/// The grain, of the ink of black on white, from which a picture is looked at from further away.
const COARSE: f32 = 0.03;
/// The least side, in pixels, that is left of a picture then.
const LEAST_SIDE: usize = 56;

/// Why there is no digit in a picture.
#[derive(Debug, thiserror::Error)]
pub enum DigitError {
    /// The file is no picture that can be read.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// Nothing stands out from its paper.
    #[error("{} shows nothing but its own background; give a picture of one digit", shown(.0))]
    Empty(PathBuf),
}

/// What was read from a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The digit as MNIST has its own: 28 x 28 pixels in rows, 0 black to 255 ink.
    pub pixels: [u8; PIXELS],
    /// Why the picture may not hold a single digit.
    pub remark: Option<Remark>,
}

/// Reads a picture in PNG, JPEG, WebP, BMP, GIF or TIFF, from standard input if the path is `-`, as
/// MNIST's makers would have. Ink is what differs from the paper, dark on light or light on dark;
/// frames, ruled lines and specks are left out. It is scaled into a box of 20 x 20 pixels and its
/// centre moved to the middle. A picture of 28 x 28 with a digit in this place, black on white or
/// white on black, is taken as it is, pixel by pixel.
///
/// # Errors
/// One sentence that names the file and what is wrong with it.
pub fn read(path: &Path) -> Result<Reading, DigitError> {
    let brightness = decode::brightness(&import::bytes(path)?, path)?;
    reading(&brightness).ok_or_else(|| DigitError::Empty(path.to_owned()))
}

/// What a picture of this brightness, 0 to 255, shows.
fn reading(brightness: &Plane) -> Option<Reading> {
    let found = look(brightness, SHEETS);
    let placed = || found.as_ref().map(|(digit, _)| place::placed(digit));
    let pixels = as_it_is(brightness).or_else(placed)?;
    Some(Reading { pixels, remark: found.and_then(|(_, remark)| remark) })
}

/// The pixels of a picture that is a digit of MNIST already, white on black or black on white.
fn as_it_is(brightness: &Plane) -> Option<[u8; PIXELS]> {
    if (brightness.width, brightness.height) != (SIDE, SIDE) {
        return None;
    }
    let pixels: [u8; PIXELS] = std::array::from_fn(|i| brightness.values[i].round() as u8);
    [pixels, pixels.map(|pixel| 255 - pixel)].into_iter().find(place::is_placed)
}

/// The digit in a picture; where there is a sheet, a card or a drawn box in it, the one on that.
fn look(brightness: &Plane, sheets: usize) -> Option<(Digit, Option<Remark>)> {
    let mut ink = Ink::of(brightness);
    let mut smaller = None;
    loop {
        let now = smaller.as_ref().unwrap_or(brightness);
        if ink.grain <= COARSE || now.width.min(now.height) < 2 * LEAST_SIDE {
            break;
        }
        let half = now.half();
        ink = Ink::of(&half);
        smaller = Some(half);
    }
    let brightness = smaller.as_ref().unwrap_or(brightness);
    let parts = parts::parts(&ink.plane, ink.faintest());
    let sheet = parts::sheet(&ink.plane, &parts).filter(|_| sheets > 0);
    let on_sheet = sheet.and_then(|sheet| {
        look(&brightness.crop(sheet.left..sheet.right, sheet.top..sheet.bottom), sheets - 1)
    });
    on_sheet.or_else(|| {
        let digit = parts::digit(&ink, &parts)?;
        let remark = remark::of(&ink, &digit);
        Some((digit, remark))
    })
}

#[cfg(test)]
mod tests;
