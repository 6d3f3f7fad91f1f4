//! Speed of the kernels on the product's network, beside the peak of a matrix product.
//!
//! Items are multiply-adds for single kernels (one item is two floating point operations), and
//! images for whole steps.

use std::sync::OnceLock;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use gradcam::kernels::conv::{Conv, Gate, Gradients};
use gradcam::kernels::dropout::Dropout;
use gradcam::kernels::linear::{Activation, Input, Linear};
use gradcam::kernels::loss::cross_entropy;
use gradcam::kernels::nadam::Step;
use gradcam::kernels::{CacheAligned, Level, Workspace, gather};
use gradcam::rng::Rng;
use rayon::ThreadPool;

const CONV1: Conv = Conv { size: [28, 28], kernel: [3, 3], input: 1, output: 32 };
const CONV2: Conv = Conv { size: [13, 13], kernel: [3, 3], input: 32, output: 64 };
const FC1: Linear = Linear { input: 7744, output: 128 };
const FC2: Linear = Linear { input: 128, output: 10 };
const THREADS: [usize; 2] = [1, 2];
const BATCHES: [usize; 2] = [32, 128];

#[global_allocator]
static ALLOCATOR: CacheAligned = CacheAligned;

fn main() {
    divan::main();
}

fn pool(threads: usize) -> &'static ThreadPool {
    static POOLS: [OnceLock<ThreadPool>; 2] = [const { OnceLock::new() }; 2];
    POOLS[threads - 1].get_or_init(|| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool")
    })
}

/// Values in -1..1, about half of them positive.
fn values(len: usize) -> Vec<f32> {
    let mut rng = Rng::new(len as u64);
    (0..len).map(|_| 2.0 * rng.uniform() - 1.0).collect()
}

/// Measures `work` inside a pool, several times in a row, so that entering it does not count.
fn run(bencher: Bencher, threads: usize, items: usize, mut work: impl FnMut() + Send) {
    const REPEAT: usize = 8;
    let bencher = bencher.counter(ItemsCount::new(REPEAT * items));
    bencher.bench_local(|| pool(threads).install(|| (0..REPEAT).for_each(|_| work())));
}

#[divan::bench(args = THREADS)]
#[expect(unsafe_code, reason = "gemm offers raw pointers only")]
fn a_sgemm_peak(bencher: Bencher, threads: usize) {
    let n = 1024;
    let (a, b, mut c) = (values(n * n), values(n * n), vec![0.0; n * n]);
    run(bencher, threads, n * n * n, || {
        let parallelism = match threads {
            1 => gemm::Parallelism::None,
            n => gemm::Parallelism::Rayon(n),
        };
        let (ld, one) = (n as isize, 1);
        let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
        // SAFETY: three n x n matrices in row-major order, c is not aliased.
        unsafe {
            gemm::gemm(
                n,
                n,
                n,
                c,
                one,
                ld,
                false,
                a,
                one,
                ld,
                b,
                one,
                ld,
                0.0,
                1.0,
                false,
                false,
                false,
                parallelism,
            );
        }
    });
}

/// One network's parameters, and everything a step of `batch` images needs.
struct Net {
    batch: usize,
    level: Level,
    pixels: Vec<u8>,
    x: Vec<f32>,
    pooled: Vec<f32>,
    winners: Vec<f32>,
    map: Vec<f32>,
    hidden: Vec<f32>,
    logits: Vec<f32>,
    parameters: [Vec<f32>; 8],
    gradients: [Vec<f32>; 8],
    moments: [[Vec<f32>; 2]; 8],
    d_logits: Vec<f32>,
    d_hidden: Vec<f32>,
    d_sums: Vec<f32>,
    d_map: Vec<f32>,
    d_pooled: Vec<f32>,
    workspace: Workspace,
}

impl Net {
    fn new(batch: usize) -> Self {
        let shapes = [
            CONV1.weight_len(),
            CONV1.output,
            CONV2.weight_len(),
            CONV2.output,
            FC1.weight_len(),
            FC1.output,
            FC2.weight_len(),
            FC2.output,
        ];
        let zeros = |len: usize| vec![0.0; batch * len];
        let mut net = Self {
            batch,
            level: Level::new(),
            pixels: (0..batch * 784).map(|i| (i * i % 251) as u8).collect(),
            x: values(batch * CONV1.input_len()),
            pooled: zeros(CONV1.pooled_len()),
            winners: vec![0.0; batch * CONV1.pooled_len()],
            map: zeros(CONV2.output_len()),
            hidden: zeros(FC1.output),
            logits: zeros(FC2.output),
            parameters: shapes.map(|len| values(len).iter().map(|v| v * 0.05).collect()),
            gradients: shapes.map(|len| vec![0.0; len]),
            moments: shapes.map(|len| [vec![0.0; len], vec![0.0; len]]),
            d_logits: zeros(FC2.output),
            d_hidden: zeros(FC1.output),
            d_sums: zeros(FC1.output),
            d_map: zeros(CONV2.output_len()),
            d_pooled: zeros(CONV1.input_len().max(CONV2.input_len())),
            workspace: Workspace::new(),
        };
        net.parameters[3].fill(-0.02);
        net.d_pooled.truncate(batch * CONV2.input_len());
        net.forward();
        net.backward();

        net
    }

    fn conv1(&mut self) {
        let [w, b, ..] = &self.parameters;
        let out = (&mut self.pooled, &mut self.winners);
        CONV1.forward_pool(self.level, &self.x, w, b, out.0, out.1, &mut self.workspace);
    }

