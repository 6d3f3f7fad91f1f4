//! What must hold for every explanation, whatever the network has learnt.

#![cfg(feature = "app")]

use burn::tensor::{Device, Tensor, TensorData};
use gradcam::data::Images;
use gradcam::data::digits::{SHAPE, is_ink, synthetic};
use gradcam::explain::{
    Explanation, Method, Objective, Query, SplitModel, Status, Step, Trust, VariantArray, channels,
    compare, explain, explain_classes, heatmap, sanity, trust,
};
use gradcam::model::cnn;
use gradcam::model::evaluate::scale;
use gradcam::model::{Cnn, DeviceKind, Layer, Spec};
use gradcam::paint::Grid;
use gradcam::rng::Rng;
use gradcam::train::{Recipe, Session};
use rayon::prelude::*;

fn devices() -> [Device; 2] {
    [DeviceKind::Flex.open(), DeviceKind::Ndarray.open()]
}

fn images(values: Vec<f32>, device: &Device) -> Tensor<4> {
    cnn::images(values, SHAPE, device)
}

fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// A ring and a bar: something with strokes, edges and empty corners.
fn digit() -> Vec<u8> {
    let pixel = |i: usize| {
        let (y, x) = ((i / 28) as f32 - 13.5, (i % 28) as f32 - 13.5);
        let ring = ((x * x + y * y).sqrt() - 7.0).abs() < 1.3;
        let bar = (x - 2.0).abs() < 1.3 && (4.0..11.0).contains(&y);
        if ring || bar { 255 } else { 0 }
    };
    (0..784).map(pixel).collect()
}

fn one(model: &impl SplitModel, device: &Device, target: usize, method: Method) -> Explanation {
    let query = Query { method, ..Query::default() };
    explain(model, images(scale(&digit()), device), &[Some(target)], query).remove(0)
}

/// The trust figures of a digit's map.
fn trusted(model: &Cnn, pixels: &[u8], layer: Layer, answer: &Explanation) -> Trust {
    let image = images(scale(pixels), &model.device());
    trust(&model.at(layer), image, answer, is_ink(pixels))
}

/// A digit's sanity check.
fn checked(
    model: &Cnn,
    pixels: &[u8],
    target: usize,
    layer: Layer,
    query: Query,
    seed: u64,
) -> Vec<Step> {
    let image = images(scale(pixels), &model.device());
    let randomised = model.randomised(seed);
    let randomised = randomised.each_ref().map(|(name, cnn)| (name.clone(), cnn.at(layer)));
    sanity(&model.at(layer), &randomised, image, target, query)
}

fn close(found: &[f32], expected: &[f32], bound: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= bound, "{what}: {found} and {expected}");
    }
}

fn assert_sound(answer: &Explanation, what: &str) {
    let map = &answer.heatmap;
    assert_eq!(map.values.len(), map.height * map.width, "{what}");
    assert_eq!(map.raw.len(), map.values.len(), "{what}");
    assert!(map.raw.iter().all(|v| v.is_finite()) && map.raw_max.is_finite(), "{what}");
    let scaled = |raw: f32| if map.raw_max > 0.0 { raw.max(0.0) / map.raw_max } else { 0.0 };
    let expected: Vec<f32> = map.raw.iter().map(|&raw| scaled(raw)).collect();
    close(&map.values, &expected, 1e-6, what);
    let highest = map.values.iter().copied().fold(0.0, f32::max);
    assert_eq!(highest, if map.status == Status::Ok { 1.0 } else { 0.0 }, "{what}");
}

fn weights(model: &Cnn) -> Vec<u32> {
    let Cnn { conv1, conv2, fc1, fc2, .. } = model;
    let weights = [
        floats(conv1.weight.val()),
        floats(conv1.bias.val()),
        floats(conv2.weight.val()),
        floats(conv2.bias.val()),
        floats(fc1.weight.val()),
        floats(fc1.bias.val()),
        floats(fc2.weight.val()),
        floats(fc2.bias.val()),
    ];
    weights.concat().into_iter().map(f32::to_bits).collect()
}

