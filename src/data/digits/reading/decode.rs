//! Files of pictures to brightness.

use std::path::Path;

use image::DynamicImage;

use super::plane::{Plane, quantile};
use crate::data::import::{self, PictureError};

/// The largest side that is looked at; what is larger is made smaller first.
const LOOKED_AT: u32 = 1024;
/// The difference of brightness, of 255, from which a picture shows something without its
/// transparency.
const CONTRAST: f32 = 32.0;

/// The brightness of a picture's pixels, 0 to 255, upright; of an animation, that of its first
/// image. The bytes tell the format. `path` is for errors.
pub fn brightness(bytes: &[u8], path: &Path) -> Result<Plane, PictureError> {
    let (mut picture, orientation) = import::decode(bytes, path)?;
    if picture.width().max(picture.height()) > LOOKED_AT {
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
