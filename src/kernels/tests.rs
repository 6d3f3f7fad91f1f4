//! Every kernel against plain loops in f64, those against finite differences, at every level.

use super::conv::{Conv, Gate, Gradients};
use super::dropout::{self, Dropout};
use super::linear::{Activation, Input, Linear};
use super::loss::cross_entropy;
use super::nadam::Step;
use super::simd::{Level, levels};
use super::workspace::Workspace;
use crate::rng::Rng;

/// Values in -1..1.
fn random(len: usize, seed: u64) -> Vec<f32> {
    let mut rng = Rng::stream(seed, len as u64);
    (0..len).map(|_| 2.0 * rng.uniform() - 1.0).collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

/// Fails unless all are within 1e-5 of the largest expected magnitude.
fn assert_close(actual: &[f32], expected: &[f64], what: &str) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1e-3, |max: f64, v| max.max(v.abs()));
    for (i, (&a, &e)) in actual.iter().zip(expected).enumerate() {
        let off = (f64::from(a) - e).abs() / scale;
        assert!(off < 1e-5, "{what}: element {i} is {a}, expected {e}");
    }
}

/// Fails unless `gradient` is the slope of `f` at `x`, at about `samples` elements.
fn assert_slope(x: &[f64], gradient: &[f64], samples: usize, f: impl Fn(&[f64]) -> f64) {
    const H: f64 = 1e-6;
    for i in (0..x.len()).step_by(x.len().div_ceil(samples)) {
        let at = |d: f64| {
            let mut x = x.to_vec();
            x[i] += d;
            f(&x)
        };
        let slope = (at(H) - at(-H)) / (2.0 * H);
        let off = (slope - gradient[i]).abs();
        assert!(off < 1e-6 * (1.0 + slope.abs()), "element {i}: {} is not {slope}", gradient[i]);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Calls `visit(input, weight, output)` with the indices of every product of a convolution.
fn products(c: Conv, images: usize, mut visit: impl FnMut(usize, usize, usize)) {
    let ([h, w], [kh, kw]) = (c.output_size(), c.kernel);
    for (n, y, x) in triples(images, h, w) {
        for (ky, kx, i) in triples(kh, kw, c.input) {
            for o in 0..c.output {
                visit(
                    ((n * c.size[0] + y + ky) * c.size[1] + x + kx) * c.input + i,
                    ((ky * kw + kx) * c.input + i) * c.output + o,
                    ((n * h + y) * w + x) * c.output + o,
                );
            }
        }
    }
}

fn triples(a: usize, b: usize, c: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..a * b * c).map(move |i| (i / c / b, i / c % b, i % c))
}

/// A convolution's sums.
fn conv(c: Conv, images: usize, x: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
    let mut out = bias.repeat(images * c.output_len() / c.output);
    products(c, images, |i, w, o| out[o] += x[i] * weight[w]);
    out
}

/// The gradients by input, weight and bias, from that by the sums.
fn conv_gradients(
    c: Conv,
    images: usize,
    x: &[f64],
    weight: &[f64],
    gradient: &[f64],
) -> [Vec<f64>; 3] {
    let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; weight.len()]);
    products(c, images, |i, w, o| {
        dx[i] += gradient[o] * weight[w];
        dw[w] += gradient[o] * x[i];
    });
    let mut db = vec![0.0; c.output];
    gradient.iter().enumerate().for_each(|(o, g)| db[o % c.output] += g);
    [dx, dw, db]
}

/// The index of the winner of each pooled element among a convolution's sums.
fn winners(c: Conv, images: usize, sums: &[f64]) -> Vec<usize> {
    let ([h, w], [ph, pw]) = (c.output_size(), c.pooled_size());
    let mut winners = Vec::new();
    for (n, y, x) in triples(images, ph, pw) {
        for o in 0..c.output {
            let at = |dy, dx| ((n * h + 2 * y + dy) * w + 2 * x + dx) * c.output + o;
            let four = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
            winners
                .push(four.into_iter().fold(four[0], |a, b| if sums[b] > sums[a] { b } else { a }));
        }
    }
    winners
}

