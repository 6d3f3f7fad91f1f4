//! Reads IDX files.

use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::bufread::{GzDecoder, MultiGzDecoder};
use sha2::{Digest, Sha256};

use super::header::ValueType;
use crate::data::sums::{self, Sum};
use crate::figures::plural;
use crate::files;

/// The most sizes that a header may name.
const MOST_SIZES: u8 = 8;
/// The most padding behind the values.
const MOST_PADDING: u64 = 1 << 20;
/// Room that is reserved at once: enough for MNIST. A larger file gets more as it arrives.
const AT_ONCE: usize = 64 << 20;

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum IdxError {
    /// The system, or gzip, cannot read it.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It ends too early.
    #[error("is cut short: it ends {0}; download it again")]
    Short(String),
    /// Its compressed data contradict themselves.
    #[error("is damaged ({0}); download it again")]
    Damaged(String),
    /// It is of another kind.
    #[error("is {0}")]
    Kind(String),
    /// It is IDX of something else.
    #[error("{0}")]
    Content(String),
}

impl IdxError {
    /// As it is to be said of a gzip file, whose compressed data are no reader's fault.
    fn packed(self) -> Self {
        match self {
            Self::Unreadable(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Short("within its compressed data".to_owned())
            }
            Self::Unreadable(error) => Self::Damaged(error.to_string()),
            other => other,
        }
    }
}

/// A file's values and what they are.
pub struct Idx {
    /// What the values are.
    pub value_type: ValueType,
    /// How many there are in each dimension.
    pub sizes: Vec<usize>,
    /// The bytes of the values in row-major order.
    pub values: Vec<u8>,
    /// Of header and values, as they lie in a file that is neither packed nor padded.
    pub sum: Sum,
    /// Of the gzip file that they came in.
    pub packed_sum: Option<Sum>,
}

impl Idx {
    /// The first value of each entry: of a list the values, of a table its first column.
    pub fn first_column(&self) -> Vec<i32> {
        let (width, columns) =
            (self.value_type.width(), self.sizes.iter().skip(1).product::<usize>());
        let entries = self.values.chunks_exact((width * columns).max(1));
        let first = |entry: &[u8]| match (self.value_type, entry) {
            (ValueType::Byte, &[a, ..]) => i32::from(a),
            (ValueType::Short, &[a, b, ..]) => i32::from(i16::from_be_bytes([a, b])),
            (ValueType::Int, &[a, b, c, d, ..]) => i32::from_be_bytes([a, b, c, d]),
            // An entry is at least one value long.
            _ => 0,
        };
        entries.map(first).collect()
    }
}

/// The type and the sizes of a file, of which no more than the header is read.
///
/// # Errors
/// What is wrong with the file's beginning.
pub fn look(path: &Path) -> Result<(ValueType, Vec<usize>), IdxError> {
    let (mut file, _) = files::open(path)?;
    let head = beginning(&mut file)?;
    let whole = head.chain(BufReader::new(file));
    if head.starts_with(files::GZIP) {
        read_header(&mut MultiGzDecoder::new(whole), None).map_err(IdxError::packed)
    } else {
        read_header(&mut { whole }, kind(&head))
    }
}

/// Reads a file whose type and sizes `accept` takes, and which has at most `most` bytes of values.
/// Type and sizes are looked at before the values are read, so that memory stays bounded by what was
/// accepted.
///
/// # Errors
/// What is wrong with the file, or with its type or sizes.
pub fn read(
    path: &Path,
    most: usize,
    accept: impl FnOnce(ValueType, &[usize]) -> Result<(), String>,
) -> Result<Idx, IdxError> {
    let (mut file, length) = files::open(path)?;
    if length > most as u64 + MOST_PADDING {
        let said = format!("is {:.1} GB large, too large to be read", length as f64 / 1e9);
        return Err(IdxError::Content(said));
    }
    let head = beginning(&mut file)?;
    if !head.starts_with(files::GZIP) {
        return unpacked(head.chain(file), kind(&head), most, accept);
    }
    let mut packed = head;
    packed.reserve(usize::try_from(length).unwrap_or(0).min(AT_ONCE));
    // No more than was promised: it may grow while it is read.
    file.take(length).read_to_end(&mut packed)?;
    let read = unpacked(Members::new(&packed), None, most, accept);
    let mut idx = read.map_err(IdxError::packed)?;
    idx.packed_sum = Some(Sha256::digest(&packed).into());
    Ok(idx)
}

