use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, LumaA, Rgb, Rgba};

use super::*;
use crate::data::digits::Drawing;

/// The colour and opacity of so much ink.
type Pixel = fn(u8) -> [u8; 4];
/// The brightness of the paper, 0 to 255, so far across and down, 0 to 1.
type Light = fn(f32, f32) -> f32;

/// A four and a seven, in MNIST's place.
fn digits() -> [GrayImage; 2] {
    let four = [&[[8.0, 5.0], [7.0, 14.0], [19.0, 14.0]][..], &[[18.0, 4.0], [17.0, 24.0]]];
    let seven = [&[[8.0, 5.0], [20.0, 5.0], [12.0, 24.0]][..]];
    [&four[..], &seven].map(|strokes| {
        let mut drawing = Drawing::default();
        for stroke in strokes {
            drawing.begin(stroke[0]);
            stroke.iter().for_each(|&point| drawing.extend(point));
        }
        drawing.fit();
        let pixels = drawing.pixels();
        assert!(place::is_placed(&pixels));
        GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap()
    })
}

fn four() -> GrayImage {
    digits()[0].clone()
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    match format {
        ImageFormat::Jpeg => {
            picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 60)).unwrap();
        }
        _ => picture.write_to(&mut bytes, format).unwrap(),
    }
    bytes.into_inner()
}

/// What a file of these bytes is read as.
fn read_bytes(bytes: &[u8]) -> Result<Reading, DigitError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    std::fs::write(&path, bytes).unwrap();
    read(&path)
}

fn reading_of(picture: &DynamicImage) -> Reading {
    read_bytes(&encoded(picture, ImageFormat::Png)).unwrap()
}

fn read_picture(picture: &DynamicImage) -> [u8; PIXELS] {
    reading_of(picture).pixels
}

/// The mean difference of two digits, one moved by up to a pixel.
fn difference(found: &[u8; PIXELS], digit: &GrayImage) -> f32 {
    let moved = |[x, y]: [i64; 2]| {
        let digit = pasted(28, 28, 0, digit, [x, y]);
        let pairs = found.iter().zip(digit.as_raw());
        pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>() as f32 / PIXELS as f32
    };
    (-1..=1).flat_map(|x| (-1..=1).map(move |y| [x, y])).map(moved).fold(f32::INFINITY, f32::min)
}

/// Both digits, drawn so, are read as what they are, and give no cause for a remark.
fn assert_read(name: &str, draw: impl Fn(&GrayImage) -> DynamicImage) {
    assert_within(7.0, name, draw);
}

/// The same with so large a mean difference at most, where a pixel more or less is a lot.
fn assert_within(bound: f32, name: &str, draw: impl Fn(&GrayImage) -> DynamicImage) {
    for digit in digits() {
        let Reading { pixels, remark } = reading_of(&draw(&digit));
        let off = difference(&pixels, &digit);
        assert!(off < bound, "{name}: {off}");
        assert_eq!(remark, None, "{name}");
    }
    // The blank page is as far off as this.
    assert!(difference(&[0; PIXELS], &four()) > 20.0);
}

fn large(digit: &GrayImage, side: u32) -> GrayImage {
    imageops::resize(digit, side, side, FilterType::CatmullRom)
}

/// Black on white.
fn page(digit: &GrayImage, side: u32) -> GrayImage {
    let mut page = large(digit, side);
    imageops::invert(&mut page);
    page
}

fn pasted(width: u32, height: u32, paper: u8, picture: &GrayImage, [x, y]: [i64; 2]) -> GrayImage {
    let mut page = GrayImage::from_pixel(width, height, Luma([paper]));
    imageops::replace(&mut page, picture, x, y);
    page
}

fn framed(mut picture: GrayImage, [left, top, right, bottom]: [u32; 4], frame: u8) -> GrayImage {
    let (width, height) = picture.dimensions();
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if x < left || y < top || x + right >= width || y + bottom >= height {
            pixel.0 = [frame];
        }
    }
    picture
}

