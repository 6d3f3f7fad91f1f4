//! Why something failed, for all who may hear of it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// An error that many can hold and pass on between threads: its sentence, and its causes behind it.
#[derive(Debug, Clone)]
pub struct Failure(Arc<dyn Error + Send + Sync>);

impl Failure {
    /// From an error, or from a sentence where there is none.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into().into())
    }

    /// From what a thread said when it panicked.
    pub fn of_panic(panic: &(dyn std::any::Any + Send)) -> Self {
        Self::new(crate::panic_message(panic))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Two are equal if they say the same.
impl PartialEq for Failure {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read the model")]
    struct Outer(#[source] io::Error);

    #[test]
    fn a_failure_says_what_its_error_says_and_keeps_its_causes() {
        let failure = Failure::new(Outer(io::Error::other("the disk is gone")));
        assert_eq!(failure.to_string(), "cannot read the model");
        assert_eq!(failure.source().unwrap().to_string(), "the disk is gone");
        assert_eq!(failure.clone(), failure);
        assert_ne!(failure, Failure::new("cannot write the model"));
        assert!(Failure::new("a sentence").source().is_none());
    }
}
