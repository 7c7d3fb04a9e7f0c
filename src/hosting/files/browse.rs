//! Looking: lists, the tree, one thing, its bytes.

use freehold_base::{JailPath, Result};
use freehold_host::account_dir::{Kind, Links, ListOptions, Listing, Metadata, OpenedFile, Room, Usage};

use super::Desk;

/// Folders of one level of the tree at most.
const TREE: usize = 500;

/// One level of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Folders by name.
    pub folders: Vec<String>,
    /// Whether there are more than are shown.
    pub has_more: bool,
}

impl Desk {
    /// A page of a folder.
    ///
    /// # Errors
    /// `NotFound`, `Denied`.
    pub fn list(&self, path: &JailPath, options: &ListOptions) -> Result<Listing> {
        self.looking(&[path])?;
        self.home.list(path, options)
    }

    /// Folders of a folder, by name; at most 500.
    ///
    /// # Errors
    /// `NotFound`, `Denied`.
    pub fn tree(&self, path: &JailPath) -> Result<Tree> {
        self.looking(&[path])?;
        // Folders stand first in a list.
        let options = ListOptions { take: TREE + 1, ..ListOptions::default() };
        let mut folders: Vec<String> = self
            .home
            .list(path, &options)?
            .entries
            .into_iter()
            .take_while(|entry| entry.metadata.kind == Kind::Folder)
            .map(|entry| entry.name)
            .collect();
        let has_more = folders.len() > TREE;
        folders.truncate(TREE);
        Ok(Tree { folders, has_more })
    }

    /// What a path stands for; a link is shown as a link.
    ///
    /// # Errors
    /// `NotFound`, `Denied`.
    pub fn metadata(&self, path: &JailPath) -> Result<Metadata> {
        self.looking(&[path])?;
        self.home.metadata(path, Links::Refuse)
    }

    /// A file's bytes, for download and preview.
    ///
    /// # Errors
    /// `NotFound`, `Denied`, `WrongState` for a folder.
    pub fn open(&self, path: &JailPath) -> Result<OpenedFile> {
        self.looking(&[path])?;
        self.home.open_read(path, Links::Refuse)
    }

    /// Bytes and names below a folder.
    ///
    /// # Errors
    /// `NotFound`, `Denied`.
    pub fn size_of(&self, path: &JailPath) -> Result<Usage> {
        self.looking(&[path])?;
        self.home.usage_of(path)
    }

    /// What the account holds and may hold.
    ///
    /// # Errors
    /// `Denied`.
    pub fn room(&self) -> Result<Room> {
        self.looking(&[])?;
        self.home.room()
    }
}
