//! Sets of pictures that are known. MNIST, Fashion-MNIST and KMNIST come in files of the same names
//! and sizes: only their sums tell them apart. EMNIST and QMNIST have file names of their own.

use std::path::Path;

use strum::{EnumString, IntoStaticStr};

use super::classes::Classes;
use super::digits::SHAPE;
use super::idx::Idx;
use super::shape::Shape;
use super::source::{Noun, Origin};
use super::sums;

/// Which set of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// Handwritten digits.
    Mnist,
    /// Pieces of clothing.
    FashionMnist,
    /// Japanese cursive characters.
    Kmnist,
    /// MNIST's digits restored, with the 50,000 that its test set leaves out.
    Qmnist,
    /// Handwritten letters and digits.
    Emnist(Part),
    /// None of these.
    Other,
}

/// The parts of EMNIST (Cohen et al., 2017, arXiv 1702.05373), by the words in their files' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(prefix = "EMNIST ", serialize_all = "lowercase")]
pub enum Part {
    /// Digits, capitals and small letters.
    ByClass,
    /// The same without those small letters that look like their capitals, which are among these.
    ByMerge,
    /// The classes of by-merge, equally many pictures of each.
    Balanced,
    /// Letters, a capital and its small letter in one class.
    Letters,
    /// Digits.
    Digits,
    /// As many digits as MNIST has.
    Mnist,
}

/// The SHA-256 of a set's four files: training images and labels, then test images and labels.
type Sums = [&'static str; 4];

/// Those of MNIST, unpacked.
pub(super) const MNIST: Sums = [
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
];

/// Those of Fashion-MNIST, packed as they are published.
pub(super) const FASHION_MNIST: Sums = [
    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
];

/// Those of KMNIST, packed as they are published.
pub(super) const KMNIST: Sums = [
    "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
    "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
    "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
    "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
];

/// Whether sums are of the published gzip files, or of the files unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Packed,
    Unpacked,
}

const KNOWN: [(Set, Of, Sums); 3] = [
    (Set::Mnist, Of::Unpacked, MNIST),
    (Set::FashionMnist, Of::Packed, FASHION_MNIST),
    (Set::Kmnist, Of::Packed, KMNIST),
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

const CAPITALS: std::ops::RangeInclusive<char> = 'A'..='Z';
const SMALL: std::ops::RangeInclusive<char> = 'a'..='z';
/// The small letters that do not look like their capitals.
const DISTINCT: &str = "abdefghnqrt";

impl Part {
    /// Training and test pictures of what is published; of letters there are two editions.
    fn counts(self) -> &'static [[usize; 2]] {
        match self {
            Self::ByClass | Self::ByMerge => &[[697_932, 116_323]],
            Self::Balanced => &[[112_800, 18_800]],
            Self::Letters => &[[124_800, 20_800], [88_800, 14_800]],
            Self::Digits => &[[240_000, 40_000]],
            Self::Mnist => &[[60_000, 10_000]],
        }
    }

    fn classes(self) -> Vec<char> {
        let digits = '0'..='9';
        match self {
            Self::ByClass => digits.chain(CAPITALS).chain(SMALL).collect(),
            Self::ByMerge | Self::Balanced => {
                digits.chain(CAPITALS).chain(DISTINCT.chars()).collect()
            }
            Self::Letters => SMALL.collect(),
            Self::Digits | Self::Mnist => digits.collect(),
        }
    }
}

impl Set {
    /// Which set four files are by their sums: all four must be of that set. Of MNIST the sums of
    /// the unpacked files are known, so that it may be packed anew; of the others those of the
    /// published gzip files are, so that unpacked or packed anew they are not recognised.
    pub fn of(files: [&Idx; 4]) -> Option<Self> {
        let is = |(_, of, sums): &&(Self, Of, Sums)| {
            files.iter().zip(sums).all(|(file, sum)| {
                let of_file = match of {
                    Of::Packed => file.packed_sum.as_ref(),
                    Of::Unpacked => Some(&file.sum),
                };
                of_file.is_some_and(|of_file| sums::hex(of_file) == *sum)
            })
        };
        KNOWN.iter().find(is).map(|known| known.0)
    }

    /// Which set it is by what its files' names begin with, in small letters.
    pub fn named(prefix: &str) -> Self {
        match prefix.strip_prefix("emnist-").and_then(|part| part.parse().ok()) {
            Some(part) => Self::Emnist(part),
            None if prefix == "qmnist" => Self::Qmnist,
            None => Self::Other,
        }
    }

