//! Joins the visitors' door with the maker of pages: asks, tags, purges.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web as aw};
use bytes::Bytes;
use freehold_base::{Capability, Event, JailPath, OrInternal as _, Result, SiteId};
use freehold_host::account_dir::AccountDirs;
use freehold_platform::accounts::{PersonChanged, PersonDeleted};
use freehold_platform::secrets::Keyring;
use freehold_platform::sites::events::{HostsChanged, RulesChanged, SettingsChanged, SiteDeleted, SiteHostsChanged};
use freehold_platform::sites::{Host, HostKind, hosts, hosts_of, rules};
use freehold_publishing::content::events::{CommentsChanged, EntryChanged, MenusChanged, TermChanged};
use freehold_publishing::gallery;
use freehold_publishing::library::events::MediaChanged;
use freehold_publishing::pages::{Answer, Ask, Pages, Part};
use freehold_publishing::plugins::events::PluginsChanged;
use freehold_publishing::themes::files::BUILT_IN;
use freehold_publishing::themes::{Asset, live};
use freehold_store::{Actor, Store};

use crate::unlock_cookie;
use crate::web::coding::{Accepted, Coding, Effort, MIN_BYTES};
use crate::web::files::folder::Root;
use crate::web::hosts::{HostTable, SiteKind, SiteRef};
use crate::web::respond::accepted;
use crate::web::source::{PageRequest, PageSource, Preload, Rendered};
use crate::web::state::Web;
use crate::web::tag::Tag;
use crate::web::visit::Visit;

/// Pages out of the database.
pub struct SitePages {
    store: Store,
    pages: Arc<Pages>,
    keys: Arc<Keyring>,
    visitor: Actor,
}

impl SitePages {
    /// Of this database, made by `pages`; cookies of visitors are signed with `keys`.
    pub fn new(store: Store, pages: Arc<Pages>, keys: Arc<Keyring>) -> Self {
        Self { store, pages, keys, visitor: Actor::visitor("") }
    }

