//! How a call can fail, and what it cost in any case.

use std::fmt;
use std::time::Duration;

/// What kind of failure ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// It computed, or waited, longer than it may.
    Deadline,
    /// It wanted more memory, or more tables and instances, than it may have.
    Memory,
    /// Its answer is too large.
    Output,
    /// It called the host too often.
    HostCalls,
    /// It did what WebAssembly forbids: unreachable code, a division by zero, recursion without an end.
    Trap,
    /// The plugin said itself that it cannot: its text is the plugin's own.
    Exception,
    /// Its answer is not JSON.
    BadAnswer,
    /// It could not be started: it wants functions that the host does not have.
    Broken,
    /// What it was given is too large. Not the plugin's fault.
    Input,
    /// The manifest does not listen to this hook. Not the plugin's fault.
    NotListening,
    /// Plugins called each other more than three deep. Not the plugin's fault.
    Depth,
    /// All places for calls were taken for as long as the call may wait. Not the plugin's fault.
    Busy,
}

impl FaultKind {
    /// A word for logs and figures: `deadline`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Memory => "memory",
            Self::Output => "output",
            Self::HostCalls => "host_calls",
            Self::Trap => "trap",
            Self::Exception => "exception",
            Self::BadAnswer => "bad_answer",
            Self::Broken => "broken",
            Self::Input => "input",
            Self::NotListening => "not_listening",
            Self::Depth => "depth",
            Self::Busy => "busy",
        }
    }
    /// Whether the breaker counts it.
    pub const fn is_the_plugins(self) -> bool {
        !matches!(self, Self::Input | Self::NotListening | Self::Depth | Self::Busy)
    }
}

/// What a call took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Computing time of the thread, the host's work for the plugin included.
    pub spent: Duration,
    /// From the call to its end by the clock on the wall.
    pub waited: Duration,
    /// The most memory that it held, in bytes.
    pub memory_peak: usize,
    /// How often it called the host.
    pub host_calls: u32,
}

/// Why a call gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// In words for the admin and the plugin's author; at most 2,000 characters, no line is ours to trust.
    pub text: String,
    /// The line of `plugin.js` where an exception came from.
    pub line: Option<u32>,
    /// What it took all the same.
    pub cost: Cost,
}

impl Fault {
    pub(super) fn new(kind: FaultKind, text: impl Into<String>) -> Self {
        let text: String = text.into();
        Self { kind, text: text.chars().take(2_000).collect(), line: None, cost: Cost::default() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "plugin.js, line {line}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

impl std::error::Error for Fault {}

/// What a plugin answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T = String> {
    /// The answer: JSON that was looked at, or what [`super::Compiled::render`] says.
    pub value: T,
    /// What it took.
    pub cost: Cost,
}
