//! Designs (rows TH03, TH10): settings of a theme tried out, shown to others, published, taken back.

use std::sync::Arc;
use std::time::Duration;

use freehold_base::{Code, DesignStateId, Error, Result, SiteId, Timestamp};
use freehold_platform::jobs::{Handlers, Runner};
use freehold_platform::sites::settings;
use freehold_publishing::designs::{self, Design, Values, jobs};
use freehold_publishing::themes::{ThemeFiles, Themes};
use freehold_store::{Actor, Tx};
use serde_json::{Value, json};

use crate::store::make_site;
use crate::support::{TestStore, stores, until};

mod apart;
mod pages;

/// A site whose design is worked on by the services themselves.
struct Studio {
    t: TestStore,
    themes: Arc<Themes>,
    site: SiteId,
}

impl Studio {
    fn all() -> Vec<Self> {
        let of = |t: TestStore| {
            let themes = Arc::new(Themes::open(None).unwrap());
            let site = make_site(&t.store, "a.example");
            Self { t, themes, site }
        };
        stores().into_iter().map(of).collect()
    }
    fn act<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>, &Themes, SiteId) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (themes, site) = (Arc::clone(&self.themes), self.site);
        self.t.store.write(&Actor::system(), move |tx| f(tx, &themes, site))
    }
    fn set(&self, base: Option<i64>, pairs: Value) -> Result<Design> {
        let values: Values = pairs.as_object().unwrap().clone();
        self.act(move |tx, themes, site| designs::save(tx, themes, site, base, &values))
    }
    fn open(&self) -> Design {
        self.act(designs::open).unwrap()
    }
    fn publish(&self) -> Result<Design> {
        self.act(|tx, themes, site| designs::publish(tx, themes, site, None))
    }
    fn later(&self, hours: u64) -> Result<Design> {
        let at = self.hours_on(hours);
        self.act(move |tx, themes, site| designs::publish_later(tx, themes, site, None, at))
    }
    fn hours_on(&self, hours: u64) -> Timestamp {
        self.t.clock.now().plus(Duration::from_secs(hours * 3600))
    }
    fn choose(&self, theme: &'static str) {
        self.act(move |tx, themes, site| freehold_publishing::gallery::activate(tx, themes, site, theme)).unwrap();
    }
    fn live(&self) -> Value {
        let site = self.site;
        let read = self.t.store.read(&Actor::system(), move |tx| {
            let scope = tx.scope_of(site)?;
            Ok(settings::read(tx, scope)?.theme.settings)
        });
        Value::Object(read.unwrap())
    }
    fn history(&self) -> Vec<designs::Past> {
        self.act(designs::history).unwrap()
    }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    result.unwrap_err().as_code()
}

// row: TH03
#[test]
fn th03_a_draft_goes_live_in_one_step_and_comes_back_as_often_as_somebody_likes() {
    for s in Studio::all() {
        assert_eq!(code(s.publish()), Code::WrongState, "nothing is tried out");
        assert_eq!(code(s.act(designs::undo)), Code::WrongState, "nothing was published");
        let draft = s.set(Some(0), json!({ "palette": "moss", "text_size": 22, "initial": true })).unwrap();
        assert_eq!(draft.changes.len(), 2, "what is as it is live is no change: {:?}", draft.changes);
        assert_eq!(s.live(), json!({}), "visitors see what they saw");
        s.set(Some(draft.version), json!({ "text_size": 20 })).unwrap();
        assert_eq!(s.open().changes.keys().collect::<Vec<_>>(), ["palette"]);
        let after = s.publish().unwrap();
        assert!(after.changes.is_empty() && !after.can_undo);
        assert_eq!(s.live(), json!({ "palette": "moss" }));
        s.set(None, json!({ "palette": "tide" })).unwrap();
        s.publish().unwrap();
        let hows: Vec<String> = s.history().into_iter().map(|p| p.row.how).collect();
        assert_eq!(hows, ["publish", "publish", "before"]);
        // The last one is taken back, and that too.
        for palette in ["moss", "tide", "moss"] {
            s.act(designs::undo).unwrap();
            assert_eq!(s.live()["palette"], palette);
        }
        let first = s.history().last().unwrap().row.id;
        s.act(move |tx, themes, site| designs::restore(tx, themes, site, first)).unwrap();
        assert_eq!(s.live(), json!({}));
        assert!(s.history()[0].is_live && s.history()[0].row.how == "restore");
        let gone = s.act(|tx, themes, site| designs::restore(tx, themes, site, DesignStateId(99)));
        assert_eq!(code(gone), Code::NotFound);
        for n in 0..25 {
            s.set(None, json!({ "footer_text": format!("Nr. {n}") })).unwrap();
            s.publish().unwrap();
        }
        assert_eq!(s.history().len(), 20, "the last twenty");
    }
}

