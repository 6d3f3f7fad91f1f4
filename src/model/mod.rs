//! The network: its layers, its operations, its files and the device it lives on.

pub mod checkpoint;
pub mod cnn;
pub mod device;
pub mod evaluate;
pub mod fit;
pub mod fused;
mod guided;
pub mod layer;
pub mod network;
pub mod ops;
mod randomised;
pub mod split;
mod weights;

pub use checkpoint::{CheckpointError, Metadata};
pub use cnn::{Beyond, Cnn, Spec};
pub use device::DeviceKind;
pub use layer::{Layer, LayerInfo, Layers};
pub use network::Network;
pub use randomised::RANDOMISED;
