//! `[hooks]`: where a plugin listens.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::reader::{Reader, kind_of};
use crate::hooks::Hook;
use crate::problem::Problems;

/// How a plugin listens to a hook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listens {
    /// Where it fails, the work goes on without it, also where the hook would refuse it (`entry.before_save`).
    pub optional: bool,
}

/// Reads `[hooks]`. A hook is written `"entry.render" = true` or `entry.render = true` (TOML reads the second as a
/// part `entry` with a key `render`); in place of `true` stands a part with its keys where there are any.
pub(super) fn read(table: &Table, problems: &mut Problems) -> BTreeMap<Hook, Listens> {
    let mut hooks = BTreeMap::new();
    for (name, value) in table {
        match value {
            Value::Table(group) if !name.contains('.') => {
                for (event, value) in group {
                    one(&format!("{name}.{event}"), value, &mut hooks, problems);
                }
            }
            value => one(name, value, &mut hooks, problems),
        }
    }
    hooks
}

fn one(name: &str, value: &Value, hooks: &mut BTreeMap<Hook, Listens>, problems: &mut Problems) {
    let field = format!("hooks.{}", crate::problem::shown(name));
    let Some(hook) = Hook::parse(name) else {
        return problems.unknown(field, "a hook", name, Hook::ALL.iter().map(|hook| hook.name()));
    };
    let listens = match value {
        Value::Boolean(true) => Listens::default(),
        Value::Table(keys) => Listens { optional: Reader::new(keys, &field, &["optional"], problems).flag("optional") },
        Value::Boolean(false) => {
            return problems.add(field, "is false", "Take the line out where the plugin does not listen.");
        }
        other => {
            let next = format!("Write \"{name}\" = true, or \"{name}\" = {{ optional = true }}.");
            return problems.add(field, format!("is {}, not true", kind_of(other)), next);
        }
    };
    if hooks.insert(hook, listens).is_some() {
        problems.add(field, "stands there twice", "Take one out.");
    }
}