    fn conv2(&mut self) {
        let [_, _, w, b, ..] = &self.parameters;
        let drop = Some(Dropout { seed: 1 });
        CONV2.forward(self.level, &self.pooled, w, b, drop, &mut self.map);
    }

    fn fc1(&mut self) {
        let [_, _, _, _, w, b, ..] = &self.parameters;
        let relu = Activation::Relu(Some(Dropout { seed: 2 }));
        let workspace = &mut self.workspace;
        FC1.forward(self.level, &self.map, w, b, relu, &mut self.hidden, workspace);
    }

    fn fc2(&mut self) {
        let [.., w, b] = &self.parameters;
        let (none, workspace) = (Activation::None, &mut self.workspace);
        FC2.forward(self.level, &self.hidden, w, b, none, &mut self.logits, workspace);
    }

    fn forward(&mut self) {
        self.conv1();
        self.conv2();
        self.fc1();
        self.fc2();
        let labels = (0..self.batch).map(|i| i % 10);
        black_box(cross_entropy(10, &self.logits, labels, Some(&mut self.d_logits)));
    }

    fn fc2_backward(&mut self) {
        let level = self.level;
        let [.., dw, db] = &mut self.gradients;
        FC2.weight_gradient(level, &self.hidden, &self.d_logits, dw, db);
        let (w, workspace) = (&self.parameters[6], &mut self.workspace);
        let (x, dy) = (&self.hidden, &self.d_logits);
        let out = &mut self.d_hidden;
        FC2.input_gradient(level, Input::Rectified, x, w, dy, out, workspace);
        let relu = Activation::Relu(Some(Dropout { seed: 2 }));
        let (y, dy) = (&self.hidden, &self.d_hidden);
        Linear::activation_gradient(level, relu, y, dy, &mut self.d_sums);
    }

    fn fc1_weight_gradient(&mut self) {
        let [_, _, _, _, dw, db, ..] = &mut self.gradients;
        FC1.weight_gradient(self.level, &self.map, &self.d_sums, dw, db);
    }

    fn fc1_input_gradient(&mut self) {
        let (w, workspace) = (&self.parameters[4], &mut self.workspace);
        let (x, dy) = (&self.map, &self.d_sums);
        let out = &mut self.d_map;
        FC1.input_gradient(self.level, Input::Rectified, x, w, dy, out, workspace);
    }

    fn conv2_backward(&mut self) {
        let [_, _, dw, db, ..] = &mut self.gradients;
        let (gate, workspace) = (Gate::Dropout(&self.map), &mut self.workspace);
        let out = Gradients { weight: dw, bias: db, input: Some(&mut self.d_pooled) };
        let w = &self.parameters[2];
        CONV2.backward(self.level, &self.pooled, w, gate, &self.d_map, out, workspace);
    }

    fn conv1_backward(&mut self) {
        let [dw, db, ..] = &mut self.gradients;
        let (gate, workspace) = (Gate::Pool(&self.winners), &mut self.workspace);
        let out = Gradients { weight: dw, bias: db, input: None };
        let w = &self.parameters[0];
        CONV1.backward(self.level, &self.x, w, gate, &self.d_pooled, out, workspace);
    }

    fn backward(&mut self) {
        self.fc2_backward();
        self.fc1_weight_gradient();
        self.fc1_input_gradient();
        self.conv2_backward();
        self.conv1_backward();
    }

    fn update(&mut self) {
        let (step, _) = Step::new(1, 1.0, 1e-6, [0.9, 0.999], 1e-7);
        let tensors = self.parameters.iter_mut().zip(&mut self.moments).zip(&self.gradients);
        for ((p, [m, v]), g) in tensors {
            step.update(self.level, p, m, v, g);
        }
    }

    fn gather(&mut self) {
        let mut indices = [0; 128];
        indices.iter_mut().enumerate().for_each(|(i, index)| *index = (i * 7 % self.batch) as u32);
        gather::gather(self.level, &self.pixels, 784, &indices[..self.batch], &mut self.x);
    }
}

/// One kernel at batch 32; items are its multiply-adds, or elements.
macro_rules! kernels {
    ($($name:ident $items:expr;)*) => {
        $(
            #[divan::bench(name = stringify!($name), args = THREADS)]
            fn $name(bencher: Bencher, threads: usize) {
                let mut net = Net::new(32);
                run(bencher, threads, $items, || net.$name());
            }
        )*
    };
}

const CONV1_WORK: usize = 32 * 26 * 26 * 32 * 9;
const CONV2_WORK: usize = 32 * 11 * 11 * 64 * 9 * 32;
const FC1_WORK: usize = 32 * 7744 * 128;

kernels! {
    conv1 CONV1_WORK;
    conv1_backward CONV1_WORK;
    conv2 CONV2_WORK;
    conv2_backward 2 * CONV2_WORK;
    fc1 FC1_WORK;
    fc1_weight_gradient FC1_WORK;
    fc1_input_gradient FC1_WORK;
    fc2 32 * 1280;
    fc2_backward 32 * 2 * 1280;
    update 1_011_466;
    gather 32 * 784;
}

/// Gather, forward, backward and update; items are images.
#[divan::bench(args = BATCHES, consts = THREADS)]
fn step<const THREADS: usize>(bencher: Bencher, batch: usize) {
    let mut net = Net::new(batch);
    run(bencher, THREADS, batch, || {
        net.gather();
        net.forward();
        net.backward();
        net.update();
    });
}

/// Inference only; items are images.
#[divan::bench(args = BATCHES, consts = THREADS)]
fn forward<const THREADS: usize>(bencher: Bencher, batch: usize) {
    let mut net = Net::new(batch);
    run(bencher, THREADS, batch, || net.forward());
}
