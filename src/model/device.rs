//! The one place that chooses where tensors live.

use burn::tensor::Device;
use strum::{Display, EnumMessage, EnumString, IntoStaticStr, VariantArray};

/// A device that this build can compute on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[derive(Display, EnumMessage, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum DeviceKind {
    /// burn-ndarray on the CPU
    #[default]
    Ndarray,
    /// burn-flex on the CPU
    Flex,
    /// An NVIDIA GPU
    #[cfg(feature = "cuda")]
    Cuda,
    /// A GPU through Vulkan, Metal, DirectX or WebGPU
    #[cfg(feature = "wgpu")]
    Wgpu,
}

impl DeviceKind {
    /// Burn's handle for the device, without autodiff.
    pub fn open(self) -> Device {
        match self {
            // Burn marks ndarray as deprecated in favour of flex, which is the line to switch to
            // the day it goes.
            #[allow(deprecated)]
            Self::Ndarray => Device::ndarray(),
            Self::Flex => Device::flex(),
            #[cfg(feature = "cuda")]
            Self::Cuda => Device::cuda(0),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Device::wgpu(Default::default()),
        }
    }
}
