//! A compiled theme chain, and the rendering of one page.

use std::collections::HashMap;
use std::sync::Arc;

use freehold_base::secret::hex;
use sha2::{Digest as _, Sha256};
use tera::Tera;

use super::assets::{Asset, Assets};
use super::context::Page;
use super::files::{BUILT_IN, ThemeFiles};
use super::frame::{Fixed, Frame, Words};
use super::guard::{self, LimitedWriter, Limits};
use super::hierarchy::{self, Question};
use super::instrument::instrument;
use super::manifest::Manifest;
use super::problem::Problem;
use super::share::{self, Share};
use super::{bounded, filters, functions, head};

/// What the theme we ship is called inside a chain: a name that no folder can have.
const BUILT_IN_NAME: &str = "built-in!";
/// Most templates in a chain.
const MAX_TEMPLATES: usize = 600;

/// A compiled chain: one instance for all sites whose chain has the same bytes. Cheap to share, never changes.
#[derive(Debug)]
pub struct Theme {
    hash: String,
    tera: Tera,
    /// Templates as their authors wrote them, for errors.
    sources: HashMap<String, String>,
    fixed: Arc<Fixed>,
    settings: serde_json::Map<String, serde_json::Value>,
    /// The same as templates see them: most sites change none.
    defaults: tera::Value,
    preloads: Vec<(String, &'static str)>,
    share: Share,
}

impl Theme {
    /// Compiles a chain, child first. The built-in theme is added at its end, so that no template is ever missing.
    ///
    /// # Errors
    /// The first problem found, with file and line.
    pub fn compile(chain: &[ThemeFiles]) -> Result<Self, Problem> {
        Self::compile_or_say_all(chain).map_err(|problems| {
            problems.into_iter().next().unwrap_or_else(|| Problem::of_file("", "The theme cannot be compiled."))
        })
    }

    /// As [`Theme::compile`], with all that is wrong where something is.
    ///
    /// # Errors
    /// At least one problem.
    pub fn compile_or_say_all(chain: &[ThemeFiles]) -> Result<Self, Vec<Problem>> {
        let mut all = chain.to_vec();
        all.extend(built_in());
        let ours = |problems: &[Problem]| problems.iter().any(|p| p.file.starts_with(BUILT_IN_NAME));
        match Self::compile_all(&all, false) {
            // a theme may bring a frame without the blocks that ours has; then our own templates keep our own frame
            Err(problems) if ours(&problems) => Self::compile_all(&all, true),
            done => done,
        }
    }

