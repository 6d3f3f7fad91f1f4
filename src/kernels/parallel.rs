//! How work is cut for threads: by its shape alone, never by how many threads there are, so that
//! every sum has one order and a result does not depend on the machine's cores.

use rayon::iter::plumbing::{Producer, ProducerCallback};
use rayon::prelude::*;

use super::simd::Level;

/// Multiply-adds below which handing work to another thread costs more than it saves.
const WORTH_SHARING: usize = 500_000;

/// Most tasks that [`images_per_task`] makes.
const MAX_TASKS: usize = 8;

/// Images a task takes: few enough to keep many threads busy, and enough to make the sum over
/// tasks of a convolution's weight gradients cheap.
pub fn images_per_task(images: usize) -> usize {
    images.div_ceil(MAX_TASKS).max(1)
}

/// Runs `work` on a thread of the pool, so that the kernels in it share their work with the pool's
/// other threads. Work that consists of many small kernels should be handed over as a whole.
pub fn in_pool<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| work())
}

/// Runs `task` on all items: shared among the threads of the pool that the caller is in, when the
/// `work` in multiply-adds is worth it. A caller outside of any pool does everything itself, so
/// that a thread that asks one quick question never waits for a busy pool.
pub fn for_each<T: Send>(
    work: usize,
    items: impl IndexedParallelIterator<Item = T>,
    task: impl Fn(T) + Sync + Send,
) {
    if worth_sharing(work) {
        items.for_each(task);
    } else {
        items.with_producer(Serially(task));
    }
}

fn worth_sharing(work: usize) -> bool {
    work >= WORTH_SHARING && rayon::current_thread_index().is_some()
}

struct Serially<F>(F);

impl<T, F: Fn(T)> ProducerCallback<T> for Serially<F> {
    type Output = ();

    fn callback<P: Producer<Item = T>>(self, producer: P) {
        producer.into_iter().for_each(self.0);
    }
}

/// `out[i] = sum of parts[t * stride + first + i]` over t, in the order of t.
pub fn sum(level: Level, parts: &[f32], stride: usize, out: &mut [f32], first: usize) {
    const BLOCK: usize = 8192;
    let work = parts.len() * 16;
    for_each(work, out.par_chunks_mut(BLOCK).enumerate(), |(block, out)| {
        let len = out.len();
        level.dispatch(
            #[inline(always)]
            || {
                out.fill(0.0);
                for part in parts.chunks_exact(stride) {
                    let part = &part[first + block * BLOCK..][..len];
                    out.iter_mut().zip(part).for_each(|(out, &part)| *out += part);
                }
            },
        );
    });
}
