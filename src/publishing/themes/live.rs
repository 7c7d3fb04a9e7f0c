//! The themes of this node: found, compiled, kept current, and never worse than the last good one (rule F9).
//!
//! A theme is known by its folder's name. One that a site has for itself is known by name and site, `meadow@12`: no
//! other site can choose it, look at it or get its files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use freehold_base::SiteId;

use super::assets::Asset;
use super::context::Page;
use super::files::{BUILT_IN, ThemeFiles, folders, is_name};
use super::guard::Limits;
use super::hierarchy::Question;
use super::load::{Theme, chain_hash};
use super::manifest::Manifest;
use super::problem::Problem;
use super::sample;

/// Longest chain of parents.
const MAX_PARENTS: usize = 4;

/// All themes by folder name. Reading never waits for a compilation.
#[derive(Debug)]
pub struct Themes {
    root: Option<PathBuf>,
    /// Holds a folder for each site that has themes for itself.
    own: Option<PathBuf>,
    built_in: Arc<Theme>,
    live: ArcSwap<HashMap<String, Arc<Theme>>>,
    problems: ArcSwap<HashMap<String, Problem>>,
    /// One reload at a time.
    reloading: Mutex<()>,
}

impl Themes {
    /// Compiles what we ship and what stands in `root` (`data/themes`), if given. A broken theme does not fail the
    /// start: its sites get the built-in theme, and [`Themes::problem`] says why.
    ///
    /// # Errors
    /// The built-in theme itself is broken.
    pub fn open(root: Option<&Path>) -> Result<Self, Problem> {
        Self::open_with(root, None)
    }

    /// As [`Themes::open`], with a folder that holds a folder for each site's own themes.
    ///
    /// # Errors
    /// The built-in theme itself is broken.
    pub fn open_with(root: Option<&Path>, own: Option<&Path>) -> Result<Self, Problem> {
        let built_in = Arc::new(Theme::compile(&[])?);
        let themes = Self {
            root: root.map(Path::to_owned),
            own: own.map(Path::to_owned),
            built_in,
            live: ArcSwap::default(),
            problems: ArcSwap::default(),
            reloading: Mutex::new(()),
        };
        themes.reload();
        Ok(themes)
    }

    /// The folder that holds the themes people add; none when only ours are used.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// The folder that holds the sites' own themes; none where sites have none.
    pub fn own_root(&self) -> Option<&Path> {
        self.own.as_deref()
    }

    /// The theme of this name; the built-in one where it is missing or was never good.
    pub fn get(&self, name: &str) -> Arc<Theme> {
        self.live.load().get(name).map_or_else(|| Arc::clone(&self.built_in), Arc::clone)
    }

    /// The names of all themes that work.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.live.load().keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// The names of the themes that a site can choose.
    pub fn offered(&self, site: SiteId) -> Vec<String> {
        let mut names = self.names();
        names.retain(|name| is_for(name, site));
        names
    }

    /// Whether a site can choose a theme.
    pub fn offers(&self, site: SiteId, name: &str) -> bool {
        is_for(name, site) && self.live.load().contains_key(name)
    }