    fn compile_all(chain: &[ThemeFiles], apart: bool) -> Result<Self, Vec<Problem>> {
        let one = |problem: Problem| vec![problem];
        let hash = chain_hash(chain);
        let manifest = chain.first().map_or_else(|| Ok(Manifest::default()), Manifest::read).map_err(one)?;
        let mut sources = sources(chain).map_err(one)?;
        if apart {
            let ours = format!("{{% extends \"{BUILT_IN_NAME}/templates/");
            for (_, source) in sources.iter_mut().filter(|(name, _)| name.starts_with(BUILT_IN_NAME)) {
                *source = source.replace("{% extends \"", &ours);
            }
        }
        let mut guarded = Vec::with_capacity(sources.len());
        let mut problems = Vec::new();
        for (name, source) in &sources {
            match instrument(name, source) {
                Ok(text) => guarded.push((name.as_str(), text)),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
            return Err(problems);
        }
        let mut tera = engine();
        let prefixes = chain.iter().flat_map(|t| [format!("{}/templates/", t.name()), format!("{}/", t.name())]);
        let of_engine = |e: &tera::Error| Problem::all_from_tera(e, |file| sources.get(file).map(String::as_str));
        tera.set_fallback_prefixes(prefixes).map_err(|e| of_engine(&e))?;
        tera.add_raw_templates(guarded.iter().map(|(n, s)| (*n, s.as_str()))).map_err(|e| of_engine(&e))?;
        // settings of the whole chain: a child's template may lean on its parent's settings
        let mut settings = serde_json::Map::new();
        for theme in chain.iter().rev() {
            for setting in Manifest::read(theme).map_err(one)?.settings {
                settings.insert(setting.id, setting.default);
            }
        }
        let manifest = inherited(manifest, chain).map_err(one)?;
        let fixed = Arc::new(Fixed { manifest, assets: Assets::of(chain), words: words(chain).map_err(one)? });
        let preloads = head::preloads(&fixed);
        let defaults = super::context::value(&settings);
        let share = Share::of(&fixed.manifest, &fixed.assets);
        Ok(Self { hash, tera, sources, fixed, settings, defaults, preloads, share })
    }

    /// The content hash of the chain, in hexadecimal: the theme version of a cached page.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The child's `theme.toml`.
    pub fn manifest(&self) -> &Manifest {
        &self.fixed.manifest
    }

    /// The template that draws `question`: the most special one that the chain has, child first.
    pub fn template_for(&self, question: Question<'_>) -> String {
        let mut names = hierarchy::candidates(question).into_iter();
        names.find(|name| self.tera.contains_template(name)).unwrap_or_else(|| "index.html".to_owned())
    }

    /// A static file by its path below `static/`: `croft.css`.
    pub fn asset(&self, path: &str) -> Option<&Asset> {
        self.fixed.assets.get(path)
    }

    /// A static file by its served address: both parts of `/_/assets/{hash}/{path}` must fit.
    pub fn asset_at(&self, hash: &str, path: &str) -> Option<&Asset> {
        self.asset(path).filter(|asset| asset.hash == hash)
    }

    /// What every page needs first, for `Link: <address>; rel=preload; as=kind`: (address, `style` or `font`); a font
    /// also wants `crossorigin`.
    pub fn preloads(&self) -> &[(String, &'static str)] {
        &self.preloads
    }

    /// Renders `template` (a name from [`Theme::template_for`]) in this thread, within `limits`.
    ///
    /// # Errors
    /// The template failed, or a limit stopped it (`Problem::limit`); nothing of the page is returned.
    pub fn render(&self, template: &str, page: &Arc<Page>, limits: Limits) -> Result<String, Problem> {
        let context = page.context(self.settings_of(page));
        let frame = Frame::new(Arc::clone(page), Arc::clone(&self.fixed));
        let mut out = LimitedWriter::new(limits.output_bytes);
        let lasting = context.get("entries").and_then(tera::Value::as_array).unwrap_or_default();
        let done = frame.enter(|| guard::within(limits, lasting, || self.tera.render_to(template, &context, &mut out)));
        match done {
            Ok(()) => Ok(out.into_string()),
            Err(e) => Err(Problem::from_tera(&e, |file| self.sources.get(file).map(String::as_str))),
        }
    }

    /// What stands in the address of a picture for shared links, of an entry with this title or of the page's site
    /// (empty); `None` where none can be drawn.
    pub fn share_key(&self, page: &Page, title: &str) -> Option<String> {
        self.share.key(&self.hash, page, title)
    }

    /// Fills the page's picture for shared links without drawing it: whether its template works.
    ///
    /// # Errors
    /// As [`Theme::draw_share`].
    pub fn check_share(&self, page: &Arc<Page>) -> Result<(), Problem> {
        let text = self.render(share::TEMPLATE, page, Limits::default())?;
        share::check(&text).map_err(|e| Problem::of_file(share::TEMPLATE, e.sentence()))
    }

    /// Draws the page's picture for shared links: 20 to 60 ms of work. Returns a PNG of [`WIDTH`] × [`HEIGHT`].
    ///
    /// # Errors
    /// The template failed, or what it wrote is no drawing.
    ///
    /// [`WIDTH`]: super::share::WIDTH
    /// [`HEIGHT`]: super::share::HEIGHT
    pub fn draw_share(&self, page: &Arc<Page>) -> Result<Vec<u8>, Problem> {
        let text = self.render(share::TEMPLATE, page, Limits::default())?;
        self.share.draw(&text).map_err(|e| Problem::of_file(share::TEMPLATE, e.sentence()))
    }

    /// The theme's defaults with the page's accepted changes.
    fn settings_of(&self, page: &Page) -> tera::Value {
        if page.settings.is_empty() {
            return self.defaults.clone();
        }
        let mut settings = self.settings.clone();
        for setting in &self.fixed.manifest.settings {
            if let Some(value) = page.settings.get(&setting.id).and_then(|v| setting.settle(v)) {
                settings.insert(setting.id.clone(), value);
            }
        }
        super::context::value(&settings)
    }
}

/// The engine with our functions, filters and the guard, and no template yet.
fn engine() -> Tera {
    let mut tera = Tera::default();
    tera.autoescape_on(vec![".html", ".xml", ".svg"]);
    functions::register(&mut tera);
    filters::register(&mut tera);
    bounded::register(&mut tera);
    guard::register(&mut tera);
    tera
}

/// The theme we ship.
pub(crate) fn built_in() -> Option<ThemeFiles> {
    ThemeFiles::shipped(BUILT_IN).map(|files| files.renamed(BUILT_IN_NAME))
}

/// The hash of a chain's bytes.
pub(crate) fn chain_hash(chain: &[ThemeFiles]) -> String {
    let mut hash = Sha256::new();
    chain.iter().for_each(|theme| theme.add_to(&mut hash));
    hex(&hash.finalize())
}

/// Template name (`meadow/templates/index.html`) to text.
fn sources(chain: &[ThemeFiles]) -> Result<HashMap<String, String>, Problem> {
    let mut sources = HashMap::new();
    for theme in chain {
        for folder in ["templates/", "components/", "blocks/", "widgets/"] {
            for (path, _) in
                theme.below(folder).filter(|(p, _)| [".html", ".xml", ".svg"].iter().any(|end| p.ends_with(end)))
            {
                let path = format!("{folder}{path}");
                let text = theme.text(&path)?.unwrap_or_default();
                sources.insert(format!("{}/{path}", theme.name()), text.to_owned());
            }
        }
        if sources.len() > MAX_TEMPLATES {
            return Err(Problem::of_file(theme.name(), "A theme and its parents have at most 600 templates."));
        }
    }
    Ok(sources)
}

/// Words by language, the child's before its parents'.
fn words(chain: &[ThemeFiles]) -> Result<HashMap<String, Arc<Words>>, Problem> {
    let mut words: HashMap<String, Words> = HashMap::new();
    for theme in chain.iter().rev() {
        for (path, _) in theme.below("locales/") {
            let Some(language) = path.strip_suffix(".toml") else { continue };
            let full = format!("locales/{path}");
            let text = theme.text(&full)?.unwrap_or_default();
            let file: Words = toml::from_str(text).map_err(|e| {
                let at = e.span().map_or(0, |s| s.start);
                Problem::at_byte(format!("{}/{full}", theme.name()), text, at, e.message())
            })?;
            words.entry(language.to_owned()).or_default().extend(file);
        }
    }
    Ok(words.into_iter().map(|(language, words)| (language, Arc::new(words))).collect())
}

/// What a child does not say comes from its parents: style sheets, fonts, fonts of drawn pictures, menu places and
/// settings.
fn inherited(mut manifest: Manifest, chain: &[ThemeFiles]) -> Result<Manifest, Problem> {
    for theme in chain.iter().skip(1) {
        let parent = Manifest::read(theme)?;
        if manifest.share.fonts.is_empty() {
            manifest.share = parent.share;
        }
        if manifest.preload.styles.is_empty() {
            manifest.preload = parent.preload;
        }
        for (id, label) in parent.locations {
            manifest.locations.entry(id).or_insert(label);
        }
        // what ours is lent for, where a theme has no page of its own, is drawn as we made it: nobody chose to set it
        let settings = if theme.name() == BUILT_IN_NAME { Vec::new() } else { parent.settings };
        for setting in settings {
            if !manifest.settings.iter().any(|s| s.id == setting.id) {
                manifest.settings.push(setting);
            }
        }
    }
    Ok(manifest)
}
