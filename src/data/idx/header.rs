//! The header of an IDX file.

/// What the values of a file are. Those of more than one byte are big-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ValueType {
    /// Bytes, 0 to 255.
    Byte = 0x08,
    /// Whole numbers of 16 bits with a sign.
    Short = 0x0B,
    /// Whole numbers of 32 bits with a sign.
    Int = 0x0C,
}

impl ValueType {
    /// The type of this code, if it is one that is read.
    pub fn of(code: u8) -> Option<Self> {
        [Self::Byte, Self::Short, Self::Int].into_iter().find(|&known| known as u8 == code)
    }

    /// Bytes of a value.
    pub fn width(self) -> usize {
        match self {
            Self::Byte => 1,
            Self::Short => 2,
            Self::Int => 4,
        }
    }
}

/// The header of bytes with these sizes.
pub fn header(sizes: &[usize]) -> Vec<u8> {
    header_of(ValueType::Byte, sizes)
}

/// The header of values of this type with these sizes.
pub fn header_of(value_type: ValueType, sizes: &[usize]) -> Vec<u8> {
    let mut header = vec![0, 0, value_type as u8, sizes.len() as u8];
    for &size in sizes {
        header.extend((size as u32).to_be_bytes());
    }
    header
}