// row: TH03
#[test]
fn th03_who_saw_another_draft_is_told_and_changes_nothing() {
    for s in Studio::all() {
        let first = s.set(Some(0), json!({ "palette": "moss" })).unwrap();
        let late = s.set(Some(0), json!({ "palette": "ink" }));
        assert_eq!(code(late), Code::DesignConflict);
        let late = s.act(|tx, themes, site| designs::publish(tx, themes, site, Some(0)));
        assert_eq!(code(late), Code::DesignConflict);
        let same = s.open();
        assert_eq!((same.version, same.changes["palette"].as_str()), (first.version, Some("moss")));
        // A link or a date is no change of the draft: who works on goes on.
        s.act(|tx, themes, site| designs::share(tx, themes, site, 7)).unwrap();
        s.set(Some(first.version), json!({ "palette": "ink" })).unwrap();
        let thrown = s.act(|tx, themes, site| designs::discard(tx, themes, site, None)).unwrap();
        assert!(thrown.changes.is_empty() && thrown.share.is_none() && thrown.can_undo);
        let back = s.act(|tx, themes, site| designs::undo_step(tx, themes, site, None)).unwrap();
        assert_eq!((back.changes["palette"].as_str(), back.share), (Some("ink"), None), "its link stays ended");
        assert_eq!(code(s.set(Some(0), json!({ "palette": "tide" }))), Code::DesignConflict, "no version comes again");
    }
}

// row: TH03
#[test]
fn th03_steps_are_taken_back_and_made_again() {
    for s in Studio::all() {
        s.set(None, json!({ "palette": "moss" })).unwrap();
        s.set(None, json!({ "measure": 70 })).unwrap();
        let undo = || s.act(|tx, themes, site| designs::undo_step(tx, themes, site, None));
        let redo = || s.act(|tx, themes, site| designs::redo(tx, themes, site, None));
        assert_eq!(undo().unwrap().changes.keys().collect::<Vec<_>>(), ["palette"]);
        let none = undo().unwrap();
        assert!(none.changes.is_empty() && none.can_redo && !none.can_undo);
        assert_eq!(code(undo()), Code::WrongState);
        assert_eq!(redo().unwrap().changes.len(), 1);
        assert_eq!(redo().unwrap().changes["measure"], 70);
        assert_eq!(code(redo()), Code::WrongState);
    }
}

// row: TH03
#[test]
fn th03_wrong_values_are_named_and_nothing_of_them_is_kept() {
    for s in Studio::all() {
        let site = s.site;
        for (id, value, expected) in [
            ("palette", json!("beige"), Code::NotAllowed),
            ("palette", json!(7), Code::NotAllowed),
            ("text_size", json!(99), Code::NotAllowed),
            ("text_size", json!("big"), Code::NotAllowed),
            ("initial", json!("yes"), Code::NotAllowed),
            ("accent", json!("reddish"), Code::Malformed),
            ("accent", json!("red;} body{display:none"), Code::Malformed),
            ("button_link", json!("javascript:alert(1)"), Code::Malformed),
            ("button_link", json!("//elsewhere.example"), Code::Malformed),
            ("footer_text", json!("x".repeat(501)), Code::TooLong),
            ("footer_text", json!("two\nlines"), Code::Malformed),
            ("almanac", json!("x".repeat(20_001)), Code::TooLong),
            ("own_css", json!("a { color: red"), Code::Malformed),
            ("own_css", json!("</style><script>alert(1)</script>"), Code::Malformed),
            ("footer_text", Value::Null, Code::Malformed),
            ("no_such", json!(1), Code::UnknownField),
        ] {
            let e = s.set(None, json!({ id: value.clone(), "measure": 70 })).unwrap_err();
            let Error::Invalid(fields) = &e else { panic!("{id} {value}: {e}") };
            assert_eq!((fields[0].field.as_ref(), fields[0].code, fields.len()), (id, expected, 1), "{value}");
        }
        // What each field takes, all of them together may not be: a draft has an end.
        let long = "\u{1d11e}".repeat(19_000);
        s.set(None, json!({ "almanac": long })).unwrap();
        let both = s.set(None, json!({ "own_css": format!("/*{long}*/") }));
        assert_eq!(code(both), Code::TooLong);
        assert_eq!(s.open().changes.len(), 1);
        let none = s.t.store.read(&Actor::visitor(""), move |tx| {
            tx.authorize(site, freehold_base::Capability::SettingsManage).map(drop)
        });
        assert!(none.is_err());
        assert_eq!(s.live(), json!({}));
    }
}