    /// What a request asks for.
    pub(crate) fn ask<'a>(request: &'a PageRequest) -> Ask<'a> {
        Ask {
            site: request.site.site,
            account: request.site.account,
            origin: &request.site.origin,
            path: request.path.as_str(),
            search: request.query.get("s"),
            kind: request.query.get("type").or_else(|| request.query.get("post_type")),
            order: request.query.get("order"),
            before: request.query.get("before"),
            after: request.query.get("after"),
            page: number(request, &["page", "paged"]),
            comments: number(request, &["comments", "cpage"]),
            feed: request.query.get("feed"),
            number: number(request, &["p", "page_id", "attachment_id"]),
            category: request.query.get("cat").and_then(|n| n.parse().ok()),
            reply: request.query.get("reply").and_then(|p| p.parse().ok()),
            said: request.query.get("said"),
            typed: None,
            unlocked: None,
        }
    }

    /// The maker of pages.
    pub(crate) fn pages(&self) -> &Arc<Pages> {
        &self.pages
    }
    /// The keys of signatures.
    pub(crate) fn keys(&self) -> &Arc<Keyring> {
        &self.keys
    }
    /// The database.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// An answer on its way to the cache or, where it is personal, past it.
    pub(crate) fn rendered(&self, request: &PageRequest, answer: Answer) -> Result<Rendered> {
        let site = request.site.site;
        match answer {
            Answer::Moved(to) => {
                let location = format!("{}{}", request.site.origin, encode(&to));
                Ok(Rendered::redirect(StatusCode::MOVED_PERMANENTLY, &location))
            }
            Answer::Elsewhere(to) => {
                let mut page = Rendered::redirect(StatusCode::FOUND, &format!("{}{to}", request.site.origin));
                page.headers.push((header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")));
                Ok(page)
            }
            Answer::Body { status, content_type, body, parts, theme } => {
                let status = StatusCode::from_u16(status).or_internal("answering")?;
                let mut page = Rendered::new(status, HeaderValue::from_static(content_type), body, tags(site, &parts));
                page.cacheable = !parts.contains(&Part::Now);
                let preload = |(url, destination): &(String, &'static str)| Preload { url: url.clone(), destination };
                page.preload = theme.iter().flat_map(|t| t.preloads()).map(preload).collect();
                Ok(page)
            }
        }
    }
}

/// A parameter as a number, under any of these names.
fn number<N: std::str::FromStr>(request: &PageRequest, names: &[&str]) -> Option<N> {
    names.iter().find_map(|name| request.query.get(name)?.parse().ok())
}

fn encode(path: &str) -> String {
    const KEEP: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~')
        .remove(b'?')
        .remove(b'=')
        .remove(b'&')
        .remove(b'%');
    percent_encoding::utf8_percent_encode(path, KEEP).to_string()
}

impl PageSource for SitePages {
    fn render(&self, request: &PageRequest) -> Result<Rendered> {
        let ask = Self::ask(request);
        let answer = self.store.peek(&self.visitor, |tx| self.pages.answer(tx, &ask))?;
        self.rendered(request, answer)
    }
    fn not_found(&self, request: &PageRequest) -> Result<Rendered> {
        let ask = Self::ask(request);
        let answer = self.store.peek(&self.visitor, |tx| self.pages.not_found(tx, &ask))?;
        self.rendered(request, answer)
    }
    fn allowed_query(&self) -> &[&str] {
        &[
            "s",
            "p",
            "before",
            "after",
            "page",
            "paged",
            "page_id",
            "attachment_id",
            "cat",
            "reply",
            "said",
            "comments",
            "cpage",
            "type",
            "post_type",
            "order",
            "feed",
        ]
    }
    fn gave(&self, site: SiteId, cookie: &str) -> bool {
        unlock_cookie::opened(&self.keys, site, cookie).is_some()
    }
    fn blocking(&self) -> bool {
        !self.store.is_sqlite()
    }
}

fn tags(site: SiteId, parts: &[Part]) -> Vec<Tag> {
    let mut tags: Vec<Tag> = parts
        .iter()
        .map(|part| match *part {
            Part::Entry(id) => Tag::entry(site, id),
            Part::Term(id) => Tag::term(site, id),
            Part::Author(id) => Tag::author(site, id),
            Part::Person(id) => Tag::person(id),
            Part::Comments(id) => Tag::comments(site, id),
            Part::Around(id) => Tag::around(site, id),
            Part::EntryList => Tag::entry_list(site),
            Part::Menus => Tag::menu(site, 0.into()),
            Part::Settings => Tag::settings(site),
            Part::Theme => Tag::theme(site),
            Part::Now => Tag::site(site),
        })
        .collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// Forgets what a committed event made old, before the write is answered.
pub fn purge(web: &Web, pages: &Pages, events: &[Box<dyn Event>]) {
    let mut old = Vec::new();
    for event in events {
        let any = event.as_any();
        if let Some(e) = any.downcast_ref::<EntryChanged>() {
            if e.was_live || e.is_live {
                old.push(Tag::entry(e.site, e.id));
                old.push(Tag::entry_list(e.site));
                old.push(Tag::author(e.site, e.author));
                old.extend(e.terms.iter().map(|id| Tag::term(e.site, (*id).into())));
                old.extend(e.neighbours.iter().map(|id| Tag::around(e.site, *id)));
            }
            if e.in_menus {
                pages.snapshots().forget(e.site);
                old.push(Tag::menu(e.site, 0.into()));
            }
        } else if let Some(e) = any.downcast_ref::<TermChanged>() {
            old.push(Tag::term(e.site, e.id.into()));
            if e.in_menus {
                pages.snapshots().forget(e.site);
                old.push(Tag::menu(e.site, 0.into()));
            }
        } else if let Some(e) = any.downcast_ref::<MenusChanged>() {
            pages.snapshots().forget(e.site);
            old.push(Tag::menu(e.site, 0.into()));
        } else if let Some(e) = any.downcast_ref::<SettingsChanged>() {
            pages.snapshots().forget(e.site);
            old.push(Tag::site(e.site));
        } else if let Some(e) = any.downcast_ref::<SiteDeleted>() {
            pages.snapshots().forget(e.site);
            old.push(Tag::site(e.site));
        } else if let Some(e) = any.downcast_ref::<CommentsChanged>() {
            old.push(Tag::comments(e.site, e.entry));
        } else if let Some(e) = any.downcast_ref::<MediaChanged>() {
            old.extend(e.entries.iter().map(|id| Tag::entry(e.site, *id)));
            if e.everywhere {
                pages.snapshots().forget(e.site);
                old.push(Tag::site(e.site));
            }
        } else if let Some(e) = any.downcast_ref::<PluginsChanged>() {
            match e.site {
                // They may have had a hand in any page.
                SiteId(0) => web.cache.purge_all(),
                site => old.push(Tag::site(site)),
            }
        } else if let Some(e) = any.downcast_ref::<PersonChanged>() {
            old.push(Tag::person(e.user));
        } else if let Some(e) = any.downcast_ref::<PersonDeleted>() {
            old.push(Tag::person(e.user));
            old.extend(e.reassigned_to.map(Tag::person));
        }
    }
    if !old.is_empty() {
        web.cache.purge(&old);
    }
}

/// Forgets pages of the sites that a theme draws, which is new, changed or gone.
pub fn purge_theme(web: &Web, store: &Store, name: &str) {
    let (bare, own) = live::split(name);
    if let Some(site) = own {
        web.cache.purge(&[Tag::site(site)]);
        return;
    }
    let wanted = name.to_owned();
    let found = store.read(&Actor::system(), move |tx| {
        let server = tx.authorize_server(Capability::ServerRead)?;
        gallery::sites_with(tx, server, &wanted)
    });
    match found {
        // Sites that chose nothing have the built-in one; and more sites are not named one by one.
        Ok(sites) if bare != BUILT_IN && sites.len() < gallery::NAMED => {
            web.cache.purge(&sites.into_iter().map(Tag::site).collect::<Vec<_>>());
        }
        _ => web.cache.purge_all(),
    }
}

/// What of the host table events make old.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum OldHosts {
    /// Nothing.
    #[default]
    None,
    /// The names of these sites.
    Of(Vec<SiteId>),
    /// All of it.
    All,
}

/// Sites at once whose names are read one by one; of more, all are.
const ONE_BY_ONE: usize = 16;

impl OldHosts {
    /// Both.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, some) | (some, Self::None) => some,
            (Self::Of(a), Self::Of(b)) => Self::of(a.into_iter().chain(b).collect()),
            _ => Self::All,
        }
    }

    fn of(mut sites: Vec<SiteId>) -> Self {
        sites.sort_unstable();
        sites.dedup();
        match sites.len() {
            0 => Self::None,
            1..=ONE_BY_ONE => Self::Of(sites),
            _ => Self::All,
        }
    }
}