#[test]
fn explaining_changes_no_weight_and_says_the_same_twice() {
    let pixels = digit();
    for device in devices() {
        let model = Cnn::new(Spec::DIGITS, 5, &device);
        let before = weights(&model);
        let all = || {
            let mut said = Vec::new();
            for layer in [Layer(0), Layer(1)] {
                let maps = Method::VARIANTS
                    .iter()
                    .map(|&method| one(&model.at(layer), &device, 3, method));
                let maps: Vec<_> = maps.collect();
                maps.iter().for_each(|answer| assert_sound(answer, answer.query.method.into()));
                let query = Query::default();
                let trusted = trusted(&model, &pixels, layer, &maps[0]);
                let checked = checked(&model, &pixels, 3, layer, query, 1);
                let image = images(scale(&pixels), &device);
                let seen = channels(&model.at(layer), image, Some(3), &[0, 7, 999]);
                said.push((maps, trusted, checked, seen));
            }
            said
        };
        assert!(all() == all(), "{device:?}: the second answers differ");
        assert!(weights(&model) == before, "{device:?}: weights have changed");
    }
}

#[test]
fn larger_logits_leave_the_maps_of_logits_as_they_are() {
    // Grad-CAM++ and Score-CAM take the score through an exponential and do depend on its scale.
    let exponential = [Method::GradCamPlusPlus, Method::ScoreCam];
    let device = DeviceKind::Ndarray.open();
    let model = Cnn::new(Spec::DIGITS, 2, &device);
    for factor in [10.0, 100.0] {
        let mut scaled = model.clone();
        scaled.fc2.weight = scaled.fc2.weight.map(|weight| weight * factor);
        scaled.fc2.bias = scaled.fc2.bias.map(|bias| bias * factor);
        for layer in [Layer(0), Layer(1)] {
            for &method in Method::VARIANTS.iter().filter(|method| !exponential.contains(method)) {
                let what = format!("{method} {layer:?} {factor}");
                let before = one(&model.at(layer), &device, 4, method).heatmap;
                let after = one(&scaled.at(layer), &device, 4, method).heatmap;
                // Ablation-CAM takes differences of almost equal scores.
                let bound = if method == Method::AblationCam { 2e-3 } else { 1e-4 };
                close(&after.values, &before.values, bound, &what);
                assert_eq!(after.status, before.status, "{what}");
            }
        }
    }
}

/// A convolution, its mean over all places, and a linear layer.
struct Means {
    kernels: Tensor<4>,
    classes: Tensor<2>,
}

impl Means {
    fn new(device: &Device) -> Self {
        let mut rng = Rng::new(9);
        let mut some = |n: usize| (0..n).map(|_| rng.uniform() - 0.4).collect::<Vec<f32>>();
        let kernels = TensorData::new(some(6 * 9), [6, 1, 3, 3]);
        let classes = TensorData::new(some(6 * 10), [6, 10]);
        Self {
            kernels: Tensor::from_data(kernels, device),
            classes: Tensor::from_data(classes, device),
        }
    }
}

impl SplitModel for Means {
    fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
        use burn::tensor::{activation::relu, module::conv2d, ops::ConvOptions};
        let options = ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
        let images = images.permute([0, 3, 1, 2]);
        relu(conv2d(images, self.kernels.clone(), None, options)).permute([0, 2, 3, 1])
    }

    fn head(&self, activations: Tensor<4>) -> Tensor<2> {
        let [n, height, width, channels] = activations.dims();
        let means = activations.reshape([n, height * width, channels]).mean_dim(1);
        let classes = self.classes.clone();
        let means = means.reshape([n, channels]);
        if means.is_autodiff() { means.matmul(classes.autodiff()) } else { means.matmul(classes) }
    }
}