const fn shape(size: [usize; 2], kernel: [usize; 2], input: usize, output: usize) -> Conv {
    Conv { size, kernel, input, output }
}

/// Images and shapes: the product's two, and odd ones around every block size.
const CONVS: [(usize, Conv); 15] = [
    (5, shape([28, 28], [3, 3], 1, 32)),
    (2, shape([13, 13], [3, 3], 32, 64)),
    (32, shape([5, 7], [3, 3], 3, 17)),
    (1, shape([5, 7], [3, 3], 17, 3)),
    (5, shape([5, 7], [2, 4], 3, 1)),
    (9, shape([5, 7], [5, 7], 1, 5)),
    (1, shape([28, 28], [1, 1], 3, 33)),
    (3, shape([6, 4], [1, 3], 17, 16)),
    (17, shape([7, 5], [3, 2], 2, 2)),
    (1, shape([3, 40], [2, 2], 1, 31)),
    (2, shape([4, 9], [3, 1], 64, 48)),
    (1, shape([2, 2], [2, 2], 1, 1)),
    // Weights of nine rows, which the pooled convolution keeps in registers.
    (2, shape([7, 9], [3, 3], 1, 57)),
    (3, shape([8, 7], [1, 3], 3, 5)),
    (1, shape([12, 5], [9, 1], 1, 16)),
];

struct ConvCase {
    c: Conv,
    images: usize,
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    sums: Vec<f64>,
}

/// As behind a ReLU: every other image has more zeros than not.
fn conv_case((images, c): (usize, Conv)) -> ConvCase {
    let mut x = random(images * c.input_len(), 1);
    for image in x.chunks_exact_mut(c.input_len()).skip(1).step_by(2) {
        image.iter_mut().for_each(|x| *x = (*x - 0.4).max(0.0));
    }
    let (weight, bias) = (random(c.weight_len(), 2), random(c.output, 3));
    let sums = conv(c, images, &wide(&x), &wide(&weight), &wide(&bias));
    ConvCase { c, images, x, weight, bias, sums }
}

#[test]
fn plain_loops_have_the_slope_of_finite_differences() {
    for case in [(2, shape([5, 4], [3, 2], 3, 2)), (1, shape([6, 6], [3, 3], 1, 4))] {
        let ConvCase { c, images, x, weight, bias, sums } = conv_case(case);
        let (x, weight, bias) = (wide(&x), wide(&weight), wide(&bias));
        let pull = wide(&random(sums.len(), 4));
        let mask = wide(&dropout::mask(Dropout { seed: 3 }, images, c.output_len()));
        // f = pull . (mask * relu(conv)) + the pooled outputs, which covers all that follows a sum.
        let f = |x: &[f64], weight: &[f64], bias: &[f64]| {
            let sums = conv(c, images, x, weight, bias);
            let out = sums.iter().zip(&mask).map(|(s, m)| m * s.max(0.0)).collect::<Vec<_>>();
            let pooled = winners(c, images, &sums).into_iter().map(|w| sums[w].max(0.0));
            dot(&out, &pull) + pooled.sum::<f64>()
        };
        let mut gradient: Vec<f64> = pull.iter().zip(&mask).map(|(p, m)| p * m).collect();
        winners(c, images, &sums).into_iter().for_each(|w| gradient[w] += 1.0);
        gradient.iter_mut().zip(&sums).for_each(|(g, s)| *g *= f64::from(*s > 0.0));
        let [dx, dw, db] = conv_gradients(c, images, &x, &weight, &gradient);
        assert_slope(&x, &dx, 40, |x| f(x, &weight, &bias));
        assert_slope(&weight, &dw, 40, |weight| f(&x, weight, &bias));
        assert_slope(&bias, &db, 40, |bias| f(&x, &weight, bias));
    }
}

