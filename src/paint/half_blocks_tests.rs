use ratatui::style::Modifier;
use sha2::{Digest, Sha256};
use strum::VariantArray;

use super::*;
use crate::paint::{Colormap, Grid, Image};

fn style(depth: ColorDepth) -> Style {
    Style { depth, ascii: false }
}

fn painted(widget: impl Widget, width: u16, height: u16) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    widget.render(area, &mut buffer);
    buffer
}

fn drawn(picture: Picture, depth: ColorDepth, width: u16, height: u16) -> Buffer {
    painted(picture.widget(style(depth)), width, height)
}

fn backgrounds(buffer: &Buffer) -> Vec<Color> {
    buffer.content.iter().map(|cell| cell.bg).collect()
}

fn text(buffer: &Buffer) -> String {
    buffer.content.iter().map(|cell| cell.symbol()).collect()
}

fn grey(width: usize, height: usize, values: Vec<f32>) -> Image {
    Image::Grey(Grid::new(width, height, values))
}

/// Each value twice, one above the other.
fn bars(values: &[f32]) -> Grid {
    Grid::new(values.len(), 2, [values, values].concat())
}

const WHITE: Color = Color::Rgb(255, 255, 255);
const BLACK: Color = Color::Rgb(0, 0, 0);

#[test]
fn a_cell_shows_the_upper_pixel_in_front_and_the_lower_behind() {
    let rows = [[1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]];
    let ink = grey(3, 4, rows.concat());
    let buffer = drawn(Picture::Image(&ink), ColorDepth::TrueColor, 3, 2);
    let seen = |x, y| (buffer[(x, y)].symbol(), buffer[(x, y)].fg, buffer[(x, y)].bg);
    assert_eq!(seen(0, 0), ("▀", WHITE, BLACK));
    assert_eq!(seen(1, 0), (" ", Color::Reset, BLACK));
    assert_eq!(seen(0, 1), ("▀", BLACK, WHITE));
    assert_eq!(seen(1, 1), (" ", Color::Reset, WHITE));
    // The last column holds its colours in a character.
    assert_eq!(seen(2, 0), ("▀", WHITE, WHITE));
    assert_eq!(seen(2, 1), ("▀", BLACK, BLACK));
}

#[test]
fn below_an_odd_last_row_the_terminal_shows() {
    let ink = grey(1, 3, vec![1.0; 3]);
    let buffer = drawn(Picture::Image(&ink), ColorDepth::TrueColor, 1, 2);
    assert_eq!(buffer[(0, 1)].symbol(), "▀");
    assert_eq!((buffer[(0, 1)].fg, buffer[(0, 1)].bg), (WHITE, Color::Reset));
}

#[test]
fn all_of_a_picture_has_the_colours_of_its_pixels() {
    let values = (0..16).map(|i| i as f32 / 15.0).collect();
    let heat = Grid::new(4, 4, values);
    let image = &grey(4, 4, (0..16).map(|i| (i % 3) as f32 / 2.0).collect());
    let colormap = Colormap::Turbo;
    for picture in [
        Picture::Heat(&heat, colormap),
        Picture::Overlay { image, heat: &heat, colormap, alpha: 0.4 },
        Picture::Signed(&heat),
    ] {
        let signed = matches!(picture, Picture::Signed(_));
        let depths = [ColorDepth::TrueColor, ColorDepth::Indexed];
        // Signed numbers have a scale of their own there.
        for depth in depths.into_iter().take(if signed { 1 } else { 2 }) {
            let buffer = drawn(picture, depth, 4, 2);
            for (x, y) in (0..4).flat_map(|x| (0..4).map(move |y| (x, y))) {
                let cell = &buffer[(x as u16, y as u16 / 2)];
                let above = y % 2 == 0 && cell.symbol() == "▀";
                let found = if above { cell.fg } else { cell.bg };
                assert_eq!(found, depth.color(picture.rgb(x, y)), "{picture:?} {x} {y}");
            }
        }
    }
}