#[test]
fn behind_a_global_mean_grad_cam_and_hirescam_are_cam() {
    for device in devices() {
        let model = Means::new(&device);
        let activations = floats(model.trunk(images(scale(&digit()), &device)));
        let classes = floats(model.classes.clone());
        // Class activation mapping (Zhou et al., 2016): the activations weighted with the class's
        // row of the linear layer, here with the mean's 1 / places.
        let cam = |target: usize| -> Vec<f32> {
            let weight = |k: usize| classes[k * 10 + target] / 676.0;
            let place = |a: &[f32]| a.iter().enumerate().map(|(k, a)| weight(k) * a).sum();
            activations.chunks_exact(6).map(place).collect()
        };
        for target in 0..10 {
            for method in [Method::GradCam, Method::HiResCam, Method::XGradCam] {
                let raw = one(&model, &device, target, method).heatmap.raw;
                close(&raw, &cam(target), 1e-6, method.into());
            }
        }
    }
}

/// A layer that is flattened into a single linear layer: the images are the activations.
struct Flat {
    classes: Tensor<2>,
}

const BIAS: f32 = 0.75;

impl SplitModel for Flat {
    fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
        images
    }

    fn head(&self, activations: Tensor<4>) -> Tensor<2> {
        let flat = activations.flatten(1, 3);
        let classes = self.classes.clone();
        let classes = if flat.is_autodiff() { classes.autodiff() } else { classes };
        flat.matmul(classes) + BIAS
    }
}

#[test]
fn a_map_of_numbers_is_the_map_of_the_network_they_come_from() {
    let device = DeviceKind::Flex.open();
    let model = Means::new(&device);
    let activations = model.trunk(images(scale(&digit()), &device));
    let leaf = activations.clone().autodiff().require_grad();
    let logit = model.head(leaf.clone()).slice([0..1, 4..5]).sum();
    let gradients = floats(leaf.grad(&logit.backward()).unwrap());
    let activations = floats(activations);
    let again =
        [Method::ScoreCam, Method::AblationCam, Method::GuidedBackprop, Method::GuidedGradCam];
    for &method in Method::VARIANTS {
        match heatmap(method, &activations, &gradients, [26, 26, 6]) {
            Some(map) => {
                let whole = one(&model, &device, 4, method).heatmap;
                assert_eq!((map.height, map.width, map.status), (26, 26, whole.status));
                close(&map.raw, &whole.raw, 1e-6, method.into());
            }
            None => assert!(again.contains(&method), "{method}"),
        }
    }
}

/// The digits' network with an eye for colour: images are `[n, 3, 28, 28]`.
struct Coloured(Cnn);

impl SplitModel for Coloured {
    fn trunk(&self, images: Tensor<4>) -> Tensor<4> {
        let channel = |k: usize| images.clone().slice([0..images.dims()[0], k..k + 1]);
        // Of three equal channels nothing is lost to rounding.
        let grey = channel(0) * 0.25 + channel(1) * 0.25 + channel(2) * 0.5;
        self.0.trunk(grey.permute([0, 2, 3, 1]))
    }

    fn head(&self, activations: Tensor<4>) -> Tensor<2> {
        self.0.head(activations)
    }

    fn image_axes(&self) -> [usize; 2] {
        [2, 3]
    }
}

#[test]
fn a_grey_picture_in_colours_is_judged_as_the_digit_it_shows() {
    for device in devices() {
        let (model, pixels) = (Cnn::new(Spec::DIGITS, 6, &device), digit());
        let coloured = Coloured(model.clone());
        let image = || {
            let values = TensorData::new(scale(&pixels).repeat(3), [1, 3, 28, 28]);
            Tensor::from_data(values, &device)
        };
        let grey = || images(scale(&pixels), &device);
        let answer = explain(&coloured, image(), &[Some(1)], Query::default()).remove(0);
        assert_eq!(answer, one(&model, &device, 1, Method::GradCam));
        let found = trust(&coloured, image(), &answer, is_ink(&pixels));
        assert_eq!(found, trust(&model, grey(), &answer, is_ink(&pixels)));
        let off = [3, 5];
        let found = channels(&coloured, image(), None, &off);
        assert!(found == channels(&model, grey(), None, &off));
        let randomised = model.randomised(3).map(|(name, cnn)| (name, Coloured(cnn)));
        let found = sanity(&coloured, &randomised, image(), 1, Query::default());
        let expected = sanity(&model, &model.randomised(3), grey(), 1, Query::default());
        assert_eq!(found, expected);
        // A network without guided gradients has fewer maps, not other ones.
        let found = compare(&coloured, &randomised, image(), is_ink(&pixels));
        let expected = compare(&model, &model.randomised(3), grey(), is_ink(&pixels));
        for (found, expected) in found.iter().zip(&expected) {
            match found.method {
                Method::GuidedBackprop | Method::GuidedGradCam => assert_eq!(found.empty, 1.0),
                method => assert_eq!(found, expected, "{method}"),
            }
        }
    }
}

