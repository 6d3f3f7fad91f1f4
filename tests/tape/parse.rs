//! The text of a tape as commands.

use std::str::FromStr;
use std::time::Duration;

use regex_lite::Regex;

use super::TapeError;

/// A tape.
#[derive(Debug, Clone, PartialEq)]
pub struct Tape {
    /// Columns and rows of its terminal.
    pub size: (u16, u16),
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// A command and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Counted from 1.
    pub line: usize,
    /// What to do.
    pub command: Command,
}

/// What a tape can say.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `Output demo.gif`: a file for the recording.
    Output(String),
    /// `Require program`: it must be on the path.
    Require(String),
    /// `Set Name value`.
    Set(Setting),
    /// `Env NAME "value"`: a variable for the shell, wherever it stands.
    Env(String, String),
    /// `Type "text"` or `Type@50ms "text"`, with the time for a character.
    Type(String, Option<Duration>),
    /// `Down`, `Down 3` or `Down@50ms 3`.
    Key {
        /// As [`crate::pty::Terminal::keys`] names it.
        name: &'static str,
        /// How often.
        count: usize,
        /// Time for a press.
        pace: Option<Duration>,
    },
    /// `Ctrl+c`.
    Ctrl(char),
    /// `Sleep 500ms`.
    Sleep(Duration),
    /// `Wait`, `Wait /regex/`, `Wait+Screen@30s /regex/`.
    Wait {
        /// Where to look.
        scope: Scope,
        /// How long at most.
        limit: Option<Duration>,
        /// A regular expression.
        pattern: Option<String>,
    },
    /// `Hide`: not to be recorded from here.
    Hide,
    /// `Show`: to be recorded again.
    Show,
    /// `Screenshot picture.png`.
    Screenshot(String),
}

/// Where a `Wait` looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In the row with the cursor.
    Line,
    /// In all rows, joined by line feeds.
    Screen,
}

/// What can be set.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// The shell to type into.
    Shell(String),
    /// Time for a character or a key.
    TypingSpeed(Duration),
    /// How long a `Wait` waits at most.
    WaitTimeout(Duration),
    /// What a `Wait` waits for, a regular expression.
    WaitPattern(String),
    /// How the recording looks: name and value.
    Look(String, String),
}

/// Keys as they are written, and as [`crate::pty::Terminal::keys`] names them.
const KEYS: [(&str, &str); 11] = [
    ("Backspace", "Backspace"),
    ("Down", "Down"),
    ("Enter", "Enter"),
    ("Escape", "Esc"),
    ("Left", "Left"),
    ("PageDown", "PageDown"),
    ("PageUp", "PageUp"),
    ("Right", "Right"),
    ("Space", "Space"),
    ("Tab", "Tab"),
    ("Up", "Up"),
];

/// Settings of how the recording looks.
const LOOKS: [&str; 17] = [
    "BorderRadius",
    "CursorBlink",
    "FontFamily",
    "FontSize",
    "Framerate",
    "Height",
    "LetterSpacing",
    "LineHeight",
    "LoopOffset",
    "Margin",
    "MarginFill",
    "Padding",
    "PlaybackSpeed",
    "Theme",
    "Width",
    "WindowBar",
    "WindowBarSize",
];

impl FromStr for Tape {
    type Err = TapeError;

    fn from_str(text: &str) -> Result<Self, TapeError> {
        let mut size = None;
        let mut steps: Vec<Step> = Vec::new();
        let mut acted = false;
        for (line, text) in (1..).zip(text.lines()) {
            let error = |message| TapeError { line, message };
            if let Some(written) = text.trim().strip_prefix("# player:") {
                size = Some(player_size(written).map_err(error)?);
            }
            let mut rest = Rest { tokens: tokens(text).map_err(error)?.into() };
            while let Some(token) = rest.tokens.pop_front() {
                let command = rest.command(token).map_err(error)?;
                let setting = matches!(command, Command::Set(_));
                if acted && setting && !matches!(command, Command::Set(Setting::TypingSpeed(_))) {
                    return Err(error("VHS ignores a setting after the first action".into()));
                }
                let preparing =
                    matches!(command, Command::Output(_) | Command::Require(_) | Command::Env(..));
                acted |= !setting && !preparing;
                steps.push(Step { line, command });
            }
        }
        let size = size.ok_or_else(|| TapeError {
            line: 1,
            message: "there is no comment `# player: COLUMNSxROWS`".into(),
        })?;
        Ok(Self { size, steps })
    }
}

