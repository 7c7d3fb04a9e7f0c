//! What is wrong with a plugin, in words its author can act on.

use std::fmt;

use freehold_base::{Code, Error, text};

/// One thing that is wrong: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key of the manifest (`settings[2].label`), or the file of the package.
    pub field: String,
    /// What is wrong with it: "`rendr` is not a hook".
    pub wrong: String,
    /// The next step: "Did you mean `entry.render`?".
    pub next: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.field, self.wrong, self.next)
    }
}

/// Everything that is wrong, at least one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Notes one.
    pub(crate) fn add(&mut self, field: impl Into<String>, wrong: impl Into<String>, next: impl Into<String>) {
        self.0.push(Problem { field: field.into(), wrong: wrong.into(), next: next.into() });
    }
    /// Notes a name that is not one of the known ones, with the one that is written most like it.
    pub(crate) fn unknown<'a>(
        &mut self,
        field: impl Into<String>,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let next = match text::nearest(name, known) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "Take it out.".to_owned(),
        };
        self.add(field, format!("`{}` is not {what}", shown(name)), next);
    }
    /// The value where nothing is wrong.
    pub(crate) fn or<T>(self, value: Option<T>) -> Result<T, Problems> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        let said: Vec<String> = problems.0.iter().map(|p| p.to_string().trim_end_matches('.').to_owned()).collect();
        Error::refused(Code::PluginRefused, said.join("; "))
    }
}

/// A foreign name for a message: short, one line.
pub(crate) fn shown(name: &str) -> String {
    let clean: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
    if clean.len() < name.len() { format!("{clean}…") } else { clean }
}
