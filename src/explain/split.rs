//! What can be explained: a network in two parts.

use burn::tensor::Tensor;

/// A network in two parts: the trunk ends at the layer to look at, the head does the rest.
///
/// Both must be deterministic: no dropout, and batch normalisation with its running statistics.
/// The head is given tensors on an autodiff device when a gradient is wanted, where Burn's modules
/// behave as in training unless they are frozen; the [module's example](super) shows how.
///
/// Images go in as they are: a network that wants them normalised does that in its trunk, because
/// pixels are darkened, made grey and shifted, and black is 0 and white is 1 only before that.
pub trait SplitModel {
    /// The target layer's activations, after its ReLU: `[n, ...] -> [n, height, width, channels]`.
    fn trunk(&self, images: Tensor<4>) -> Tensor<4>;

    /// Logits from activations: `[n, height, width, channels] -> [n, classes]`.
    fn head(&self, activations: Tensor<4>) -> Tensor<2>;

    /// Logits from images: `[n, ...] -> [n, classes]`. The default is the head of the trunk; a
    /// network with a faster way to the same numbers can take it here.
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.head(self.trunk(images))
    }

    /// Which dimensions of the images are height and width: `[1, 2]` for `[n, h, w, c]`, which is
    /// the default, `[2, 3]` for `[n, c, h, w]`.
    fn image_axes(&self) -> [usize; 2] {
        [1, 2]
    }

    /// The guided gradient of a score by the images, in their shape: at every ReLU of the whole
    /// network only positive gradients pass. `slopes` is the score's gradient by the logits,
    /// `[n, classes]`. See [`Cnn::guided_gradient`](crate::model::Cnn::guided_gradient).
    ///
    /// `None`, the default, for a network that does not offer it: its guided maps are empty, with
    /// [`Status::Unsupported`](super::Status::Unsupported).
    fn guided_gradient(&self, _images: Tensor<4>, _slopes: Tensor<2>) -> Option<Tensor<4>> {
        None
    }
}
