//! How well pictures of one's own are read: the first 400 test digits of MNIST, each drawn as people
//! photograph, scan and save digits, and how many of them the network gets right.
//!
//! `GRADCAM_MNIST=FOLDER GRADCAM_MODEL=FILE cargo bench --bench own_pictures [WORD]` takes the rows
//! whose name has the word. Where `GRADCAM_OTHER` names another build of the program, what it makes
//! of the same files stands beside.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;

use gradcam::data::digits::{SHAPE, SIDE, reading};
use gradcam::data::{Images, idx_set};
use gradcam::explain::{Explanation, Query, explain};
use gradcam::model::cnn;
use gradcam::model::evaluate::scale;
use gradcam::model::{Cnn, DeviceKind, checkpoint};
use gradcam::rng::Rng;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, LumaA};

const DIGITS: usize = 400;

/// One way to draw a digit, which is 28 x 28, white on black.
type Draw = fn(&GrayImage, &mut Rng) -> DynamicImage;

const ROWS: [(&str, Draw); 36] = [
    ("unaltered", |digit, _| digit.clone().into()),
    ("framed by 1 pixel, 28 x 28", |digit, _| framed(digit.clone(), [1; 4], 255).into()),
    ("framed by 2 pixels, 28 x 28", |digit, _| framed(digit.clone(), [2; 4], 255).into()),
    ("framed by 1 pixel, 280 x 280", |digit, _| framed(paper(digit, 280), [1; 4], 0).into()),
    ("framed by 2 pixels, 280 x 280", |digit, _| framed(paper(digit, 280), [2; 4], 0).into()),
    ("frame of 2 pixels around 28 x 28", |digit, _| {
        framed(pasted(32, 32, 0, digit, [2, 2]), [2; 4], 255).into()
    }),
    ("shifted by 3, 2", |digit, _| pasted(28, 28, 0, digit, [3, 2]).into()),
    ("14 x 14 in a corner of 28 x 28", |digit, _| {
        pasted(28, 28, 0, &resized(digit, 14, 14), [0, 0]).into()
    }),
    ("28 x 28 in a corner of 64 x 64", |digit, _| pasted(64, 64, 0, digit, [36, 36]).into()),
    ("28 x 28 at the top left of 29 x 29", |digit, _| pasted(29, 29, 0, digit, [0, 0]).into()),
    ("paper from 235 to 180, 200 x 200", |digit, _| {
        lit(&resized(digit, 200, 200), |x, _| 235.0 - 55.0 * x).into()
    }),
    ("paper from 235 to 160, 200 x 200", |digit, _| {
        lit(&resized(digit, 200, 200), |x, _| 235.0 - 75.0 * x).into()
    }),
    ("paper from 235 to 160, 28 x 28", |digit, _| lit(digit, |x, _| 235.0 - 75.0 * x).into()),
    ("paper from 235 to 160 downwards, 100 x 100", |digit, _| {
        lit(&resized(digit, 100, 100), |_, y| 235.0 - 75.0 * y).into()
    }),
    ("one speck of 4 x 4, 280 x 280", |digit, rng| {
        speckled(resized(digit, 280, 280), 1, 255, rng).into()
    }),
    ("one speck of 4 x 4, 28 x 28", |digit, _| {
        let mut picture = digit.clone();
        imageops::overlay(&mut picture, &GrayImage::from_pixel(4, 4, Luma([255])), 1, 1);
        picture.into()
    }),
    ("white on transparent", |digit, _| {
        clear(&resized(digit, 280, 280), |ink| LumaA([255, ink])).into()
    }),
    ("black on transparent", |digit, _| {
        clear(&resized(digit, 280, 280), |ink| LumaA([0, ink])).into()
    }),
    ("dark on light, 28 x 28", |digit, _| paper(digit, 28).into()),
    ("dark on light, 280 x 280", |digit, _| paper(digit, 280).into()),
    ("frame of 3 pixels on one side", |digit, _| framed(paper(digit, 200), [3, 0, 0, 0], 0).into()),
    ("grey frame of 6 pixels", |digit, _| framed(paper(digit, 200), [6; 4], 120).into()),
    ("drawn box with a margin", |digit, _| {
        pasted(300, 260, 255, &framed(paper(digit, 200), [3; 4], 0), [60, 20]).into()
    }),
    ("white card on a dark table", |digit, _| {
        pasted(300, 260, 40, &paper(digit, 200), [60, 20]).into()
    }),
    ("black square on a white page", |digit, _| pasted(100, 100, 255, digit, [60, 20]).into()),
    ("light from a corner", |digit, _| {
        lit(&resized(digit, 200, 200), |x, y| 240.0 - 64.0 * x.hypot(y)).into()
    }),
    ("half in shadow", |digit, _| {
        lit(&resized(digit, 200, 200), |x, y| if x + 0.3 * y > 0.7 { 235.0 } else { 190.0 }).into()
    }),
    ("two specks", |digit, rng| speckled(paper(digit, 140), 2, 0, rng).into()),
    ("salt and pepper on 2 %", |digit, rng| {
        let mut picture = paper(digit, 200);
        for pixel in picture.pixels_mut() {
            match rng.uniform() {
                0.0..0.01 => pixel.0 = [0],
                0.01..0.02 => pixel.0 = [255],
                _ => {}
            }
        }
        picture.into()
    }),
    ("grain of 15", |digit, rng| grainy(lit(&resized(digit, 200, 200), |_, _| 210.0), 15.0, rng)),
    ("pencil, paper from 235 to 160", |digit, rng| {
        let mut ink = resized(digit, 200, 200);
        ink.pixels_mut().for_each(|pixel| pixel.0 = [(f32::from(pixel.0[0]) * 0.35) as u8]);
        grainy(lit(&ink, |x, _| 235.0 - 75.0 * x), 4.0, rng)
    }),
    ("100 x 140, small", |digit, _| pasted(100, 140, 255, &paper(digit, 60), [5, 70]).into()),
    ("lined paper", |digit, _| {
        let mut picture = lit(&resized(digit, 200, 200), |_, _| 240.0);
        for (_, y, pixel) in picture.enumerate_pixels_mut() {
            let line = if y % 24 < 2 { 160 } else { 255 };
            pixel.0 = [pixel.0[0].min(line)];
        }
        picture.into()
    }),
    ("thin pen", |digit, _| pen(&resized(digit, 140, 140), 4, false).into()),
    ("thick pen", |digit, _| pen(&resized(digit, 140, 140), 4, true).into()),
    ("1000 x 1000", |digit, _| paper(digit, 1000).into()),
];