#[test]
fn of_256_colours_only_the_fixed_ones_are_used() {
    let heat = Grid::ramp(64).nearest(64, 2);
    for &colormap in Colormap::VARIANTS {
        let buffer = drawn(Picture::Heat(&heat, colormap), ColorDepth::Indexed, 64, 1);
        let fixed = |color: &Color| matches!(color, Color::Indexed(16..));
        assert!(backgrounds(&buffer).iter().all(fixed), "{colormap}");
    }
}

#[test]
fn sixteen_colours_have_a_scale_for_each_picture() {
    use Color::{Black, Blue, Cyan, DarkGray, Gray, Green, Red, White, Yellow};
    let at = |picture| backgrounds(&drawn(picture, ColorDepth::Ansi, 6, 1));
    let rising = bars(&[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
    let ink = Image::Grey(rising.clone());
    assert_eq!(at(Picture::Image(&ink)), [Black, Black, DarkGray, Gray, White, White]);
    for &colormap in Colormap::VARIANTS {
        let heat = at(Picture::Heat(&rising, colormap));
        assert_eq!(heat, [Black, Blue, Cyan, Green, Yellow, Red]);
    }
    let image = &Image::Grey(bars(&[1.0; 6]));
    let colormap = Colormap::Jet;
    let overlay = Picture::Overlay { image, heat: &rising, colormap, alpha: 0.5 };
    assert_eq!(at(overlay), [White, White, Cyan, Green, Yellow, Red]);
}

#[test]
fn in_sixteen_colours_a_sign_has_two_steps_and_only_a_faint_one_is_nothing() {
    use Color::{Black, Blue, Red, White};
    let values = [-1.0, -0.5, -0.3, -0.06, -0.04, 0.04, 0.06, 0.3, 0.5, 1.0];
    let signed = bars(&values);
    let buffer = drawn(Picture::Signed(&signed), ColorDepth::Ansi, 10, 1);
    let seen = |buffer: &Buffer, x: u16| {
        let cell = &buffer[(x, 0)];
        let solid = matches!(cell.symbol(), " " | "▀");
        (cell.symbol() == "▒", if solid { cell.bg } else { cell.fg })
    };
    let all: Vec<_> = (0..10).map(|x| seen(&buffer, x)).collect();
    let expected = [Blue, Blue, Blue, Blue, Black, Black, Red, Red, Red, Red];
    assert_eq!(all.iter().map(|(_, color)| *color).collect::<Vec<_>>(), expected);
    let dim = [false, false, true, true, false, false, true, true, false, false];
    assert_eq!(all.iter().map(|(dim, _)| *dim).collect::<Vec<_>>(), dim);
    // Over ink the dots lie on it.
    let image = &Image::Grey(bars(&[1.0; 10]));
    let over = Picture::SignedOver { image, signed: &signed, alpha: 0.6 };
    let buffer = drawn(over, ColorDepth::Ansi, 10, 1);
    assert_eq!((buffer[(2, 0)].symbol(), buffer[(2, 0)].bg), ("▒", White));
    assert_eq!((seen(&buffer, 0), seen(&buffer, 5)), ((false, Blue), (false, White)));
    // What speaks for and against in one cell is two halves.
    let both = Grid::new(1, 2, vec![-0.3, 0.3]);
    let buffer = drawn(Picture::Signed(&both), ColorDepth::Ansi, 1, 1);
    let cell = &buffer[(0, 0)];
    assert_eq!((cell.symbol(), cell.fg, cell.bg), ("▀", Blue, Red));
    let widget = Picture::Signed(&signed).widget(Style { depth: ColorDepth::Ansi, ascii: true });
    assert_eq!(text(&painted(widget, 10, 1)), "  ::  ::  ");
}

#[test]
fn without_colours_characters_grow_fuller_with_the_value() {
    let rising = Image::Grey(Grid::ramp(10));
    let picture = Picture::Image(&rising).widget(style(ColorDepth::Mono));
    let buffer = painted(picture, 10, 1);
    assert_eq!(text(&buffer), " .:-=+*#%@");
    assert!(buffer.content.iter().all(|c| (c.fg, c.bg) == (Color::Reset, Color::Reset)));
    let signed = Grid::new(5, 1, vec![-1.0, -0.3, 0.0, 0.3, 1.0]);
    assert_eq!(text(&drawn(Picture::Signed(&signed), ColorDepth::Mono, 5, 1)), "=- +#");
}

#[test]
fn in_ascii_a_cell_has_the_colour_of_its_fuller_pixel() {
    let ink = grey(2, 2, vec![0.0, 1.0, 1.0, 0.0]);
    for depth in [ColorDepth::TrueColor, ColorDepth::Indexed, ColorDepth::Ansi] {
        let widget = Picture::Image(&ink).widget(Style { depth, ascii: true });
        let buffer = painted(widget, 2, 1);
        assert_eq!(text(&buffer), "  ");
        let full = match depth {
            ColorDepth::Ansi => Color::White,
            _ => depth.color([255; 3]),
        };
        assert_eq!(backgrounds(&buffer), [full, full]);
    }
}

#[test]
fn a_character_stands_for_the_mean_of_its_pixels() {
    let (image, none) = (&grey(1, 2, vec![1.0, 0.0]), Grid::new(1, 2, vec![0.0, 0.0]));
    assert_eq!(text(&drawn(Picture::Image(image), ColorDepth::Mono, 1, 1)), "+");
    let colormap = Colormap::Jet;
    let cold = Picture::Overlay { image, heat: &none, colormap, alpha: 0.4 };
    assert_eq!(text(&drawn(cold, ColorDepth::Mono, 1, 1)), "-", "0.6 * 0.5");
}

#[test]
fn the_peak_is_marked_without_colours_and_elsewhere_on_demand() {
    let grid = Grid::new(2, 4, vec![0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.9, 0.6]);
    let heat = Picture::Heat(&grid, Colormap::Inferno);
    let mono = heat.widget(style(ColorDepth::Mono));
    assert_eq!(painted(mono, 2, 2)[(0, 1)].symbol(), "X");
    assert!(!text(&painted(mono.mark_peak(false), 2, 2)).contains('X'));
    let colour = heat.widget(style(ColorDepth::TrueColor));
    assert!(!text(&painted(colour, 2, 2)).contains('X'));
    let marked = painted(colour.mark_peak(true), 2, 2);
    let cell = &marked[(0, 1)];
    assert_eq!((cell.symbol(), cell.fg, cell.bg), ("X", BLACK, WHITE));
    assert_eq!(text(&marked).matches('X').count(), 1);
}

#[test]
fn heat_without_evidence_has_no_peak_to_mark() {
    let nothing = Grid::new(2, 2, vec![0.0; 4]);
    assert_eq!(text(&drawn(Picture::Heat(&nothing, Colormap::Jet), ColorDepth::Mono, 2, 1)), "  ");
}

#[test]
fn a_picture_larger_than_its_area_is_cut_and_not_written_beyond() {
    let ink = grey(28, 28, vec![1.0; 784]);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 5));
    let picture = Picture::Image(&ink).widget(style(ColorDepth::TrueColor));
    picture.render(Rect::new(8, 3, 28, 14), &mut buffer);
    assert_eq!(buffer[(9, 4)].bg, WHITE);
    assert_eq!(buffer[(7, 4)].bg, Color::Reset);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 5));
    picture.render(Rect::new(1, 1, 2, 1), &mut buffer);
    assert_eq!(buffer.content.iter().filter(|cell| cell.bg == WHITE).count(), 2);
}