    /// The themes that a site can choose and those that would be there if they were not broken.
    pub fn known(&self, site: SiteId) -> Vec<String> {
        let mut names: Vec<String> =
            self.live.load().keys().chain(self.problems.load().keys()).filter(|n| is_for(n, site)).cloned().collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Where a theme comes from; none where there is no such theme.
    pub fn origin(&self, name: &str) -> Option<Origin> {
        let (bare, site) = split(name);
        let shipped = site.is_none() && ThemeFiles::is_shipped(bare);
        match (self.folder_of(name).is_some_and(|folder| is_there(&folder, bare)), site, shipped) {
            (true, Some(_), _) => Some(Origin::Own),
            (true, None, true) => Some(Origin::Edited),
            (true, None, false) => Some(Origin::Added),
            (false, _, true) => Some(Origin::Shipped),
            (false, _, false) => None,
        }
    }

    /// The themes that build on this one.
    pub fn children(&self, name: &str) -> Vec<String> {
        let live = self.live.load();
        let builds = |child: &&String| {
            live.get(*child).is_some_and(|theme| {
                let parent = &theme.manifest().theme.parent;
                !parent.is_empty() && self.named(parent, split(child).1) == name
            })
        };
        let mut children: Vec<String> = live.keys().filter(builds).cloned().collect();
        children.sort_unstable();
        children
    }

    /// A static file of a theme that a site can have, by its served address; both parts of `/_/assets/{hash}/{path}`
    /// must fit.
    pub fn asset_at(&self, site: SiteId, hash: &str, path: &str) -> Option<Asset> {
        let live = self.live.load();
        let theirs = live.iter().filter(|(name, _)| is_for(name, site)).map(|(_, theme)| theme);
        theirs.chain([&self.built_in]).find_map(|theme| theme.asset_at(hash, path).cloned())
    }

    /// All themes with something wrong in their newest version, by name.
    pub fn all_problems(&self) -> Vec<(String, Problem)> {
        let mut all: Vec<_> = self.problems.load().iter().map(|(name, p)| (name.clone(), p.clone())).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// What is wrong with the newest version of a theme; none when it is live.
    pub fn problem(&self, name: &str) -> Option<Problem> {
        self.problems.load().get(name).cloned()
    }

    /// Renders a page with a theme. If its template fails, the built-in theme draws the page and the problem is kept
    /// for editors, so that a visitor gets a page either way.
    ///
    /// # Errors
    /// The built-in theme failed too.
    pub fn render(
        &self,
        name: &str,
        question: Question<'_>,
        page: &Arc<Page>,
        limits: Limits,
    ) -> Result<String, Problem> {
        let theme = self.get(name);
        let problem = match theme.render(&theme.template_for(question), page, limits) {
            Ok(html) => return Ok(html),
            Err(problem) => problem,
        };
        self.note(name, Some(problem));
        self.built_in.render(&self.built_in.template_for(question), page, Limits::default())
    }

    /// Reads the folders again and compiles what changed. The names of the themes that are new, changed, gone, or
    /// have another problem than before.
    pub fn reload(&self) -> Vec<String> {
        let _one = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.live.load_full();
        let old_problems = self.problems.load_full();
        let mut live = HashMap::new();
        let mut problems = HashMap::new();
        for name in self.found() {
            match self.compiled(&name, &before) {
                Ok(theme) => {
                    live.insert(name, theme);
                }
                Err(problem) => {
                    if let Some(last_good) = before.get(&name) {
                        live.insert(name.clone(), Arc::clone(last_good));
                    }
                    problems.insert(name, problem);
                }
            }
        }
        let mut changed: Vec<String> = live
            .keys()
            .chain(before.keys())
            .chain(problems.keys())
            .chain(old_problems.keys())
            .filter(|n| {
                live.get(*n).map(|t| t.hash()) != before.get(*n).map(|t| t.hash())
                    || problems.get(*n) != old_problems.get(*n)
            })
            .cloned()
            .collect();
        changed.sort_unstable();
        changed.dedup();
        self.live.store(Arc::new(live));
        self.problems.store(Arc::new(problems));
        changed
    }

    fn note(&self, name: &str, problem: Option<Problem>) {
        self.problems.rcu(|problems| {
            let mut problems = HashMap::clone(problems);
            match problem.clone() {
                Some(problem) => problems.insert(name.to_owned(), problem),
                None => problems.remove(name),
            };
            problems
        });
    }

    /// Names: of ours, of those that people added, and of those that sites have for themselves.
    fn found(&self) -> Vec<String> {
        let mut names = ThemeFiles::shipped_names();
        names.extend(self.root.iter().flat_map(|root| folders(root)));
        if let Some(own) = &self.own {
            for site in folders(own).iter().filter_map(|folder| site_of(folder)) {
                names.extend(folders(&own.join(site.to_string())).iter().map(|name| own_name(name, site)));
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The folder that a theme's folder would stand in.
    fn folder_of(&self, name: &str) -> Option<PathBuf> {
        match split(name).1 {
            Some(site) => self.own.as_ref().map(|own| own.join(site.to_string())),
            None => self.root.clone(),
        }
    }

    /// The files of one theme, without those of its parents: a folder that people edit comes before what we ship.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn own_files(&self, name: &str) -> Result<Option<ThemeFiles>, Problem> {
        let (bare, site) = split(name);
        match self.folder_of(name) {
            Some(folder) if is_there(&folder, bare) => ThemeFiles::read(&folder, bare).map(Some),
            _ if site.is_none() => Ok(ThemeFiles::shipped(bare)),
            _ => Ok(None),
        }
    }

    /// What a parent's name means to a theme: the site's own one comes before that of all sites.
    fn named(&self, parent: &str, site: Option<SiteId>) -> String {
        let own = site.map(|site| own_name(parent, site));
        own.filter(|own| self.folder_of(own).is_some_and(|folder| is_there(&folder, parent)))
            .unwrap_or_else(|| parent.to_owned())
    }

    /// The theme and its parents, child first.
    ///
    /// # Errors
    /// One is missing, a file cannot be read, a `theme.toml` is wrong, or the parents form a circle.
    pub fn chain(&self, name: &str) -> Result<Vec<ThemeFiles>, Problem> {
        let missing = || Problem::of_file(name, "There is no such theme.");
        let files = self.own_files(name)?.ok_or_else(missing)?;
        self.chain_of(files, split(name).1)
    }

    /// The files of a theme that need not be here yet, and its parents. `site`: whose it is; none for all sites.
    ///
    /// # Errors
    /// As [`Themes::chain`].
    pub fn chain_of(&self, files: ThemeFiles, site: Option<SiteId>) -> Result<Vec<ThemeFiles>, Problem> {
        let first = format!("{}/theme.toml", files.name());
        let mut seen = vec![site.map_or_else(|| files.name().to_owned(), |site| own_name(files.name(), site))];
        let mut parent = Manifest::read(&files)?.theme.parent;
        let mut chain = vec![files];
        while !parent.is_empty() {
            let next = self.named(&parent, site);
            if chain.len() > MAX_PARENTS || seen.contains(&next) {
                return Err(Problem::of_file(first, "Its parents form a circle."));
            }
            let Some(files) = self.own_files(&next)? else {
                return Err(Problem::of_file(first, format!("Its parent {parent} is missing.")));
            };
            parent = Manifest::read(&files)?.theme.parent;
            seen.push(next);
            chain.push(files);
        }
        Ok(chain)
    }

    /// Compiles a theme and draws the sample pages with it; a theme that cannot draw them never becomes live.
    fn compiled(&self, name: &str, before: &HashMap<String, Arc<Theme>>) -> Result<Arc<Theme>, Problem> {
        let chain = self.chain(name)?;
        if name == BUILT_IN && self.root.as_ref().is_none_or(|r| r.join(name).symlink_metadata().is_err()) {
            return Ok(Arc::clone(&self.built_in));
        }
        let hash = chain_hash(&with_built_in(&chain));
        if let Some(same) = before.values().find(|t| t.hash() == hash) {
            return Ok(Arc::clone(same));
        }
        let theme = Theme::compile(&chain)?;
        sample::try_all(&theme)?;
        Ok(Arc::new(theme))
    }
}

/// Where a theme comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// We ship it.
    Shipped,
    /// We ship it, and somebody put a folder of its name over it.
    Edited,
    /// Added for all sites.
    Added,
    /// Added for one site.
    Own,
}

/// How a theme is known that a site has for itself.
pub fn own_name(name: &str, site: SiteId) -> String {
    format!("{name}@{site}")
}

/// The folder's name, and the site whose theme it is.
pub fn split(name: &str) -> (&str, Option<SiteId>) {
    match name.split_once('@') {
        Some((bare, site)) => (bare, Some(site_of(site).unwrap_or_default())),
        None => (name, None),
    }
}

/// Whether a site may have a theme: all may have those of no site.
fn is_for(name: &str, site: SiteId) -> bool {
    split(name).1.is_none_or(|own| own == site)
}

/// The site of a folder's name: its number as we write it.
fn site_of(text: &str) -> Option<SiteId> {
    let number: i64 = text.parse().ok().filter(|number| *number > 0)?;
    (number.to_string() == text).then_some(SiteId(number))
}

fn is_there(folder: &Path, name: &str) -> bool {
    is_name(name) && folder.join(name).symlink_metadata().is_ok()
}

/// The chain as [`Theme::compile`] hashes it.
fn with_built_in(chain: &[ThemeFiles]) -> Vec<ThemeFiles> {
    let mut all = chain.to_vec();
    all.extend(super::load::built_in());
    all
}