fn main() {
    let [Some(folder), Some(model)] =
        ["GRADCAM_MNIST", "GRADCAM_MODEL"].map(|name| std::env::var_os(name).map(PathBuf::from))
    else {
        println!("set GRADCAM_MNIST to MNIST's folder and GRADCAM_MODEL to a trained model's file");
        return;
    };
    let word = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let other = std::env::var_os("GRADCAM_OTHER").map(PathBuf::from);
    let digits = idx_set::load(&folder).expect("MNIST").test;
    let (cnn, _) = checkpoint::load(&model, &DeviceKind::default().open()).expect("a model");
    let place = tempfile::tempdir().expect("a temporary folder");
    let mut rows: Vec<(String, Draw, &str)> =
        ROWS.iter().map(|&(name, draw)| (name.to_owned(), draw, "png")).collect();
    for ending in ["jpg", "webp", "bmp", "gif", "tiff"] {
        let draw: Draw = |digit, _| DynamicImage::from(paper(digit, 200)).into_rgb8().into();
        rows.push((format!("dark on light as {ending}"), draw, ending));
    }
    for (name, draw, ending) in rows.iter().filter(|row| word.iter().all(|w| row.0.contains(w))) {
        row(name, *draw, ending, &digits, &cnn, place.path(), other.as_deref().zip(Some(&model)));
    }
}

/// Draws all digits in one way, and tells how many are right.
fn row(
    name: &str,
    draw: Draw,
    ending: &str,
    digits: &Images,
    cnn: &Cnn,
    folder: &Path,
    other: Option<(&Path, &PathBuf)>,
) {
    let mut rng = Rng::new(1);
    let path = folder.join(format!("digit.{ending}"));
    let (mut right, mut same, mut refused, mut remarks, mut before) = (0, 0, 0, 0, 0);
    for index in 0..DIGITS.min(digits.len()) {
        let label = digits.label(index);
        let digit = GrayImage::from_raw(SIDE as u32, SIDE as u32, digits.image(index).to_vec());
        save(&draw(&digit.expect("28 x 28 pixels"), &mut rng), ending, &path);
        match reading::read(&path) {
            Ok(reading) => {
                let answer = answer(cnn, &reading.pixels);
                right += usize::from(answer.predicted == label);
                same += usize::from(answer == self::answer(cnn, digits.image(index)));
                remarks += usize::from(reading.remark.is_some());
            }
            Err(_) => refused += 1,
        }
        if let Some((program, model)) = other {
            let mut command = Command::new(program);
            command.args(["explain", "--json", "--model"]).arg(model).arg("--image").arg(&path);
            let said = command.output().expect("the other program").stdout;
            let said: serde_json::Value = serde_json::from_slice(&said).unwrap_or_default();
            before += usize::from(said["predicted"] == label);
        }
    }
    let before = other.map_or(String::new(), |_| format!("{before:>3} with the other program, "));
    println!(
        "{name:<44} {before}{right:>3} right; {same} as by --index, {refused} refused, {remarks} \
         remarks"
    );
}

