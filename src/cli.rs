//! The command line: every flag and subcommand.

use std::ffi::OsString;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{OsStringValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use strum::{EnumMessage, EnumString, IntoStaticStr, VariantArray};

use crate::data::{Choice, SIDES, Split};
use crate::explain::{Method, Objective};
use crate::model::DeviceKind;
use crate::paint::{Background, ColorChoice, Colormap};
use crate::text::{printable, printable_lines, shell_word};
use crate::train::Recipe;

const EXAMPLES: &str = "\
Examples:
  gradcam                              train if there is no model yet, then explore
  gradcam train --epochs 5             train a new model and watch it learn
  gradcam train --data photos          the same on pictures of your own, a folder for each class
  gradcam explore                      look at pictures and what the model looks at
  gradcam train --no-tui --json        one JSON object per line, for scripts
  gradcam explain --index 7 --output cam.png
  ssh -t host gradcam                  over SSH; -t gives it a terminal

Pictures: without --data they are the digits of MNIST, from the folder in GRADCAM_MNIST, from
the cache, or downloaded; without any of them the program draws digits itself and says so.";

/// Train a convolutional network on pictures in a terminal, and see what it looks at
#[derive(Debug, Parser)]
#[command(name = "gradcam", version, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do; without it: train if there is no model yet, then explore.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
    /// How to train if there is no model yet.
    #[command(flatten)]
    pub training: Training,
}

impl Cli {
    /// Reads the command line; one that makes no sense ends the program with code 2.
    pub fn read() -> Self {
        let cli = Self::try_parse().unwrap_or_else(|error| refuse(&error));
        match cli.contradiction() {
            Some(sentence) => refuse(&Self::command().error(ErrorKind::ArgumentConflict, sentence)),
            None => cli,
        }
    }