#[test]
fn what_the_cells_showed_before_does_not_shine_through() {
    let ink = grey(2, 2, vec![1.0, 1.0, 0.0, 1.0]);
    for depth in [ColorDepth::TrueColor, ColorDepth::Mono] {
        let area = Rect::new(0, 0, 2, 1);
        let mut buffer = Buffer::empty(area);
        buffer.set_style(area, ratatui::style::Style::new().red().on_blue().reversed());
        Picture::Image(&ink).widget(style(depth)).render(area, &mut buffer);
        assert_eq!(buffer, drawn(Picture::Image(&ink), depth, 2, 1));
        assert!(buffer.content.iter().all(|cell| cell.modifier == Modifier::empty()));
    }
}

/// A red, a green, a blue and a grey pixel: colours that every depth has.
fn four_colours(depth: ColorDepth) -> (Image, [Color; 4]) {
    let named = [[205, 0, 0], [0, 205, 0], [0, 0, 238], [127; 3]];
    let cube = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [138; 3]];
    let (rgb, colours) = match depth {
        ColorDepth::Ansi => (named, [Color::Red, Color::Green, Color::Blue, Color::DarkGray]),
        ColorDepth::Indexed => (cube, [196, 46, 21, 245].map(Color::Indexed)),
        ColorDepth::TrueColor => (cube, cube.map(|[r, g, b]| Color::Rgb(r, g, b))),
        ColorDepth::Mono => (cube, [Color::Reset; 4]),
    };
    (Image::from_bytes([2, 2], 3, rgb.as_flattened()), colours)
}