#[test]
#[should_panic(expected = "one image is asked about")]
fn all_classes_of_two_images_are_refused() {
    let device = DeviceKind::Flex.open();
    let both = images(scale(&digit()).repeat(2), &device);
    explain_classes(&Cnn::new(Spec::DIGITS, 1, &device), both, &[0, 1], Query::default());
}

#[test]
fn before_one_linear_layer_hirescam_adds_up_to_the_logit() {
    for device in devices() {
        let mut rng = Rng::new(4);
        let mut some = |n: usize| (0..n).map(|_| rng.uniform() - 0.5).collect::<Vec<f32>>();
        let classes = TensorData::new(some(60 * 3), [60, 3]);
        let model = Flat { classes: Tensor::from_data(classes, &device) };
        let activations: Vec<f32> = some(60).iter().map(|a| a.max(0.0)).collect();
        let image =
            || Tensor::from_data(TensorData::new(activations.clone(), [1, 4, 5, 3]), &device);
        for target in 0..3 {
            let sum = |method| {
                let query = Query { method, ..Query::default() };
                let answer = explain(&model, image(), &[Some(target)], query).remove(0);
                let sum: f32 = answer.heatmap.raw.iter().sum();
                sum + BIAS - answer.logits[target]
            };
            assert!(sum(Method::HiResCam).abs() < 1e-5);
            assert!(sum(Method::GradCam).abs() > 1e-2, "Grad-CAM keeps only each channel's mean");
        }
    }
}

#[test]
fn guided_grad_cam_is_guided_backprop_where_grad_cam_is_hot() {
    let device = DeviceKind::Ndarray.open();
    let model = Cnn::new(Spec::DIGITS, 7, &device);
    for layer in [Layer(0), Layer(1)] {
        let ask = |method| one(&model.at(layer), &device, 2, method).heatmap;
        let [cam, guided, both] =
            [Method::GradCam, Method::GuidedBackprop, Method::GuidedGradCam].map(ask);
        assert_eq!((both.height, both.width, guided.height), (28, 28, 28));
        let heat = Grid::new(cam.width, cam.height, cam.values).bilinear(28, 28);
        let product = guided.raw.iter().zip(heat.values()).map(|(gradient, heat)| gradient * heat);
        close(&both.raw, &product.collect::<Vec<f32>>(), 1e-5, &format!("{layer:?}"));
    }
}

#[test]
fn a_network_without_guided_gradients_gives_empty_guided_maps_that_say_so() {
    let device = DeviceKind::Flex.open();
    for method in [Method::GuidedBackprop, Method::GuidedGradCam] {
        let answer = one(&Means::new(&device), &device, 1, method);
        assert_eq!(answer.heatmap.status, Status::Unsupported);
        assert_eq!((answer.heatmap.height, answer.heatmap.width), (28, 28));
        assert_sound(&answer, method.into());
    }
}

