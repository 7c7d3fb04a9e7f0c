//! `freehold account …`, `freehold plan …`, `freehold reseller …`

use freehold_base::capability::PRIVILEGES;
use freehold_base::{
    AccountId, Capability, Code, Cursor, Error, Feature, Features, Page, PageSize, PlanId, ResellerId, Result, Role,
};
use freehold_hosting::moves;
use freehold_platform::accounts::Invitation;
use freehold_platform::customers::accounts::{self, Line, Opening};
use freehold_platform::customers::plans::{self, PlanEdit};
use freehold_platform::customers::resellers::{self, Brand, Customers, ResellerEdit, ResellerLimits};
use freehold_platform::customers::{graveyard, suspend};
use freehold_platform::limits::Limits;
use freehold_store::Actor;
use freehold_store::accounts::{self as rows, AccountFilter};
use freehold_store::roles::RolePlace;
use serde_json::{Value, json};

use super::commands::{Account, Done, LimitOptions, Plan, Reseller};
use super::do_sites;
use super::hands::{Hands, table};

/// `freehold account …`
///
/// # Errors
/// What the services give.
pub fn account(hands: &Hands, command: &Account) -> Result<Done> {
    match command {
        Account::List { search, status } => list(hands, search.clone().unwrap_or_default(), status.clone()),
        Account::Show { account } => show(hands, found(hands, account)?),
        Account::Create { title, owner, plan, reseller } => {
            let reseller = ResellerId(*reseller);
            let plan = plan.as_deref().map(|name| plan_named(hands, reseller, name)).transpose()?.unwrap_or_default();
            create(hands, title, owner.as_deref(), plan, reseller)
        }
        Account::Rename { account, title } => {
            let (id, title) = (found(hands, account)?, title.clone());
            let note = hands.read(move |tx| accounts::show(tx, id))?.account.note;
            let shown = title.clone();
            hands.write(move |tx| accounts::rename(tx, id, &title, &note))?;
            Ok(Done::said(format!("The account {id} is called “{shown}”."), json!({ "id": id, "title": shown })))
        }
        Account::Suspend { account, reason } => {
            let (id, reason) = (found(hands, account)?, reason.clone());
            hands.write(move |tx| suspend::suspend(tx, id, &reason))?;
            Ok(Done::said(format!("The account {id} is suspended."), json!({ "id": id, "status": "suspended" })))
        }
        Account::Unsuspend { account } => {
            let id = found(hands, account)?;
            hands.write(move |tx| suspend::unsuspend(tx, id))?;
            Ok(Done::said(format!("The account {id} is open again."), json!({ "id": id, "status": "active" })))
        }
        Account::Plan { account, plan } => {
            let id = found(hands, account)?;
            let reseller = hands.read(move |tx| Ok(tx.holder(id)?.reseller()))?;
            change_plan(hands, id, plan_named(hands, reseller, plan)?)
        }
        Account::Delete { account, yes, now } => delete(hands, found(hands, account)?, *yes, *now),
        Account::Restore { account } => {
            let id = found(hands, account)?;
            hands.write(move |tx| graveyard::restore(tx, id))?;
            Ok(Done::said(format!("The account {id} is back."), json!({ "id": id })))
        }
        Account::MoveSite { site, account } => {
            let (site, id) = (hands.site(site)?, found(hands, account)?);
            moves::move_site(&hands.store, &hands.files, &Actor::system(), site, id)?;
            Ok(Done::said(format!("The site {site} belongs to account {id}."), json!({ "site": site, "account": id })))
        }
    }
}

/// The account that a number or a short name means.
fn found(hands: &Hands, name: &str) -> Result<AccountId> {
    let name = name.to_owned();
    hands.read(move |tx| {
        let customers = tx.authorize_customers(Capability::AccountsRead)?;
        if let Ok(id) = name.parse::<i64>() {
            return Ok(tx.holder(AccountId(id))?.account());
        }
        rows::id_of_name(tx, &customers, &name)?.ok_or_else(|| Error::not_found("account"))
    })
}

fn list(hands: &Hands, text: String, status: Option<String>) -> Result<Done> {
    let filter = AccountFilter { text, status, ..AccountFilter::default() };
    let mut all: Vec<Line> = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = Page { size: PageSize::new(200), after };
        let (lines, next) = hands.read(|tx| accounts::list(tx, &filter, &page))?;
        all.extend(lines);
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|l| {
            let a = &l.account;
            vec![
                a.id.to_string(),
                a.name.clone(),
                a.title.clone(),
                l.plan.clone(),
                l.sites.to_string(),
                a.status.clone(),
            ]
        })
        .collect();
    let json: Vec<Value> = all.iter().map(line_json).collect();
    Ok(Done::data(table(&["id", "name", "title", "plan", "sites", "status"], &rows), Value::from(json)))
}