#[test]
fn a_digit_in_mnists_place_is_taken_as_it_is_pixel_by_pixel() {
    for digit in digits() {
        assert_eq!(read_picture(&digit.clone().into()), digit.as_raw()[..]);
        assert_eq!(read_picture(&page(&digit, 28).into()), digit.as_raw()[..], "black on white");
    }
}

#[test]
fn a_digit_off_centre_or_small_is_brought_into_place_at_every_size() {
    for [x, y] in [[3, 2], [-3, 1], [0, -3]] {
        assert_read("shifted", |digit| pasted(28, 28, 0, digit, [x, y]).into());
    }
    assert_within(16.0, "small", |digit| {
        let small = imageops::resize(digit, 14, 14, FilterType::Triangle);
        pasted(28, 28, 0, &small, [13, 1]).into()
    });
    assert_read("in a corner", |digit| pasted(64, 64, 0, digit, [36, 36]).into());
    assert_read("one row more", |digit| pasted(29, 29, 0, digit, [0, 0]).into());
    assert_read("low on a page", |digit| pasted(100, 140, 255, &page(digit, 60), [5, 70]).into());
}

#[test]
fn ink_is_what_differs_from_the_paper_in_any_colours() {
    let each = |digit: &GrayImage, pixel: Pixel| -> DynamicImage {
        let ink = pasted(322, 272, 0, &large(digit, 252), [70, 20]);
        let of = |x, y| Rgba(pixel(ink.get_pixel(x, y).0[0]));
        image::RgbaImage::from_fn(322, 272, of).into()
    };
    let colours: [(&str, Pixel); 8] = [
        ("white on black", |v| [v, v, v, 255]),
        ("black on white", |v| [255 - v, 255 - v, 255 - v, 255]),
        ("blue on yellow", |v| [255 - v, 255 - v, v, 255]),
        ("dark on grey", |v| [140 - v / 3, 140 - v / 3, 140 - v / 3, 255]),
        ("black on nothing", |v| [0, 0, 0, v]),
        ("white on nothing", |v| [255, 255, 255, v]),
        ("red on nothing", |v| [200, 0, 0, v]),
        ("nothing on white", |v| [255, 255, 255, 255 - v]),
    ];
    for (name, pixel) in colours {
        assert_read(name, |digit| each(digit, pixel));
    }
    assert_read("a card on nothing", |digit| {
        let page = page(digit, 200);
        let of = |x: u32, y: u32| match (x.checked_sub(30), y.checked_sub(30)) {
            (Some(x), Some(y)) if x < 200 && y < 200 => LumaA([page.get_pixel(x, y).0[0], 255]),
            _ => LumaA([0, 0]),
        };
        image::GrayAlphaImage::from_fn(260, 260, of).into()
    });
    assert_read("16 bits", |digit| DynamicImage::from(page(digit, 200)).into_luma16().into());
}

#[test]
fn a_frame_is_not_the_paper_and_not_the_digit() {
    for thick in [1, 2] {
        assert_read("28 x 28", |digit| framed(digit.clone(), [thick; 4], 255).into());
        assert_read("280 x 280", |digit| framed(page(digit, 280), [thick; 4], 0).into());
    }
    assert_read("one side", |digit| framed(page(digit, 200), [3, 0, 0, 0], 0).into());
    assert_read("two sides", |digit| framed(page(digit, 200), [0, 9, 4, 0], 0).into());
    assert_read("grey", |digit| framed(page(digit, 200), [6; 4], 120).into());
    assert_read("around a margin", |digit| {
        let sheet = pasted(220, 220, 255, &page(digit, 200), [10, 10]);
        pasted(300, 260, 255, &framed(sheet, [3; 4], 0), [60, 20]).into()
    });
    assert_read("a card on a table", |digit| {
        pasted(300, 260, 40, &page(digit, 200), [60, 20]).into()
    });
    assert_read("ruled paper", |digit| {
        let mut page = page(digit, 200);
        let lines = page.enumerate_pixels_mut().filter(|(_, y, _)| y % 24 < 2);
        lines.for_each(|(.., pixel)| pixel.0 = [pixel.0[0].min(160)]);
        page.into()
    });
}

