//! `[[cron]]`, `[admin]` and `[order]`.

use croner::parser::{CronParser, Seconds, Year};
use toml::Table;

use super::identity::PluginId;
use super::reader::Reader;
use crate::problem::{Problems, shown};

/// When `cron.tick` comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Its name, given to the hook.
    pub id: String,
    /// Five fields, as cron reads them: `0 8 * * 1`.
    pub fields: String,
}

/// A page of the plugin in the panel, drawn from what `admin.view` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminPage {
    /// Its name, given to the hook.
    pub id: String,
    /// Its name in the menu, to 40 characters.
    pub label: String,
}

/// A card of the plugin on the dashboard, drawn from what `admin.view` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminWidget {
    /// Its name, given to the hook.
    pub id: String,
    /// Its heading, to 40 characters.
    pub label: String,
}

/// Where a plugin stands among others that listen to the same hook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Plugins that it runs before, at most 20.
    pub before: Vec<PluginId>,
    /// Plugins that it runs after, at most 20.
    pub after: Vec<PluginId>,
}

pub(super) fn schedules(tables: Vec<(String, &Table)>, problems: &mut Problems) -> Vec<Schedule> {
    let mut seen = Vec::new();
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let mut list = Vec::new();
    for (place, table) in tables {
        let mut reader = Reader::new(table, &place, &["id", "schedule"], problems);
        let id = reader.id(&mut seen);
        let typed = reader.needed("schedule", 120, "0 8 * * 1");
        let fields = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        if !fields.is_empty() && (fields.split(' ').count() != 5 || parser.parse(&fields).is_err()) {
            let next = "Write five fields: minute, hour, day of the month, month, day of the week, such as 0 8 * * 1.";
            reader.wrong("schedule", format!("`{}` is not a schedule", shown(&typed)), next);
        }
        list.push(Schedule { id, fields });
    }
    list
}

pub(super) fn labelled<T>(
    tables: Vec<(String, &Table)>,
    problems: &mut Problems,
    made: impl Fn(String, String) -> T,
) -> Vec<T> {
    let mut seen = Vec::new();
    let mut list = Vec::new();
    for (place, table) in tables {
        let mut reader = Reader::new(table, &place, &["id", "label"], problems);
        let id = reader.id(&mut seen);
        list.push(made(id, reader.needed("label", 40, "What people see")));
    }
    list
}

pub(super) fn order(table: &Table, own: &str, problems: &mut Problems) -> Order {
    let mut reader = Reader::new(table, "order", &["before", "after"], problems);
    let mut ids = |key: &str| {
        let mut ids = Vec::new();
        for (place, text) in reader.texts(key, 20) {
            match PluginId::parse(text).filter(|id| id.as_str() != own) {
                Some(id) => ids.push(id),
                None => {
                    let wrong = format!("`{}` is not the id of another plugin", shown(text));
                    reader.problems.add(place, wrong, "Write the id of its plugin.toml, such as reading-time.");
                }
            }
        }
        ids
    };
    let order = Order { before: ids("before"), after: ids("after") };
    for id in order.before.iter().filter(|id| order.after.contains(id)) {
        problems.add("order", format!("{id} stands in before and in after"), "Take one out.");
    }
    order
}