#[test]
fn convolution_matches_plain_loops() {
    for case in CONVS {
        let ConvCase { c, images, x, weight, bias, sums } = conv_case(case);
        let pull = random(sums.len(), 4);
        let mut workspace = Workspace::new();
        for drop in [None, Some(Dropout { seed: 11 })] {
            let mask = match drop {
                None => vec![1.0; sums.len()],
                Some(drop) => dropout::mask(drop, images, c.output_len()),
            };
            let expected: Vec<f64> =
                sums.iter().zip(&mask).map(|(s, &m)| s.max(0.0) * f64::from(m)).collect();
            for level in levels() {
                let what = format!("{c:?}, {images} images, {drop:?}, {level:?}");
                let mut out = vec![f32::NAN; sums.len()];
                c.forward(level, &x, &weight, &bias, drop, &mut out);
                assert_close(&out, &expected, &what);

                // From the kernel's own output, which decides where a gradient passes.
                let passed = out.iter().zip(&mask).zip(&pull);
                let passed =
                    passed.map(|((&y, &m), &p)| f64::from(if y > 0.0 { p * m } else { 0.0 }));
                check_gradients(
                    &what,
                    level,
                    case,
                    [&x, &weight],
                    if drop.is_some() { Gate::Dropout(&out) } else { Gate::Relu(&out) },
                    &pull,
                    &passed.collect::<Vec<f64>>(),
                    &mut workspace,
                );
            }
        }
    }
}