const DEPTHS: [ColorDepth; 4] =
    [ColorDepth::TrueColor, ColorDepth::Indexed, ColorDepth::Ansi, ColorDepth::Mono];

#[test]
fn a_picture_in_colour_has_its_colours_at_every_depth() {
    for depth in DEPTHS {
        let (image, [red, green, blue, grey]) = four_colours(depth);
        let buffer = drawn(Picture::Image(&style(depth).quantised_image(&image)), depth, 2, 1);
        let seen = |x: u16| (buffer[(x, 0)].symbol(), buffer[(x, 0)].fg, buffer[(x, 0)].bg);
        match depth {
            // Lumas of 0.299, 0.587, 0.114 and 0.541: means of 0.21 and 0.56, of ten characters.
            ColorDepth::Mono => assert_eq!(text(&buffer), ":+"),
            _ => assert_eq!([seen(0), seen(1)], [("▀", red, blue), ("▀", green, grey)]),
        }
    }
}

#[test]
fn in_ascii_a_cell_has_the_colour_of_its_brighter_pixel() {
    for depth in DEPTHS {
        let (image, [red, _, _, _]) = four_colours(depth);
        let buffer = painted(Picture::Image(&image).widget(Style { depth, ascii: true }), 2, 1);
        assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii()));
        assert_eq!(buffer[(0, 0)].bg, red, "{depth:?}");
    }
}

#[test]
fn a_map_over_a_colour_takes_its_place_where_it_can_not_be_mixed() {
    use Color::{Black, Blue, DarkGray, Red};
    let image = &Image::from_bytes([2, 4], 3, &[255, 0, 0].repeat(8));
    let heat = &bars(&[0.0, 0.29, 0.3, 1.0]);
    let overlay = Picture::Overlay { image, heat, colormap: Colormap::Jet, alpha: 0.5 };
    let buffer = drawn(overlay, ColorDepth::Ansi, 4, 1);
    // Where it is cold, the luma of red, 76, in greys of 0 and 127.
    for x in 0..2 {
        let cell = &buffer[(x, 0)];
        assert!([cell.fg, cell.bg].iter().all(|c| [Black, DarkGray, Color::Reset].contains(c)));
    }
    assert_eq!(backgrounds(&buffer)[2..], [Blue, Red]);
    let signed = &bars(&[0.0, -0.3, 0.3, 1.0]);
    let over = Picture::SignedOver { image, signed, alpha: 0.5 };
    let buffer = drawn(over, ColorDepth::Ansi, 4, 1);
    let seen = |x: u16| (buffer[(x, 0)].symbol(), buffer[(x, 0)].fg, buffer[(x, 0)].bg);
    assert_eq!(seen(1), ("▒", Blue, DarkGray));
    assert_eq!(seen(2), ("▒", Red, DarkGray));
    assert_eq!((seen(0).2, seen(3).2), (DarkGray, Red));
}

