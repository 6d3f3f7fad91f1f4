//! Which classes labels mean.

use std::collections::BTreeSet;

use crate::data::classes::CLASSES;

/// What is known of the classes before the labels are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// There are so many.
    Exactly(usize),
    /// There are at least so many: smaller labels are classes as they are.
    AtLeast(usize),
}

/// What labels mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// The label of the first class: 0 or 1.
    pub first: i32,
    /// How many classes there are.
    pub count: usize,
}

/// What is wrong with a label.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The label.
    pub label: i32,
    /// What is wrong with it, and what would help.
    pub said: String,
}

/// With fewer classes than these, labels may have any gaps.
const FEW: usize = 10;

/// What these labels mean, of both sets together. They count the classes from 0, or from 1 where no
/// label is 0; `from_one` says that they count from 1 even if too few classes occur to show it.
///
/// # Errors
/// If a label cannot be that of a class.
pub fn meaning(
    labels: impl IntoIterator<Item = i32>,
    known: Known,
    from_one: bool,
) -> Result<Meaning, Problem> {
    let used: BTreeSet<i32> = labels.into_iter().collect();
    let (Some(&least), Some(&largest)) = (used.first(), used.last()) else {
        return Ok(Meaning { first: 0, count: 0 });
    };
    let problem = |label, said: String| Err(Problem { label, said });
    if least < 0 {
        return problem(least, "labels are not negative".to_owned());
    }
    let top = largest as usize;
    let first = match known {
        _ if least > 0 && from_one => 1,
        Known::Exactly(count) => usize::from(least > 0 && top == count),
        Known::AtLeast(count) => usize::from(least == 1 && top >= count),
    };
    let counted = top + 1 - first;
    let count = match known {
        Known::Exactly(count) if counted > count => {
            return problem(largest, format!("labels are {first} to {}", count - 1 + first));
        }
        Known::Exactly(count) => count,
        Known::AtLeast(count) => counted.max(count),
    };
    if count > *CLASSES.end() {
        return problem(largest, format!("at most {} classes can be told apart", CLASSES.end()));
    }
    if known != Known::Exactly(count) && count > FEW && 2 * used.len() < count {
        return problem(
            largest,
            format!(
                "only {} of the {counted} labels up to it occur: number the classes without gaps, \
                 or name them in a file classes.txt",
                used.len()
            ),
        );
    }
    if count < *CLASSES.start() {
        return problem(largest, "no other label occurs, and two classes are needed".to_owned());
    }
    Ok(Meaning { first: first as i32, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Known = Known::AtLeast(0);

    fn taken(labels: &[i32], known: Known) -> (i32, usize) {
        let Meaning { first, count } = meaning(labels.iter().copied(), known, false).unwrap();
        (first, count)
    }

    fn refused(labels: impl IntoIterator<Item = i32>, known: Known) -> (i32, String) {
        let Problem { label, said } = meaning(labels, known, false).unwrap_err();
        (label, said)
    }

    #[test]
    fn labels_count_from_0_or_from_1() {
        assert_eq!(taken(&[0, 1, 0], ANY), (0, 2));
        assert_eq!(taken(&[2, 1, 3], ANY), (1, 3));
        assert_eq!(taken(&[2, 4, 3], ANY), (0, 5), "with classes that do not occur");
        assert_eq!(taken(&[1, 2], Known::Exactly(3)), (0, 3));
        assert_eq!(taken(&[3, 2], Known::Exactly(3)), (1, 3));
        assert_eq!(taken(&[1, 9], Known::AtLeast(10)), (0, 10), "MNIST without zeros");
        assert_eq!(taken(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], Known::AtLeast(10)), (1, 10));
        let letters = |labels: [i32; 2]| meaning(labels, Known::Exactly(26), true).unwrap().first;
        assert_eq!([letters([1, 7]), letters([0, 7])], [1, 0]);
    }

    #[test]
    fn labels_that_are_no_classes_are_refused() {
        assert_eq!(refused([0, -3, 2], ANY).0, -3);
        assert_eq!(refused([0, 10], Known::Exactly(10)), (10, "labels are 0 to 9".to_owned()));
        assert_eq!(refused([1, 28], Known::Exactly(26)).0, 28);
        assert_eq!(refused(0..=1000, ANY).0, 1000);
        assert_eq!(taken(&(0..1000).collect::<Vec<_>>(), ANY), (0, 1000));
        assert_eq!(refused([7, 7].map(|_| 0), ANY).0, 0, "one class");
        // As masks and character codes have them.
        assert_eq!(refused([0, 255], ANY).0, 255);
        assert_eq!(refused(65..=90, ANY).0, 90);
        assert_eq!(refused((0..10).chain([200]), Known::AtLeast(10)).0, 200);
        assert_eq!(refused([0, i32::MAX], ANY).0, i32::MAX);
    }
}
