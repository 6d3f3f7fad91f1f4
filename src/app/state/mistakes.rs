//! Which digits the network gets wrong, and what it takes them for: lists and counts over one score,
//! made with one set of weights.

use std::sync::Arc;

use crate::app::phrase::Phrase;
use crate::data::{Classes, Images, Noun};
use crate::figures::{counted, plural, thousands};
use crate::model::evaluate::Evaluation;

/// A right answer that the network gives less probability than this is unsure.
const SURE: f32 = 0.8;

/// A score, and what it is a score of.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Digit by digit, from the first one on.
    pub score: Arc<Evaluation>,
    /// Whether all test digits were scored, and not a sample of the first ones.
    pub whole: bool,
    /// Epochs that the weights have seen in the training under way; `None` for a model from a file.
    pub epochs: Option<f64>,
}

impl Scored {
    /// The one of two to go by: all digits rather than a sample, and else the newer weights.
    pub fn better(before: Option<Self>, newer: Self) -> Self {
        let known = |scored: &Self| (scored.whole, scored.epochs);
        match before {
            Some(before) if known(&before) > known(&newer) => before,
            _ => newer,
        }
    }

    /// How many digits it gets wrong.
    pub fn wrong(&self) -> usize {
        self.score.losses.len() - self.score.correct
    }

    /// Which digits were scored: "10,000 test digits", "the first 500 test digits".
    pub fn digits(&self) -> String {
        self.pictures(Noun::Digit)
    }

    /// The same for pictures of any kind.
    pub fn pictures(&self, noun: Noun) -> String {
        let (count, one) = (self.score.losses.len(), format!("test {}", noun.one()));
        match self.whole {
            true => counted(count, &one),
            false => format!("the first {} {}", thousands(count as u64), plural(count, &one)),
        }
    }

    /// With which weights: "after 2 epochs", or nothing for a model from a file.
    pub fn weights(&self) -> Option<String> {
        let epochs = self.epochs?;
        Some(match self.whole && epochs.fract() == 0.0 {
            true => format!("after {}", counted(epochs as usize, "epoch")),
            false => format!("after {epochs:.2} epochs"),
        })
    }
}

/// Which digits are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// Those it gets wrong.
    #[default]
    Wrong,
    /// Those it gets right without being sure.
    Unsure,
    /// Those of one class that it gets wrong.
    Class(usize),
    /// Those of one class that it gets wrong, and those that it takes for that class wrongly.
    With(usize),
    /// Those of one class that it takes for another, or for what they are.
    Confusion(usize, usize),
}

/// The list: what is in it, and which of its lines is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mistakes {
    /// What is in it.
    pub filter: Filter,
    /// The chosen line.
    pub line: usize,
}

impl Filter {
    /// For people: "wrong 7s", "truck taken for automobile".
    pub fn title(self, classes: &Classes, noun: Noun) -> Phrase {
        // There are many of a digit; other names have plurals of their own.
        let s = if noun == Noun::Digit { "s" } else { "" };
        let of = |class| Phrase::of(classes.name(class)).words(s);
        match (self, noun) {
            (Self::Wrong, _) => "wrong".into(),
            (Self::Unsure, _) => "right, but unsure".into(),
            (Self::Class(class), Noun::Digit) => Phrase::from("wrong ").and(of(class)),
            (Self::Class(class), Noun::Picture) => of(class).words(", wrong"),
            (Self::With(class), _) => Phrase::from("mistakes with ").name(classes.name(class)),
            (Self::Confusion(label, predicted), _) if label == predicted => {
                of(label).words(", right")
            }
            (Self::Confusion(label, predicted), _) => {
                of(label).words(" taken for ").and(of(predicted))
            }
        }
    }

    /// The filter so many places after this one, where these classes follow one another. A class
    /// that is not among them stands before the first.
    pub fn after(self, places: isize, classes: &[usize]) -> Self {
        let place = match self {
            Self::Wrong => 0,
            Self::Unsure => 1,
            Self::Class(class) | Self::With(class) | Self::Confusion(class, _) => {
                classes.iter().position(|&other| other == class).map_or(1, |place| 2 + place)
            }
        };
        match (place as isize + places).rem_euclid(2 + classes.len() as isize) as usize {
            0 => Self::Wrong,
            1 => Self::Unsure,
            place => Self::Class(classes[place - 2]),
        }
    }

    fn takes(self, label: usize, predicted: usize, loss: f32) -> bool {
        match self {
            Self::Wrong => label != predicted,
            // The loss of a digit is the negative logarithm of its label's probability.
            Self::Unsure => label == predicted && (-loss).exp() < SURE,
            Self::Class(class) => label == class && predicted != class,
            Self::With(class) => label != predicted && [label, predicted].contains(&class),
            Self::Confusion(from, to) => (label, predicted) == (from, to),
        }
    }
}

/// The places of the digits that a filter takes, the one with the highest loss first.
pub fn listed(filter: Filter, images: &Images, scored: &Evaluation) -> Vec<usize> {
    let mut places: Vec<usize> = verdicts(images, scored)
        .filter(|&(i, label, predicted)| filter.takes(label, predicted, scored.losses[i]))
        .map(|(i, ..)| i)
        .collect();
    places.sort_by(|&a, &b| scored.losses[b].total_cmp(&scored.losses[a]));
    places
}

