//! Which theme a site is drawn by, and what its themes are set to.

use serde::{Deserialize, Serialize};

/// Which theme, with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ThemeChoice {
    /// Folder name of the theme.
    pub name: String,
    /// Values of the theme's settings.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// The same of themes that were used before, by their names: they are there again when a theme comes back.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub kept: serde_json::Map<String, serde_json::Value>,
}

/// Themes whose settings are kept beside those of the one that is used.
const KEPT_THEMES: usize = 20;

impl ThemeChoice {
    /// Another theme, with the settings that the site gave it before.
    pub fn change_to(&mut self, name: &str) {
        if self.name == name {
            return;
        }
        // Taken out first: it is not the one that goes where too many are kept.
        let before = match self.kept.remove(name) {
            Some(serde_json::Value::Object(before)) => before,
            _ => serde_json::Map::new(),
        };
        let settings = std::mem::replace(&mut self.settings, before);
        self.kept.remove(&self.name);
        while self.kept.len() >= KEPT_THEMES {
            let Some(first) = self.kept.keys().next().cloned() else { break };
            self.kept.remove(&first);
        }
        if !settings.is_empty() {
            self.kept.insert(self.name.clone(), serde_json::Value::Object(settings));
        }
        name.clone_into(&mut self.name);
    }
}

impl Default for ThemeChoice {
    fn default() -> Self {
        Self { name: "croft".into(), settings: serde_json::Map::new(), kept: serde_json::Map::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_that_comes_back_has_its_settings_again() {
        let mut theme = ThemeChoice::default();
        theme.settings.insert("palette".into(), "moss".into());
        theme.change_to("meadow");
        assert_eq!((theme.name.as_str(), theme.settings.len()), ("meadow", 0));
        theme.change_to("meadow");
        for n in 0..50 {
            theme.settings.insert("accent".into(), n.into());
            theme.change_to(&format!("theme-{n}"));
        }
        assert!(theme.kept.len() <= KEPT_THEMES, "{}", theme.kept.len());
        // The one that would go first comes back while as many are kept as may be.
        let first = theme.kept.keys().next().cloned().unwrap();
        theme.settings.insert("accent".into(), 49.into());
        theme.change_to(&first);
        assert!(theme.settings.contains_key("accent"), "{first}");
        theme.settings.clear();
        theme.change_to("theme-48");
        assert_eq!(theme.settings.get("accent"), Some(&49.into()));
    }
}
