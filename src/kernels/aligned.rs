//! Memory on cache lines.
//!
//! A vector of 64 bytes that is not on a cache line of its own is read and written as two. The
//! system's allocator puts large blocks 16 bytes behind a page's beginning, where that is true of
//! every vector; on lines of their own the sparse kernels run half as fast again. A `Vec` cannot
//! choose its alignment, and Burn's tensors are made of `Vec`s, so a program chooses for all of
//! them:
//!
//! ```
//! use gradcam::kernels::CacheAligned;
//!
//! #[global_allocator]
//! static ALLOCATOR: CacheAligned = CacheAligned;
//! # let buffer = vec![0f32; 4096];
//! # assert_eq!(buffer.as_ptr().addr() % 64, 0);
//! ```

#![expect(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};

/// Bytes of a cache line, and of the longest vector.
const LINE: usize = 64;
/// Bytes from which on a block is put on lines of its own.
const LARGE: usize = 2048;

/// The system's allocator, with large blocks on cache lines.
#[derive(Debug, Clone, Copy, Default)]
pub struct CacheAligned;

/// What the system is asked for in place of this layout: a function of the layout alone.
fn aligned(layout: Layout) -> Layout {
    match layout.align_to(LINE) {
        Ok(aligned) if layout.size() >= LARGE => aligned,
        _ => layout,
    }
}

// SAFETY: every block comes from `System` and goes back to it. `System` asks that a block be given
// back with the layout it was asked for with: `aligned` makes the same of the same layout, and our
// caller, bound by the same contract, gives the same one back. What `aligned` makes has the size
// that was asked for and at least its alignment. `realloc` hands over to `System` only where neither
// size is changed by `aligned`; else it is the default one, which allocates, copies and frees.
unsafe impl GlobalAlloc for CacheAligned {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(aligned(layout)) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(aligned(layout)) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, aligned(layout)) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.size().max(size) < LARGE {
            return unsafe { System.realloc(block, layout, size) };
        }
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                block.copy_to_nonoverlapping(new, layout.size().min(size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}
