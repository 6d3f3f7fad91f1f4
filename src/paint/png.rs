//! Pictures into PNG files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Raster;

/// Why a picture was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the picture {path}: {source}")]
pub struct PngError {
    path: PathBuf,
    source: io::Error,
}

/// Writes the picture, with texts that say what it shows, beside `path` and renames it into place.
pub fn write(raster: &Raster, texts: &[(&str, String)], path: &Path) -> Result<(), PngError> {
    let failed = |source| PngError { path: path.to_owned(), source };
    let bytes = encode(raster, texts).map_err(|e| failed(io::Error::other(e)))?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file =
        tempfile::Builder::new().prefix(".gradcam-").tempfile_in(folder).map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

fn encode(raster: &Raster, texts: &[(&str, String)]) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, raster.width as u32, raster.height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    for (key, value) in texts {
        encoder.add_text_chunk((*key).to_owned(), value.clone())?;
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(raster.pixels.as_flattened())?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reads_back_with_its_pixels_and_texts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let pixels = vec![[1, 2, 3], [4, 5, 6], [7, 8, 9], [255, 0, 0], [0, 255, 0], [0, 0, 255]];
        let raster = Raster { width: 3, height: 2, pixels };
        write(&raster, &[("Title", "seven".to_owned())], &path).unwrap();
        let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut buffer).unwrap();
        assert_eq!(buffer, raster.pixels.as_flattened());
        assert_eq!(reader.info().uncompressed_latin1_text[0].text, "seven");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let raster = Raster { width: 1, height: 1, pixels: vec![[0; 3]] };
        let error = write(&raster, &[], Path::new("/no/such/folder/a.png")).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder/a.png"));
    }
}
