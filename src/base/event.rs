//! News that goes out after a commit.

use std::any::Any;

/// Something that happened and is committed. Listeners run after the commit, never inside the write.
pub trait Event: Any + Send + Sync + std::fmt::Debug {
    /// Stable name, as webhooks and logs show it: `entry.published`.
    fn name(&self) -> &'static str;
    /// For listeners that look for one kind.
    fn as_any(&self) -> &dyn Any;
}

/// Gives a struct the [`Event`] trait: `event!(EntryPublished, "entry.published");`
#[macro_export]
macro_rules! event {
    ($type:ty, $name:literal) => {
        impl $crate::Event for $type {
            fn name(&self) -> &'static str {
                $name
            }
            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }
    };
}
