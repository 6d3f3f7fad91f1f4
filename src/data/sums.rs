//! SHA-256 sums: what tells sets of pictures, and the files that they come in, from any others.

use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::idx::header::{ValueType, header_of};
use crate::files;

/// A SHA-256.
pub type Sum = [u8; 32];

/// In hexadecimal.
pub fn hex(sum: &Sum) -> String {
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Of an IDX file of bytes with these sizes and values.
pub fn of_bytes(sizes: &[usize], values: &[u8]) -> Sum {
    of_values(ValueType::Byte, sizes, values)
}

/// Of an IDX file with values of this type, given as they lie there.
pub fn of_values(value_type: ValueType, sizes: &[usize], values: &[u8]) -> Sum {
    let mut hash = Sha256::new();
    hash.update(header_of(value_type, sizes));
    hash.update(values);
    hash.finalize().into()
}

/// Of an IDX file with these labels: as bytes, or where one of them is larger, as 16 bits.
pub fn of_labels(labels: &[u16]) -> Sum {
    let bytes: Option<Vec<u8>> = labels.iter().map(|&label| u8::try_from(label).ok()).collect();
    if let Some(bytes) = bytes {
        return of_bytes(&[labels.len()], &bytes);
    }
    let values: Vec<u8> = labels.iter().flat_map(|label| label.to_be_bytes()).collect();
    of_values(ValueType::Short, &[labels.len()], &values)
}

/// Of an ordinary file of at most so many bytes.
///
/// # Errors
/// If it cannot be read, or is larger.
pub fn of_file(path: &Path, most: u64) -> io::Result<Sum> {
    let (file, length) = files::open(path)?;
    if length > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let (mut file, mut hash, mut chunk) = (file.take(most), Sha256::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(n) => hash.update(&chunk[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
