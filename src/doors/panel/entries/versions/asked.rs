//! What the address of a page of versions asks for.

use freehold_base::{EntryId, RevisionId};

use crate::panel::ctx::Ctx;
use crate::panel::form::Form;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Chosen {
    Newest,
    One(RevisionId),
    Unsaved,
}

/// What the address asks for.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) base: String,
    pub(super) own: String,
    pub(super) chosen: Chosen,
    pub(super) view: &'static str,
    /// Against the version before it, not against what is now.
    pub(super) before: bool,
    pub(super) all: bool,
    pub(super) list_from: i64,
    pub(super) done: String,
    pub(super) undo: i64,
    pub(super) typed: Option<Form>,
}

impl Asked {
    pub(super) fn of(ctx: &Ctx, id: EntryId, chosen: Chosen, typed: Option<Form>) -> Self {
        let number = |name: &str| ctx.param(name).and_then(|n| n.parse().ok()).unwrap_or(0);
        Self {
            base: ctx.base(),
            own: format!("{}/entries/{id}/versions", ctx.base()),
            chosen,
            view: match ctx.param("view").as_deref() {
                Some("text") => "text",
                Some("settings") => "settings",
                _ => "side",
            },
            before: ctx.param("with").is_some_and(|w| w == "before"),
            all: ctx.param("all").is_some(),
            list_from: number("from"),
            done: ctx.param("done").unwrap_or_default(),
            undo: number("undo"),
            typed,
        }
    }
    /// The address of a version with the same view.
    pub(super) fn href(&self, version: &str, view: &str, before: bool, list_from: i64, all: bool) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if view != "side" {
            query.append_pair("view", view);
        }
        if before {
            query.append_pair("with", "before");
        }
        if list_from > 0 {
            query.append_pair("from", &list_from.to_string());
        }
        if all {
            query.append_pair("all", "1");
        }
        let query = query.finish();
        let question = if query.is_empty() { "" } else { "?" };
        let slash = if version.is_empty() { "" } else { "/" };
        format!("{}{slash}{version}{question}{query}", self.own)
    }
    pub(super) fn name(&self) -> String {
        match self.chosen {
            Chosen::Newest => String::new(),
            Chosen::One(id) => id.to_string(),
            Chosen::Unsaved => "unsaved".into(),
        }
    }
}
