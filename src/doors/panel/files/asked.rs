//! What the address of a list asks for.

use freehold_base::JailPath;
use freehold_host::account_dir::{ListOptions, Sort};

use super::href;
use crate::panel::ctx::Ctx;

/// Names on one page.
pub const ROWS: usize = 100;

/// A folder, and how it is looked at.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `/admin/s/1/files`
    pub base: String,
    /// The folder.
    pub folder: JailPath,
    /// What is looked for.
    pub text: String,
    /// Looks into files instead of at names.
    pub in_text: bool,
    /// The column it is ordered by; empty for the name.
    pub sort: String,
    /// `down` for the other way round.
    pub dir: String,
    /// Rows before this page.
    pub at: usize,
    /// The chosen file: a name of the folder, or a path below it.
    pub open: String,
    /// The name that is being changed.
    pub rename: String,
}

impl Asked {
    /// Reads the query.
    pub fn of(ctx: &Ctx, folder: JailPath) -> Self {
        let get = |name: &str| ctx.param(name).unwrap_or_default();
        Self {
            base: super::base(ctx),
            folder,
            text: get("q").trim().chars().take(200).collect(),
            in_text: get("in") == "text",
            sort: get("sort"),
            dir: get("dir"),
            at: get("at").parse().unwrap_or(0),
            open: get("open"),
            rename: get("rename"),
        }
    }

    /// How the list is ordered.
    pub fn options(&self) -> ListOptions {
        let sort = match self.sort.as_str() {
            "size" => Sort::Size,
            "changed" => Sort::Modified,
            _ => Sort::Name,
        };
        ListOptions { sort, descending: self.dir == "down", skip: self.at, take: ROWS, ..ListOptions::default() }
    }

    /// The folder with this query changed; empty values are left out.
    pub fn with(&self, changes: &[(&str, &str)]) -> String {
        let at = if self.at > 0 { self.at.to_string() } else { String::new() };
        let now = [
            ("q", self.text.as_str()),
            ("in", if self.in_text { "text" } else { "" }),
            ("sort", &self.sort),
            ("dir", &self.dir),
            ("at", &at),
            ("open", ""),
            ("rename", ""),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in now {
            let value = changes.iter().find(|(n, _)| *n == name).map_or(value, |(_, v)| v);
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let (address, query) = (href(&self.base, &self.folder), query.finish());
        if query.is_empty() { address } else { format!("{address}?{query}") }
    }

    /// The same list without a chosen file.
    pub fn closed(&self) -> String {
        self.with(&[])
    }

    /// Where the head of a column leads, and which way it is ordered now.
    pub fn sorted_by(&self, name: &str) -> (String, &'static str) {
        let now = if self.sort.is_empty() { "name" } else { &self.sort };
        let down = self.dir == "down";
        let dir = if now == name && !down { "down" } else { "" };
        let sort = if name == "name" { "" } else { name };
        let direction = match (now == name, down) {
            (false, _) => "",
            (_, true) => "descending",
            (_, false) => "ascending",
        };
        (self.with(&[("sort", sort), ("dir", dir), ("at", "")]), direction)
    }
}