#[test]
fn maps_over_colours_are_mixed_where_there_are_colours_for_it() {
    let image = &Image::from_bytes([2, 1], 3, &[0, 255, 0, 0, 255, 0]);
    let (none, most) = (&bars(&[0.0]), &bars(&[1.0]));
    let colormap = Colormap::Inferno;
    for depth in [ColorDepth::TrueColor, ColorDepth::Indexed] {
        let all = |heat, alpha| {
            let picture = Picture::Overlay { image, heat, colormap, alpha };
            backgrounds(&drawn(picture, depth, 1, 1))[0]
        };
        assert_eq!(all(most, 0.0), depth.color([0, 255, 0]));
        assert_eq!(all(none, 1.0), depth.color(colormap.rgb(0.0)));
        let signs = Picture::SignedOver { image, signed: most, alpha: 1.0 };
        let full = [0, 1].map(|y| depth.dithered([255, 72, 56], (0, y)));
        let cell = &drawn(signs, depth, 1, 1)[(0, 0)];
        assert_eq!([cell.fg, cell.bg], full);
    }
}

#[test]
fn colours_of_any_size_are_drawn_and_of_two_sizes_what_both_have() {
    for (width, height) in [(1, 1), (1, 5), (6, 1), (32, 24), (24, 32)] {
        let image = &Image::from_bytes([height, width], 3, &[200, 40, 90].repeat(width * height));
        for (columns, rows) in [(width, height), (1, 7), (40, 2)] {
            let map = &Grid::ramp(columns).nearest(columns, rows);
            let (colormap, alpha) = (Colormap::Jet, 0.5);
            for picture in [
                Picture::Image(image),
                Picture::Overlay { image, heat: map, colormap, alpha },
                Picture::SignedOver { image, signed: map, alpha },
            ] {
                let (w, h) = match picture {
                    Picture::Image(_) => (width, height),
                    _ => (width.min(columns), height.min(rows)),
                };
                assert_eq!(picture.size(), (w, h));
                for (depth, ascii) in DEPTHS.into_iter().flat_map(|d| [(d, false), (d, true)]) {
                    let untouched = Cell::new("?");
                    let mut buffer = Buffer::filled(Rect::new(0, 0, 41, 20), untouched.clone());
                    picture.widget(Style { depth, ascii }).render(buffer.area, &mut buffer);
                    let drawn = buffer.content.iter().filter(|cell| **cell != untouched);
                    assert_eq!(drawn.count(), w * h.div_ceil(2), "{picture:?} {depth:?}");
                }
            }
        }
    }
}

#[test]
fn below_an_odd_last_row_of_colours_the_terminal_shows() {
    let image = Image::from_bytes([3, 1], 3, &[0, 0, 255].repeat(3));
    for depth in [ColorDepth::TrueColor, ColorDepth::Indexed] {
        let buffer = drawn(Picture::Image(&image), depth, 1, 2);
        let cell = &buffer[(0, 1)];
        assert_eq!((cell.fg, cell.bg), (depth.color([0, 0, 255]), Color::Reset));
    }
}

/// The hashes are of the cells that were drawn before there were pictures in colour.
#[test]
fn pictures_in_grey_look_as_they_did_before_there_were_colours() {
    let values = (0..140).map(|i| (i * 37 % 101) as f32 / 100.0).collect();
    let signs: Vec<f32> = (0..140).map(|i| (i * 53 % 201) as f32 / 100.0 - 1.0).collect();
    let image = &grey(20, 7, values);
    let heat = &Grid::new(20, 7, signs.iter().map(|value| value.abs()).collect());
    let signed = &Grid::new(20, 7, signs);
    let colormap = Colormap::Turbo;
    let pictures = [
        Picture::Image(image),
        Picture::Heat(heat, colormap),
        Picture::Overlay { image, heat, colormap, alpha: 0.4 },
        Picture::Signed(signed),
        Picture::SignedOver { image, signed, alpha: 0.6 },
    ];
    let expected = ["18b096ffea214133", "e86ea8119f3b19f0", "998a2239bdc6d1ba", "f46a1ce2ee051a97"];
    for (depth, expected) in DEPTHS.into_iter().zip(expected) {
        let mut hash = Sha256::new();
        for ascii in [false, true] {
            for picture in pictures {
                let widget = picture.widget(Style { depth, ascii }).mark_peak(false);
                for cell in painted(widget, 20, 4).content {
                    hash.update(format!("{}{:?}{:?};", cell.symbol(), cell.fg, cell.bg));
                }
            }
        }
        let found: String = hash.finalize()[..8].iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(found, expected, "{depth:?}");
    }
}
