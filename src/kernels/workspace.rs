//! Memory for intermediate results, kept from call to call.

/// Scratch memory that grows to the largest need and is then used again and again.
#[derive(Debug, Default)]
pub struct Workspace(Vec<f32>);

impl Workspace {
    /// An empty workspace; the kernels make it as large as they need.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// `len` elements with unspecified values.
    pub(super) fn take(&mut self, len: usize) -> &mut [f32] {
        if self.0.len() < len {
            self.0.resize(len, 0.0);
        }
        &mut self.0[..len]
    }
}
