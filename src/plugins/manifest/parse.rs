//! The whole of a `plugin.toml`, part by part.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::identity::{PluginId, PublisherKey, Version};
use super::reader::{Reader, kind_of};
use super::settings::SettingKind;
use super::{API, AdminPage, AdminWidget, HostPattern, MAX_BYTES, Manifest, Order, hook_list, places, settings};
use crate::capability::Capability;
use crate::hooks::Hook;
use crate::problem::{Problems, shown};

/// The parts of a manifest.
pub(crate) const PARTS: &[&str] = &["plugin", "needs", "hooks", "settings", "cron", "admin", "order"];
/// The keys of `[plugin]`.
pub(crate) const PLUGIN: &[&str] = &["id", "name", "version", "api", "author", "description", "license", "publisher"];
/// The keys of `[needs]`.
pub(crate) const NEEDS: &[&str] = &["capabilities", "hosts"];

pub(super) fn manifest(text: &str) -> Result<Manifest, Problems> {
    let mut problems = Problems::default();
    if text.len() > MAX_BYTES {
        problems.add("plugin.toml", "is too long", format!("Keep it below {} KiB.", MAX_BYTES / 1024));
        return Err(problems);
    }
    let table: Table = match text.parse() {
        Ok(table) => table,
        Err(e) => {
            problems.add(place_of(&e, text), format!("this is not TOML ({})", e.message()), "Mend the line.");
            return Err(problems);
        }
    };
    let read = whole(&table, &mut problems);
    if let Some(manifest) = &read {
        together(manifest, &mut problems);
    }
    problems.or(read)
}

fn place_of(error: &toml::de::Error, text: &str) -> String {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes()[..start].iter().filter(|b| **b == b'\n').count() + 1;
    format!("plugin.toml, line {line}")
}

/// All parts; none where one of them cannot stand for anything. What is wrong is noted in any case.
fn whole(table: &Table, problems: &mut Problems) -> Option<Manifest> {
    let mut top = Reader::new(table, "", PARTS, problems);
    if top.value("plugin").is_none() {
        top.wrong("plugin", "is missing", "Begin with [plugin], id, name, version and api.");
    }
    let (empty, none) = (Table::new(), Table::new());
    let plugin = top.inner("plugin").unwrap_or(&empty);
    let needs = top.inner("needs").unwrap_or(&none);
    let (hooks, admin, order) = (top.inner("hooks"), top.inner("admin"), top.inner("order"));
    let (listed, cron) = (top.tables("settings", 50), top.tables("cron", 10));
    let identity = (!plugin.is_empty()).then(|| identity(plugin, problems)).flatten();
    let (capabilities, hosts) = self::needs(needs, problems);
    let hooks: BTreeMap<Hook, super::Listens> = hooks.map(|t| hook_list::read(t, problems)).unwrap_or_default();
    let settings = settings::read(listed, problems);
    let cron = places::schedules(cron, problems);
    let (pages, widgets) = admin.map(|t| self::admin(t, problems)).unwrap_or_default();
    let own = identity.as_ref().map(|i| i.id.as_str().to_owned()).unwrap_or_default();
    let order = order.map(|t| places::order(t, &own, problems)).unwrap_or_default();
    Some(Manifest { capabilities, hosts, hooks, settings, cron, pages, widgets, order, ..identity? })
}

/// `[plugin]`: a manifest with nothing but that.
fn identity(table: &Table, problems: &mut Problems) -> Option<Manifest> {
    let mut reader = Reader::new(table, "plugin", PLUGIN, problems);
    let id = reader.needed("id", 80, "reading-time");
    let id_read = PluginId::parse(&id);
    if id_read.is_none() && !id.is_empty() {
        let next = "Use 2 to 50 lower-case letters, digits and single hyphens, a letter first.";
        reader.wrong("id", format!("`{}` is not an id", shown(&id)), next);
    }
    let name = reader.needed("name", 60, "Reading time");
    let version = reader.needed("version", 60, "1.0.0");
    let version_read = Version::parse(&version);
    if version_read.is_none() && !version.is_empty() {
        let next = "Write three numbers such as 1.0.0 (semantic versioning).";
        reader.wrong("version", format!("`{}` is not a version", shown(&version)), next);
    }
    api(&mut reader);
    let author = reader.line("author", 120).unwrap_or_default();
    let description = reader.line("description", 300).unwrap_or_default();
    let license = reader.line("license", 60).unwrap_or_default();
    let typed = reader.line("publisher", 100);
    let publisher = typed.as_deref().and_then(PublisherKey::parse);
    if typed.is_some() && publisher.is_none() {
        reader.wrong("publisher", "is not a key", "Write ed25519: and the 32 bytes of the public key in base64.");
    }
    Some(Manifest {
        id: id_read?,
        name,
        version: version_read?,
        author,
        description,
        license,
        publisher,
        capabilities: BTreeSet::new(),
        hosts: BTreeSet::new(),
        hooks: BTreeMap::new(),
        settings: Vec::new(),
        cron: Vec::new(),
        pages: Vec::new(),
        widgets: Vec::new(),
        order: Order::default(),
    })
}