#[test]
fn the_gradient_at_the_first_layer_equals_finite_differences() {
    for device in devices() {
        let model = Cnn::new(Spec::DIGITS, 8, &device);
        let model = model.at(Layer(0));
        let mut rng = Rng::new(1);
        let noise: Vec<f32> = (0..784).map(|_| rng.uniform()).collect();
        let activations = model.trunk(images(noise, &device));
        let leaf = activations.clone().autodiff().require_grad();
        let logit = model.head(leaf.clone()).slice([0..1, 3..4]).sum();
        let gradient = floats(leaf.grad(&logit.backward()).unwrap());
        let values = floats(activations);
        // All activations of one channel at once, a sum that rounding does not drown; steps small
        // enough for the corners of the ReLUs: ten times as large, and one slope is a quarter off.
        let logit = |channel: usize, step: f32| {
            let mut moved = values.clone();
            moved
                .iter_mut()
                .skip(channel)
                .step_by(32)
                .filter(|a| **a > 0.0)
                .for_each(|a| *a += step);
            let moved = Tensor::from_data(TensorData::new(moved, [1, 26, 26, 32]), &device);
            floats(model.head(moved))[3]
        };
        for channel in 0..32 {
            let slope = (logit(channel, 1e-4) - logit(channel, -1e-4)) / 2e-4;
            let pairs = gradient.iter().zip(&values).skip(channel).step_by(32);
            let expected: f32 = pairs.filter(|(_, a)| **a > 0.0).map(|(g, _)| g).sum();
            // The logit is rounded to 2e-7 or so, the slope to a two-thousandth of a whole.
            assert!((slope - expected).abs() < 3e-3, "{channel}: {slope} {expected}");
        }
    }
}

#[test]
fn many_at_once_are_each_alone() {
    for device in devices() {
        let model = Cnn::new(Spec::DIGITS, 3, &device);
        let model = model.at(Layer(0));
        let mut pixels = scale(&digit());
        pixels.extend((0..784).map(|i| (i * 37 % 101) as f32 / 100.0));
        for &method in Method::VARIANTS {
            let query = Query { method, ..Query::default() };
            let both = images(pixels.clone(), &device);
            let together = explain(&model, both, &[Some(2), None], query);
            for (i, together) in together.iter().enumerate() {
                let image = || images(pixels[i * 784..][..784].to_vec(), &device);
                let classes = [7, together.target];
                let of_two = explain_classes(&model, image(), &classes, query).remove(1);
                let alone = explain(&model, image(), &[Some(together.target)], query).remove(0);
                for other in [&alone, &of_two] {
                    assert_eq!(other.predicted, together.predicted);
                    // Sums of other lengths round differently, and Ablation-CAM takes differences.
                    let bound = if method == Method::AblationCam { 2e-3 } else { 1e-4 };
                    let what: &str = method.into();
                    close(&other.heatmap.values, &together.heatmap.values, bound, what);
                }
            }
        }
    }
}

#[test]
fn nothing_to_explain_gives_zeros_and_the_reason() {
    let device = DeviceKind::Ndarray.open();
    let healthy = Cnn::new(Spec::DIGITS, 1, &device);
    let mut broken = healthy.clone();
    broken.conv1.weight = broken.conv1.weight.map(|weight| weight * f32::NAN);
    broken.fc2.bias = broken.fc2.bias.map(|bias| bias * f32::NAN);
    let ask = |model: &Cnn, pixels: &[u8], target, method, layer| {
        let query = Query { method, ..Query::default() };
        let image = images(scale(pixels), &device);
        explain(&model.at(layer), image, &[Some(target)], query).remove(0)
    };
    for &method in Method::VARIANTS {
        for layer in [Layer(0), Layer(1)] {
            let what = format!("{method} {layer:?}");
            // A black digit, and biases of zero.
            let dead = ask(&healthy, &[0; 784], 3, method, layer);
            assert_eq!(dead.heatmap.status, Status::DeadLayer, "{what}");
            assert_sound(&dead, &what);
            let astray = ask(&broken, &digit(), 3, method, layer);
            assert_eq!(astray.heatmap.raw_max, 0.0, "{what}");
            assert_eq!(astray.heatmap.status, Status::NotFinite, "{what}");
            assert_sound(&astray, &what);
            // No such class, and a method that depends on it.
            let nowhere = ask(&healthy, &digit(), 99, method, layer);
            assert_sound(&nowhere, &what);
            if !matches!(method, Method::EigenCam | Method::RandomCam) {
                assert!(nowhere.heatmap.raw.iter().all(|v| *v == 0.0), "{what}");
            }
        }
    }
    let astray = ask(&broken, &digit(), 3, Method::GradCam, Layer(1));
    let figures = trusted(&broken, &digit(), Layer(1), &astray);
    let curves = [&figures.deletion, &figures.insertion, &figures.random_deletion];
    assert!(curves.into_iter().flatten().all(|p| p.is_finite()));
    assert_eq!((figures.on_ink, figures.stability), (0.0, 0.0));
}

