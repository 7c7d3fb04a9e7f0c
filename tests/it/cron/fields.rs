//! What people write into commands, and who.

use freehold_base::{Clock, Code, CronJobId, Result, SiteId, UserId};
use freehold_hosting::cron::{self, CronInput};
use freehold_store::cron::CronJob;
use freehold_store::{Actor, Tx, cron as rows};

use super::hand::{MINE, THEIRS, worlds};

// rule: C2
#[test]
fn c02_commands_of_another_account_are_as_if_they_were_not() {
    for w in worlds() {
        let id = w.add(|_| {});
        let run = w.t.store.write(&w.owner, move |tx| cron::run_now(tx, MINE, id)).unwrap();
        let stranger = w.stranger.clone();
        let refused = |code: Code, f: fn(&mut Tx<'_>, SiteId, CronJobId, freehold_base::CronRunId) -> Result<()>| {
            for site in [MINE, THEIRS] {
                for (job, run) in [(id, run), (CronJobId(999_999), freehold_base::CronRunId(999_999))] {
                    let e = w.t.store.write(&stranger, move |tx| f(tx, site, job, run)).unwrap_err();
                    assert_eq!(e.as_code(), code, "{e}");
                }
            }
        };
        refused(Code::NotFound, |tx, site, job, _| cron::find(tx, site, job).map(drop));
        refused(Code::NotFound, |tx, site, job, _| cron::remove(tx, site, job));
        refused(Code::NotFound, |tx, site, job, _| cron::run_now(tx, site, job).map(drop));
        refused(Code::NotFound, |tx, site, job, _| cron::set_enabled(tx, site, job, false));
        refused(Code::NotFound, |tx, site, job, _| cron::runs(tx, site, job, 0, 50).map(drop));
        refused(Code::NotFound, |tx, site, job, run| cron::run(tx, site, job, run).map(drop));
        refused(Code::NotFound, cron::stop);
        let theirs = w.t.store.read(&w.stranger, |tx| cron::list(tx, THEIRS, CronJobId(0), 100)).unwrap();
        assert!(theirs.is_empty());
        assert_eq!(w.states(id), ["waiting"], "and nothing was changed");
    }
}

/// Texts that broke other panels.
const NASTY: [&str; 40] = [
    "a\nb",
    "a\r\nb",
    "\n* * * * * root id",
    "'",
    "\"",
    "`id`",
    "$(id)",
    "${HOME}",
    "$HOME",
    "a;id",
    "a&&id",
    "a|id",
    "a&",
    ">x",
    "<x",
    "x>/tmp/y",
    "\\",
    "\\n",
    "%0a",
    "%",
    "a b",
    " a ",
    "--",
    "-x",
    "--help",
    "-e id",
    "..",
    "../../../etc/passwd",
    "/etc/passwd",
    "*",
    "?",
    "[a]",
    "{a,b}",
    "~",
    "#",
    "!!",
    "\u{202e}abc",
    "\u{e9}\u{1f40e}",
    "'; DROP TABLE cron_jobs; --",
    "\u{1b}]52;c;aGk=\u{7}",
];

