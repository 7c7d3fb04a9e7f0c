//! Limits and features as a form: a figure for each limit, with a check for "no limit".

use freehold_base::error::Refusals;
use freehold_base::text::grouped;
use freehold_base::{Code, Error, Feature, Features, Result};
use freehold_platform::customers::resellers::ResellerLimits;
use freehold_platform::limits::Limits;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::panel::auth::{FieldText, field_texts};
use crate::panel::form::Form;

/// One limit of a form.
#[derive(Clone, Debug, Serialize)]
pub struct LimitField {
    name: &'static str,
    label: &'static str,
    unit: &'static str,
    value: String,
    free: bool,
    error: String,
}

/// Limits that belong together.
#[derive(Clone, Debug, Serialize)]
pub struct LimitGroup {
    title: &'static str,
    fields: Vec<LimitField>,
}

type Known = (&'static str, &'static [(&'static str, &'static str, &'static str)]);

/// Limits of plans: name, words, unit.
pub const OF_PLANS: &[Known] = &[
    (
        "Space",
        &[("disk_mb", "Disk", "MB"), ("files", "Files and folders", ""), ("traffic_gb", "Traffic of a month", "GB")],
    ),
    (
        "Things",
        &[
            ("sites", "Sites", ""),
            ("domains", "Domains", ""),
            ("subdomains", "Subdomains", ""),
            ("aliases", "Further names", ""),
            ("databases", "Databases", ""),
            ("mailboxes", "Mailboxes", ""),
            ("logins", "Logins to files", ""),
            ("cron_jobs", "Commands at set times", ""),
            ("people", "People beside the owner", ""),
        ],
    ),
    (
        "Programs",
        &[
            ("processes", "Processes at once", ""),
            ("memory_mb", "Memory of a process", "MB"),
            ("cpu_percent", "Share of one core", "%"),
        ],
    ),
];

/// Limits of resellers.
pub const OF_RESELLERS: &[Known] = &[(
    "What may be sold",
    &[("accounts", "Accounts", ""), ("disk_mb", "Disk", "MB"), ("traffic_gb", "Traffic of a month", "GB")],
)];

/// The largest figure of a limit.
const LARGEST: u64 = 1_000_000_000;

/// The form of some limits, with what was typed and refused in its place.
pub fn groups<T: Serialize>(known: &[Known], limits: &T, typed: Option<&Form>, e: Option<&Error>) -> Vec<LimitGroup> {
    let Ok(Value::Object(stored)) = serde_json::to_value(limits) else { return Vec::new() };
    let field = |(name, label, unit): &(&'static str, &'static str, &'static str)| {
        let value = stored.get(*name).and_then(Value::as_u64);
        let (shown, free) = match typed {
            Some(form) => (form.get(name).to_owned(), form.has(&free_name(name))),
            None => (value.map_or_else(String::new, grouped), value.is_none()),
        };
        let error = crate::panel::auth::error_at(e, name);
        LimitField { name, label, unit, value: shown, free, error }
    };
    known.iter().map(|(title, fields)| LimitGroup { title, fields: fields.iter().map(field).collect() }).collect()
}

/// Stored limits in words: `Disk 5,000 MB, Sites 1`; nothing for a text that is none.
pub fn words(stored: &str) -> Option<String> {
    let Ok(Value::Object(limits)) = serde_json::from_str(stored) else { return None };
    let mut said: Vec<String> = Vec::new();
    for (name, label, unit) in known() {
        if let Some(n) = limits.get(*name).and_then(Value::as_i64) {
            let words = format!("{label} {}{}{unit}", grouped(n), if unit.is_empty() { "" } else { " " });
            if !said.contains(&words) {
                said.push(words);
            }
        }
    }
    Some(if said.is_empty() { "No limits".to_owned() } else { said.join(", ") })
}

/// Refused fields for the summary on top; a limit is named, because many may be wrong in the same way.
pub(in crate::panel) fn errors(e: &Error) -> Vec<FieldText> {
    let label = |name: &str| known().find(|(known, ..)| *known == name).map(|(_, label, _)| *label);
    let mut texts = field_texts(e);
    for one in &mut texts {
        if let Some(label) = label(&one.field) {
            one.text = format!("{label}: {}", one.text);
        }
    }
    texts
}

/// Limits of plans and resellers.
fn known() -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    OF_PLANS.iter().chain(OF_RESELLERS).flat_map(|(_, fields)| fields.iter())
}

fn free_name(name: &str) -> String {
    format!("{name}_free")
}

/// Reads limits; `checks` are the ones that are only on or off.
fn read<T: DeserializeOwned>(known: &'static [Known], checks: &[&str], form: &Form) -> Result<T> {
    let mut refused = Refusals::default();
    let mut object = Map::new();
    for (name, ..) in known.iter().flat_map(|(_, fields)| fields.iter()) {
        let text: String = form.get(name).chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
        let value = match (form.has(&free_name(name)), text.parse::<u64>()) {
            (true, _) => Value::Null,
            (false, Ok(n)) if n <= LARGEST => Value::from(n),
            (false, _) if text.is_empty() => {
                refused.add(*name, Code::Malformed, "a whole number such as 20, or \u{201c}No limit\u{201d} turned on");
                Value::Null
            }
            (false, _) => {
                refused.add(*name, Code::Malformed, "a whole number up to 1,000,000,000, such as 20");
                Value::Null
            }
        };
        object.insert((*name).to_owned(), value);
    }
    for name in checks {
        object.insert((*name).to_owned(), Value::Bool(form.has(name)));
    }
    refused.check()?;
    serde_json::from_value(Value::Object(object)).map_err(|e| Error::internal("reading limits", e))
}

/// Limits of a plan as typed.
///
/// # Errors
/// `Invalid` with the names of limits.
pub fn of_plan(form: &Form) -> Result<Limits> {
    read(OF_PLANS, &["suspend_over_traffic"], form)
}

/// Limits of a reseller as typed.
///
/// # Errors
/// `Invalid` with the names of limits.
pub fn of_reseller(form: &Form) -> Result<ResellerLimits> {
    read(OF_RESELLERS, &["oversell"], form)
}

/// A feature as a check.
#[derive(Clone, Debug, Serialize)]
pub struct FeatureCheck {
    name: &'static str,
    label: &'static str,
    on: bool,
}

/// All features that may be given, as checks.
pub fn features(on: Features, may: Features) -> Vec<FeatureCheck> {
    let able = Feature::ALL.iter().filter(|f| may.has(**f));
    able.map(|f| FeatureCheck { name: f.name(), label: f.label(), on: on.has(*f) }).collect()
}

/// Features as checked.
pub fn features_of(form: &Form) -> Features {
    Features::named(form.all("features"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &str) -> Form {
        let object: Map<String, Value> = serde_json::from_str(pairs).unwrap();
        Form::of_json(&object)
    }

    #[test]
    fn every_limit_has_its_field() {
        let Ok(Value::Object(all)) = serde_json::to_value(Limits::default()) else { panic!("an object") };
        let fields: Vec<&str> = OF_PLANS.iter().flat_map(|(_, f)| f.iter().map(|(name, ..)| *name)).collect();
        for name in all.keys().filter(|name| *name != "suspend_over_traffic") {
            assert!(fields.contains(&name.as_str()), "{name} has no field");
        }
        assert_eq!(fields.len() + 1, all.len());
    }

    #[test]
    fn a_limit_is_a_figure_or_none() {
        let typed =
            form(r#"{"accounts": "1,200", "disk_mb_free": "on", "disk_mb": "7", "traffic_gb": "0", "oversell": "on"}"#);
        let limits = of_reseller(&typed).unwrap();
        assert_eq!(
            (limits.accounts, limits.disk_mb, limits.traffic_gb, limits.oversell),
            (Some(1200), None, Some(0), true)
        );
        let e = of_reseller(&form(r#"{"accounts": "", "disk_mb": "-4", "traffic_gb": "99999999999"}"#)).unwrap_err();
        assert_eq!(e.fields().len(), 3);
        let shown = groups(OF_RESELLERS, &ResellerLimits::default(), Some(&typed), None);
        assert_eq!((shown[0].fields[0].value.as_str(), shown[0].fields[1].free), ("1,200", true));
        let stored = ResellerLimits { disk_mb: Some(200_000), ..ResellerLimits::default() };
        assert_eq!(groups(OF_RESELLERS, &stored, None, None)[0].fields[1].value, "200,000");
    }
}
