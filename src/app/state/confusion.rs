//! Which class is taken for which, and how often. Only pairs that occur are kept: of a thousand
//! classes there are a million pairs.

use std::cmp::Reverse;

use crate::data::Images;
use crate::model::evaluate::Evaluation;

use super::mistakes::verdicts;

/// The most classes that are shown as a matrix; of more, the pairs that are confused most are listed.
pub const MATRIX: usize = 20;

/// How often a class is taken for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// What it is.
    pub label: usize,
    /// What it is taken for.
    pub predicted: usize,
    /// How often.
    pub count: usize,
}

impl Pair {
    /// Label and prediction.
    pub fn cell(self) -> (usize, usize) {
        (self.label, self.predicted)
    }
}

/// How often each class is taken for which, itself among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusions(Vec<Pair>);

impl Confusions {
    /// Over everything that is scored.
    pub fn count(images: &Images, scored: &Evaluation) -> Self {
        let mut cells: Vec<_> = verdicts(images, scored).map(|(_, l, p)| (l, p)).collect();
        cells.sort_unstable();
        let pair = |same: &[(usize, usize)]| {
            let (label, predicted) = same[0];
            Pair { label, predicted, count: same.len() }
        };
        Self(cells.chunk_by(|a, b| a == b).map(pair).collect())
    }

    /// How often this label gets this prediction.
    pub fn of(&self, label: usize, predicted: usize) -> usize {
        let place = self.0.binary_search_by_key(&(label, predicted), |pair| pair.cell());
        place.map_or(0, |place| self.0[place].count)
    }

    /// How often the pair occurs that is confused most.
    pub fn most(&self) -> usize {
        self.wrong().map(|pair| pair.count).max().unwrap_or(0)
    }

    /// The pairs that are confused, the worst first.
    pub fn worst(&self) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = self.wrong().collect();
        pairs.sort_by_key(|pair| Reverse(pair.count));
        pairs
    }

    /// How often each of so many classes is taken for another one or another one for it.
    pub fn mistakes_with(&self, classes: usize) -> Vec<usize> {
        let mut counts = vec![0; classes];
        for pair in self.wrong() {
            for class in [pair.label, pair.predicted] {
                counts.get_mut(class).into_iter().for_each(|count| *count += pair.count);
            }
        }
        counts
    }

    /// The classes that are taken for others, the one with the most mistakes first.
    pub fn worst_classes(&self) -> Vec<usize> {
        let wrong: Vec<Pair> = self.wrong().collect();
        let class = |pairs: &[Pair]| {
            let count: usize = pairs.iter().map(|pair| pair.count).sum();
            (Reverse(count), pairs[0].label)
        };
        let mut classes: Vec<_> = wrong.chunk_by(|a, b| a.label == b.label).map(class).collect();
        classes.sort_unstable();
        classes.into_iter().map(|(_, class)| class).collect()
    }

    fn wrong(&self) -> impl Iterator<Item = Pair> {
        self.0.iter().copied().filter(|pair| pair.label != pair.predicted)
    }
}

/// The place of the chosen cell in a list of pairs; the first where it is not among them.
pub fn place(pairs: &[Pair], cell: (usize, usize)) -> usize {
    pairs.iter().position(|pair| pair.cell() == cell).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Shape;

    fn counted(verdicts: &[(u16, u16)]) -> Confusions {
        let labels: Vec<u16> = verdicts.iter().map(|(label, _)| *label).collect();
        let shape = Shape { height: 1, width: 1, channels: 1 };
        let images = Images::new(shape, vec![0; labels.len()], labels);
        let predictions: Vec<u16> = verdicts.iter().map(|(_, predicted)| *predicted).collect();
        let losses = vec![0.0; predictions.len()];
        Confusions::count(&images, &Evaluation { predictions, losses, correct: 0 })
    }

    #[test]
    fn the_pair_that_is_confused_most_comes_first_and_the_right_ones_are_counted_too() {
        let all = [(7, 7), (999, 3), (5, 7), (999, 3), (5, 8), (3, 999), (7, 7), (5, 9), (7, 1)];
        let counts = counted(&all);
        let pair = |label, predicted, count| Pair { label, predicted, count };
        let worst = [
            pair(999, 3, 2),
            pair(3, 999, 1),
            pair(5, 7, 1),
            pair(5, 8, 1),
            pair(5, 9, 1),
            pair(7, 1, 1),
        ];
        assert_eq!(counts.worst(), worst);
        assert_eq!((counts.of(7, 7), counts.of(999, 3), counts.of(3, 3)), (2, 2, 0));
        assert_eq!(counts.most(), 2);
        assert_eq!(counts.worst_classes(), [5, 999, 3, 7]);
        let with = counts.mistakes_with(1000);
        assert_eq!([5, 999, 3, 7, 1, 2].map(|class| with[class]), [3, 3, 3, 2, 1, 0]);
        assert_eq!([place(&worst, (5, 8)), place(&worst, (7, 7))], [3, 0]);
    }

    #[test]
    fn where_all_is_right_there_are_no_pairs() {
        let counts = counted(&[(1, 1), (2, 2)]);
        assert_eq!((counts.worst(), counts.worst_classes(), counts.most()), (vec![], vec![], 0));
    }
}
