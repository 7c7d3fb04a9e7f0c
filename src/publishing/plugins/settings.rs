//! What people set of a plugin on a site: values as the manifest describes them, secrets sealed with the key outside the
//! database and never given out again but to the plugin itself (row PL04, rule C10).

use std::collections::BTreeMap;

use freehold_base::error::Refusals;
use freehold_base::{Code, Error, FieldError, OrInternal as _, Result, Secret, SiteId};
use freehold_platform::secrets::Keyring;
use freehold_plugins::manifest::{Manifest, Setting, SettingKind};
use serde_json::{Map, Value};

/// What somebody wants: by setting, what was typed; nothing: as the plugin has it by itself, and of a secret, nothing.
/// Settings that are not named stay as they are.
pub type Wanted = BTreeMap<String, Option<String>>;

/// Values of a plugin's settings on a site, as its row has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// By setting.
    pub plain: Map<String, Value>,
    /// Sealed, by setting.
    pub sealed: Map<String, Value>,
}

impl Values {
    /// Reads a row's two columns; what cannot be read is as if it was never set.
    pub fn read(settings: &str, secrets: &str) -> Self {
        let map = |json: &str| serde_json::from_str(json).unwrap_or_default();
        Self { plain: map(settings), sealed: map(secrets) }
    }

    /// The value of a setting as the plugin sees it: what a person set, or what the manifest says.
    pub fn of(&self, setting: &Setting) -> Value {
        self.plain.get(&setting.id).cloned().unwrap_or_else(|| setting.default.clone())
    }

    /// Whether a secret is kept.
    pub fn has_secret(&self, id: &str) -> bool {
        self.sealed.contains_key(id)
    }

    /// Opens a secret.
    ///
    /// # Errors
    /// `Internal` where it was sealed with another key.
    pub fn secret(&self, keys: &Keyring, place: &Place<'_>, id: &str) -> Result<Option<Secret>> {
        let sealed = self.sealed.get(id).and_then(Value::as_str);
        sealed.map(|text| keys.open(&place.label(id), text)).transpose()
    }

    /// Whether everything is there that the plugin cannot work without.
    pub fn missing<'a>(&self, manifest: &'a Manifest) -> Option<&'a Setting> {
        manifest.settings.iter().filter(|setting| setting.required).find(|setting| match setting.kind {
            SettingKind::Secret => !self.has_secret(&setting.id),
            _ => self.of(setting).is_null(),
        })
    }

    /// With what somebody wants, each value checked.
    ///
    /// # Errors
    /// `Invalid` naming every field that is wrong.
    pub fn with(mut self, manifest: &Manifest, wanted: &Wanted, keys: &Keyring, place: &Place<'_>) -> Result<Self> {
        let mut refused = Refusals::default();
        for (id, typed) in wanted {
            let Some(setting) = manifest.setting(id) else {
                let known: Vec<&str> = manifest.settings.iter().map(|s| s.id.as_str()).collect();
                refused.take(Err::<(), _>(wrong(
                    id,
                    Code::UnknownField,
                    format!("There are: {}.", known.join(", ")),
                )))?;
                continue;
            };
            let value = match typed {
                None => Value::Null,
                Some(typed) => match refused.take(read(setting, typed))? {
                    Some(value) => value,
                    None => continue,
                },
            };
            let is_secret = setting.kind == SettingKind::Secret;
            match (is_secret, value) {
                (true, Value::String(text)) => {
                    let sealed = keys.seal(&place.label(id), text.as_bytes())?;
                    self.sealed.insert(id.clone(), sealed.into());
                }
                (true, _) => drop(self.sealed.remove(id)),
                (false, Value::Null) => drop(self.plain.remove(id)),
                (false, value) => drop(self.plain.insert(id.clone(), value)),
            }
        }
        refused.check()?;
        Ok(self)
    }

    /// As the row's two columns have them.
    ///
    /// # Errors
    /// None that can happen.
    pub fn columns(&self) -> Result<(String, String)> {
        let text = |map: &Map<String, Value>| serde_json::to_string(map).or_internal("writing settings of a plugin");
        Ok((text(&self.plain)?, text(&self.sealed)?))
    }
}

/// Whose secrets they are: what is sealed for one site and plugin opens for no other.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The site.
    pub site: SiteId,
    /// The plugin.
    pub plugin: &'a str,
}

impl Place<'_> {
    fn label(&self, setting: &str) -> String {
        format!("plugin:{}:{}:{setting}", self.site, self.plugin)
    }
}

fn read(setting: &Setting, typed: &str) -> Result<Value> {
    let is_empty = typed.trim().is_empty() && setting.kind != SettingKind::Bool;
    if is_empty && setting.required {
        return Err(wrong(&setting.id, Code::Required, String::new()));
    }
    setting.read(typed).map_err(|problem| {
        let next = problem.next.trim_end_matches('.');
        wrong(&setting.id, Code::Malformed, format!("it {}. {next}", problem.wrong))
    })
}

fn wrong(field: &str, code: Code, detail: String) -> Error {
    Error::Invalid(vec![FieldError { field: field.to_owned().into(), code, detail }])
}