fn answer(model: &Cnn, pixels: &[u8]) -> Explanation {
    let image = cnn::images(scale(pixels), SHAPE, &model.device());
    explain(model, image, &[None], Query::default()).remove(0)
}

fn save(picture: &DynamicImage, ending: &str, path: &Path) {
    let mut bytes = Cursor::new(Vec::new());
    let saved = match ImageFormat::from_extension(ending).expect("a format") {
        ImageFormat::Jpeg => {
            picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 60))
        }
        format => picture.write_to(&mut bytes, format),
    };
    saved.expect("an encoded picture");
    std::fs::write(path, bytes.into_inner()).expect("a file");
}

fn resized(digit: &GrayImage, width: u32, height: u32) -> GrayImage {
    match (width, height) == digit.dimensions() {
        true => digit.clone(),
        false => imageops::resize(digit, width, height, FilterType::CatmullRom),
    }
}

/// Black on white.
fn paper(digit: &GrayImage, side: u32) -> GrayImage {
    let mut picture = resized(digit, side, side);
    imageops::invert(&mut picture);
    picture
}

fn pasted(width: u32, height: u32, paper: u8, picture: &GrayImage, [x, y]: [i64; 2]) -> GrayImage {
    let mut page = GrayImage::from_pixel(width, height, Luma([paper]));
    imageops::replace(&mut page, picture, x, y);
    page
}

/// With so many pixels of frame on the left, at the top, on the right and at the bottom.
fn framed(mut picture: GrayImage, [left, top, right, bottom]: [u32; 4], frame: u8) -> GrayImage {
    let (width, height) = picture.dimensions();
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if x < left || y < top || x + right >= width || y + bottom >= height {
            pixel.0 = [frame];
        }
    }
    picture
}

/// Dark ink on paper of a brightness that depends on the place, 0 to 1 across and down.
fn lit(digit: &GrayImage, paper: impl Fn(f32, f32) -> f32) -> GrayImage {
    let (width, height) = digit.dimensions();
    GrayImage::from_fn(width, height, |x, y| {
        let place = |at: u32, side: u32| at as f32 / (side - 1) as f32;
        let ink = f32::from(digit.get_pixel(x, y).0[0]) / 255.0;
        Luma([(paper(place(x, width), place(y, height)) * (1.0 - 0.9 * ink)).round() as u8])
    })
}

/// With specks of 4 x 4 pixels near the left edge, where there are no digits.
fn speckled(mut picture: GrayImage, count: usize, ink: u8, rng: &mut Rng) -> GrayImage {
    let side = picture.width() as f32;
    for _ in 0..count {
        let (x, y) = (rng.uniform() * 0.1 * side, rng.uniform() * (side - 4.0));
        let speck = GrayImage::from_pixel(4, 4, Luma([ink]));
        imageops::replace(&mut picture, &speck, x as i64, y as i64);
    }
    picture
}

fn clear(digit: &GrayImage, pixel: fn(u8) -> LumaA<u8>) -> image::GrayAlphaImage {
    image::GrayAlphaImage::from_fn(digit.width(), digit.height(), |x, y| {
        pixel(digit.get_pixel(x, y).0[0])
    })
}

fn grainy(mut picture: GrayImage, deviation: f32, rng: &mut Rng) -> DynamicImage {
    for pixel in picture.pixels_mut() {
        let normal: f32 = (0..12).map(|_| rng.uniform()).sum::<f32>() - 6.0;
        pixel.0 = [(f32::from(pixel.0[0]) + deviation * normal) as u8];
    }
    picture.into()
}

/// Black on white, each stroke so much thicker or thinner on both sides.
fn pen(digit: &GrayImage, by: i64, thicker: bool) -> GrayImage {
    let (width, height) = digit.dimensions();
    let disc: Vec<(i64, i64)> = (-by..=by)
        .flat_map(|y| (-by..=by).map(move |x| (x, y)))
        .filter(|(x, y)| x * x + y * y <= by * by)
        .collect();
    GrayImage::from_fn(width, height, |x, y| {
        let ink = disc.iter().filter_map(|(dx, dy)| {
            let at = |at: u32, by: i64| u32::try_from(i64::from(at) + by).ok();
            Some(digit.get_pixel_checked(at(x, *dx)?, at(y, *dy)?)?.0[0])
        });
        Luma([255 - if thicker { ink.max() } else { ink.min() }.unwrap_or(0)])
    })
}