/// So much of a file as tells what it is.
fn beginning(file: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.take(files::HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// What a file is that is neither IDX nor gzip, and what to do about it.
fn kind(head: &[u8]) -> Option<String> {
    let kind = files::kind(head)?;
    let advice = match kind {
        "an HTML page" | "a Git LFS pointer" => "download the file itself",
        _ if kind.ends_with("archive") || kind.ends_with("file") => "unpack it",
        _ => "name the folder that has IDX files",
    };
    Some(format!("{kind} and no IDX file; {advice}"))
}

/// Type and sizes; `kind` is what a file is that has no IDX header.
fn read_header(
    mut reader: impl Read,
    kind: Option<String>,
) -> Result<(ValueType, Vec<usize>), IdxError> {
    let mut magic = [0; 4];
    let had = fill(&mut reader, &mut magic)?;
    let [zeros @ .., code, count] = magic;
    if zeros != [0, 0] || count > MOST_SIZES {
        let begins = magic[..had].escape_ascii();
        let unknown = || format!("no IDX file, which would not begin with \"{begins}\"");
        return Err(IdxError::Kind(kind.unwrap_or_else(unknown)));
    }
    if had < magic.len() {
        return Err(IdxError::Short("within its header".to_owned()));
    }
    let Some(value_type) = ValueType::of(code) else {
        return Err(IdxError::Content(format!(
            "has values of type {code:#04x}, and only bytes (0x08) and whole numbers of 16 or 32 \
             bits (0x0b, 0x0c) are read"
        )));
    };
    let mut words = vec![0; 4 * usize::from(count)];
    if fill(&mut reader, &mut words)? < words.len() {
        return Err(IdxError::Short("within its header".to_owned()));
    }
    let words = words.as_chunks().0.iter().map(|word| u32::from_be_bytes(*word) as usize);
    Ok((value_type, words.collect()))
}

fn unpacked(
    mut reader: impl Read,
    kind: Option<String>,
    most: usize,
    accept: impl FnOnce(ValueType, &[usize]) -> Result<(), String>,
) -> Result<Idx, IdxError> {
    let (value_type, sizes) = read_header(&mut reader, kind)?;
    accept(value_type, &sizes).map_err(IdxError::Content)?;
    let width = value_type.width();
    let needed = sizes.iter().try_fold(width, |product: usize, &size| product.checked_mul(size));
    let Some(needed) = needed.filter(|&needed| needed <= most) else {
        return Err(IdxError::Content("promises more values than can be read".to_owned()));
    };
    let mut values = Vec::with_capacity(needed.min(AT_ONCE));
    reader.by_ref().take(needed as u64).read_to_end(&mut values)?;
    if values.len() < needed {
        let (is, entries) = (values.len(), sizes.first().copied().unwrap_or(1));
        return Err(IdxError::Short(format!(
            "{is} {} after its header, where {entries} {} {needed}",
            plural(is, "byte"),
            if entries == 1 { "entry needs" } else { "entries need" }
        )));
    }
    padding(reader)?;
    let sum = sums::of_values(value_type, &sizes, &values);
    Ok(Idx { value_type, sizes, values, sum, packed_sum: None })
}

/// Reads to the end, where nothing but zeros or a line end may be.
fn padding(reader: impl Read) -> Result<(), IdxError> {
    let mut rest = Vec::new();
    reader.take(MOST_PADDING + 1).read_to_end(&mut rest)?;
    let zeros = rest.len() as u64 <= MOST_PADDING && rest.iter().all(|&byte| byte == 0);
    if zeros || matches!(&rest[..], b"\n" | b"\r\n") {
        return Ok(());
    }
    let more = match rest.len() as u64 {
        1 => "1 byte".to_owned(),
        count if count > MOST_PADDING => format!("more than {MOST_PADDING} bytes"),
        count => format!("{count} bytes"),
    };
    Err(IdxError::Content(format!(
        "has {more} beyond the last entry that its header counts; take a file whose header \
         is right"
    )))
}

/// Reads until the buffer is full or there is no more, and says how much there was.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match reader.read(&mut buffer[done..]) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// The content of a gzip file: of all its members, up to the first thing behind one that is none.
struct Members<'a> {
    member: Option<GzDecoder<&'a [u8]>>,
}

impl<'a> Members<'a> {
    fn new(packed: &'a [u8]) -> Self {
        Self { member: Some(GzDecoder::new(packed)) }
    }
}

impl Read for Members<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let done = member.read(buffer)?;
            if done > 0 || buffer.is_empty() {
                return Ok(done);
            }
            let rest: &[u8] = self.member.take().map_or(&[], GzDecoder::into_inner);
            let padded = rest.iter().take_while(|&&byte| byte == 0).count();
            let rest = &rest[padded..];
            self.member = rest.starts_with(files::GZIP).then(|| GzDecoder::new(rest));
        }
        Ok(0)
    }
}
