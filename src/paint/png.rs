//! Pictures into PNG files.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::Raster;
use crate::atomic;
use crate::text::printable;

/// The text that names the program that has written a file.
const SOFTWARE: &str = "Software";

/// Why a picture was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the picture {path}: {source}")]
pub struct PngError {
    path: PathBuf,
    source: io::Error,
}

/// Writes the picture, with texts that say what it shows: whoever looks at `path` finds what was
/// there before, or the whole picture.
///
/// # Errors
/// If the picture has no pixels, a text's key is no PNG keyword, or the file cannot be written.
pub fn write(raster: &Raster, texts: &[(&str, String)], path: &Path) -> Result<(), PngError> {
    let failed = |source| PngError { path: path.to_owned(), source };
    let bytes = encode(raster, texts).map_err(|e| failed(io::Error::other(e)))?;
    atomic::write(path, &bytes).map_err(failed)
}

/// Whether [`write()`] can write to `path`; what is there stays untouched.
///
/// # Errors
/// Those that [`write()`] would have.
pub fn check_writable(path: &Path) -> Result<(), PngError> {
    atomic::check(path).map_err(|source| PngError { path: path.to_owned(), source })
}

/// Whether the file is a PNG that names this program as what has written it.
pub fn is_saved_here(path: &Path) -> bool {
    let info = || {
        let limits = png::Limits { bytes: 1 << 20 };
        let file = BufReader::new(File::open(path).ok()?);
        let reader = png::Decoder::new_with_limits(file, limits).read_info().ok()?;
        Some(reader.info().uncompressed_latin1_text.clone())
    };
    let ours = |chunk: &png::text_metadata::TEXtChunk| {
        chunk.keyword == SOFTWARE && chunk.text.starts_with("gradcam ")
    };
    info().is_some_and(|texts| texts.iter().any(ours))
}

/// The bytes of a PNG file, with texts (keyword and value) that say what it shows.
///
/// # Errors
/// If the picture has no pixels, or a key is no PNG keyword (1 to 79 Latin-1 characters).
pub fn encode(raster: &Raster, texts: &[(&str, String)]) -> Result<Vec<u8>, png::EncodingError> {
    let size = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size(raster.width), size(raster.height));
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    for (key, value) in texts {
        let (key, value) = ((*key).to_owned(), printable(value).into_owned());
        let latin = value.chars().all(|c| u32::from(c) < 256);
        // The plain text chunk is read by more programs, the other one takes any character.
        if latin {
            encoder.add_text_chunk(key, value)?;
        } else {
            encoder.add_itxt_chunk(key, value)?;
        }
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(raster.pixels.as_flattened())?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn six_pixels() -> Raster {
        let pixels = vec![[1, 2, 3], [4, 5, 6], [7, 8, 9], [255, 0, 0], [0, 255, 0], [0, 0, 255]];
        Raster { width: 3, height: 2, pixels }
    }

    #[test]
    fn a_file_reads_back_with_its_pixels_and_texts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, "an older file").unwrap();
        let raster = six_pixels();
        let texts = [("Title", "seven".to_owned()), ("Comment", "a → b".to_owned())];
        write(&raster, &texts, &path).unwrap();
        let file = io::BufReader::new(std::fs::File::open(&path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut buffer).unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (3, 2));
        assert_eq!(buffer, raster.pixels.as_flattened());
        assert_eq!(info.uncompressed_latin1_text[0].text, "seven");
        assert_eq!(info.utf8_text[0].get_text().unwrap(), "a → b");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn a_picture_of_this_program_is_known_by_its_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let ours = concat!("gradcam ", env!("CARGO_PKG_VERSION"));
        for (software, expected) in [(ours, true), ("another program", false)] {
            write(&six_pixels(), &[(SOFTWARE, software.to_owned())], &path).unwrap();
            assert_eq!(is_saved_here(&path), expected, "{software}");
        }
        write(&six_pixels(), &[], &path).unwrap();
        assert!(!is_saved_here(&path), "no text");
        std::fs::write(&path, "Software gradcam 1").unwrap();
        assert!(!is_saved_here(&path), "no PNG");
        assert!(!is_saved_here(&folder.path().join("none")));
    }

    #[test]
    fn texts_command_no_terminal_that_shows_them() {
        let texts =
            [("Title", "a\x1b[31m\n7".to_owned()), ("Comment", "→\u{9b}\u{202e}".to_owned())];
        let bytes = encode(&six_pixels(), &texts).unwrap();
        let reader = png::Decoder::new(io::Cursor::new(bytes)).read_info().unwrap();
        let info = reader.info();
        assert_eq!(info.uncompressed_latin1_text[0].text, r"a\u{1b}[31m\n7");
        assert_eq!(info.utf8_text[0].get_text().unwrap(), r"→\u{9b}\u{202e}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named_once() {
        let error = write(&six_pixels(), &[], Path::new("/no/such/folder/a.png")).unwrap_err();
        let message = error.to_string();
        assert_eq!(message.matches("/no/such/folder").count(), 1, "{message}");
        assert!(message.contains("/no/such/folder/a.png: entity not found"), "{message}");
    }

    #[test]
    fn a_picture_without_pixels_and_a_key_without_letters_are_refused() {
        let empty = Raster { width: 0, height: 0, pixels: Vec::new() };
        assert!(encode(&empty, &[]).is_err());
        assert!(encode(&six_pixels(), &[("", "x".to_owned())]).is_err());
    }
}
