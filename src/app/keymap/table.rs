//! The one table of keys.

use crossterm::event::KeyCode;

use super::action::Action;
use super::binding::{Binding, bind};
use crate::app::key::Key;
use crate::app::state::Context;

const fn c(c: char) -> Key {
    Key::char(c)
}

const fn k(code: KeyCode) -> Key {
    Key::plain(code)
}

use Context::{
    Classes, Digit, Features, Matrix, Methods, Mistakes, Pad, Pairs, Picture, Sanity, Train, Trust,
    Versus,
};

const EVERYWHERE: &[Context] = &[
    Train, Digit, Picture, Pad, Classes, Versus, Methods, Features, Trust, Sanity, Mistakes,
    Matrix, Pairs,
];
/// All but the first.
const EXPLORE: &[Context] = EVERYWHERE.split_at(1).1;
/// What is seen without opening anything.
const FRONT: &[Context] = &[Train, Digit, Picture];
const SEEN: &[Context] = &[Digit, Picture];
const DRAWN: &[Context] = &[Digit, Pad];
const MAPS: &[Context] = &[Classes, Versus, Methods, Trust, Sanity];
const LISTS: &[Context] = &[Mistakes, Pairs];
const GRIDS: &[Context] = &[Features, Matrix];
const CONFUSION: &[Context] = &[Matrix, Pairs];
const ERRORS: &[Context] = &[Mistakes, Matrix, Pairs];

/// The place of what ends every footer.
const END: u8 = u8::MAX;

