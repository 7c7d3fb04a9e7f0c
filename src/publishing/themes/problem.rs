//! What is wrong with a theme, with the place where it is.

use std::fmt;

use freehold_base::{Code, Error};

/// An error in a theme, for the people who edit it; visitors never see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file inside the theme's folder, with the theme's name in front: `meadow/templates/index.html`.
    pub file: String,
    /// The line, counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The line itself, at most 200 characters; empty when there is none.
    pub snippet: String,
    /// Whether a limit of the render guard (time, memory, output) stopped it.
    pub limit: bool,
}

impl Problem {
    /// A problem of a file as a whole.
    pub fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: 0, message: message.into(), snippet: String::new(), limit: false }
    }

    /// A problem at a line (from 1) of `source`.
    pub fn at_line(file: impl Into<String>, source: &str, line: usize, message: impl Into<String>) -> Self {
        let snippet = source.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        Self { line, snippet: snippet.trim().chars().take(200).collect(), ..Self::of_file(file, message) }
    }

    /// A problem at a byte of `source`.
    pub fn at_byte(file: impl Into<String>, source: &str, byte: usize, message: impl Into<String>) -> Self {
        let line = source.as_bytes().iter().take(byte).filter(|b| **b == b'\n').count() + 1;
        Self::at_line(file, source, line, message)
    }

    /// From an error of the template engine; `source_of` gives the text of a template as its author wrote it.
    pub(crate) fn from_tera<'a>(error: &tera::Error, source_of: impl Fn(&str) -> Option<&'a str>) -> Self {
        use tera::ErrorKind;
        let message = error.to_string();
        let limit = message.contains(super::guard::STOPPED);
        let mut problem = match error.kind() {
            ErrorKind::SyntaxError(r) | ErrorKind::RenderingError(r) => {
                let source = source_of(r.filename()).unwrap_or_default();
                Self::at_line(r.filename(), source, r.span().start_line, r.message())
            }
            ErrorKind::Io(_) => {
                Self::of_file("", format!("{}: the page is larger than allowed", super::guard::STOPPED))
            }
            ErrorKind::CircularExtend { inheritance_chain, .. } => {
                let first = inheritance_chain.first().map_or("", String::as_str);
                Self::of_file(first, format!("It extends itself: {}.", inheritance_chain.join(", which extends ")))
            }
            _ => Self::from_report(&message, source_of),
        };
        problem.limit = limit || matches!(error.kind(), ErrorKind::Io(_));
        problem
    }

    /// As [`Problem::from_tera`], each of several where the engine found several.
    pub(crate) fn all_from_tera<'a>(error: &tera::Error, source_of: impl Fn(&str) -> Option<&'a str>) -> Vec<Self> {
        let message = error.to_string();
        // a report is its sentence, its place and the lines around it
        let starts = message.match_indices("error: ").filter(|(at, _)| *at == 0 || message[..*at].ends_with('\n'));
        let starts: Vec<usize> = starts.map(|(at, _)| at).collect();
        if starts.len() < 2 {
            return vec![Self::from_tera(error, source_of)];
        }
        let ends = starts.iter().skip(1).copied().chain([message.len()]);
        let parts = starts.iter().zip(ends).filter_map(|(start, end)| message.get(*start..end));
        parts.map(|part| Self::from_report(part, &source_of)).collect()
    }

    /// The engine joins the reports of unknown names into one text: `error: …\n --> file:line:column`.
    fn from_report<'a>(report: &str, source_of: impl Fn(&str) -> Option<&'a str>) -> Self {
        let first = report.lines().find_map(|l| l.trim().strip_prefix("error: ")).unwrap_or(report);
        let place = report.lines().find_map(|l| l.trim().strip_prefix("--> "));
        let Some((rest, _column)) = place.and_then(|p| p.rsplit_once(':')) else {
            return Self::of_file("", first.lines().next().unwrap_or_default());
        };
        let (file, line) = rest.rsplit_once(':').unwrap_or((rest, "0"));
        Self::at_line(file, source_of(file).unwrap_or_default(), line.parse().unwrap_or(0), first)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.as_str(), self.line) {
            ("", _) => f.write_str(&self.message),
            (file, 0) => write!(f, "{file}: {}", self.message),
            (file, line) => write!(f, "{file}:{line}: {}", self.message),
        }
    }
}

impl std::error::Error for Problem {}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error::refused(Code::TemplateBroken, problem.to_string())
    }
}