// rule: A3
#[test]
fn a03_no_text_in_one_field_changes_another() {
    type Set = fn(&mut CronInput, &str);
    type Get = fn(&CronJob) -> &str;
    let fields: [(&str, Set, Get); 6] = [
        ("name", |i, t| i.name = t.into(), |j| &j.name),
        ("command", |i, t| i.command = t.into(), |j| &j.command),
        ("schedule", |i, t| i.schedule = t.into(), |j| &j.schedule),
        ("time_zone", |i, t| i.time_zone = t.into(), |j| &j.time_zone),
        ("alive_url", |i, t| i.alive_url = t.into(), |j| &j.alive_url),
        ("overlap", |i, t| i.overlap = t.into(), |j| &j.overlap),
    ];
    for w in worlds() {
        let id = w.add(|_| {});
        let other = w.add(|i| i.name = "Beside it".into());
        let beside = w.job(other);
        for text in NASTY {
            for (field, set, get) in &fields {
                let before = w.job(id);
                let mut input = CronInput::from(&before);
                set(&mut input, text);
                let version = before.version;
                let sent = input.clone();
                let saved = w.t.store.write(&w.owner, move |tx| cron::change(tx, MINE, id, version, &sent));
                let after = w.job(id);
                for (name, _, read) in &fields {
                    if name != field || saved.is_err() {
                        assert_eq!(read(&after), read(&before), "{text:?} in {field} changed {name}");
                    }
                }
                if saved.is_ok() {
                    let clean: String = text.replace("\r\n", "\n").trim().into();
                    let kept = get(&after);
                    let line: String = clean.chars().filter(|c| !c.is_control()).collect();
                    assert!(kept == clean || kept == line, "{text:?} in {field} became {kept:?}");
                }
                let after = w.job(id);
                let back = CronInput::from(&before);
                w.t.store.write(&w.owner, move |tx| cron::change(tx, MINE, id, after.version, &back)).unwrap();
                assert_eq!(w.job(other), beside, "{text:?} in {field}");
            }
        }
    }
}

#[test]
fn what_cannot_be_is_refused_at_its_field() {
    for w in worlds() {
        let refused = |field: &str, change: fn(&mut CronInput)| {
            let add = w.t.store.write(&w.owner, move |tx| {
                let mut input = CronInput { name: "x".into(), command: "true".into(), ..CronInput::default() };
                change(&mut input);
                cron::add(tx, MINE, &input)
            });
            let e = add.unwrap_err();
            assert_eq!(e.fields().iter().map(|f| f.field.as_ref()).collect::<Vec<_>>(), [field], "{e}");
        };
        refused("name", |i| i.name = " ".into());
        refused("command", |i| i.command = "\n".into());
        refused("command", |i| i.command = "a\0b".into());
        refused("command", |i| i.command = "x".repeat(9000));
        refused("command", |i| (i.kind, i.command) = ("url".into(), "file:///etc/passwd".into()));
        refused("command", |i| (i.kind, i.command) = ("url".into(), "https://a b".into()));
        refused("kind", |i| i.kind = "root".into());
        refused("schedule", |i| i.schedule = "never".into());
        refused("schedule", |i| i.schedule = "0 0 30 2 *".into());
        refused("time_zone", |i| i.time_zone = "Mars/Base".into());
        refused("jitter_s", |i| i.jitter_s = -1);
        refused("timeout_s", |i| i.timeout_s = 0);
        refused("timeout_s", |i| i.timeout_s = i64::MAX);
        refused("grace_s", |i| i.grace_s = i64::MIN);
        refused("mail_when", |i| i.mail_when = "always".into());
        refused("alive_url", |i| i.alive_url = "javascript:alert(1)".into());
        // Two people at once.
        let id = w.add(|_| {});
        let save = |version| {
            w.t.store.write(&w.owner, move |tx| {
                let job = cron::find(tx, MINE, id)?;
                cron::change(tx, MINE, id, version, &CronInput::from(&job))
            })
        };
        save(1).unwrap();
        assert_eq!(save(1).unwrap_err().as_code(), Code::VersionConflict);
        assert_eq!(w.job(id).mail_to, w.owner.user().map_or(0, UserId::get));
        // As many as an account may have.
        let full = w.t.store.write(&Actor::system(), |tx| {
            for n in 0..cron::MOST {
                let input = CronInput { name: format!("{n}"), command: "true".into(), ..CronInput::default() };
                if let Err(e) = cron::add(tx, MINE, &input) {
                    return Ok(e.as_code());
                }
            }
            Ok(Code::Internal)
        });
        assert_eq!(full.unwrap(), Code::WrongState);
        assert!(w.t.store.read(&Actor::system(), rows::next_moment).unwrap().is_some());
        let _ = Clock::instant();
    }
}
