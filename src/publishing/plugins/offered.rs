//! What of the plugins' interface this release serves. A plugin that needs more is refused when it comes, rather than
//! wait for what never happens.

use freehold_base::Result;
use freehold_plugins::capability::Capability;
use freehold_plugins::hooks::Hook;
use freehold_plugins::manifest::Manifest;

use super::files::refused;

/// Hooks that are asked and told.
pub(super) const HOOKS: &[Hook] = &[Hook::PluginLifecycle, Hook::SettingsChanged, Hook::EntryRender];

/// What the host does for plugins.
pub(super) const CAPABILITIES: &[Capability] = &[Capability::Kv, Capability::Secrets];

/// Whether all that a plugin needs is there.
///
/// # Errors
/// `PluginRefused` naming what is not.
pub(super) fn check(manifest: &Manifest) -> Result<()> {
    let hooks = manifest.hooks.iter().filter(|(hook, listens)| !HOOKS.contains(hook) && !listens.optional);
    let mut missing: Vec<String> = hooks.map(|(hook, _)| format!("the hook {hook}")).collect();
    let rights = manifest.capabilities.iter().filter(|c| !CAPABILITIES.contains(c));
    missing.extend(rights.map(|c| format!("the capability {}", c.name())));
    if !manifest.cron.is_empty() && !HOOKS.contains(&Hook::CronTick) {
        missing.push("set times ([[cron]])".into());
    }
    if (!manifest.pages.is_empty() || !manifest.widgets.is_empty()) && !HOOKS.contains(&Hook::AdminView) {
        missing.push("pages in the panel ([[admin.pages]])".into());
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(refused(format!("it needs what this release does not have yet: {}", missing.join(", "))))
}
