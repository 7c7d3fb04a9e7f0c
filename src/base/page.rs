//! Pages of lists: always bounded, always by key.

/// How many rows a list may give at once: 1 to 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// Largest page.
    pub const MAX: u16 = 200;
    /// Clamped into 1 to 200.
    pub fn new(size: u16) -> Self {
        Self(size.clamp(1, Self::MAX))
    }
    /// For `LIMIT`.
    pub fn get(self) -> i64 {
        i64::from(self.0)
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(20)
    }
}

/// A place in an ordered list: the sort key and id of the last row seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Sort key of that row (time in ms, or a text key).
    pub key: String,
    /// Its id, which breaks ties.
    pub id: i64,
}

impl Cursor {
    /// The form that goes into a URL: `key~id`.
    pub fn encode(&self) -> String {
        format!("{}~{}", self.key, self.id)
    }
    /// Reads what [`Cursor::encode`] wrote; `None` for anything else.
    pub fn decode(text: &str) -> Option<Self> {
        let (key, id) = text.rsplit_once('~')?;
        Some(Self { key: key.to_owned(), id: id.parse().ok()? })
    }
    /// The key as a number, for lists ordered by time.
    pub fn number(&self) -> i64 {
        self.key.parse().unwrap_or(i64::MAX)
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// At most this many rows.
    pub size: PageSize,
    /// Rows after this place; from the start without it.
    pub after: Option<Cursor>,
}
