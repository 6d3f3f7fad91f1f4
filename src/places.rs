//! Where things are kept, and what the environment says.

use std::path::PathBuf;

use etcetera::{BaseStrategy, HomeDirError};

use crate::cli::Common;
use crate::data::{Request, Shape, Wanted};

/// The variable that names a folder with MNIST.
const MNIST: &str = "GRADCAM_MNIST";

/// Where things are kept.
pub struct Places {
    /// The model file.
    pub model: PathBuf,
    /// Downloaded sets of pictures, each in a folder of its name.
    pub cache: PathBuf,
    /// The configuration file.
    pub config: PathBuf,
}

impl Places {
    /// The user's folders, and the model file that the command line may name.
    ///
    /// # Errors
    /// If there is no home folder.
    pub fn find(common: &Common) -> Result<Self, HomeDirError> {
        let folders = etcetera::choose_base_strategy()?;
        let model = common.model.clone();
        Ok(Self {
            model: model.unwrap_or_else(|| folders.data_dir().join("gradcam/model.safetensors")),
            cache: folders.cache_dir().join("gradcam"),
            config: folders.config_dir().join("gradcam/config.toml"),
        })
    }

    /// The pictures that the command line and the environment ask for: drawn ones with this seed,
    /// those in files of their own for a network with this input.
    pub fn request(&self, common: &Common, seed: u64, input: Option<Shape>) -> Request {
        let network = input.map_or(Wanted::default(), Wanted::from);
        Request {
            choice: common.data.clone(),
            wanted: Wanted {
                size: common.input_size.map(|size| size.0).or(network.size),
                ..network
            },
            environment: std::env::var_os(MNIST).filter(|v| !v.is_empty()).map(PathBuf::from),
            cache: self.cache.clone(),
            seed,
            limit: common.limit,
        }
    }
}

/// A variable of the environment that is set and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