#[test]
fn a_saturated_probability_is_no_evidence_for_methods_with_gradients() {
    let device = DeviceKind::Flex.open();
    let mut model = Cnn::new(Spec::DIGITS, 1, &device);
    model.fc2.weight = model.fc2.weight.map(|weight| weight * 1e5);
    let image = images(scale(&digit()), &device);
    let query = Query { objective: Objective::Probability, method: Method::GuidedBackprop };
    let answer = explain(&model, image, &[None], query).remove(0);
    assert_eq!(answer.heatmap.status, Status::Saturated);
}

#[test]
fn trust_has_curves_of_29_points_that_fit_its_figures() {
    let device = DeviceKind::Ndarray.open();
    let model = Cnn::new(Spec::DIGITS, 4, &device);
    let pixels = digit();
    let area = |curve: &[f32]| {
        let inner: f32 = curve[1..28].iter().sum();
        (inner + (curve[0] + curve[28]) / 2.0) / 28.0
    };
    for layer in [Layer(0), Layer(1)] {
        let answer = one(&model.at(layer), &device, 6, Method::GradCam);
        let figures = trusted(&model, &pixels, layer, &answer);
        for (curve, found) in [
            (&figures.deletion, figures.deletion_area),
            (&figures.insertion, figures.insertion_area),
            (&figures.random_deletion, figures.random_deletion_area),
            (&figures.random_insertion, figures.random_insertion_area),
        ] {
            assert_eq!(curve.len(), 29);
            assert!(curve.iter().all(|p| (0.0..=1.0).contains(p)));
            assert!((area(curve) - found).abs() < 1e-6);
        }
        assert!((0.0..=1.0).contains(&figures.on_ink));
        assert!((-1.0..=1.0).contains(&figures.stability));
    }
}

#[test]
fn a_map_in_the_right_order_beats_one_in_the_wrong_order() {
    // The same heat the other way round: what goes first in the one goes last in the other, so that
    // the one's deletion is the other's insertion backwards, and the gaps are opposite.
    let device = DeviceKind::Ndarray.open();
    let model = Cnn::new(Spec::DIGITS, 4, &device);
    let pixels = digit();
    let mut answer = one(&model, &device, 6, Method::GuidedBackprop);
    let mut rng = Rng::new(2);
    answer.heatmap.values = (0..784).map(|_| rng.uniform()).collect();
    let right = trusted(&model, &pixels, Layer(1), &answer);
    answer.heatmap.values.iter_mut().for_each(|v| *v = 1.0 - *v);
    let wrong = trusted(&model, &pixels, Layer(1), &answer);
    let backwards: Vec<f32> = wrong.insertion.iter().rev().copied().collect();
    close(&right.deletion, &backwards, 1e-5, "deletion");
}

#[test]
fn the_sanity_check_ends_at_a_network_that_has_learnt_nothing() {
    let device = DeviceKind::Flex.open();
    let (model, pixels) = (Cnn::new(Spec::DIGITS, 4, &device), digit());
    for layer in [Layer(0), Layer(1)] {
        let stages = checked(&model, &pixels, 2, layer, Query::default(), 77);
        let names: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
        assert_eq!(names, ["trained", "fc2", "fc1", "conv2", "conv1"]);
        let trained = one(&model.at(layer), &device, 2, Method::GradCam).heatmap;
        assert_eq!((&stages[0].heatmap, stages[0].correlation), (&trained, 1.0));
        let fresh = Cnn::new(Spec::DIGITS, !77, &device);
        let fresh = one(&fresh.at(layer), &device, 2, Method::GradCam).heatmap;
        assert_eq!(stages[4].heatmap, fresh);
        for stage in &stages[1..] {
            assert_ne!(stage.heatmap, trained, "{}", stage.name);
            assert!((-1.0..1.0).contains(&stage.correlation), "{}", stage.correlation);
        }
        // Nothing of the trained network is left, so a network of the same weights agrees with itself.
        let same =
            checked(&Cnn::new(Spec::DIGITS, !77, &device), &pixels, 2, layer, Query::default(), 77);
        assert!(same.iter().all(|stage| stage.correlation > 0.9999));
    }
}

