//! Guided backpropagation through the network.

use burn::tensor::Tensor;

use super::cnn::Cnn;

impl Cnn {
    /// Guided backpropagation (Springenberg et al., "Striving for Simplicity", 2015, arXiv
    /// 1412.6806): the gradient of a score by the images, where at each of the three ReLUs only
    /// positive gradients pass. `[n, h, w, c]`, as the images.
    ///
    /// `slopes` is the score's gradient by the logits, `[n, k]`: a one for the class's logit.
    ///
    /// The network is taken apart at its ReLUs, so that Burn's own gradients do: each stage brings
    /// the gradient by its input, which is cut at zero and handed to the stage below.
    pub fn guided_gradient(&self, images: Tensor<4>, slopes: Tensor<2>) -> Tensor<4> {
        let first = self.first(images.clone());
        let second = self.second(first.clone());
        let hidden = self.hidden(second.clone(), None);
        let gradient = back(hidden, slopes, |hidden| self.logits(hidden)).clamp_min(0.0);
        let gradient = back(second, gradient, |second| self.hidden(second, None)).clamp_min(0.0);
        let gradient = back(first, gradient, |first| self.second(first)).clamp_min(0.0);
        back(images, gradient, |images| self.first(images))
    }
}

/// From the gradient by a stage's output to the gradient by its input `x`.
fn back<const D: usize, const E: usize>(
    x: Tensor<D>,
    gradient: Tensor<E>,
    stage: impl Fn(Tensor<D>) -> Tensor<E>,
) -> Tensor<D> {
    let leaf = x.clone().autodiff().require_grad();
    let mut gradients = (stage(leaf.clone()) * gradient.autodiff()).sum().backward();
    leaf.grad_remove(&mut gradients).unwrap_or_else(|| x.zeros_like())
}