#[test]
fn uneven_light_is_the_papers_and_not_ink() {
    let paper: [(&str, Light); 6] = [
        ("to 180", |x, _| 235.0 - 55.0 * x),
        ("to 160", |x, _| 235.0 - 75.0 * x),
        ("downwards", |_, y| 235.0 - 75.0 * y),
        ("from a corner", |x, y| 240.0 - 60.0 * x.hypot(y)),
        ("darker all around", |x, y| 235.0 - 160.0 * ((x - 0.5).powi(2) + (y - 0.5).powi(2))),
        ("half in shadow", |x, y| if x + 0.3 * y > 0.7 { 235.0 } else { 190.0 }),
    ];
    for (name, paper) in paper {
        for side in [28, 150] {
            assert_read(name, |digit| {
                let ink = large(digit, side);
                GrayImage::from_fn(side, side, |x, y| {
                    let share = |at: u32| at as f32 / (side - 1) as f32;
                    let ink = f32::from(ink.get_pixel(x, y).0[0]) / 255.0;
                    Luma([(paper(share(x), share(y)) * (1.0 - 0.9 * ink)) as u8])
                })
                .into()
            });
        }
    }
}

#[test]
fn specks_are_left_out_and_the_parts_of_a_digit_are_not() {
    let speck = |digit: &GrayImage, side: u32, [x, y]: [i64; 2]| -> DynamicImage {
        let mut picture = large(digit, side);
        imageops::replace(&mut picture, &GrayImage::from_pixel(4, 4, Luma([255])), x, y);
        picture.into()
    };
    assert_read("large", |digit| speck(digit, 280, [12, 250]));
    assert_within(16.0, "small", |digit| speck(digit, 28, [1, 22]));
    assert_read("salt", |digit| {
        let mut picture = page(digit, 200);
        let salted = picture.enumerate_pixels_mut().filter(|(x, y, _)| (x * 7 + y * 31) % 97 == 0);
        salted.for_each(|(.., pixel)| pixel.0 = [0]);
        picture.into()
    });
    // A five whose bar does not touch the rest.
    let mut five = GrayImage::new(280, 280);
    imageops::replace(&mut five, &GrayImage::from_pixel(70, 18, Luma([255])), 130, 60);
    imageops::replace(&mut five, &GrayImage::from_pixel(18, 140, Luma([255])), 100, 85);
    let pixels = read_picture(&five.into());
    let top: Vec<u8> = (0..PIXELS).filter(|i| i / SIDE < 8).map(|i| pixels[i]).collect();
    assert!(top.iter().filter(|&&ink| ink > 200).count() >= 10, "{top:?}");
}

#[test]
fn thin_and_tiny_ink_is_not_lost() {
    let mut line = GrayImage::from_pixel(1000, 1000, Luma([255]));
    (100..900).for_each(|y| line.put_pixel(400, y, Luma([0])));
    let pixels = read_picture(&line.into());
    assert!((5..23).all(|y| pixels[SIDE * y + 13].max(pixels[SIDE * y + 14]) > 250));
    let mut dot = GrayImage::new(50, 40);
    dot.put_pixel(45, 30, Luma([255]));
    let Reading { pixels, remark } = reading_of(&dot.into());
    assert_eq!(pixels[SIDE * 14 + 14], 255);
    assert_eq!(remark, Some(Remark::Blot));
}

#[test]
fn a_format_is_told_by_the_content_and_turned_upright() {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    let digit = four();
    let picture = DynamicImage::from(page(&digit, 200)).into_rgb8();
    for format in [Png, Jpeg, WebP, Bmp, Gif, Tiff] {
        let reading = read_bytes(&encoded(&picture.clone().into(), format)).unwrap();
        assert!(difference(&reading.pixels, &digit) < 7.0, "{format:?}");
        assert_eq!(reading.remark, None, "{format:?}");
    }
    // A camera that was held upright: the rows of the file are the columns of the picture.
    let lying = encoded(&imageops::rotate270(&picture).into(), Jpeg);
    let exif = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let upright = [&lying[..2], exif, &lying[2..]].concat();
    assert!(difference(&read_bytes(&upright).unwrap().pixels, &digit) < 7.0);
    assert!(difference(&read_bytes(&lying).unwrap().pixels, &digit) > 15.0, "as it lies");
}

