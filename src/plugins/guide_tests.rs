//! `docs/guide/plugins.md` says what the program does: its tutorial is a plugin that works, and its lists are complete.

use std::collections::BTreeSet;

use crate::capability::Capability;
use crate::hooks::{Hook, Reach};
use crate::manifest::{Manifest, NEEDS, PARTS, PLUGIN, SETTING, SettingKind};

const GUIDE: &str = include_str!("../../docs/guide/plugins.md");
const WIT: &str = include_str!("wit/plugin.wit");

/// A file that the guide shows whole: a line `**name**`, then a block.
pub(crate) fn shown(name: &str) -> &'static str {
    let after = GUIDE.split_once(&format!("\n**{name}**\n```")).map(|(_, rest)| rest).unwrap_or_default();
    after.split_once('\n').and_then(|(_, text)| text.split_once("\n```")).map(|(text, _)| text).unwrap_or_default()
}

/// Names in backticks.
fn named() -> BTreeSet<&'static str> {
    GUIDE.split('`').skip(1).step_by(2).collect()
}

/// The rows of a section's table, each as its cells.
fn rows(section: &str) -> Vec<Vec<&'static str>> {
    let text = GUIDE.split_once(&format!("\n## {section}\n")).map(|(_, rest)| rest).unwrap_or_default();
    let text = text.split("\n## ").next().unwrap_or_default();
    let rows = text.lines().filter(|line| line.starts_with("| "));
    rows.skip(1).map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn the_tutorial_is_a_manifest_without_a_problem() {
    let manifest = Manifest::parse(shown("plugin.toml")).expect("right");
    assert_eq!((manifest.id.as_str(), manifest.settings.len()), ("reading-time", 1));
    assert!(!shown("plugin.js").is_empty());
}

#[test]
fn the_table_of_hooks_is_the_programs() {
    let time = |ms: u128| if ms < 1_000 { format!("{ms} ms") } else { format!("{} s", ms / 1_000) };
    let ours: Vec<Vec<String>> = Hook::ALL
        .iter()
        .map(|hook| {
            let reach = if hook.reach() == Reach::Act { "acts" } else { "reads" };
            let name = format!("`{hook}`");
            let cells =
                [name.as_str(), hook.kind().name(), &time(hook.deadline().as_millis()), reach, hook.fails_how()];
            cells.map(str::to_owned).to_vec()
        })
        .collect();
    assert_eq!(rows("Hooks"), ours);
}

#[test]
fn the_tables_of_capabilities_and_settings_are_the_programs() {
    let quoted = |name: &str, words: &str| vec![format!("`{name}`"), words.to_owned()];
    let ours: Vec<_> = Capability::ALL.iter().map(|c| quoted(c.name(), c.sentence())).collect();
    assert_eq!(rows("Capabilities"), ours);
    let ours: Vec<_> = SettingKind::ALL.iter().map(|kind| quoted(kind.name(), kind.sentence())).collect();
    assert_eq!(rows("Settings"), ours);
}

#[test]
fn every_key_of_a_manifest_is_told() {
    let named = named();
    let parts = PARTS.iter().map(|part| match *part {
        "settings" | "cron" => format!("[[{part}]]"),
        "admin" => "[[admin.pages]]".to_owned(),
        part => format!("[{part}]"),
    });
    let keys = PLUGIN.iter().chain(NEEDS).chain(SETTING).map(|key| (*key).to_owned());
    let missing: Vec<String> = parts.chain(keys).filter(|name| !named.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_function_of_the_host_is_told_for_components_and_scripts() {
    let interface = WIT.split_once("interface host {").and_then(|(_, rest)| rest.split_once("\n}")).expect("there").0;
    let functions: Vec<&str> =
        interface.lines().filter_map(|line| line.trim().split_once(": func(")).map(|(name, _)| name).collect();
    assert_eq!(functions.len(), 14);
    let named = named();
    let missing: Vec<&&str> = functions.iter().filter(|name| !named.contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // What the runner gives to scripts, by the first words of each row.
    let runner = include_str!("runner/runner.js");
    let api =
        runner.split_once("const api = freeze({").and_then(|(_, rest)| rest.split_once("\n});")).expect("there").0;
    let mut ours = BTreeSet::new();
    let mut group = None;
    for line in api.lines() {
        let word: String = line.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        match (line.len() - line.trim_start().len(), &group) {
            (2, _) if line.ends_with("freeze({") => group = Some(word),
            (2, _) if line.trim_start().starts_with('}') => group = None,
            (2, _) => _ = ours.insert(format!("freehold.{word}")),
            (4, Some(group)) if !word.is_empty() => _ = ours.insert(format!("freehold.{group}.{word}")),
            _ => {}
        }
    }
    let told: BTreeSet<String> = rows("What a script can call")
        .iter()
        .map(|row| row[0].trim_matches('`').split('(').next().unwrap_or_default().replace(".ID", ""))
        .collect();
    assert_eq!(told, ours);
}