    /// Flag combinations that clap cannot reject by itself.
    fn contradiction(&self) -> Option<String> {
        let command = self.command.as_ref()?;
        if let Some(given) = self.training.given() {
            return Some(format!(
                "flags of a training go after `train`, and to no other subcommand: \
                 gradcam train {given}"
            ));
        }
        match command {
            Command::Explain(Explain { output: Some(_), index: Indices(range), .. })
                if range.len() > 1 =>
            {
                Some("--output takes one picture; give one --index".to_owned())
            }
            Command::Explain(Explain { output: Some(path), .. })
                if self.common.json && path.as_os_str() == "-" =>
            {
                Some(
                    "--output - writes the picture to standard output, and --json its lines; give \
                     one of the two, or a file"
                        .to_owned(),
                )
            }
            _ => None,
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a new model and watch it learn
    Train(Training),
    /// Look at pictures and at what a trained model looks at
    Explore,
    /// Score a trained model on the test pictures
    Evaluate,
    /// Explain single pictures: numbers, JSON or a PNG
    Explain(Explain),
    /// Compare all methods: can their maps be trusted?
    Table(Table),
    /// Report what was found out about terminal, data, model and processor, and what to set
    Doctor,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// auto, mnist, fashion-mnist, kmnist, synthetic, or a folder: of pictures, as train/CLASS/* and
    /// test/CLASS/* or CLASS/* alone, or with the four IDX files of a set; where it has several sets,
    /// FOLDER/NAME with what the names of the files begin with
    #[arg(long, global = true, value_name = "SOURCE", default_value = "auto", value_parser = words(parse_choice))]
    pub data: Choice,
    /// Where to compute
    #[arg(long, global = true, value_parser = named::<DeviceKind>(), default_value_t)]
    pub device: DeviceKind,
    /// The model file [default: model.safetensors in the user's data folder]
    #[arg(long, global = true, value_name = "FILE", value_parser = words(parse_model))]
    pub model: Option<PathBuf>,
    /// Decides weights, order of the pictures, dropout, and digits that are drawn [default: 1]
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
    /// Take only the first N training pictures, and N/6 test pictures; of a folder an equal share of
    /// each class
    #[arg(long, global = true, value_name = "N", value_parser = parse_positive)]
    pub limit: Option<usize>,
    /// Size that pictures from a folder are brought to, as 32 or as HEIGHTxWIDTH [default: their own
    /// where all agree and it is 64 at most, else 32; with a model, the model's]
    #[arg(long, global = true, value_name = "SIZE")]
    pub input_size: Option<InputSize>,
    /// How the app looks and listens.
    #[command(flatten)]
    pub display: Display,
    /// Plain lines in place of the full-screen app; also taken when stdout is no terminal
    #[arg(long, global = true)]
    pub no_tui: bool,
    /// One JSON object per line; implies --no-tui
    #[arg(long, global = true)]
    pub json: bool,
}

impl Common {
    /// The seed of what is not there yet.
    pub fn seed(&self) -> u64 {
        self.seed.unwrap_or(Recipe::default().seed)
    }

    /// The command line that goes on with the training of this model on these data, to be typed
    /// in the same folder.
    pub fn resume_command(&self) -> String {
        self.command_line("--resume")
    }

    /// The one that starts it anew.
    pub fn restart_command(&self) -> String {
        self.command_line("train --restart")
    }

    /// A command line for this model and these data.
    fn command_line(&self, command: &str) -> String {
        let size = self.input_size.map(|InputSize([height, width])| format!("{height}x{width}"));
        let (limit, device) = (self.limit.map(|limit| limit.to_string()), self.device.to_string());
        let flags = [
            self.model.as_ref().map(|path| ("--model", path.as_os_str())),
            (self.data != Choice::default()).then(|| ("--data", self.data.as_ref())),
            size.as_ref().map(|size| ("--input-size", size.as_ref())),
            limit.as_ref().map(|limit| ("--limit", limit.as_ref())),
            (self.device != DeviceKind::default()).then(|| ("--device", device.as_ref())),
        ];
        let flags = flags.into_iter().flatten();
        let flags: String =
            flags.map(|(flag, value)| format!(" {flag} {}", shell_word(value))).collect();
        format!("gradcam{flags} {command}")
    }
}

/// How the app looks and listens, where it is not left to the configuration file.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Common options")]
pub struct Display {
    /// Colours of the terminal [default: auto]
    #[arg(long, global = true, value_parser = named::<ColorChoice>())]
    pub color: Option<ColorChoice>,
    /// The terminal's background [default: auto]
    #[arg(long, global = true, value_parser = named::<Background>())]
    pub background: Option<Background>,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Colours of heatmaps: inferno, viridis, magma, plasma, cividis, turbo or jet [default: inferno]
    #[arg(long, global = true, value_name = "NAME", value_parser = named::<Colormap>(), hide_possible_values = true)]
    pub colormap: Option<Colormap>,
    /// Let the mouse scroll, click and draw; selecting text then needs Shift
    #[arg(long, global = true)]
    pub mouse: bool,
}

/// The recipe of a training run.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Training options")]
pub struct Training {
    /// Passes over the training pictures [default: 3, or what an interrupted training planned]
    #[arg(long, value_name = "N", value_parser = parse_positive)]
    pub epochs: Option<usize>,
    /// Digits a step [default: 32]
    #[arg(long, value_name = "N", value_parser = parse_positive)]
    pub batch_size: Option<usize>,
    /// Nadam's step size [default: 0.001]
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub learning_rate: Option<f64>,
    /// Go on with the training that was interrupted, with its recipe and seed
    #[arg(long, conflicts_with_all = ["batch_size", "learning_rate"])]
    pub resume: bool,
    /// Train a new model though an interrupted training is there, which it replaces
    #[arg(long, conflicts_with = "resume")]
    pub restart: bool,
}

impl Training {
    /// As the training loop takes it.
    pub fn recipe(&self, seed: u64) -> Recipe {
        let Recipe { epochs, batch_size, learning_rate, .. } = Recipe::default();
        Recipe {
            epochs: self.epochs.unwrap_or(epochs),
            batch_size: self.batch_size.unwrap_or(batch_size),
            learning_rate: self.learning_rate.unwrap_or(learning_rate),
            seed,
        }
    }

    /// The flags that were given, as they were given.
    pub fn given(&self) -> Option<String> {
        let flags = [
            self.epochs.map(|n| format!("--epochs {n}")),
            self.batch_size.map(|n| format!("--batch-size {n}")),
            self.learning_rate.map(|rate| format!("--learning-rate {rate}")),
            self.resume.then(|| "--resume".to_owned()),
            self.restart.then(|| "--restart".to_owned()),
        ];
        let given: Vec<String> = flags.into_iter().flatten().collect();
        (!given.is_empty()).then(|| given.join(" "))
    }
}

/// Which pictures to explain, and how to show it.
#[derive(Debug, Clone, Args)]
pub struct Explain {
    /// A picture's place in its set, or a range like 0..50 (50 not included)
    #[arg(long, value_name = "N|A..B", default_value = "0")]
    pub index: Indices,
    /// The set
    #[arg(long, value_parser = named::<Split>(), default_value_t)]
    pub split: Split,
    /// A picture of your own instead: PNG, JPEG, WebP, BMP, GIF or TIFF; a digit may be dark on light
    /// or light on dark; - is standard input
    #[arg(long, value_name = "FILE", value_parser = words(parse_path), conflicts_with_all = ["index", "split"])]
    pub image: Option<PathBuf>,
    /// The class to explain, by its number or its name [default: the predicted one]
    #[arg(long, value_name = "CLASS")]
    pub target: Option<String>,
    /// The number whose gradient is taken
    #[arg(long, value_parser = named::<Objective>(), default_value_t)]
    pub score: Objective,
    /// How a map is made
    #[arg(long, value_parser = named::<Method>(), default_value_t)]
    pub method: Method,
    /// The layer to look at, by its name: conv1 or conv2 [default: the last one]
    #[arg(long, value_name = "LAYER")]
    pub layer: Option<String>,
    /// Save the map of one picture as PNG; - is standard output. Of what is there already only a
    /// picture that gradcam has saved is replaced
    #[arg(long, value_name = "FILE", value_parser = words(parse_path))]
    pub output: Option<PathBuf>,
    /// Height of the picture in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 500, value_parser = parse_size)]
    pub size: usize,
    /// What the picture shows
    #[arg(long, value_parser = named::<View>(), default_value_t)]
    pub view: View,
    /// The heatmap's share of the overlay's colour, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.4, value_parser = parse_share)]
    pub alpha: f32,
}

/// What to hold the methods against each other on.
#[derive(Debug, Args)]
pub struct Table {
    /// The first N test pictures
    #[arg(long, visible_alias = "digits", value_name = "N", default_value_t = 1000, value_parser = parse_positive)]
    pub pictures: usize,
    /// The layer to look at, by its name: conv1 or conv2 [default: the last one]
    #[arg(long, value_name = "LAYER")]
    pub layer: Option<String>,
}

/// What a saved picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[derive(strum::Display, EnumMessage, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum View {
    /// The heatmap over the picture
    #[default]
    Overlay,
    /// The heatmap alone
    Heatmap,
    /// The picture and the heatmap
    SideBySide,
}

/// Height and width of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputSize(pub [usize; 2]);

impl FromStr for InputSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (least, most) = SIDES.into_inner();
        let side = |part: &str| {
            let side = part.parse().ok().filter(|side| SIDES.contains(side));
            side.ok_or_else(|| {
                format!("give a side of {least} to {most} pixels, as 32, or as 24x32, height first")
            })
        };
        let (height, width) = text.split_once('x').unwrap_or((text, text));
        Ok(Self([side(height)?, side(width)?]))
    }
}

