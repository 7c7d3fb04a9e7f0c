//! Watches `data/themes`, so that a saved template is live at once.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use freehold_base::{Error, Result};

use super::live::Themes;

/// How long the folder must be quiet before it is read: an editor writes a file in several steps.
const QUIET: Duration = Duration::from_millis(25);
/// The longest that a busy folder can put the reading off.
const MOST_WAITS: u32 = 8;

/// The watch; it ends when this is dropped.
#[derive(Debug)]
pub struct Watching {
    _watcher: RecommendedWatcher,
}

impl Themes {
    /// Reloads themes as their files change and calls `on_change` with the name of each theme that is new, changed,
    /// gone, or has another problem than before. The callback runs on the watch's own thread, after the swap.
    ///
    /// # Errors
    /// The folder cannot be watched (missing, or the system's limit of watches is reached).
    pub fn watch(self: &Arc<Self>, on_change: impl Fn(&str) + Send + 'static) -> Result<Option<Watching>> {
        let Some(root) = self.root() else { return Ok(None) };
        let doing = "watching the themes' folder";
        // one waiting note is enough: the reading that follows sees everything
        let (tell, heard): (Sender<()>, Receiver<()>) = bounded(1);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let reads_only = event.as_ref().is_ok_and(|e| matches!(e.kind, EventKind::Access(_)));
            if !reads_only {
                let _ = tell.try_send(());
            }
        })
        .map_err(|e| Error::internal(doing, e))?;
        for root in [Some(root), self.own_root()].into_iter().flatten() {
            watcher.watch(root, RecursiveMode::Recursive).map_err(|e| Error::internal(doing, e))?;
        }
        let themes = Arc::clone(self);
        let reload = move || {
            while heard.recv().is_ok() {
                settle(&heard);
                themes.reload().iter().for_each(|name| on_change(name));
            }
        };
        thread::Builder::new().name("themes".into()).spawn(reload).map_err(|e| Error::internal(doing, e))?;
        Ok(Some(Watching { _watcher: watcher }))
    }
}

/// Waits until the folder is quiet.
fn settle(heard: &Receiver<()>) {
    for _ in 0..MOST_WAITS {
        if heard.recv_timeout(QUIET) != Ok(()) {
            return;
        }
    }
    let _: std::result::Result<(), RecvTimeoutError> = heard.recv_timeout(QUIET);
}
