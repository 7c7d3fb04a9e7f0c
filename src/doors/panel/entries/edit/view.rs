//! What the writing page shows.

use freehold_base::{Capability, Result};
use freehold_publishing::document::Document;
use serde::Serialize;

use super::choices::cover;
use crate::panel::auth::FieldText;
use crate::panel::ctx::Ctx;
use crate::panel::entries::list_view::OptionView;
use crate::panel::entries::save::tags_of;
use crate::panel::entries::unsaved;
use crate::panel::form::Form;

#[derive(Serialize)]
pub(super) struct StatusView {
    pub(super) value: String,
    pub(super) label: &'static str,
    pub(super) tone: &'static str,
}

#[derive(Serialize, Default)]
pub(super) struct FieldErrors {
    pub(super) slug: String,
    pub(super) publish_at: String,
    pub(super) password: String,
    pub(super) template: String,
}

#[derive(Serialize)]
pub(super) struct CategoryView {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) depth: usize,
    pub(super) checked: bool,
}

#[derive(Serialize)]
pub(super) struct CheckView {
    pub(super) ok: bool,
    pub(super) text: String,
    pub(super) href: String,
}

#[derive(Serialize)]
pub(super) struct Notice {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) label: &'static str,
    /// The address to copy; empty where there is none.
    pub(super) copy: String,
}

/// Somebody saved while these words were typed.
#[derive(Serialize)]
pub(super) struct ConflictView {
    /// Who, as a sentence begins: `Ida saved at 09:12`.
    pub(super) text: String,
    pub(super) both_href: String,
    pub(super) theirs_href: String,
    /// Where "save mine over it" posts, naming the version it was shown.
    pub(super) over_action: String,
    /// The button that was pressed.
    pub(super) act: String,
}

#[derive(Serialize)]
pub(super) struct CoverView {
    pub(super) id: i64,
    pub(super) url: String,
    pub(super) alt: String,
}

#[derive(Serialize)]
pub(super) struct PersonView {
    pub(super) initials: String,
    pub(super) hue: u16,
    pub(super) name: String,
}

#[derive(Serialize)]
pub struct EditView {
    pub(super) id: i64,
    pub(super) noun: &'static str,
    pub(super) new: bool,
    pub(super) action: String,
    pub(super) list_href: String,
    pub(super) list_label: &'static str,
    pub(super) title: String,
    pub(super) version: i64,
    pub(super) document: String,
    pub(super) markdown: String,
    pub(super) status: StatusView,
    pub(super) can_publish: bool,
    pub(super) published: bool,
    /// Visitors reach it at `public_url` now.
    pub(super) live: bool,
    pub(super) public_url: String,
    pub(super) preview_href: String,
    pub(super) share_href: String,
    pub(super) versions_href: String,
    pub(super) trash_action: String,
    pub(super) autosave_url: String,
    pub(super) lock_url: String,
    pub(super) upload_url: String,
    pub(super) media_url: String,
    pub(super) saved_text: String,
    pub(super) locked_by: String,
    pub(super) take_over_action: String,
    /// `trash` or `locked` where nothing can be typed, else empty.
    pub(super) readonly: &'static str,
    pub(super) restore_action: String,
    pub(super) conflict: Option<ConflictView>,
    /// Typed words that the answer did not store: script keeps them at once.
    pub(super) refused: bool,
    pub(super) new_category: String,
    pub(super) lang: String,
    pub(super) dir: &'static str,
    pub(super) errors: Vec<FieldText>,
    pub(super) field_errors: FieldErrors,
    pub(super) notice: Option<Notice>,
    pub(super) unsaved: Option<unsaved::UnsavedView>,
    pub(super) slug: String,
    pub(super) slug_prefix: String,
    pub(super) publish_at: String,
    pub(super) time_zone: String,
    pub(super) visibility: String,
    pub(super) password: String,
    pub(super) cover: Option<CoverView>,
    pub(super) excerpt: String,
    pub(super) categories: Vec<CategoryView>,
    pub(super) can_add_category: bool,
    pub(super) tags: Vec<String>,
    pub(super) tag_suggestions: Vec<String>,
    pub(super) templates: Vec<OptionView>,
    pub(super) template: String,
    pub(super) parents: Vec<OptionView>,
    pub(super) parent: String,
    pub(super) menu_order: i64,
    pub(super) sticky: bool,
    pub(super) comments_open: bool,
    pub(super) seo_title: String,
    pub(super) seo_description: String,
    pub(super) site_host: String,
    pub(super) site_title: String,
    pub(super) checks: Vec<CheckView>,
    pub(super) people: Vec<PersonView>,
    pub(super) language: String,
}

impl EditView {
    /// Shows what was typed in the place of what is stored.
    pub(super) async fn take(&mut self, ctx: &Ctx, form: &Form) -> Result<()> {
        let wanted = form.number("cover_id");
        if form.has("cover_id") && self.cover.as_ref().map_or(0, |c| c.id) != wanted {
            let site = ctx.site;
            self.cover = ctx
                .read(move |tx| {
                    let scope = tx.authorize(site, Capability::EntriesWriteOwn)?;
                    cover(tx, scope, wanted)
                })
                .await?;
        }
        self.fill(form);
        Ok(())
    }

    fn fill(&mut self, form: &Form) {
        if form.has("version") {
            self.version = form.number("version");
        }
        let put = |to: &mut String, name: &str| form.get(name).clone_into(to);
        put(&mut self.title, "title");
        put(&mut self.slug, "slug");
        put(&mut self.excerpt, "excerpt");
        put(&mut self.publish_at, "publish_at");
        put(&mut self.seo_title, "seo_title");
        put(&mut self.seo_description, "seo_description");
        put(&mut self.visibility, "visibility");
        put(&mut self.password, "password");
        put(&mut self.template, "template");
        put(&mut self.parent, "parent");
        put(&mut self.new_category, "new_category");
        self.menu_order = form.number("menu_order");
        self.sticky = form.has("sticky");
        self.comments_open = form.has("comments_open");
        let chosen = form.all("categories");
        for category in &mut self.categories {
            category.checked = chosen.contains(&category.id.to_string().as_str());
        }
        if form.get("source") == "markdown" {
            put(&mut self.markdown, "markdown");
            self.document = Document::from_markdown(&self.markdown).to_json();
        } else if !form.get("document").is_empty() {
            put(&mut self.document, "document");
            if let Ok(document) = Document::parse(&self.document) {
                self.markdown = document.to_markdown();
            }
        }
        self.tags = tags_of(form);
    }
}
