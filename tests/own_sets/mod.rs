//! Sets of pictures that a test makes itself, and the program that works with them.
#![allow(dead_code, reason = "every test file needs a part of it")]

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use safetensors::SafeTensors;
use serde_json::Value;
use tempfile::TempDir;

/// The model in a [`Place`].
pub const MODEL: &str = "model.safetensors";

/// A folder with a set in `set`, where the program is run.
pub struct Place(TempDir);

/// What the program said.
pub struct Said {
    /// Its exit status.
    pub code: Option<i32>,
    /// On standard output.
    pub out: String,
    /// On standard error.
    pub err: String,
}

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, in folders that are made for it.
    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Pictures 00.png, 01.png and so on in a folder, of 12 x 8 pixels about this colour.
    pub fn pictures(&self, folder: impl AsRef<Path>, count: usize, colour: [u8; 3]) {
        for i in 0..count {
            let picture = speckled(12, 8, colour, i);
            self.write(
                folder.as_ref().join(format!("{i:02}.png")),
                file(picture, ImageFormat::Png),
            );
        }
    }

    /// Runs the program with the set and the model of this place.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gradcam"));
        command.args(["--device", "flex", "--model", MODEL]).args(arguments);
        self.said(&mut command)
    }

    /// Runs this command here.
    pub fn said(&self, command: &mut Command) -> Said {
        let Output { status, stdout, stderr } = command
            .current_dir(self.path())
            .env("HOME", self.path())
            .env_remove("GRADCAM_MNIST")
            .env_remove("XDG_CACHE_HOME")
            .output()
            .unwrap();
        let [out, err] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).expect("text"));
        assert!(!err.contains("panicked"), "{err}");
        Said { code: status.code(), out, err }
    }

    /// What it says, of the set, when all goes well.
    #[track_caller]
    pub fn well(&self, arguments: &[&str]) -> Said {
        let said = self.run(["--data", "set"].iter().chain(arguments));
        assert_eq!(said.code, Some(0), "{arguments:?}: {}", said.err);
        said
    }

    /// The objects of its lines.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let said = self.well(&[&["--json"], arguments].concat());
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Trains one epoch.
    #[track_caller]
    pub fn train(&self) -> Said {
        self.well(&["train", "--no-tui", "--epochs", "1"])
    }

    /// The sentence with which it fails, and nothing else that it says after its notes.
    #[track_caller]
    pub fn refusal<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> String {
        let said = self.run(arguments);
        assert_eq!((said.code, &*said.out), (Some(1), ""), "{}", said.err);
        let told = |line: &&str| !line.starts_with("note: ") && !line.starts_with("data: ");
        let lines: Vec<&str> = said.err.lines().filter(told).collect();
        assert_eq!(lines.len(), 1, "{}", said.err);
        let sentence = lines[0].strip_prefix("gradcam: ").expect(lines[0]);
        assert!(!sentence.ends_with('.'), "{sentence}");
        sentence.to_owned()
    }

    /// What the model says about itself.
    pub fn metadata(&self) -> HashMap<String, String> {
        let bytes = fs::read(self.path().join(MODEL)).unwrap();
        SafeTensors::read_metadata(&bytes).unwrap().1.metadata().clone().unwrap()
    }

    /// All that is below a folder, with when it was changed.
    pub fn listing(&self, folder: &str) -> Vec<(PathBuf, SystemTime)> {
        let (mut folders, mut found) = (vec![self.path().join(folder)], Vec::new());
        while let Some(folder) = folders.pop() {
            found.push((folder.clone(), fs::metadata(&folder).unwrap().modified().unwrap()));
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(entry.path()),
                    false => {
                        found.push((entry.path(), entry.metadata().unwrap().modified().unwrap()));
                    }
                }
            }
        }
        found.sort();
        found
    }

    /// A picture of this place.
    pub fn picture(&self, path: &str) -> RgbImage {
        image::open(self.path().join(path)).unwrap().into_rgb8()
    }
}

/// A picture about a colour, whose grain depends on `seed`.
pub fn speckled(width: u32, height: u32, colour: [u8; 3], seed: usize) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let grain = ((x * 7 + y * 13 + seed as u32 * 29) % 41) as u8;
        Rgb(colour.map(|value| value.saturating_add(grain)))
    })
}

/// A picture as a file.
pub fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// A file of an IDX set with values of this kind: 8 for bytes, 12 for 32 bits.
pub fn idx(kind: u8, sizes: &[usize], values: &[u8]) -> Vec<u8> {
    let sizes_at_front = sizes.iter().flat_map(|&size| (size as u32).to_be_bytes());
    let head = [0, 0, kind, sizes.len() as u8];
    head.into_iter().chain(sizes_at_front).chain(values.iter().copied()).collect()
}

/// The bytes that a text in hexadecimal stands for.
pub fn unhex(text: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(byte).collect()
}
