//! The tree of folders beside a list: the way to the open one, and what stands beside and below it.

use freehold_base::{JailPath, Result};
use freehold_hosting::files::Desk;
use serde::Serialize;

use super::href;

/// Folders shown of one level.
const OF_LEVEL: usize = 60;
/// Deepest level that is drawn further in.
const DEEPEST: usize = 5;

/// A folder of the tree.
#[derive(Serialize)]
pub struct Node {
    label: String,
    href: String,
    icon: &'static str,
    depth: usize,
    /// `yes`, `no`, or empty where nothing is known to be below it.
    open: &'static str,
    current: bool,
}

/// The tree for an open folder. `site` is the folder that the site is served from; `known`: the folders of the open one,
/// and whether there are more, where the list has read them already.
///
/// # Errors
/// Faults of the disk; a folder that went away is left out.
pub fn of(
    files: &Desk,
    base: &str,
    folder: &JailPath,
    site: &JailPath,
    known: Option<(Vec<JailPath>, bool)>,
) -> Result<(Vec<Node>, bool)> {
    let top = Node {
        label: "Home".into(),
        href: base.to_owned(),
        icon: "hard-drive",
        depth: 0,
        open: "yes",
        current: folder.is_root(),
    };
    let mut tree = Tree { files, base, folder, site, nodes: vec![top], more: false, known };
    tree.below(&JailPath::root(), 1)?;
    Ok((tree.nodes, tree.more))
}

struct Tree<'a> {
    files: &'a Desk,
    base: &'a str,
    folder: &'a JailPath,
    site: &'a JailPath,
    nodes: Vec<Node>,
    more: bool,
    known: Option<(Vec<JailPath>, bool)>,
}

impl Tree<'_> {
    fn below(&mut self, at: &JailPath, depth: usize) -> Result<()> {
        let on_the_way = |path: &JailPath, folder: &JailPath| folder.is_within(path);
        let (folders, more) = match if at == self.folder { self.known.take() } else { None } {
            Some(known) => known,
            None => folders(self.files, at),
        };
        self.more |= more || folders.len() > OF_LEVEL;
        let mut shown: Vec<JailPath> = folders.into_iter().take(OF_LEVEL).collect();
        // The way to the open folder is there, however many stand before it.
        if let Some(next) = step(at, self.folder)
            && !shown.contains(&next)
        {
            shown.push(next);
        }
        for path in shown {
            let open = on_the_way(&path, self.folder);
            let serves = !self.site.is_root() && path == *self.site;
            self.nodes.push(Node {
                label: path.name(),
                href: href(self.base, &path),
                icon: if serves { "globe" } else { "folder" },
                depth: depth.min(DEEPEST),
                open: if open { "yes" } else { "no" },
                current: path == *self.folder,
            });
            if open {
                self.below(&path, depth + 1)?;
            }
        }
        Ok(())
    }
}

/// The next folder on the way from one to another; none where it is reached.
fn step(from: &JailPath, to: &JailPath) -> Option<JailPath> {
    let rest = to.strip(from)?;
    let name = rest.names().next()?.to_owned();
    from.join_disk(&name).ok()
}

/// Folders of a folder, by name, and whether there are more; none of a folder that cannot be read.
pub fn folders(files: &Desk, at: &JailPath) -> (Vec<JailPath>, bool) {
    let Ok(level) = files.tree(at) else { return (Vec::new(), false) };
    (level.folders.iter().filter_map(|name| at.join(name).ok()).collect(), level.has_more)
}
