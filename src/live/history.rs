//! Weights of earlier stages of a training, as many as there is room for.

use std::sync::Arc;

use crate::train::Snapshot;

/// The most stages that are kept.
const STAGES: usize = 20;
/// The memory, in bytes, that their weights may take.
const MEMORY: usize = 256 << 20;

/// The stages from the first step to the newest weights, spread evenly.
#[derive(Debug, Default)]
pub struct History(Vec<Arc<Snapshot>>);

impl History {
    /// Adds the newest weights. Where there is no room, the stage goes whose neighbours are closest;
    /// the first and the newest stay. Weights that come again, as at an epoch's end, are no new one.
    pub fn push(&mut self, snapshot: Arc<Snapshot>) {
        self.0.pop_if(|newest| newest.step == snapshot.step);
        let most = (MEMORY / snapshot.network.bytes().max(1)).clamp(2, STAGES);
        self.0.push(snapshot);
        if self.0.len() > most {
            let gap = |i: &usize| self.0[i + 1].step - self.0[i - 1].step;
            if let Some(closest) = (1..self.0.len() - 1).min_by_key(gap) {
                self.0.remove(closest);
            }
        }
    }

    /// Steps and epochs seen of each stage, the first one first.
    pub fn stages(&self) -> Vec<(usize, f32)> {
        self.0.iter().map(|snapshot| (snapshot.step, snapshot.epochs)).collect()
    }

    /// The stage nearest to a step.
    pub fn nearest(&self, step: usize) -> Option<Arc<Snapshot>> {
        self.0.iter().min_by_key(|snapshot| snapshot.step.abs_diff(step)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cnn, DeviceKind, Network, Spec};

    #[test]
    fn it_is_bounded_and_evenly_spread_from_the_first_stage_to_the_newest() {
        let network = Network::from(Cnn::new(Spec::DIGITS, 1, &DeviceKind::Flex.open()));
        let mut history = History::default();
        assert!(history.nearest(3).is_none());
        for step in 0..=1000 {
            let epochs = step as f32 / 100.0;
            for _again in 0..=step % 2 {
                history.push(Arc::new(Snapshot { network: network.clone(), step, epochs }));
            }
        }
        let stages = history.stages();
        assert_eq!(stages.len(), STAGES);
        assert_eq!((stages[0], stages[STAGES - 1]), ((0, 0.0), (1000, 10.0)));
        let gaps: Vec<_> = stages.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        assert!(gaps.iter().all(|gap| (1..=128).contains(gap)), "{gaps:?}");
        assert_eq!(history.nearest(stages[7].0).map(|s| s.step), Some(stages[7].0));
        assert_eq!(history.nearest(5000).map(|s| s.step), Some(1000));
    }
}