/// A picture or a range of pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indices(pub Range<usize>);

impl FromStr for Indices {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |part: &str| {
            part.parse::<usize>().map_err(|_| format!("\"{part}\" is no index; give 7 or 0..50"))
        };
        let range = match text.split_once("..") {
            Some((from, to)) => number(from)?..number(to)?,
            None => {
                let index = number(text)?;
                index..index.checked_add(1).ok_or("the index is too large")?
            }
        };
        if range.is_empty() {
            return Err(format!("the range {text} is empty; give the smaller number first"));
        }
        Ok(Self(range))
    }
}

/// Ends the program with what clap has to say: help, or what is wrong with the command line.
fn refuse(error: &clap::Error) -> ! {
    // Clap repeats arguments as they are, and colours its words with escape sequences of its own.
    let hostile = |word: OsString| {
        let word = word.to_string_lossy();
        printable(&word) != word
    };
    if error.use_stderr() && std::env::args_os().any(hostile) {
        use std::io::Write;
        let text = printable_lines(&error.render().to_string());
        // Nobody is left to be told that standard error is closed.
        let _ = std::io::stderr().write_all(text.as_bytes());
        std::process::exit(error.exit_code());
    }
    error.exit()
}

/// Takes the name of a variant. Help tells of each what its documentation does.
fn named<T>() -> impl TypedValueParser<Value = T>
where
    T: Copy + EnumMessage + FromStr<Err = strum::ParseError> + Into<&'static str>,
    T: Send + Sync + VariantArray,
{
    let value = |&variant: &T| PossibleValue::new(variant.into()).help(variant.get_documentation());
    PossibleValuesParser::new(T::VARIANTS.iter().map(value)).try_map(|name| name.parse())
}

