//! Sets of pictures that are known by their sums. Fashion-MNIST and KMNIST come in files of MNIST's
//! names, of MNIST's sizes: only the content tells them apart.

use std::path::Path;

use super::dataset::{Classes, Shape};
use super::idx::{self, Idx};
use super::source::{Noun, Origin};

/// Which set of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Handwritten digits.
    Mnist,
    /// Pieces of clothing.
    FashionMnist,
    /// Japanese cursive characters.
    Kmnist,
    /// None of these.
    Other,
}

/// The SHA-256 of a set's four files, in the order of [`super::mnist::FILES`].
struct Sums {
    set: Set,
    /// Whether of the gzip files as they are published, or of the files unpacked.
    packed: bool,
    sums: [&'static str; 4],
}

/// Those of MNIST, unpacked.
pub(super) const MNIST: [&str; 4] = [
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
];

/// The classes of Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017, arXiv 1708.07747).
const FASHION: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

/// The syllables of KMNIST (Clanuwat et al., 2018, arXiv 1812.01718).
const KUZUSHIJI: [&str; 10] = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"];

const KNOWN: [Sums; 3] = [
    Sums { set: Set::Mnist, packed: false, sums: MNIST },
    Sums {
        set: Set::FashionMnist,
        packed: true,
        sums: [
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ],
    },
    Sums {
        set: Set::Kmnist,
        packed: true,
        sums: [
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ],
    },
];

impl Set {
    /// How to speak of its pictures, which are in this folder.
    pub fn origin(self, shape: Shape, folder: &Path) -> Origin {
        match self {
            Self::Mnist => Origin::known("MNIST", Noun::Digit, folder),
            Self::FashionMnist => Origin::known("Fashion-MNIST", Noun::Picture, folder),
            Self::Kmnist => Origin::known("KMNIST", Noun::Picture, folder),
            Self::Other => Origin::folder(shape, folder),
        }
    }

    /// The names of its classes, of which there are so many.
    pub fn classes(self, count: usize) -> Classes {
        match self {
            Self::FashionMnist => Classes::new(FASHION),
            Self::Kmnist => Classes::new(KUZUSHIJI),
            Self::Mnist | Self::Other => Classes::numbered(count),
        }
    }

    /// Which set four files are: all four must be of that set. Of MNIST the sums of the unpacked
    /// files are known, so that it may be packed anew; of the others those of the published gzip
    /// files are, so that unpacked or packed anew they are [`Set::Other`].
    pub fn of(files: [&Idx; 4]) -> Self {
        let is = |known: &&Sums| {
            files.iter().zip(known.sums).all(|(file, sum)| {
                let of_file = if known.packed { file.packed_sum.as_ref() } else { Some(&file.sum) };
                of_file.is_some_and(|of_file| idx::hex(of_file) == sum)
            })
        };
        KNOWN.iter().find(is).map_or(Self::Other, |known| known.set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> idx::Sum {
        std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
    }

    fn files(known: &Sums) -> [Idx; 4] {
        known.sums.map(|sum| {
            let (here, elsewhere) = (unhex(sum), [7; 32]);
            let (packed, plain) = if known.packed { (here, elsewhere) } else { (elsewhere, here) };
            Idx { values: Vec::new(), sum: plain, packed_sum: Some(packed) }
        })
    }

    #[test]
    fn a_set_is_known_when_all_four_files_are_its_own() {
        for known in &KNOWN {
            let mut files = files(known);
            assert_eq!(Set::of(files.each_ref()), known.set);
            files.swap(0, 2);
            assert_eq!(Set::of(files.each_ref()), Set::Other);
        }
        let [mnist, fashion, _] = &KNOWN;
        let (mut mixed, other) = (files(mnist), files(fashion));
        let [.., labels] = other;
        mixed[3] = labels;
        assert_eq!(Set::of(mixed.each_ref()), Set::Other);
    }
}