    /// Its name; of what is not known, none.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Mnist => "MNIST",
            Self::FashionMnist => "Fashion-MNIST",
            Self::Kmnist => "KMNIST",
            Self::Qmnist => "QMNIST",
            Self::Emnist(part) => part.into(),
            Self::Other => return None,
        })
    }

    /// What one of its pictures is called.
    pub fn noun(self) -> Noun {
        match self {
            Self::Mnist | Self::Qmnist | Self::Emnist(Part::Digits | Part::Mnist) => Noun::Digit,
            _ => Noun::Picture,
        }
    }

    /// How to speak of its pictures, which are in this folder, and of which there are so many to
    /// learn from and to test with. What is known by the names of its files alone has its name only
    /// if it has its size, too.
    pub fn origin(self, shape: Shape, counts: [usize; 2], folder: &Path) -> Origin {
        let whole = match self {
            Self::Mnist | Self::FashionMnist | Self::Kmnist => true,
            Self::Qmnist => counts == [60_000, 60_000] && shape == SHAPE,
            Self::Emnist(part) => part.counts().contains(&counts) && shape == SHAPE,
            Self::Other => false,
        };
        match self.name().filter(|_| whole) {
            Some(name) => Origin::known(name, self.noun(), folder),
            None => {
                let mut origin = Origin::folder(shape, folder);
                origin.noun = self.noun();
                origin
            }
        }
    }

    /// The names of its classes, where they are known.
    pub fn classes(self) -> Option<Classes> {
        match self {
            Self::FashionMnist => Some(Classes::new(FASHION)),
            Self::Kmnist => Some(Classes::new(KUZUSHIJI)),
            Self::Mnist | Self::Qmnist => Some(Classes::numbered(10)),
            Self::Emnist(part) => Some(Classes::new(part.classes())),
            Self::Other => None,
        }
    }

    /// Whether several sets that are known by their sums have pictures of this shape, and so many to
    /// learn from and to test with.
    pub fn has_twins(shape: Shape, counts: [usize; 2]) -> bool {
        shape == SHAPE && counts == [60_000, 10_000]
    }

    /// The shape of its pictures, which have this one in its files.
    pub fn turned(self, shape: Shape) -> Shape {
        let Shape { height, width, channels } = shape;
        match self.is_transposed() {
            true => Shape { height: width, width: height, channels },
            false => shape,
        }
    }

    /// Whether rows and columns of its pictures are swapped in its files.
    pub fn is_transposed(self) -> bool {
        matches!(self, Self::Emnist(_))
    }
}

#[cfg(test)]
mod tests {
    use super::super::idx::ValueType;
    use super::*;

    fn unhex(text: &str) -> sums::Sum {
        std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
    }

    fn files(of: Of, sums: &Sums) -> [Idx; 4] {
        sums.map(|sum| {
            let (here, elsewhere) = (unhex(sum), [7; 32]);
            let (packed, sum) = match of {
                Of::Packed => (here, elsewhere),
                Of::Unpacked => (elsewhere, here),
            };
            let (sizes, values) = (Vec::new(), Vec::new());
            Idx { value_type: ValueType::Byte, sizes, values, sum, packed_sum: Some(packed) }
        })
    }

    #[test]
    fn a_set_is_known_when_all_four_files_are_its_own() {
        for (set, of, sums) in &KNOWN {
            let mut files = files(*of, sums);
            assert_eq!(Set::of(files.each_ref()), Some(*set));
            files.swap(0, 2);
            assert_eq!(Set::of(files.each_ref()), None);
        }
        let [mnist, fashion, _] = &KNOWN;
        let (mut mixed, other) = (files(mnist.1, &mnist.2), files(fashion.1, &fashion.2));
        let [.., labels] = other;
        mixed[3] = labels;
        assert_eq!(Set::of(mixed.each_ref()), None);
    }

    /// Numbers of classes as in the paper, and labels of a few characters as in NIST's mapping files.
    #[test]
    fn parts_of_emnist_have_their_classes() {
        let classes = |word: &str| Set::named(&format!("emnist-{word}")).classes().unwrap();
        let counts = ["byclass", "bymerge", "balanced", "letters", "digits", "mnist"];
        assert_eq!(counts.map(|word| classes(word).len()), [62, 47, 47, 26, 10, 10]);
        let names = |word, at: [usize; 4]| at.map(|class| classes(word).name(class).to_owned());
        assert_eq!(names("byclass", [0, 10, 36, 61]), ["0", "A", "a", "z"]);
        assert_eq!(names("balanced", [35, 36, 38, 46]), ["Z", "a", "d", "t"]);
        assert_eq!(names("letters", [0, 1, 24, 25]), ["a", "b", "y", "z"]);
        assert_eq!(Set::named("emnist-other"), Set::Other);
        assert_eq!(Set::named("emnist-digits").noun(), Noun::Digit);
        assert_eq!(Set::named("emnist-letters").noun(), Noun::Picture);
    }

    #[test]
    fn what_is_known_by_its_file_names_has_its_name_only_in_its_size() {
        let name = |counts| Set::Qmnist.origin(SHAPE, counts, "place".as_ref()).name;
        assert_eq!(name([60_000, 60_000]), "QMNIST");
        assert_eq!(name([60_000, 10_000]), "28x28 pictures from place");
    }
}