/// Place, label and prediction of each scored digit.
pub(super) fn verdicts<'a>(
    images: &'a Images,
    scored: &'a Evaluation,
) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
    let count = scored.predictions.len().min(scored.losses.len()).min(images.len());
    (0..count).map(move |i| (i, images.label(i), scored.predictions[i].into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::data::digits::{CLASSES, synthetic};

    /// 30 digits that are right and sure, but for four.
    fn scored() -> (Images, Evaluation) {
        let digits = synthetic::draw_with(Split::Test, 30, 1, &|_| {});
        let mut predictions = digits.labels().to_vec();
        let mut losses = vec![0.01; 30];
        for (i, loss) in [(4, 3.0), (20, 5.0), (7, 0.9)] {
            predictions[i] = (predictions[i] + 1) % 10;
            losses[i] = loss;
        }
        losses[11] = 0.6;
        (digits, Evaluation { predictions, losses, correct: 27 })
    }

    #[test]
    fn the_worst_mistake_comes_first_and_every_filter_takes_its_own() {
        let (digits, scored) = scored();
        assert_eq!(listed(Filter::Wrong, &digits, &scored), [20, 4, 7]);
        assert_eq!(listed(Filter::Unsure, &digits, &scored), [11]);
        let class = digits.label(4);
        let with = |class| listed(Filter::With(class), &digits, &scored);
        assert!(with(class).contains(&4) && with((class + 1) % 10).contains(&4));
        assert!(!with((class + 5) % 10).contains(&4) && !with(class).contains(&11));
        assert!(listed(Filter::Class(class), &digits, &scored).contains(&4));
        let one = Filter::Confusion(class, (class + 1) % 10);
        let those = listed(one, &digits, &scored);
        assert!(those.contains(&4) && those.iter().all(|i| [4, 7, 20].contains(i)));
    }

    #[test]
    fn filters_are_called_by_the_names_of_their_classes() {
        let (numbers, names) = (Classes::numbered(10), Classes::new(["automobile", "truck"]));
        for (filter, digits, pictures) in [
            (Filter::Wrong, "wrong", "wrong"),
            (Filter::Unsure, "right, but unsure", "right, but unsure"),
            (Filter::Class(1), "wrong 1s", "truck, wrong"),
            (Filter::With(1), "mistakes with 1", "mistakes with truck"),
            (Filter::Confusion(1, 0), "1s taken for 0s", "truck taken for automobile"),
            (Filter::Confusion(1, 1), "1s, right", "truck, right"),
        ] {
            assert_eq!(filter.title(&numbers, Noun::Digit).within(40), digits);
            assert_eq!(filter.title(&names, Noun::Picture).within(40), pictures);
        }
    }

    #[test]
    fn one_score_is_gone_by_and_it_says_of_what_and_when() {
        let of = |count: usize, whole, epochs| {
            let (predictions, losses) = (vec![0; count], vec![0.5; count]);
            let score = Evaluation { predictions, losses, correct: count - 1 };
            Scored { score: Arc::new(score), whole, epochs }
        };
        let sample = |epochs| of(500, false, Some(epochs));
        let whole = |epochs| of(10_000, true, Some(epochs));
        let file = of(10_000, true, None);
        for (before, newer, expected) in [
            (None, sample(0.2), sample(0.2)),
            (Some(sample(0.2)), sample(0.4), sample(0.4)),
            // Late, from weights before.
            (Some(sample(0.4)), sample(0.2), sample(0.4)),
            (Some(sample(0.8)), whole(1.0), whole(1.0)),
            (Some(whole(1.0)), sample(1.2), whole(1.0)),
            (Some(whole(1.0)), whole(2.0), whole(2.0)),
            (None, file.clone(), file.clone()),
        ] {
            assert_eq!(Scored::better(before, newer), expected);
        }
        assert_eq!(sample(0.2).digits(), "the first 500 test digits");
        assert_eq!(sample(0.2).pictures(Noun::Picture), "the first 500 test pictures");
        assert_eq!(sample(1.0).weights().unwrap(), "after 1.00 epochs");
        assert_eq!((whole(1.0).digits(), whole(1.0).wrong()), ("10,000 test digits".to_owned(), 1));
        assert_eq!(whole(1.0).weights().unwrap(), "after 1 epoch");
        assert_eq!((file.weights(), of(1, true, None).digits()), (None, "1 test digit".to_owned()));
    }

    #[test]
    fn filters_come_round_and_a_score_of_fewer_digits_is_no_trouble() {
        let classes: Vec<usize> = (0..CLASSES).collect();
        let mut filter = Filter::default();
        for _ in 0..12 {
            filter = filter.after(1, &classes);
        }
        assert_eq!(filter, Filter::Wrong);
        assert_eq!(Filter::Wrong.after(-1, &classes), Filter::Class(9));
        assert_eq!(Filter::Confusion(3, 5).after(1, &classes), Filter::Class(4));
        // Only classes with mistakes, and from one without.
        assert_eq!(Filter::Class(700).after(1, &[700, 2]), Filter::Class(2));
        assert_eq!(Filter::Class(2).after(1, &[700, 2]), Filter::Wrong);
        assert_eq!(Filter::Class(5).after(1, &[700, 2]), Filter::Class(700));
        assert_eq!(Filter::Class(5).after(-1, &[]), Filter::Wrong);
        let (digits, _) = scored();
        assert!(listed(Filter::Wrong, &digits, &Evaluation::default()).is_empty());
    }
}