fn api(reader: &mut Reader<'_, '_>) {
    match reader.value("api") {
        None => reader.wrong("api", "is missing", format!("Write api = {API}.")),
        Some(Value::Integer(n)) if *n == API => {}
        Some(Value::Integer(n)) if *n > API => {
            let next = format!("Update Freehold, or take a version of the plugin for api {API}.");
            reader.wrong("api", format!("{n} is newer than this Freehold"), next);
        }
        Some(Value::Integer(n)) => reader.wrong("api", format!("{n} does not exist"), format!("Write api = {API}.")),
        Some(other) => {
            let wrong = format!("is {}, not a number", kind_of(other));
            reader.wrong("api", wrong, format!("Write api = {API}."));
        }
    }
}

fn needs(table: &Table, problems: &mut Problems) -> (BTreeSet<Capability>, BTreeSet<HostPattern>) {
    let mut reader = Reader::new(table, "needs", NEEDS, problems);
    let (named, hosts) = (reader.texts("capabilities", 50), reader.texts("hosts", 50));
    let mut capabilities = BTreeSet::new();
    for (place, name) in named {
        match Capability::parse(name) {
            Some(capability) => _ = capabilities.insert(capability),
            None => problems.unknown(place, "a capability", name, Capability::ALL.iter().map(|c| c.name())),
        }
    }
    let hosts = hosts.into_iter().filter_map(|(place, text)| HostPattern::read(&place, text, problems)).collect();
    (capabilities, hosts)
}

fn admin(table: &Table, problems: &mut Problems) -> (Vec<AdminPage>, Vec<AdminWidget>) {
    let mut reader = Reader::new(table, "admin", &["pages", "widgets"], problems);
    let (pages, widgets) = (reader.tables("pages", 10), reader.tables("widgets", 10));
    (
        places::labelled(pages, problems, |id, label| AdminPage { id, label }),
        places::labelled(widgets, problems, |id, label| AdminWidget { id, label }),
    )
}

/// What only shows when the parts are seen together.
fn together(manifest: &Manifest, problems: &mut Problems) {
    let fetches = manifest.may(Capability::HttpFetch);
    if fetches && manifest.hosts.is_empty() {
        problems.add(
            "needs.hosts",
            "is empty, but http:fetch is asked for",
            "Name the hosts, such as api.example.org.",
        );
    }
    if !fetches && !manifest.hosts.is_empty() {
        problems.add("needs.hosts", "names hosts, but http:fetch is not asked for", "Add http:fetch to capabilities.");
    }
    for host in &manifest.hosts {
        if let HostPattern::Setting(id) = host
            && manifest.setting(id).is_none_or(|setting| setting.kind != SettingKind::Url)
        {
            let next = "Name a setting of type url that stands under [[settings]].";
            problems.add("needs.hosts", format!("`{}` is not a setting that holds an address", shown(id)), next);
        }
    }
    if manifest.settings.iter().any(|s| s.kind == SettingKind::Secret) && !manifest.may(Capability::Secrets) {
        problems.add("needs.capabilities", "a setting is a secret", "Add secrets, so that the plugin can read it.");
    }
    if manifest.hooks.is_empty() {
        problems.add(
            "hooks",
            "the plugin listens to nothing",
            "Add [hooks] with a line such as \"entry.render\" = true.",
        );
    }
    let called = [
        (!manifest.cron.is_empty(), "cron", Hook::CronTick),
        (!manifest.pages.is_empty() || !manifest.widgets.is_empty(), "admin", Hook::AdminView),
    ];
    for (used, part, hook) in called {
        if used && !manifest.hooks.contains_key(&hook) {
            problems.add(part, format!("needs the hook {hook}"), format!("Add \"{hook}\" = true under [hooks]."));
        }
    }
}
