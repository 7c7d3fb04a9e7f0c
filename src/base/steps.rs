//! Moments at which a node may fall. Whoever changes a disk or commits says so here: what came before is there, what
//! follows is not. A test that listens looks what the next start would find. Nothing of it exists in a release.

/// Says that one step is done.
#[cfg(debug_assertions)]
pub fn done(step: &'static str) {
    if let Some(listener) = LISTENER.get() {
        listener(step);
    }
}

/// Says that one step is done: to nobody.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub const fn done(_: &'static str) {}

#[cfg(debug_assertions)]
type Listener = Box<dyn Fn(&'static str) + Send + Sync>;

#[cfg(debug_assertions)]
static LISTENER: std::sync::OnceLock<Listener> = std::sync::OnceLock::new();

/// Hears of every step of this process from now on, on the thread that made it. The first listener stays: for tests
/// that are a program of their own.
#[cfg(debug_assertions)]
pub fn listen(listener: impl Fn(&'static str) + Send + Sync + 'static) {
    let _ = LISTENER.set(Box::new(listener));
}