fn player_size(text: &str) -> Result<(u16, u16), String> {
    let size = text.trim().split_once('x');
    size.and_then(|(cols, rows)| Some((cols.parse().ok()?, rows.parse().ok()?)))
        .filter(|&(cols, rows)| cols > 0 && rows > 0)
        .ok_or_else(|| format!("{:?} is no size like 100x30", text.trim()))
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Regex(String),
    Number(String),
    Sign(char),
}

fn tokens(line: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let span =
            |inside: fn(char) -> bool| rest.find(|letter| !inside(letter)).unwrap_or(rest.len());
        let (token, length) = match first {
            '#' => break,
            '"' | '\'' | '`' | '/' => {
                let text = rest[1..].split_once(first).map(|(text, _)| text.to_owned());
                let text = text.ok_or_else(|| format!("a closing {first} is missing"))?;
                let length = text.len() + 2;
                (if first == '/' { Token::Regex(text) } else { Token::Quoted(text) }, length)
            }
            '0'..='9' | '.' => {
                let length = span(|letter| letter.is_ascii_digit() || letter == '.');
                (Token::Number(rest[..length].to_owned()), length)
            }
            'a'..='z' | 'A'..='Z' => {
                let length =
                    span(|letter| letter.is_ascii_alphanumeric() || "._-/%".contains(letter));
                (Token::Word(rest[..length].to_owned()), length)
            }
            sign => (Token::Sign(sign), sign.len_utf8()),
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// What is left of a line.
struct Rest {
    tokens: std::collections::VecDeque<Token>,
}

impl Rest {
    fn command(&mut self, first: Token) -> Result<Command, String> {
        let Token::Word(name) = first else {
            return Err(format!("{} where a command should be", shown(&first)));
        };
        if let Some((_, key)) = KEYS.iter().find(|(written, _)| *written == name) {
            return self.key(key);
        }
        match name.as_str() {
            "Ctrl" => self.ctrl(),
            "Type" => {
                let pace = self.at()?;
                let mut text = self.text("a text")?;
                while let Some(Token::Quoted(_)) = self.tokens.front() {
                    text = format!("{text} {}", self.text("a text")?);
                }
                Ok(Command::Type(text, pace))
            }
            "Sleep" => Ok(Command::Sleep(self.time()?)),
            "Wait" => self.wait(),
            "Hide" => Ok(Command::Hide),
            "Show" => Ok(Command::Show),
            "Set" => Ok(Command::Set(self.setting()?)),
            "Output" => Ok(Command::Output(self.text("a file")?)),
            "Require" => Ok(Command::Require(self.text("a program")?)),
            "Screenshot" => {
                let file = self.text("a file")?;
                let picture = file.ends_with(".png").then_some(Command::Screenshot(file));
                picture.ok_or_else(|| "a Screenshot needs a file name that ends in .png".into())
            }
            "Env" => Ok(Command::Env(self.text("a name")?, self.text("a value")?)),
            name => Err(format!("the player does not know {name}")),
        }
    }

    fn key(&mut self, name: &'static str) -> Result<Command, String> {
        let pace = self.at()?;
        let count = match self.tokens.front() {
            Some(Token::Number(number)) => {
                number.parse().map_err(|_| format!("{number} is no number of times"))?
            }
            _ => return Ok(Command::Key { name, count: 1, pace }),
        };
        self.tokens.pop_front();
        Ok(Command::Key { name, count, pace })
    }

    fn ctrl(&mut self) -> Result<Command, String> {
        let plus = self.tokens.pop_front();
        let letter = self.tokens.pop_front();
        match (plus, letter) {
            (Some(Token::Sign('+')), Some(Token::Word(letter))) if letter.len() == 1 => {
                Ok(Command::Ctrl(letter.chars().next().unwrap_or_default()))
            }
            _ => Err("the player knows Ctrl with one letter only, like Ctrl+c".into()),
        }
    }

    fn wait(&mut self) -> Result<Command, String> {
        let mut scope = Scope::Line;
        if self.take_sign('+') {
            scope = match self.tokens.pop_front() {
                Some(Token::Word(word)) if word == "Line" => Scope::Line,
                Some(Token::Word(word)) if word == "Screen" => Scope::Screen,
                _ => return Err("Wait+ takes Line or Screen".into()),
            };
        }
        let limit = self.at()?;
        let pattern = match self.tokens.front() {
            Some(Token::Regex(pattern)) => Some(valid(pattern)?),
            _ => None,
        };
        if pattern.is_some() {
            self.tokens.pop_front();
        }
        Ok(Command::Wait { scope, limit, pattern })
    }

    fn setting(&mut self) -> Result<Setting, String> {
        let name = self.text("the name of a setting")?;
        match name.as_str() {
            "Shell" => Ok(Setting::Shell(self.text("a shell")?)),
            "TypingSpeed" => Ok(Setting::TypingSpeed(self.time()?)),
            "WaitTimeout" => Ok(Setting::WaitTimeout(self.time()?)),
            "WaitPattern" => match self.tokens.pop_front() {
                Some(Token::Regex(pattern)) => Ok(Setting::WaitPattern(valid(&pattern)?)),
                _ => Err("WaitPattern takes a regular expression between slashes".into()),
            },
            look if LOOKS.contains(&look) => {
                let value = match self.tokens.pop_front() {
                    Some(Token::Word(value) | Token::Quoted(value) | Token::Number(value)) => value,
                    _ => return Err(format!("{name} takes a value")),
                };
                // Units and per cent are of no interest here.
                if matches!(self.tokens.front(), Some(Token::Word(unit)) if unit == "px" || unit == "em")
                {
                    self.tokens.pop_front();
                }
                self.take_sign('%');
                Ok(Setting::Look(name, value))
            }
            _ => Err(format!("there is no setting {name}")),
        }
    }

    /// A time after `@`, if there is one.
    fn at(&mut self) -> Result<Option<Duration>, String> {
        self.take_sign('@').then(|| self.time()).transpose()
    }

    /// A number, in seconds if no unit follows.
    fn time(&mut self) -> Result<Duration, String> {
        let Some(Token::Number(number)) = self.tokens.pop_front() else {
            return Err("a time like 500ms or 2s is missing".into());
        };
        let unit = match self.tokens.front() {
            Some(Token::Word(unit)) if unit == "ms" => Some(1e-3),
            Some(Token::Word(unit)) if unit == "s" => Some(1.0),
            Some(Token::Word(unit)) if unit == "m" => Some(60.0),
            _ => None,
        };
        if unit.is_some() {
            self.tokens.pop_front();
        }
        let seconds = number.parse::<f64>().ok().map(|number| number * unit.unwrap_or(1.0));
        seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .ok_or_else(|| format!("{number} is no time"))
    }

    fn text(&mut self, what: &str) -> Result<String, String> {
        match self.tokens.pop_front() {
            Some(Token::Word(text) | Token::Quoted(text)) => Ok(text),
            _ => Err(format!("{what} is missing")),
        }
    }

    fn take_sign(&mut self, sign: char) -> bool {
        let there = self.tokens.front() == Some(&Token::Sign(sign));
        if there {
            self.tokens.pop_front();
        }
        there
    }
}

fn valid(pattern: &str) -> Result<String, String> {
    match Regex::new(pattern) {
        Ok(_) => Ok(pattern.to_owned()),
        Err(error) => Err(format!("/{pattern}/ is no regular expression: {error}")),
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Word(text) | Token::Number(text) => text.clone(),
        Token::Quoted(text) => format!("{text:?}"),
        Token::Regex(text) => format!("/{text}/"),
        Token::Sign(sign) => sign.to_string(),
    }
}