/// What of the host table these events make old.
pub fn old_hosts(events: &[Box<dyn Event>]) -> OldHosts {
    let mut sites = Vec::new();
    for event in events {
        if event.as_any().is::<HostsChanged>() {
            return OldHosts::All;
        }
        sites.extend(event.as_any().downcast_ref::<SiteHostsChanged>().map(|e| e.site));
    }
    OldHosts::of(sites)
}

fn origin(host: &str, public_port: u16) -> String {
    match public_port {
        80 => format!("http://{host}"),
        port => format!("http://{host}:{port}"),
    }
}

fn site_ref(h: &Host, public_port: u16) -> SiteRef {
    let preview = h.kind == HostKind::Previews;
    SiteRef {
        site: h.site,
        account: h.account,
        host: h.host.strip_prefix("*.").unwrap_or(&h.host).into(),
        // Links of a preview stay in it: the main name may lead to an older server.
        origin: origin(if preview { &h.host } else { &h.main_host }, public_port).into(),
        kind: if h.site_kind == "static" { SiteKind::Static } else { SiteKind::Cms },
        redirect_to_main: h.kind == HostKind::Redirects,
        suspended: h.suspended,
        preview,
        below: h.kind == HostKind::ServesBelow,
    }
}

/// What a machine of one's own is called beside its number.
const BESIDE: (&str, &str) = ("127.0.0.1", "localhost");

/// `localhost` leads to the site at 127.0.0.1.
fn beside(all: &[Host], public_port: u16) -> Option<SiteRef> {
    let first = all.iter().find(|h| h.main_host == BESIDE.0)?;
    let redirect = Host { host: BESIDE.1.to_owned(), kind: HostKind::Redirects, ..first.clone() };
    Some(site_ref(&redirect, public_port))
}

/// What the visitors' door knows of sites: names, folders, rules.
pub struct SiteTables {
    hosts: HostTable,
    roots: Vec<(SiteId, Root)>,
}

impl SiteTables {
    /// As the database has them.
    ///
    /// # Errors
    /// Database failures.
    pub fn read(store: &Store, public_port: u16, dirs: &AccountDirs) -> Result<Self> {
        let all = store.read(&Actor::system(), hosts)?;
        let of_files = all.iter().filter(|h| h.site_kind == "static" && !h.root.is_empty());
        let root = |h: &Host| Some((h.site, Root::new(dirs.clone(), h.account, JailPath::parse(&h.root).ok()?)));
        let mut roots: Vec<(SiteId, Root)> = of_files.filter_map(root).collect();
        roots.dedup_by_key(|(site, _)| *site);
        Ok(Self { hosts: host_table(&all, public_port), roots })
    }