#[test]
fn channels_add_up_to_the_map_and_can_be_switched_off() {
    for device in devices() {
        let model = Cnn::new(Spec::DIGITS, 6, &device);
        let image = || images(scale(&digit()), &device);
        for (layer, count) in [(Layer(0), 32), (Layer(1), 64)] {
            let (answer, all) = channels(&model.at(layer), image(), None, &[]);
            let alone = explain(&model.at(layer), image(), &[None], Query::default()).remove(0);
            assert_eq!(answer, alone);
            assert_eq!(all.len(), count);
            let mut seen: Vec<usize> = all.iter().map(|channel| channel.index).collect();
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..count));
            let sizes: Vec<f32> = all.iter().map(|channel| channel.contribution.abs()).collect();
            assert!(sizes.is_sorted_by(|a, b| a >= b));
            let mut sum = vec![0.0; answer.heatmap.raw.len()];
            for channel in &all {
                let peak = channel.activations.iter().copied().fold(0.0, f32::max);
                assert_eq!(channel.peak, peak);
                let terms = sum.iter_mut().zip(&channel.activations);
                terms.for_each(|(sum, a)| *sum += channel.weight * a);
            }
            close(&sum, &answer.heatmap.raw, 1e-5, &format!("{layer:?}"));

            let strongest = all[0].index;
            let (without, rest) = channels(&model.at(layer), image(), None, &[strongest, 999]);
            assert_ne!(without.logits, answer.logits);
            assert_ne!(without.heatmap, answer.heatmap);
            let kept = rest.iter().find(|channel| channel.index == strongest).unwrap();
            assert_eq!(kept.activations, all[0].activations);
            let everything: Vec<usize> = (0..count).collect();
            let (nothing, _) = channels(&model.at(layer), image(), None, &everything);
            assert_eq!(nothing.heatmap.status, Status::DeadLayer);
        }
    }
}

/// A network that has learnt 2,500 drawn digits, and others to test it with.
fn learnt() -> (Cnn, Images) {
    let digits = synthetic::dataset([2500, 120], 1, &|_, _| {});
    let device = DeviceKind::Ndarray.open();
    let mut session = Session::new(Recipe::default(), &digits, &device).unwrap();
    session.begin_epoch();
    while session.step(&digits.train).is_some() {}
    (session.model().unwrap(), digits.test)
}

#[test]
fn grad_cam_beats_random_weights_and_passes_the_check_that_guided_backprop_fails() {
    let (model, digits) = learnt();
    let query = |method| Query { method, ..Query::default() };
    let mean = |count: usize, of: &(dyn Fn(&[u8]) -> f32 + Sync)| {
        let sum: f32 = (0..count).into_par_iter().map(|i| of(digits.image(i))).sum();
        sum / count as f32
    };
    let gap = |method| {
        mean(120, &|pixels| {
            let image = images(scale(pixels), &model.device());
            let answer = explain(&model, image, &[None], query(method)).remove(0);
            let trust = trusted(&model, pixels, Layer(1), &answer);
            trust.insertion_area - trust.deletion_area
        })
    };
    let (grad_cam, random) = (gap(Method::GradCam), gap(Method::RandomCam));
    println!("gap: Grad-CAM {grad_cam:.3}, Random-CAM {random:.3}");
    assert!(grad_cam > random);

    // Without what the last layer has learnt.
    let correlation = |method| {
        mean(40, &|pixels| {
            let target = argmax(&floats(model.forward(images(scale(pixels), &model.device()))));
            checked(&model, pixels, target, Layer(1), query(method), 1)[1].correlation
        })
    };
    let (grad_cam, guided) = (correlation(Method::GradCam), correlation(Method::GuidedBackprop));
    println!("correlation: Grad-CAM {grad_cam:.2}, Guided Backprop {guided:.2}");
    assert!(grad_cam + 0.25 < guided);
}

fn argmax(values: &[f32]) -> usize {
    (0..values.len()).max_by(|&i, &j| values[i].total_cmp(&values[j])).unwrap()
}