#[test]
fn pooled_convolution_matches_plain_loops() {
    for case in CONVS.into_iter().filter(|(_, c)| c.pooled_len() > 0) {
        let ConvCase { c, images, x, weight, bias, sums } = conv_case(case);
        let winners = winners(c, images, &sums);
        let expected: Vec<f64> = winners.iter().map(|&w| sums[w].max(0.0)).collect();
        let pull = random(winners.len(), 4);
        let mut passed = vec![0.0; sums.len()];
        for (&winner, &pull) in winners.iter().zip(&pull) {
            passed[winner] = if sums[winner] > 0.0 { f64::from(pull) } else { 0.0 };
        }
        let mut workspace = Workspace::new();
        for level in levels() {
            let what = format!("{c:?}, {images} images, pooled, {level:?}");
            let (mut out, mut places) = (vec![f32::NAN; pull.len()], vec![9.0; pull.len()]);
            let outputs = (&mut out[..], &mut places[..]);
            c.forward_pool(level, &x, &weight, &bias, outputs.0, outputs.1, &mut workspace);
            assert_close(&out, &expected, &what);
            let (inputs, gate) = ([&x[..], &weight], Gate::Pool(&places));
            check_gradients(&what, level, case, inputs, gate, &pull, &passed, &mut workspace);
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "a case and its expectation")]
fn check_gradients(
    what: &str,
    level: Level,
    (images, c): (usize, Conv),
    [x, weight]: [&[f32]; 2],
    gate: Gate,
    gradient: &[f32],
    passed: &[f64],
    workspace: &mut Workspace,
) {
    let [dx, dw, db] = conv_gradients(c, images, &wide(x), &wide(weight), passed);
    for wanted in [true, false] {
        let mut input = vec![f32::NAN; x.len()];
        let (mut w, mut b) = (vec![f32::NAN; weight.len()], vec![f32::NAN; c.output]);
        let out = Gradients { weight: &mut w, bias: &mut b, input: wanted.then_some(&mut input) };
        c.backward(level, x, weight, gate, gradient, out, workspace);
        assert_close(&w, &dw, &format!("{what}, weight"));
        assert_close(&b, &db, &format!("{what}, bias"));
        if wanted {
            assert_close(&input, &dx, &format!("{what}, input"));
        }
    }
}

#[test]
fn a_tie_is_won_by_the_first_and_nothing_passes_where_nothing_is_positive() {
    let c = shape([2, 4], [1, 1], 1, 1);
    let x = [-1.0, 2.0, -3.0, -3.0, 2.0, 2.0, -3.0, 0.0];
    for level in levels() {
        let (mut out, mut winners) = ([9.0; 2], [9.0; 2]);
        let mut workspace = Workspace::new();
        let workspace = &mut workspace;
        c.forward_pool(level, &x, &[1.0], &[0.0], &mut out, &mut winners, workspace);
        assert_eq!(out, [2.0, 0.0]);
        let mut dx = [9.0; 8];
        let gate = Gate::Pool(&winners);
        let (mut dw, mut db) = ([9.0], [9.0]);
        let out = Gradients { weight: &mut dw, bias: &mut db, input: Some(&mut dx) };
        c.backward(level, &x, &[1.0], gate, &[5.0, 7.0], out, workspace);
        assert_eq!((dw, db), ([10.0], [5.0]));
        assert_eq!(dx, [0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}

/// The sums of a fully connected layer.
fn linear(l: Linear, x: &[f64], weight: &[f64], bias: &[f64]) -> Vec<f64> {
    let mut out = bias.repeat(x.len() / l.input);
    for (n, i, o) in triples(x.len() / l.input, l.input, l.output) {
        out[n * l.output + o] += x[n * l.input + i] * weight[i * l.output + o];
    }
    out
}

fn linear_gradients(l: Linear, x: &[f64], weight: &[f64], gradient: &[f64]) -> [Vec<f64>; 3] {
    let (mut dx, mut dw) = (vec![0.0; x.len()], vec![0.0; weight.len()]);
    let mut db = vec![0.0; l.output];
    for (n, i, o) in triples(x.len() / l.input, l.input, l.output) {
        let g = gradient[n * l.output + o];
        dx[n * l.input + i] += g * weight[i * l.output + o];
        dw[i * l.output + o] += g * x[n * l.input + i];
        db[o] += if i == 0 { g } else { 0.0 };
    }
    [dx, dw, db]
}

#[test]
fn plain_linear_gradients_have_the_slope_of_finite_differences() {
    let l = Linear { input: 7, output: 5 };
    let (x, weight, bias) = (wide(&random(21, 1)), wide(&random(35, 2)), wide(&random(5, 3)));
    let pull = wide(&random(15, 4));
    let [dx, dw, db] = linear_gradients(l, &x, &weight, &pull);
    assert_slope(&x, &dx, 21, |x| dot(&linear(l, x, &weight, &bias), &pull));
    assert_slope(&weight, &dw, 35, |weight| dot(&linear(l, &x, weight, &bias), &pull));
    assert_slope(&bias, &db, 5, |bias| dot(&linear(l, &x, &weight, bias), &pull));
}

#[test]
fn linear_matches_plain_loops() {
    let shapes =
        [(7744, 128, 5), (128, 10, 32), (1, 1, 1), (17, 3, 5), (530, 33, 67), (64, 64, 33)];
    for (input, output, images) in shapes {
        let l = Linear { input, output };
        let x = random(images * input, 1);
        let (weight, bias) = (random(l.weight_len(), 2), random(output, 3));
        let sums = linear(l, &wide(&x), &wide(&weight), &wide(&bias));
        let pull = random(sums.len(), 4);
        let mut workspace = Workspace::new();
        let drop = Dropout { seed: 8 };
        let mask = dropout::mask(drop, images, output);
        for level in levels() {
            let what = format!("{l:?}, {images} images, {level:?}");
            for activation in
                [Activation::None, Activation::Relu(None), Activation::Relu(Some(drop))]
            {
                let expected = sums.iter().zip(&mask).map(|(&s, &m)| match activation {
                    Activation::None => s,
                    Activation::Relu(None) => s.max(0.0),
                    Activation::Relu(Some(_)) => s.max(0.0) * f64::from(m),
                });
                let mut out = vec![f32::NAN; sums.len()];
                l.forward(level, &x, &weight, &bias, activation, &mut out, &mut workspace);
                let what = format!("{what}, {activation:?}");
                assert_close(&out, &expected.collect::<Vec<_>>(), &what);

                let mut passed = vec![f32::NAN; sums.len()];
                Linear::activation_gradient(level, activation, &out, &pull, &mut passed);
                for (((&passed, &y), &m), &pull) in passed.iter().zip(&out).zip(&mask).zip(&pull) {
                    let slope = match activation {
                        Activation::None => 1.0,
                        Activation::Relu(_) if y <= 0.0 => 0.0,
                        Activation::Relu(None) => 1.0,
                        Activation::Relu(Some(_)) => m,
                    };
                    assert_eq!(passed, pull * slope, "{what}");
                }
            }
            let [dx, dw, db] = linear_gradients(l, &wide(&x), &wide(&weight), &wide(&pull));
            let mut input_gradient = |input, x: &[f32]| {
                let mut actual = vec![f32::NAN; x.len()];
                l.input_gradient(level, input, x, &weight, &pull, &mut actual, &mut workspace);
                actual
            };
            assert_close(&input_gradient(Input::Any, &x), &dx, &format!("{what}, input"));
            let rectified: Vec<f32> = x.iter().map(|x| x.max(0.0)).collect();
            let open = rectified.iter().zip(&dx).map(|(&x, &d)| if x > 0.0 { d } else { 0.0 });
            let actual = input_gradient(Input::Rectified, &rectified);
            let open = open.collect::<Vec<_>>();
            assert_close(&actual, &open, &format!("{what}, rectified input"));
            let (mut actual, mut b) = (vec![f32::NAN; weight.len()], vec![f32::NAN; output]);
            l.weight_gradient(level, &x, &pull, &mut actual, &mut b);
            assert_close(&actual, &dw, &format!("{what}, weight"));
            assert_close(&b, &db, &format!("{what}, bias"));
        }
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let (c, l) = (shape([13, 13], [3, 3], 32, 64), Linear { input: 7744, output: 128 });
    let images = 33;
    let (x, weight, bias) =
        (random(images * c.input_len(), 1), random(c.weight_len(), 2), random(64, 3));
    let (fc, fc_bias) = (random(l.weight_len(), 4), random(128, 5));
    let all = || {
        let (level, mut workspace) = (Level::new(), Workspace::new());
        let workspace = &mut workspace;
        let drop = Dropout { seed: 2 };
        let mut map = vec![0.0; images * c.output_len()];
        c.forward(level, &x, &weight, &bias, Some(drop), &mut map);
        let mut out = vec![0.0; images * 128];
        l.forward(level, &map, &fc, &fc_bias, Activation::Relu(None), &mut out, workspace);
        let mut d_map = vec![0.0; map.len()];
        l.input_gradient(level, Input::Rectified, &map, &fc, &out, &mut d_map, workspace);
        let mut d_fc = vec![0.0; fc.len()];
        let mut d_fc_bias = vec![0.0; 128];
        l.weight_gradient(level, &map, &out, &mut d_fc, &mut d_fc_bias);
        let (mut dx, mut dw, mut db) = (vec![0.0; x.len()], vec![0.0; weight.len()], vec![0.0; 64]);
        let gate = Gate::Dropout(&map);
        let input = Some(&mut dx[..]);
        let gradients = Gradients { weight: &mut dw, bias: &mut db, input };
        c.backward(level, &x, &weight, gate, &d_map, gradients, workspace);
        [map, out, d_map, d_fc, d_fc_bias, dx, dw, db]
    };
    let [one, three] = [1, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("a thread pool").install(all)
    });
    assert!(one == three);
}

#[test]
fn cross_entropy_matches_its_definition() {
    for (images, classes) in [(1, 10), (5, 3), (32, 10), (4, 1)] {
        let logits: Vec<f32> =
            random(images * classes, 6).into_iter().map(|x| x * 20.0 + 100.0).collect();
        let labels: Vec<usize> = (0..images).map(|i| i * 7 % classes).collect();
        let loss = |logits: &[f64]| {
            let rows = logits.chunks(classes).zip(&labels);
            let row = |(row, &label): (&[f64], &usize)| {
                row.iter().map(|x| (x - row[label]).exp()).sum::<f64>().ln()
            };
            rows.map(row).sum::<f64>() / images as f64
        };
        // The loss is that of all images, the gradient that of their mean.
        let mut gradient = vec![f32::NAN; logits.len()];
        let labels_of = || labels.iter().copied();
        let score = cross_entropy(classes, &logits, labels_of(), Some(&mut gradient));
        let wide_logits = wide(&logits);
        let expected = loss(&wide_logits) * images as f64;
        assert!(
            (score.loss - expected).abs() < 1e-5 * (1.0 + expected),
            "{} {expected}",
            score.loss
        );
        assert_slope(&wide_logits, &wide(&gradient), 40, loss);
        let best = |row: &[f32]| (0..classes).fold(0, |a, b| if row[b] > row[a] { b } else { a });
        let right = logits.chunks(classes).zip(&labels).filter(|(row, label)| best(row) == **label);
        assert_eq!(score.correct, right.count());
        assert_eq!(score, cross_entropy(classes, &logits, labels_of(), None));
    }
}

#[test]
fn nadam_follows_the_rule_of_keras() {
    let (len, lr, b1, b2, eps) = (70_001, 1e-3, 0.9, 0.999, 1e-7);
    for level in levels() {
        let start = random(len, 1);
        let (mut p, mut m, mut v) = (start.clone(), vec![0.0; len], vec![0.0; len]);
        let mut product = 1.0;
        let (mut exact_p, mut exact_m, mut exact_v) =
            (wide(&start), vec![0.0; len], vec![0.0; len]);
        let u = |t: usize| b1 * (1.0 - 0.5 * 0.96f64.powf(t as f64));
        for t in 1..=4usize {
            let g = random(len, 10 + t as u64);
            let (step, after) = Step::new(t, product, lr, [b1, b2], eps);
            product = after;
            step.update(level, &mut p, &mut m, &mut v, &g);

            let product_to = |t: usize| (1..=t).map(u).product::<f64>();
            assert!((product - product_to(t)).abs() < 1e-12);
            let (moment, gradient) = (1.0 - product_to(t + 1), 1.0 - product_to(t));
            for (i, g) in wide(&g).into_iter().enumerate() {
                exact_m[i] = b1 * exact_m[i] + (1.0 - b1) * g;
                exact_v[i] = b2 * exact_v[i] + (1.0 - b2) * g * g;
                let m_hat = u(t + 1) * exact_m[i] / moment + (1.0 - u(t)) * g / gradient;
                let v_hat = exact_v[i] / (1.0 - b2.powf(t as f64));
                exact_p[i] -= lr * m_hat / (v_hat.sqrt() + eps);
            }
        }
        let moved = |p: &[f64]| p.iter().zip(&start).map(|(p, &s)| p - f64::from(s)).collect();
        let (moved_p, moved_exact): (Vec<f64>, Vec<f64>) = (moved(&wide(&p)), moved(&exact_p));
        for (a, e) in moved_p.iter().zip(&moved_exact) {
            // Parameters of size 1 are stored with steps of 6e-8.
            assert!((a - e).abs() < 5e-7, "{level:?}: moved {a}, expected {e}");
        }
        assert_close(&m, &exact_m, "first moment");
        assert_close(&v, &exact_v, "second moment");
    }
}
