//! Picture files in every format against Pillow, and those that are none.

use std::fs;

use image::{GrayImage, Luma, Rgb, RgbImage};
use serde_json::Value;

use super::*;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../tests/golden/pictures.json")).unwrap()
}

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap().as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    text.chunks(2).map(byte).collect()
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn file_of(picture: impl Into<DynamicImage>, format: image::ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn read(file: &[u8]) -> Result<DynamicImage, PictureError> {
    upright(file, Path::new("cat/a.png"))
}

/// A picture is what Pillow sees in the file of a case, brought to the case's size.
#[track_caller]
fn assert_same(case: &Value, picture: DynamicImage) {
    let name = case["name"].as_str().unwrap();
    let channels = number(&case["channels"]);
    assert_eq!(picture.color().channel_count() as usize, channels, "{name}");
    let size = [picture.height() as usize, picture.width() as usize];
    assert_eq!(size, [number(&case["size"][0]), number(&case["size"][1])], "{name}");
    let (found, expected) = (values(picture, channels), unhex(&case["pixels"]));
    let off = found.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(usize::from(off) <= number(&case["within"]), "{name}: {off} off");
}

#[test]
fn every_format_is_seen_as_pillow_sees_it() {
    let golden = golden();
    let cases = golden["decode"].as_array().unwrap();
    assert!(cases.len() > 30);
    for case in cases {
        let picture = read(&unhex(&case["file"]));
        assert_same(case, picture.unwrap_or_else(|error| panic!("{}: {error}", case["name"])));
    }
}

#[test]
fn the_middle_is_cut_out_and_resampled_as_pillow_does() {
    for case in golden()["fit"].as_array().unwrap() {
        let size = [number(&case["size"][0]), number(&case["size"][1])];
        assert_same(case, fit(read(&unhex(&case["file"])).unwrap(), size));
    }
}

#[test]
fn grey_of_colour_is_pillows_luma() {
    let (colours, grey) = (unhex(&golden()["luma"]["colours"]), unhex(&golden()["luma"]["grey"]));
    let shape = Shape { height: 10, width: 20, channels: 3 };
    let picture = from_values(&colours, shape);
    assert_eq!(values(picture.clone(), 1), grey);
    assert_eq!(values(picture, 3), colours);
    let picture = from_values(&grey, Shape { channels: 1, ..shape });
    assert_eq!(values(picture.clone(), 1), grey);
    let tripled: Vec<u8> = grey.iter().flat_map(|&v| [v; 3]).collect();
    assert_eq!(values(picture, 3), tripled);
}

#[test]
fn as_much_is_cut_out_as_has_the_proportions() {
    for (is, wanted, expected) in [
        ([375, 500], [32, 32], [375, 375]),
        ([500, 375], [32, 32], [375, 375]),
        ([100, 300], [10, 20], [100, 200]),
        ([100, 150], [10, 20], [75, 150]),
        ([32, 32], [64, 64], [32, 32]),
        // 5 * 3 / 2 = 7.5 is rounded up, 7 * 1 / 3 = 2.33 down.
        ([5, 20], [2, 3], [5, 8]),
        ([7, 20], [3, 1], [7, 2]),
        // A line has no proportions of this kind: a pixel is left.
        ([1, 1000], [64, 8], [1, 1]),
        ([1000, 1], [8, 64], [1, 1]),
    ] {
        assert_eq!(cut(is, wanted), expected, "{is:?} to {wanted:?}");
    }
    // 10 wide, of which 4 are cut out: 3 are left on each side.
    let columns = GrayImage::from_fn(10, 4, |x, _| Luma([x as u8]));
    let middle = fit(columns.into(), [4, 4]);
    assert_eq!(values(middle, 1), [3, 4, 5, 6].repeat(4));
}

#[test]
fn shrinking_averages() {
    // Lines one pixel wide, black and white by turns: a point sample would find but one of them.
    let lines = GrayImage::from_fn(320, 320, |x, _| Luma([255 * (x % 2) as u8]));
    let small = values(fit(lines.into(), [8, 8]), 1);
    assert!(small.iter().all(|&v| v.abs_diff(127) <= 2), "{small:?}");
}

#[test]
fn what_shows_no_colour_is_grey() {
    let grey = RgbImage::from_fn(9, 9, |x, y| Rgb([(20 * x + y) as u8; 3]));
    let plain = plainest(grey.clone().into());
    let expected: Vec<u8> = grey.as_raw().iter().copied().step_by(3).collect();
    assert_eq!(plain.as_luma8().map(|plain| plain.as_raw()), Some(&expected));
    let mut tinted = grey;
    tinted.put_pixel(4, 4, Rgb([9, 9, 10]));
    assert_eq!(plainest(tinted.clone().into()), DynamicImage::from(tinted));
}

#[test]
fn a_jpeg_is_whole_up_to_its_end_marker() {
    let photo =
        RgbImage::from_fn(64, 64, |x, y| Rgb([(3 * x) as u8, (4 * y) as u8, (x * y) as u8]));
    let file = file_of(photo, image::ImageFormat::Jpeg);
    let whole = read(&file).unwrap();
    // A phone's film of the moment lies behind the picture, and looks like anything.
    let film = [&file[..], &[0xff, 0xda, 0, 9, 0xff, 0xd8, 0xff]].concat();
    assert_eq!(read(&film).unwrap(), whole);
    // A small copy within the file has an end marker of its own.
    let mut copy = file[..2].to_vec();
    copy.extend([0xff, 0xe1]);
    copy.extend((file.len() as u16 + 2).to_be_bytes());
    copy.extend([&file[..], &file[2..]].concat());
    assert_eq!(read(&copy).unwrap(), whole);
    for cut in [&file[..file.len() - 2], &file[..file.len() * 2 / 3], &copy[..copy.len() - 40]] {
        assert_eq!(read(cut).unwrap_err().reason(), "it ends too early");
    }
}

#[test]
fn what_is_no_picture_says_what_it_is() {
    for (file, says) in [
        (&b""[..], "it is empty"),
        (b"a cat", "its content is of another kind"),
        (b"<!DOCTYPE html><p>404", "it is an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1", "it is a Git LFS pointer"),
        (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic", "it is a HEIC picture"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "it is an AVIF picture"),
    ] {
        let error = read(file).unwrap_err();
        assert_eq!(error.reason(), says);
        let message = error.to_string();
        let named = "cat/a.png is no picture in PNG, JPEG, WebP, BMP, GIF or TIFF, or a broken one";
        assert_eq!(message, format!("{named}: {says}"));
    }
    for format in [
        image::ImageFormat::Png,
        image::ImageFormat::Bmp,
        image::ImageFormat::Gif,
        image::ImageFormat::Tiff,
        image::ImageFormat::WebP,
    ] {
        let file = file_of(RgbImage::from_fn(40, 40, |x, y| Rgb([x as u8, y as u8, 9])), format);
        let error = read(&file[..file.len() / 2]).unwrap_err().reason();
        assert!(!error.is_empty() && !error.contains('\n'), "{format:?}: {error}");
    }
}

#[test]
fn a_picture_that_would_take_too_much_memory_is_not_decoded() {
    let huge = file_of(GrayImage::new(10_000, 10_000), image::ImageFormat::Png);
    let error = read(&huge).unwrap_err();
    assert_eq!(error.reason(), "it has 10000 x 10000 pixels, which are too many");
    // Within 8192 x 8192, and 512 MiB of 16-bit colours with alpha.
    let mut deep = file_of(image::RgbaImage::new(4, 4), image::ImageFormat::Bmp);
    deep[18..26].copy_from_slice(&[0, 32, 0, 0, 1, 32, 0, 0]);
    assert!(read(&deep).unwrap_err().to_string().contains("8192 x 8193 pixels"));
}

#[test]
fn one_picture_is_brought_to_a_shape() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a picture");
    let picture = RgbImage::from_fn(12, 8, |x, y| Rgb([20 * x as u8, 30 * y as u8, 100]));
    fs::write(&path, file_of(picture.clone(), image::ImageFormat::Png)).unwrap();
    let shape = |height, width, channels| Shape { height, width, channels };
    assert_eq!(super::picture(&path, shape(8, 12, 3)).unwrap(), *picture.as_raw());
    assert_eq!(super::picture(&path, shape(16, 16, 1)).unwrap().len(), 256);
    let missing = super::picture(&folder.path().join("no"), shape(8, 8, 1)).unwrap_err();
    assert!(missing.to_string().ends_with("no: entity not found"), "{missing}");
}
