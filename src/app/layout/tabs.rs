//! The names of the screens in the header.

use crate::app::state::Screen;

/// What stands before them.
pub const NAME: &str = " gradcam ";
/// The names, from left to right.
pub const TABS: [(Screen, &str); 2] = [(Screen::Train, " Train "), (Screen::Explore, " Explore ")];

/// The screen whose name lies in this column.
pub fn tab_at(column: u16) -> Option<Screen> {
    let mut left = NAME.len() as u16;
    TABS.iter().find_map(|(screen, name)| {
        let here = (left..left + name.len() as u16).contains(&column);
        left += name.len() as u16;
        here.then_some(*screen)
    })
}
