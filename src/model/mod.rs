//! The network: its layers, its operations, its files and the device it lives on.

pub mod checkpoint;
pub mod cnn;
pub mod device;
pub mod evaluate;
pub mod fused;
mod guided;
pub mod layer;
pub mod ops;
mod randomised;
mod split;
mod weights;

pub use checkpoint::{CheckpointError, Metadata};
pub use cnn::Cnn;
pub use device::DeviceKind;
pub use layer::Layer;
pub use randomised::RANDOMISED;