fn line_json(line: &Line) -> Value {
    let a = &line.account;
    json!({
        "id": a.id, "name": a.name, "title": a.title, "status": a.status, "reseller": a.reseller_id,
        "plan": a.plan_id, "plan_name": line.plan, "sites": line.sites, "disk_bytes": line.disk_bytes,
        "traffic_bytes": line.traffic_bytes, "owner": line.owner.as_ref().map(|p| p.email.clone()),
    })
}

fn show(hands: &Hands, id: AccountId) -> Result<Done> {
    hands.files.flush()?;
    let whole = hands.read(move |tx| accounts::show(tx, id))?;
    let a = &whole.account;
    let mut done = do_sites::list(hands, Some(id))?;
    let plan = whole.plan.as_ref().map_or("no plan", |p| &p.name);
    let uses: Vec<Value> = whole
        .uses
        .iter()
        .map(|u| json!({ "resource": u.resource.words(), "used": u.used, "most": u.most, "over": u.is_over() }))
        .collect();
    let people: Vec<Value> =
        whole.people.iter().map(|(p, role)| json!({ "email": p.email, "role": role.name() })).collect();
    done.words = format!("{} ({}, {plan}, {})", a.title, a.name, a.status);
    done.json = json!({
        "id": a.id, "name": a.name, "title": a.title, "status": a.status, "reason": a.suspended_reason,
        "reseller": a.reseller_id, "plan": a.plan_id, "plan_name": plan, "disk_bytes": whole.disk_bytes,
        "files": whole.files, "traffic_bytes": whole.traffic_bytes, "uses": uses, "people": people,
        "sites": done.json,
    });
    Ok(done)
}

fn create(hands: &Hands, title: &str, owner: Option<&str>, plan: PlanId, reseller: ResellerId) -> Result<Done> {
    let opening = Opening { title: title.to_owned(), plan, reseller };
    let (people, owner) = (hands.accounts.clone(), owner.map(str::to_owned));
    let (id, invited) = hands.write(move |tx| {
        let id = accounts::open(tx, &opening)?;
        let invited = match &owner {
            Some(email) => {
                let (place, role) = (RolePlace::Account(id), Role::Owner);
                Some(people.invite(tx, &Invitation { email: email.clone(), name: String::new(), place, role })?)
            }
            None => None,
        };
        Ok((id, invited))
    })?;
    let link = invited.and_then(|i| i.link).map(|link| link.url.reveal_text().to_owned());
    let words = match &link {
        Some(_) => format!("The account {id} is made. Its owner chooses a password here, once:"),
        None => format!("The account {id} is made. Sites: freehold site create --account {id} …"),
    };
    Ok(Done { out: link.clone().unwrap_or_default(), words, json: json!({ "id": id, "invitation": link }), good: true })
}

fn change_plan(hands: &Hands, id: AccountId, plan: PlanId) -> Result<Done> {
    let over = hands.write(move |tx| accounts::change_plan(tx, id, plan))?;
    let rows: Vec<Vec<String>> = over
        .iter()
        .map(|u| vec![u.resource.words().into(), u.used.to_string(), u.most.unwrap_or(0).to_string()])
        .collect();
    let json: Vec<Value> =
        over.iter().map(|u| json!({ "resource": u.resource.words(), "used": u.used, "most": u.most })).collect();
    let out = if rows.is_empty() { String::new() } else { table(&["over the plan", "used", "most"], &rows) };
    let words = format!("The account {id} has the plan {plan}.");
    Ok(Done { out, words, json: json!({ "id": id, "plan": plan, "over": json }), good: true })
}

fn delete(hands: &Hands, id: AccountId, yes: bool, now: bool) -> Result<Done> {
    hands.files.flush()?;
    let goes = hands.read(move |tx| graveyard::preview(tx, id))?;
    let json = json!({
        "id": id, "title": goes.title, "sites": goes.sites, "hosts": goes.hosts, "people": goes.people,
        "disk_bytes": goes.disk_bytes, "gone_at": goes.gone_at.rfc3339(),
    });
    if !yes {
        let lists = [("sites", &goes.sites), ("domains", &goes.hosts), ("people", &goes.people)];
        let rows: Vec<Vec<String>> = lists.iter().map(|(what, all)| vec![(*what).into(), all.join(", ")]).collect();
        let words = format!("With “{}” would go what is listed. Say --yes to close it.", goes.title);
        return Ok(Done { out: table(&["what", "which"], &rows), words, json, good: true });
    }
    if now {
        hands.write(move |tx| graveyard::end_now(tx, id))?;
        return Ok(Done::said(format!("The account {id} is going for good."), json));
    }
    let gone_at = hands.write(move |tx| graveyard::terminate(tx, id))?;
    Ok(Done::said(format!("The account {id} is closed. It can be taken back until {}.", gone_at.rfc3339()), json))
}