    /// The names, for a door that is being made.
    pub fn take_hosts(&mut self) -> HostTable {
        std::mem::take(&mut self.hosts)
    }

    /// Puts the folders in force.
    pub fn put_roots(self, web: &Web) {
        web.files.set_roots(self.roots);
    }

    /// Puts all in force: folders first, so that a name never leads to a site whose folder is not there.
    pub fn put(mut self, web: &Web) {
        let hosts = self.take_hosts();
        self.put_roots(web);
        web.hosts.swap(hosts);
    }
}

/// Sites whose rules these events make old.
pub fn old_rules(events: &[Box<dyn Event>]) -> impl Iterator<Item = SiteId> {
    events.iter().filter_map(|event| {
        let any = event.as_any();
        let site = any.downcast_ref::<RulesChanged>().map(|e| e.site);
        let site = site.or(any.downcast_ref::<SettingsChanged>().map(|e| e.site));
        site.or(any.downcast_ref::<SiteDeleted>().map(|e| e.site))
    })
}

/// Puts the rules of a site in force as the database has them.
///
/// # Errors
/// Database failures.
pub fn renew_rules(web: &Web, store: &Store, site: SiteId) -> Result<()> {
    let before = web.rules.now().get(&site).cloned();
    let rules = store.read(&Actor::system(), move |tx| rules::load(tx, site, before.as_deref().map(|b| &**b)))?;
    web.rules.set(site, rules);
    Ok(())
}

fn host_table(all: &[Host], public_port: u16) -> HostTable {
    let named = all.iter().any(|h| h.host == BESIDE.1);
    let beside = beside(all, public_port).filter(|_| !named);
    let refs = all.iter().map(|h| site_ref(h, public_port)).chain(beside);
    HostTable::new(refs, vec![public_port])
}

/// The table in force with the names of these sites read anew: what other sites have is neither read nor touched.
///
/// # Errors
/// Database failures.
pub fn renewed(store: &Store, table: &HostTable, sites: &[SiteId], public_port: u16) -> Result<HostTable> {
    let mut refs = Vec::new();
    for site in sites.iter().copied() {
        let all = store.read(&Actor::system(), move |tx| hosts_of(tx, site))?;
        refs.extend(all.iter().map(|h| site_ref(h, public_port)).chain(beside(&all, public_port)));
    }
    Ok(table.with_sites(sites, refs))
}

/// Routes of a site that are no pages: the theme's files.
pub fn routes(pages: &Arc<Pages>) -> impl Fn(&mut ServiceConfig) + Clone + Send + 'static {
    let data = Data::from(Arc::clone(pages));
    move |config: &mut ServiceConfig| {
        config.app_data(data.clone()).route("/_/assets/{hash}/{path:.*}", aw::get().to(theme_file));
    }
}

async fn theme_file(
    request: HttpRequest,
    visit: Visit,
    pages: Data<Pages>,
    path: Path<(String, String)>,
) -> HttpResponse {
    let (hash, name) = path.into_inner();
    let Some(asset) = pages.themes().asset_at(visit.site.site, &hash, &name) else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("There is no such file.");
    };
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(asset.content_type)
        .insert_header(("cache-control", "public, max-age=31536000, immutable"))
        .insert_header(("vary", "accept-encoding"))
        .insert_header(("x-content-type-options", "nosniff"))
        .insert_header(("access-control-allow-origin", "*"));
    if asset.content_type == "image/svg+xml" {
        // Opened by itself, a drawing is a page: it runs nothing (security rule B8).
        answer.insert_header(("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"));
    }
    match packed(&asset, accepted(request.headers())) {
        Some((bytes, coding)) => answer.insert_header((header::CONTENT_ENCODING, coding.header())).body(bytes),
        None => answer.body(asset.bytes),
    }
}

/// A theme's text in the best coding that the visitor's browser takes; each is made once in the life of the theme.
fn packed(asset: &Asset, accepted: Accepted) -> Option<(Bytes, Coding)> {
    let coding = accepted.first().filter(|_| asset.is_text() && asset.bytes.len() >= MIN_BYTES)?;
    let kept = asset.packed.get(coding.slot())?;
    let bytes = kept.get_or_init(|| coding.encode(&asset.bytes, Effort::Best).unwrap_or_default());
    (!bytes.is_empty()).then(|| (bytes.clone(), coding))
}