/// Every key of the app, in the order of the footer and the help screen.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    bind(Action::SwitchScreen, "screen", &[k(KeyCode::Tab)],
        &[(EVERYWHERE, "the other screen")],
        &[(FRONT, 0, "screen")]),
    bind(Action::Previous, "previous", &[k(KeyCode::Left), c('h')],
        &[(&[Pad], "the pen to the left"), (&[Mistakes], "previous filter"), (&[Pairs], "the line above"),
          (GRIDS, "choose to the left"), (EXPLORE, "previous {picture}")],
        &[]),
    bind(Action::Next, "next", &[k(KeyCode::Right), c('l')],
        &[(&[Pad], "the pen to the right"), (&[Mistakes], "next filter"), (&[Pairs], "the line below"),
          (GRIDS, "choose to the right"), (EXPLORE, "next {picture}")],
        &[(SEEN, 0, "next"), (MAPS, 0, "next"), (&[Pad], 0, "move"), (GRIDS, 0, "choose"),
          (&[Pairs], 0, "choose"), (&[Mistakes], 1, "filter")]),
    bind(Action::PreviousPage, "previous-page", &[k(KeyCode::PageUp), Key::control('u')],
        &[(LISTS, "ten lines up"), (EXPLORE, "ten {pictures} back")],
        &[]),
    bind(Action::NextPage, "next-page", &[k(KeyCode::PageDown), Key::control('d')],
        &[(LISTS, "ten lines down"), (EXPLORE, "ten {pictures} on")],
        &[]),
    bind(Action::First, "first", &[k(KeyCode::Home), c('g')],
        &[(LISTS, "first line"), (EXPLORE, "first {picture}")],
        &[]),
    bind(Action::Last, "last", &[k(KeyCode::End), c('G')],
        &[(LISTS, "last line"), (EXPLORE, "last {picture}")],
        &[]),
    bind(Action::Jump, "jump", &[c(':')],
        &[(EXPLORE, "go to {picture} 250, +10, -10")],
        &[(SEEN, 0, "go to")]),
    bind(Action::Random, "random", &[c('r')],
        &[(EXPLORE, "a random {picture}")],
        &[(SEEN, 0, "random")]),
    bind(Action::NextWrong, "wrong", &[c('w')],
        &[(EXPLORE, "next {picture} it gets wrong")],
        &[(SEEN, 0, "wrong")]),
    bind(Action::ExplainClass, "class",
        &[c('0'), c('1'), c('2'), c('3'), c('4'), c('5'), c('6'), c('7'), c('8'), c('9')],
        &[(EXPLORE, "explain that class")],
        &[(&[Digit], 0, "class"), (&[Versus, Methods], 1, "class"), (&[Features], 3, "class")]),
    bind(Action::Find, "find", &[c('/')],
        &[(ERRORS, "errors with a class, by name"), (EXPLORE, "explain a class, by name")],
        &[(&[Picture], 0, "class"), (&[Mistakes], 4, "class")]).since(2),
    bind(Action::Up, "up", &[k(KeyCode::Up), c('k')],
        &[(&[Pad], "the pen up"), (LISTS, "the line above"), (GRIDS, "choose above"),
          (EXPLORE, "explain the class above")],
        &[]),
    bind(Action::Down, "down", &[k(KeyCode::Down), c('j')],
        &[(&[Pad], "the pen down"), (LISTS, "the line below"), (GRIDS, "choose below"),
          (EXPLORE, "explain the class below")],
        &[(&[Mistakes], 0, "next")]),
    bind(Action::Back, "back", &[k(KeyCode::Esc)],
        &[(EXPLORE, "back: {picture}, class, weights")],
        &[]),
    bind(Action::Open, "open", &[k(KeyCode::Enter)],
        &[(&[Pad], "centre the drawing"), (&[Features], "the channel off, or on"),
          (&[Mistakes], "look at the {picture}"), (CONFUSION, "list its {pictures}"),
          (&[], "open it; a channel off or on")],
        &[(&[Features], 1, "off"), (&[Mistakes], 2, "look"), (CONFUSION, 1, "its {pictures}"),
          (&[Pad], 3, "centre")]),
    bind(Action::Classes, "classes", &[c('a')],
        &[(DRAWN, "all ten classes on one scale"), (EXPLORE, "the classes on one scale")],
        &[(SEEN, 0, "all"), (&[Classes], 4, "back")]),
    bind(Action::Versus, "versus", &[c('d')],
        &[(EXPLORE, "why this class, not that one")],
        &[(SEEN, 0, "why"), (&[Versus], 3, "back")]),
    bind(Action::Mistakes, "mistakes", &[c('e')],
        &[(EXPLORE, "errors, the worst first")],
        &[(SEEN, 0, "errors"), (CONFUSION, 2, "errors"), (&[Mistakes], 5, "back")]),
    bind(Action::Confusion, "confusion", &[c('x')],
        &[(EXPLORE, "the confusion matrix")],
        &[(CONFUSION, 3, "back"), (&[Mistakes], 3, "matrix")]),
    bind(Action::Features, "features", &[c('f')],
        &[(EXPLORE, "what the channels see")],
        &[(SEEN, 0, "features"), (&[Features], 4, "back")]),
    bind(Action::Methods, "methods", &[c('M')],
        &[(EXPLORE, "all methods side by side")],
        &[(&[Methods], 3, "back")]),
    bind(Action::Trust, "trust", &[c('v')],
        &[(EXPLORE, "verify: can it be trusted?")],
        &[(SEEN, 0, "verify"), (&[Trust], 3, "back")]),
    bind(Action::Sanity, "sanity", &[c('z')],
        &[(EXPLORE, "randomise layer by layer")],
        &[(&[Sanity], 3, "back")]),
    bind(Action::Earlier, "earlier", &[c('[')],
        &[(EXPLORE, "an earlier stage of training")],
        &[]),
    bind(Action::Later, "later", &[c(']')],
        &[(EXPLORE, "a later stage of training")],
        &[]),
    bind(Action::Play, "play", &[c('p')],
        &[(EXPLORE, "play the stages, or stop")],
        &[(SEEN, 0, "play")]),
    bind(Action::Draw, "draw", &[c('D')],
        &[(&[Pad], "put the drawing away"), (EXPLORE, "draw a digit of your own")],
        &[(&[Digit], 0, "draw"), (&[Pad], 4, "back")]).of_digits(),
    bind(Action::Undo, "undo", &[k(KeyCode::Backspace)],
        &[(&[Pad], "undo a stroke of the drawing")],
        &[(&[Pad], 2, "undo")]).of_digits(),
    bind(Action::NextMethod, "method", &[c('m')],
        &[(EXPLORE, "next method")],
        &[(SEEN, 0, "method"), (&[Classes, Trust, Sanity], 1, "method")]),
    bind(Action::NextLayer, "layer", &[c('L')],
        &[(EXPLORE, "next layer")],
        &[(MAPS, 2, "layer"), (&[Features], 2, "layer")]),
    bind(Action::Signed, "signed", &[c('+')],
        &[(EXPLORE, "evidence against it, in blue")],
        &[(&[Classes], 3, "signed")]),
    bind(Action::ToggleOverlay, "overlay", &[c('o')],
        &[(EXPLORE, "heatmap over the {picture}")],
        &[(SEEN, 0, "overlay")]),
    bind(Action::NextColormap, "colormap", &[c('c')],
        &[(EVERYWHERE, "next colormap")],
        &[(FRONT, 0, "colours")]),
    bind(Action::SavePicture, "save", &[c('s')],
        &[(EXPLORE, "save the pictures as a PNG")],
        &[(SEEN, 0, "save")]),
    bind(Action::Pause, "pause", &[c(' ')],
        &[(&[Pad], "the pen down, or up"), (EVERYWHERE, "pause training, or go on")],
        &[(FRONT, 0, "pause"), (&[Pad], 1, "pen down, up")]),
    bind(Action::TrainMore, "train", &[c('t')],
        &[(EVERYWHERE, "one more epoch, or train anew")],
        &[(FRONT, 0, "train")]),
    bind(Action::Help, "help", &[c('?'), k(KeyCode::F(1))],
        &[(EVERYWHERE, "this help")],
        &[(EVERYWHERE, END, "help")]),
    bind(Action::Quit, "quit", &[c('q')],
        &[(EVERYWHERE, "quit; asks while training")],
        &[(EVERYWHERE, END, "quit")]),
    bind(Action::Interrupt, "interrupt", &[Key::control('c')],
        &[(EVERYWHERE, "quit at once")],
        &[]),
    bind(Action::Suspend, "suspend", &[Key::control('z')],
        &[(EVERYWHERE, "suspend; fg goes on")],
        &[]),
    bind(Action::Redraw, "redraw", &[Key::control('l')],
        &[(EVERYWHERE, "draw the screen anew")],
        &[]).since(1),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Noun;

    #[test]
    fn every_text_fits_its_column_and_speaks_of_its_pictures() {
        for binding in BINDINGS {
            let twice = BINDINGS.iter().filter(|b| b.name == binding.name).count();
            assert_eq!(twice, 1, "{}", binding.name);
            for &context in EVERYWHERE {
                for noun in [Noun::Digit, Noun::Picture] {
                    let (help, words) = (binding.help(context, noun), binding.words(context, noun));
                    let words = words.map_or(String::new(), |(_, words)| words);
                    assert!((1..=29).contains(&help.len()) && words.len() <= 14, "{help}, {words}");
                    assert!(!help.contains('{') && !words.contains('{'), "{help}, {words}");
                    if noun == Noun::Picture && binding.concerns(noun) && context != Pad {
                        let all = format!("{help} {words}");
                        assert!(!all.contains("digit") && !all.contains("draw a"), "{all}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_footer_names_keys_that_work_there_each_at_its_own_place() {
        for &context in EVERYWHERE {
            let mut places = Vec::new();
            for binding in BINDINGS {
                let Some((place, words)) = binding.words(context, Noun::Digit) else { continue };
                assert!(binding.works(context), "{words} in {context:?}");
                places.push(place);
            }
            places.sort_unstable();
            assert_eq!(places[places.len() - 2..], [END, END], "{context:?}");
            if !FRONT.contains(&context) {
                let own: Vec<u8> = (0..places.len() as u8 - 2).collect();
                assert_eq!(places[..own.len()], own, "{context:?}");
            }
        }
    }
}