/// `freehold plan …`
///
/// # Errors
/// What the services give.
pub fn plan(hands: &Hands, command: &Plan) -> Result<Done> {
    match command {
        Plan::List => {
            let all = hands.read(plans::list)?;
            let rows: Vec<Vec<String>> =
                all.iter().map(|(p, n)| vec![p.id.to_string(), p.name.clone(), n.to_string()]).collect();
            let json: Vec<Value> = all.iter().map(|(p, n)| plan_json(p, *n)).collect();
            Ok(Done::data(table(&["id", "name", "accounts"], &rows), Value::from(json)))
        }
        Plan::Create { name, limits } => {
            let edit = edit_of(name, limits)?;
            let id = hands.write(move |tx| plans::create(tx, &edit))?;
            Ok(Done::said(format!("The plan {id} is made."), json!({ "id": id })))
        }
        Plan::Edit { plan, name, limits } => {
            let id = plan_named(hands, ResellerId(0), plan)?;
            let old = hands.read(move |tx| plans::find(tx, id))?;
            let edit = edit_of(name.as_deref().unwrap_or(&old.name), limits)?;
            hands.write(move |tx| plans::change(tx, id, &edit))?;
            Ok(Done::said(format!("The plan {id} is changed."), json!({ "id": id })))
        }
        Plan::Delete { plan } => {
            let id = plan_named(hands, ResellerId(0), plan)?;
            hands.write(move |tx| plans::delete(tx, id))?;
            Ok(Done::said(format!("The plan {id} is deleted."), json!({ "id": id })))
        }
    }
}

fn plan_json(plan: &freehold_store::plans::Plan, accounts: i64) -> Value {
    let edit = PlanEdit::of(plan);
    let features: Vec<&str> = edit.features.iter().map(Feature::name).collect();
    json!({
        "id": plan.id, "name": plan.name, "reseller": plan.reseller_id, "accounts": accounts,
        "limits": serde_json::to_value(edit.limits).unwrap_or_default(), "features": features,
    })
}

/// The plan that a number or a name means for accounts of a reseller; 0 is none.
fn plan_named(hands: &Hands, reseller: ResellerId, name: &str) -> Result<PlanId> {
    let name = name.to_owned();
    hands.read(move |tx| match name.parse::<i64>() {
        Ok(0) => Ok(PlanId(0)),
        Ok(id) if plans::find(tx, PlanId(id)).is_ok() => Ok(PlanId(id)),
        _ => plans::named(tx, reseller, &name),
    })
}

fn edit_of(name: &str, o: &LimitOptions) -> Result<PlanEdit> {
    let mut features = Features::ALL;
    for name in &o.without {
        let feature = Feature::by_name(name).ok_or_else(|| {
            let known: Vec<&str> = Feature::ALL.iter().map(|f| f.name()).collect();
            Error::invalid("without", Code::NotAllowed, known.join(", "))
        })?;
        features = Feature::ALL
            .iter()
            .filter(|f| features.has(**f) && **f != feature)
            .fold(Features::NONE, |all, f| all.with(*f));
    }
    let limits = Limits {
        disk_mb: o.disk_mb,
        files: o.files,
        traffic_gb: o.traffic_gb,
        sites: o.sites,
        domains: o.domains,
        subdomains: o.subdomains,
        aliases: o.aliases,
        databases: o.databases,
        mailboxes: o.mailboxes,
        logins: o.logins,
        cron_jobs: o.cron_jobs,
        people: o.people,
        processes: o.processes,
        memory_mb: o.memory_mb,
        cpu_percent: o.cpu_percent,
        suspend_over_traffic: o.suspend_over_traffic,
    };
    Ok(PlanEdit { name: name.to_owned(), limits, features })
}