#[test]
fn a_picture_without_a_single_digit_is_read_with_a_remark() {
    let [four, seven] = digits();
    let mut two = pasted(400, 200, 255, &page(&four, 200), [0, 0]);
    imageops::replace(&mut two, &page(&seven, 200), 200, 0);
    assert_eq!(reading_of(&two.into()).remark, Some(Remark::Shapes(2)));
    // A meadow: every brightness there is, and no paper.
    let photo = GrayImage::from_fn(200, 200, |x, y| {
        let wave = (x as f32 / 9.0).sin() + (y as f32 / 7.0).cos() + ((x + y) as f32 / 31.0).sin();
        Luma([(128.0 + 42.0 * wave) as u8])
    });
    assert_eq!(reading_of(&photo.into()).remark, Some(Remark::NoPaper));
    let blot = pasted(200, 200, 255, &GrayImage::from_pixel(80, 80, Luma([0])), [60, 60]);
    assert_eq!(reading_of(&blot.into()).remark, Some(Remark::Blot));
    let text = GrayImage::from_fn(200, 200, |x, y| {
        Luma([if x % 20 > 7 && y % 40 > 20 && x > 20 && y > 20 { 0 } else { 255 }])
    });
    assert!(reading_of(&text.into()).remark.is_some());
    let line = pasted(300, 200, 255, &GrayImage::from_pixel(200, 9, Luma([0])), [50, 90]);
    assert_eq!(reading_of(&line.into()).remark, Some(Remark::Wide));
    assert!(Remark::Shapes(2).to_string().starts_with("there are 2 shapes"));
}

#[test]
fn what_is_no_picture_of_a_digit_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let write = |name: &str, picture: GrayImage| {
        std::fs::write(place(name), encoded(&picture.into(), ImageFormat::Png)).unwrap();
    };
    std::fs::write(place("text.png"), "a seven").unwrap();
    std::fs::write(place("nothing.png"), "").unwrap();
    std::fs::create_dir(place("folder.png")).unwrap();
    write("plain.png", GrayImage::from_pixel(40, 40, Luma([200])));
    write("black.png", GrayImage::new(28, 28));
    write("pixel.png", GrayImage::new(1, 1));
    let mut faint = GrayImage::from_pixel(40, 40, Luma([200]));
    faint.put_pixel(20, 20, Luma([180]));
    write("faint.png", faint);
    write("wide.png", GrayImage::new(8193, 1));
    write("whole.png", four());
    let whole = std::fs::read(place("whole.png")).unwrap();
    std::fs::write(place("half.png"), &whole[..whole.len() / 2]).unwrap();
    // A few bytes that claim to be 60,000 x 60,000 pixels.
    let mut huge =
        encoded(&image::RgbImage::from_pixel(4, 4, Rgb([9; 3])).into(), ImageFormat::Bmp);
    huge[18..26].copy_from_slice(&[96, 234, 0, 0, 96, 234, 0, 0]);
    std::fs::write(place("huge.png"), huge).unwrap();
    let long = std::fs::File::create(place("long.png")).unwrap();
    long.set_len(3 << 30).unwrap();
    for (name, says) in [
        ("missing.png", "cannot read the picture"),
        ("folder.png", "it is a folder"),
        ("long.png", "it is larger than 64 MiB"),
        ("text.png", "is no picture in PNG, JPEG"),
        ("nothing.png", "is no picture in PNG, JPEG"),
        ("half.png", "is no picture in PNG, JPEG"),
        ("plain.png", "nothing but its own background"),
        ("black.png", "nothing but its own background"),
        ("pixel.png", "nothing but its own background"),
        ("faint.png", "nothing but its own background"),
        ("wide.png", "8193 x 1 pixels"),
        ("huge.png", "60000 x 60000 pixels"),
    ] {
        let message = read(&place(name)).unwrap_err().to_string();
        assert!(message.contains(says) && message.contains(name), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [pipe.as_path(), Path::new("/dev/zero")] {
        let message = read(path).unwrap_err().to_string();
        assert!(message.contains("it is a device, a pipe or a socket"), "{message}");
    }
}