// row: TH03
#[test]
fn th03_a_draft_goes_live_by_itself_at_its_time_and_not_after_it_was_taken_back() {
    for s in Studio::all() {
        let mut handlers = Handlers::default();
        jobs::register(&mut handlers, &s.themes);
        assert_eq!(code(s.later(1)), Code::WrongState, "nothing is tried out");
        s.set(None, json!({ "palette": "moss" })).unwrap();
        let now = s.t.clock.now();
        let past = s.act(move |tx, themes, site| designs::publish_later(tx, themes, site, None, now));
        assert_eq!(code(past), Code::NotAllowed);
        assert_eq!(code(s.later(24 * 400)), Code::NotAllowed);
        assert_eq!(s.later(2).unwrap().publish_at, s.hours_on(2));
        s.act(designs::unschedule).unwrap();
        assert_eq!(code(s.act(designs::unschedule)), Code::WrongState);
        assert_eq!(s.later(5).unwrap().publish_at, s.hours_on(5));
        // What is changed meanwhile goes along.
        s.set(None, json!({ "measure": 70 })).unwrap();
        let runner = Runner::start(&s.t.store, &handlers, 1).unwrap();
        let wake = runner.waker();
        s.t.clock.advance(Duration::from_secs(4 * 3600));
        wake();
        assert_eq!(s.live(), json!({}), "not before its time");
        s.t.clock.advance(Duration::from_secs(3600));
        until("it is live", || {
            wake();
            s.live() == json!({ "palette": "moss", "measure": 70 })
        });
        runner.stop();
        let after = s.open();
        assert!(after.changes.is_empty() && after.publish_at.ms() == 0);
        assert_eq!(s.history()[0].row.how, "schedule");
    }
}

const MARK: &str = "[[settings]]\nid = \"mark\"\ntype = \"text\"\ndefault = \"\"\n";

/// Where a store's test has its themes.
fn shelf(t: &TestStore) -> std::path::PathBuf {
    t._folder.path().join("themes")
}

/// Writes a theme with these settings.
fn write_lawn(t: &TestStore, settings: &str) {
    let toml = format!("[theme]\nname = \"Lawn\"\nversion = \"1\"\napi = 1\n{settings}");
    let folder = shelf(t).join("lawn");
    std::fs::create_dir_all(&folder).unwrap();
    for (path, bytes) in ThemeFiles::from_memory("lawn", [("theme.toml", toml)]).all() {
        std::fs::write(folder.join(path), bytes).unwrap();
    }
}

/// A site that can choose that theme.
fn with_lawn(t: TestStore, settings: &str) -> Studio {
    write_lawn(&t, settings);
    let themes = Arc::new(Themes::open(Some(shelf(&t).as_path())).unwrap());
    let site = make_site(&t.store, "a.example");
    Studio { t, themes, site }
}

// row: TH03
#[test]
fn th03_drafts_of_two_themes_have_each_its_own_time() {
    for t in stores() {
        let s = with_lawn(t, MARK);
        let mut handlers = Handlers::default();
        jobs::register(&mut handlers, &s.themes);
        s.set(None, json!({ "palette": "moss" })).unwrap();
        s.later(5).unwrap();
        s.choose("lawn");
        s.set(None, json!({ "mark": "tide" })).unwrap();
        s.later(2).unwrap();
        s.act(designs::unschedule).unwrap();
        s.choose("croft");
        s.t.clock.advance(Duration::from_secs(5 * 3600));
        let runner = Runner::start(&s.t.store, &handlers, 1).unwrap();
        let wake = runner.waker();
        until("the first theme's draft is live", || {
            wake();
            s.live() == json!({ "palette": "moss" })
        });
        runner.stop();
    }
}

// row: TH03
#[test]
fn th03_a_design_whose_theme_is_gone_stays_in_the_list_and_cannot_come_back() {
    for t in stores() {
        let s = with_lawn(t, MARK);
        s.choose("lawn");
        s.set(None, json!({ "mark": "tide" })).unwrap();
        s.publish().unwrap();
        let tide = s.history()[0].row.id;
        s.choose("croft");
        s.set(None, json!({ "palette": "moss" })).unwrap();
        s.publish().unwrap();
        assert!(s.history().iter().all(|past| past.can_come_back));
        std::fs::remove_dir_all(shelf(&s.t).join("lawn")).unwrap();
        s.themes.reload();
        let left: Vec<(String, bool)> = s.history().into_iter().map(|p| (p.row.theme, p.can_come_back)).collect();
        assert!(left.iter().all(|(theme, can)| *can == (theme == "croft")), "{left:?}");
        assert_eq!(code(s.act(move |tx, themes, site| designs::restore(tx, themes, site, tide))), Code::WrongState);
    }
}

// row: TH03
#[test]
fn th03_what_the_theme_has_no_more_is_dropped_and_told() {
    let one = |id: &str, more: &str| format!("[[settings]]\nid = \"{id}\"\n{more}\n");
    let number = |max: u32| one("size", &format!("type = \"number\"\ndefault = 10\nmin = 1\nmax = {max}"));
    for t in stores() {
        let s = with_lawn(t, &format!("{}{MARK}", number(50)));
        s.choose("lawn");
        s.set(None, json!({ "size": 40, "mark": "tide" })).unwrap();
        s.publish().unwrap();
        s.set(None, json!({ "size": 45, "mark": "reed" })).unwrap();
        write_lawn(&s.t, &number(42));
        s.themes.reload();
        let draft = s.open();
        assert_eq!(draft.dropped, ["mark", "size"]);
        assert_eq!((draft.changes.len(), draft.live.len()), (0, 1));
        assert_eq!(draft.live["size"], 40);
        s.set(None, json!({ "size": 12 })).unwrap();
        assert!(s.open().dropped.is_empty(), "it was told once");
        s.publish().unwrap();
        assert_eq!(s.live(), json!({ "size": 12 }), "what is gone is not stored any longer");
    }
}
