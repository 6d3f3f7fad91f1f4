//! What can happen, and what can be asked of the outside.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event as Input;

use crate::app::theme::Theme;
use crate::data::{Dataset, Progress};
use crate::failure::Failure;
use crate::live::{Report, Watch};
use crate::paint::{Colormap, Grid, Image, Look};
use crate::train::{Begin, Command, Event, Standing};

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key, a pasted text, the mouse, or a new size, from the terminal.
    Input(Input),
    /// The terminal has said what it shows.
    Theme(Theme),
    /// Loading the pictures goes on.
    Loading(Progress),
    /// The pictures are there.
    Loaded(Arc<Dataset>),
    /// There are no pictures, and why.
    LoadFailed(Failure),
    /// Training reports.
    Train(Event),
    /// The explainer reports.
    Report(Report),
    /// What is on disk, for somebody who wants to train.
    Found(Found),
    /// A picture was saved, or why it was not.
    PictureSaved(Result<PathBuf, String>),
    /// Time passes: since the start of the app.
    Tick(Duration),
    /// The system asks the program to end with this signal.
    Signal(i32),
    /// There is no shell to suspend the program for.
    NoShell,
}

/// Something the loop should do.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Start a training.
    StartTraining(Begin),
    /// See what a training would replace.
    LookOnDisk,
    /// Tell the training.
    Train(Command),
    /// Tell the explainer what is in view.
    Watch(Watch),
    /// Write a picture.
    SavePicture(Box<SavePicture>),
    /// Give the terminal back and stop until continued.
    Suspend,
    /// Draw the next frame in full, over whatever is there.
    Redraw,
    /// End, with this exit code.
    Quit(u8),
    /// End with this sentence and exit code 1.
    Fail(Failure),
}

/// What a new training would replace.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Whether there is a model.
    pub model: bool,
    /// The training beside it, if there is one, or why it cannot be read.
    pub training: Option<Result<Standing, String>>,
    /// Why nothing can be trained now: another program does.
    pub taken: Option<String>,
}

/// A picture to write.
#[derive(Debug, Clone, PartialEq)]
pub struct SavePicture {
    /// What the network looks at, shown on the left.
    pub image: Image,
    /// The map, before it is resized.
    pub map: Grid,
    /// What is shown on the right.
    pub look: Look,
    /// Colours of heat.
    pub colormap: Colormap,
    /// What it says about itself.
    pub texts: Vec<(&'static str, String)>,
    /// The file's name without its ending; a number is added if it is taken.
    pub stem: String,
}
