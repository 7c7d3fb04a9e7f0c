//! The themes of this node: found, compiled, kept current, and never worse than the last good one (rule F9).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::assets::Asset;
use super::context::Page;
use super::files::{BUILT_IN, ThemeFiles, folders};
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
        let built_in = Arc::new(Theme::compile(&[])?);
        let themes = Self {
            root: root.map(Path::to_owned),
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

    /// The theme of this name; the built-in one where it is missing or was never good.
    pub fn get(&self, name: &str) -> Arc<Theme> {
        self.live.load().get(name).map_or_else(|| Arc::clone(&self.built_in), Arc::clone)
    }

    /// The names of all themes that can be chosen.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.live.load().keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// A static file of any theme by its served address; both parts of `/_/assets/{hash}/{path}` must fit.
    pub fn asset_at(&self, hash: &str, path: &str) -> Option<Asset> {
        let live = self.live.load();
        live.values().chain([&self.built_in]).find_map(|theme| theme.asset_at(hash, path).cloned())
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

    /// Folder names: ours, and those that people added.
    fn found(&self) -> Vec<String> {
        let mut names = ThemeFiles::shipped_names();
        names.extend(self.root.iter().flat_map(|root| folders(root)));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The files of one theme: a folder that people edit comes before what we ship.
    fn files(&self, name: &str) -> Result<Option<ThemeFiles>, Problem> {
        match &self.root {
            Some(root) if root.join(name).symlink_metadata().is_ok() => ThemeFiles::read(root, name).map(Some),
            _ => Ok(ThemeFiles::shipped(name)),
        }
    }

    /// The theme and its parents, child first.
    fn chain(&self, name: &str) -> Result<Vec<ThemeFiles>, Problem> {
        let mut chain: Vec<ThemeFiles> = Vec::new();
        let mut next = name.to_owned();
        while !next.is_empty() {
            let Some(files) = self.files(&next)? else {
                return Err(Problem::of_file(format!("{name}/theme.toml"), format!("Its parent {next} is missing.")));
            };
            if chain.len() > MAX_PARENTS || chain.iter().any(|t| t.name() == next) {
                return Err(Problem::of_file(format!("{name}/theme.toml"), "Its parents form a circle."));
            }
            next = Manifest::read(&files)?.theme.parent;
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

/// The chain as [`Theme::compile`] hashes it.
fn with_built_in(chain: &[ThemeFiles]) -> Vec<ThemeFiles> {
    let mut all = chain.to_vec();
    all.extend(super::load::built_in());
    all
}
