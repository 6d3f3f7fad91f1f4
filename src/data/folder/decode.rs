//! Files of pictures to bytes of one shape.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::DynamicImage;
use rayon::prelude::*;

use super::error::FolderError;
use super::share::File;
use crate::data::import::{self, PictureError};
use crate::data::shape::{SIDES, Shape};
use crate::data::source::{Progress, Wanted};

/// The most memory that the pictures of a set may take, in bytes.
const BUDGET: u64 = 4 << 30;
/// Height and width where nothing is said, and the pictures do not agree on a size of their own.
const SIZE: [usize; 2] = [32, 32];
/// Pictures that are decoded at a time, before they are joined to the others.
const AT_A_TIME: usize = 128;
/// The memory that those may take, in bytes, where they are large.
const MEMORY_AT_A_TIME: usize = 256 << 20;
/// At most so many reports of progress.
const REPORTS: usize = 1000;

/// A file that is left out.
#[derive(Debug)]
pub struct Refused {
    /// Its place among the files that were to be read.
    pub index: usize,
    /// What is wrong with it.
    pub error: PictureError,
}

/// Pictures of one shape.
#[derive(Debug)]
pub struct Decoded {
    /// The shape of each.
    pub shape: Shape,
    /// Their bytes, picture after picture.
    pub pixels: Vec<u8>,
    /// Which files are left out, in the order of the files.
    pub refused: Vec<Refused>,
}

/// Decodes files that lie in `folder`, on all cores.
///
/// The shape is what is wanted. As far as nothing is, the size is that of the pictures where all
/// have the same and both sides are 8 to 64 pixels, else 32 x 32; and there is one channel where no
/// picture shows a colour, whatever its file could store, else three. `progress` is told of each
/// file or now and then, from any thread.
///
/// # Errors
/// If they would take more memory than [`BUDGET`]. That is known before the first is read, or
/// after the first few.
pub fn decode(
    folder: &Path,
    files: &[File],
    wanted: Wanted,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Decoded, FolderError> {
    let (total, done) = (files.len(), AtomicUsize::new(0));
    let step = total.div_ceil(REPORTS).max(1);
    let report = || {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(step) || done == total {
            progress(Progress::Decoding { done, total });
        }
    };
    let mut joined = Joined::new(wanted, total);
    joined.fits_into(BUDGET)?;
    let mut refused = Vec::new();
    let at_a_time = (MEMORY_AT_A_TIME / (3 * joined.shape.pixels()).max(1)).clamp(1, AT_A_TIME);
    for (part, files) in files.chunks(at_a_time).enumerate() {
        let open = |file: &File| {
            let picture = open(&folder.join(&file.path), wanted.size);
            report();
            picture
        };
        let pictures: Vec<_> = files.par_iter().map(open).collect();
        for (at, picture) in pictures.into_iter().enumerate() {
            match picture {
                Ok(picture) => joined.add(picture),
                Err(error) => refused.push(Refused { index: part * at_a_time + at, error }),
            }
        }
        joined.fits_into(BUDGET)?;
    }
    Ok(Decoded { shape: joined.shape, pixels: joined.pixels, refused })
}

/// A picture as it may be joined to others: in the size that is wanted, or where none is, in its
/// own if that is small and else in the one that all pictures will have then.
fn open(path: &Path, wanted: Option<[usize; 2]>) -> Result<DynamicImage, PictureError> {
    let picture = import::upright(&import::bytes(path)?, path)?;
    let is_small =
        [picture.width(), picture.height()].iter().all(|&side| SIDES.contains(&(side as usize)));
    let picture = match wanted {
        None if is_small => picture,
        size => import::fit(picture, size.unwrap_or(SIZE)),
    };
    Ok(import::plainest(picture))
}

/// Pictures one behind the other. They have the shape of the first one as far as none is wanted,
/// until another contradicts it.
struct Joined {
    wanted: Wanted,
    total: usize,
    count: usize,
    shape: Shape,
    pixels: Vec<u8>,
}

impl Joined {
    fn new(wanted: Wanted, total: usize) -> Self {
        let [height, width] = wanted.size.unwrap_or(SIZE);
        let shape = Shape { height, width, channels: wanted.channels.unwrap_or(1) };
        Self { wanted, total, count: 0, shape, pixels: Vec::new() }
    }

    fn add(&mut self, picture: DynamicImage) {
        let own = [picture.height() as usize, picture.width() as usize];
        let agreed = if self.count == 0 || own == self.shape.size() { own } else { SIZE };
        let [height, width] = self.wanted.size.unwrap_or(agreed);
        let agreed = if picture.color().has_color() { 3 } else { self.shape.channels };
        let channels = self.wanted.channels.unwrap_or(agreed);
        self.change_to(Shape { height, width, channels });
        self.pixels.extend(import::values(import::fit(picture, [height, width]), channels));
        self.count += 1;
    }

    /// Brings what is there to another shape. That happens once or twice in all.
    fn change_to(&mut self, shape: Shape) {
        if shape == self.shape && self.count > 0 {
            return;
        }
        let bytes = std::mem::take(&mut self.pixels);
        self.pixels.reserve_exact((self.total * shape.bytes()).min(BUDGET as usize));
        for picture in bytes.chunks_exact(self.shape.bytes()) {
            let picture = import::fit(import::from_values(picture, self.shape), shape.size());
            self.pixels.extend(import::values(picture, shape.channels));
        }
        self.shape = shape;
    }

    fn fits_into(&self, budget: u64) -> Result<(), FolderError> {
        let (shape, pictures) = (self.shape, self.total);
        let bytes = shape.bytes() as u64 * pictures as u64;
        match bytes > budget {
            true => Err(FolderError::TooLarge { pictures, shape, bytes, most: BUDGET }),
            false => Ok(()),
        }
    }
}