/// Takes a word that need not be UTF-8, as file names need not be.
fn words<T: Clone + Send + Sync + 'static>(
    parse: fn(OsString) -> Result<T, String>,
) -> impl TypedValueParser<Value = T> {
    OsStringValueParser::new().try_map(parse)
}

fn parse_choice(word: OsString) -> Result<Choice, String> {
    match word.to_str() {
        Some("") => {
            Err("give auto, mnist, fashion-mnist, kmnist, synthetic or a folder".to_owned())
        }
        Some("-") => Err("data are not read from standard input; name a folder".to_owned()),
        _ => Ok(Choice::from(word.as_os_str())),
    }
}

fn parse_model(word: OsString) -> Result<PathBuf, String> {
    match word.to_str() {
        Some("-") => Err("a model is not read from standard input, nor written to standard \
                          output; name a file"
            .to_owned()),
        _ => parse_path(word),
    }
}

fn parse_path(word: OsString) -> Result<PathBuf, String> {
    if word.is_empty() { Err("give a file".to_owned()) } else { Ok(PathBuf::from(word)) }
}

fn parse_positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if (1..=1_000_000).contains(&n) => Ok(n),
        _ => Err("give a whole number from 1 to 1000000".to_owned()),
    }
}

fn parse_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if (28..=4096).contains(&n) => Ok(n),
        _ => Err("give a whole number from 28 to 4096".to_owned()),
    }
}

fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 1.0 => Ok(rate),
        _ => Err("give a number above 0 and at most 1".to_owned()),
    }
}

fn parse_share(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("give a number from 0 to 1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_defaults_that_help_names_are_those_of_the_recipe() {
        let help = Cli::command().render_help().to_string();
        let Recipe { batch_size, learning_rate, seed, .. } = Recipe::default();
        for default in [batch_size.to_string(), learning_rate.to_string(), seed.to_string()] {
            assert!(help.contains(&format!("[default: {default}]")), "{default} in {help}");
        }
    }

    #[test]
    fn what_resumes_names_the_flags_that_say_which_training() {
        let command = |arguments: &str| {
            let arguments = std::iter::once("gradcam").chain(arguments.split_terminator('|'));
            Cli::try_parse_from(arguments).unwrap().common.resume_command()
        };
        assert_eq!(command(""), "gradcam --resume");
        assert_eq!(command("train|--epochs|5|--no-tui|--seed|3|--ascii"), "gradcam --resume");
        assert_eq!(
            command("--model|my model's|train|--data|synthetic|--limit|192|--device|flex"),
            r"gradcam --model 'my model'\''s' --data synthetic --limit 192 --device flex --resume"
        );
        assert_eq!(command("--data|/digits"), "gradcam --data /digits --resume");
    }

    #[test]
    fn indices_are_one_digit_or_a_range() {
        assert_eq!("7".parse(), Ok(Indices(7..8)));
        assert_eq!("0..50".parse(), Ok(Indices(0..50)));
        for bad in ["", "x", "-1", "5..2", "3..3", "..", "1..", "99999999999999999999999"] {
            assert!(bad.parse::<Indices>().is_err(), "{bad}");
        }
    }
}