/// `freehold reseller …`
///
/// # Errors
/// What the services give.
pub fn reseller(hands: &Hands, command: &Reseller) -> Result<Done> {
    match command {
        Reseller::List => {
            let all = hands.read(resellers::list)?;
            let rows: Vec<Vec<String>> = all
                .iter()
                .map(|l| {
                    let r = &l.reseller;
                    vec![r.id.to_string(), r.name.clone(), l.accounts.to_string(), r.status.clone()]
                })
                .collect();
            let json: Vec<Value> = all
                .iter()
                .map(|l| {
                    let r = &l.reseller;
                    json!({ "id": r.id, "name": r.name, "status": r.status, "accounts": l.accounts, "disk_bytes": l.disk_bytes })
                })
                .collect();
            Ok(Done::data(table(&["id", "name", "accounts", "status"], &rows), Value::from(json)))
        }
        Reseller::Create { name, accounts, disk_mb, traffic_gb, oversell } => {
            let limits =
                ResellerLimits { accounts: *accounts, disk_mb: *disk_mb, traffic_gb: *traffic_gb, oversell: *oversell };
            let privileges = PRIVILEGES.to_vec();
            let edit = ResellerEdit { name: name.clone(), limits, features: Features::ALL, privileges };
            let id = hands.write(move |tx| resellers::create(tx, &edit))?;
            let words = format!("The reseller {id} is made. Its people: freehold user role … --reseller {id}");
            Ok(Done::said(words, json!({ "id": id })))
        }
        Reseller::Set { reseller, name, accounts, disk_mb, traffic_gb, oversell } => {
            let id = reseller_named(hands, reseller)?;
            let mut edit = ResellerEdit::of(&hands.read(move |tx| resellers::find(tx, id))?);
            let most = |wanted: Option<u64>, now: Option<u64>| wanted.map_or(now, |n| (n > 0).then_some(n));
            edit.name = name.clone().unwrap_or(edit.name);
            edit.limits = ResellerLimits {
                accounts: most(*accounts, edit.limits.accounts),
                disk_mb: most(*disk_mb, edit.limits.disk_mb),
                traffic_gb: most(*traffic_gb, edit.limits.traffic_gb),
                oversell: oversell.unwrap_or(edit.limits.oversell),
            };
            hands.write(move |tx| resellers::change(tx, id, &edit))?;
            Ok(Done::said(format!("The reseller {id} is changed."), json!({ "id": id })))
        }
        Reseller::Brand { reseller, name, colour, support_url, mail_from } => {
            let id = reseller_named(hands, reseller)?;
            let old = hands.read(move |tx| resellers::brand_of(tx, id))?.unwrap_or_default();
            let brand = Brand {
                name: name.clone().unwrap_or(old.name),
                colour: colour.clone().unwrap_or(old.colour),
                support_url: support_url.clone().unwrap_or(old.support_url),
                mail_from: mail_from.clone().unwrap_or(old.mail_from),
                name_servers: old.name_servers,
            };
            hands.write(move |tx| resellers::set_brand(tx, id, &brand))?;
            Ok(Done::said(format!("Customers of reseller {id} see its brand."), json!({ "id": id })))
        }
        Reseller::Suspend { reseller, with_customers, reason } => {
            let (id, all, reason) = (reseller_named(hands, reseller)?, *with_customers, reason.clone());
            let n = hands.write(move |tx| resellers::suspend(tx, id, &reason, all))?;
            let words = format!("The reseller {id} is suspended, and {n} accounts.");
            Ok(Done::said(words, json!({ "id": id, "accounts": n })))
        }
        Reseller::Unsuspend { reseller } => {
            let id = reseller_named(hands, reseller)?;
            hands.write(move |tx| resellers::unsuspend(tx, id))?;
            Ok(Done::said(format!("The reseller {id} is open again."), json!({ "id": id })))
        }
        Reseller::Delete { reseller, with_customers, yes } => {
            let id = reseller_named(hands, reseller)?;
            if !yes {
                return Err(Error::refused(Code::WrongState, "this deletes the reseller; say --yes"));
            }
            let what = if *with_customers { Customers::Terminate } else { Customers::Keep };
            hands.write(move |tx| resellers::delete(tx, id, what))?;
            Ok(Done::said(format!("The reseller {id} is deleted."), json!({ "id": id })))
        }
    }
}

fn reseller_named(hands: &Hands, name: &str) -> Result<ResellerId> {
    let all = hands.read(resellers::list)?;
    let found = all.iter().find(|l| l.reseller.id.to_string() == name || l.reseller.name == name);
    found.map(|l| l.reseller.id).ok_or_else(|| Error::refused(Code::NotFound, format!("reseller as {name}")))
}
