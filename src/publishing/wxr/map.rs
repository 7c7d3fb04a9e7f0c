//! From XML elements to records.

use chrono::{DateTime, NaiveDateTime};
use freehold_base::Timestamp;

use super::record::{Author, Comment, Item, ItemTerm, SiteInfo, Term};
use super::xml::Element;

/// Takes over one field of the channel; the first of a name counts.
pub(super) fn site(site: &mut SiteInfo, element: &mut Element) {
    let field = match element.name.as_str() {
        "title" => &mut site.title,
        "link" => &mut site.link,
        "description" => &mut site.description,
        "base_site_url" => &mut site.base_site_url,
        "base_blog_url" => &mut site.base_blog_url,
        "language" => &mut site.language,
        "wxr_version" => &mut site.version,
        _ => return,
    };
    if field.is_empty() {
        *field = element.text.trim().to_owned();
    }
}

pub(super) fn author(mut e: Element) -> Author {
    Author {
        wp_id: e.number("author_id"),
        login: e.line("author_login"),
        email: e.line("author_email"),
        display_name: e.line("author_display_name"),
        first_name: e.line("author_first_name"),
        last_name: e.line("author_last_name"),
    }
}

/// A category, a tag or a term: three shapes of the same thing.
pub(super) fn term(mut e: Element) -> Term {
    let (taxonomy, slug, name, parent, description) = match e.name.as_str() {
        "category" => ("category", "category_nicename", "cat_name", "category_parent", "category_description"),
        "tag" => ("post_tag", "tag_slug", "tag_name", "tag_parent", "tag_description"),
        _ => ("", "term_slug", "term_name", "term_parent", "term_description"),
    };
    let own = e.line("term_taxonomy");
    Term {
        taxonomy: if own.is_empty() { taxonomy.to_owned() } else { own },
        slug: e.line(slug),
        name: e.line(name),
        parent: e.line(parent),
        description: e.take(description),
        term_id: e.number("term_id"),
        meta: meta(&mut e, "termmeta"),
    }
}

pub(super) fn item(mut e: Element) -> Item {
    let mut published = gmt(&e.line("post_date_gmt"));
    if published.is_none() && !has_zeros(&e, "post_date_gmt") {
        published = rfc2822(&e.line("pubDate")).or_else(|| gmt(&e.line("post_date")));
    }
    let kind = e.line("post_type");
    Item {
        wp_id: e.number("post_id"),
        kind: if kind.is_empty() { "post".to_owned() } else { kind },
        title: e.line("title"),
        link: e.line("link"),
        guid: e.line("guid"),
        creator: e.line("dc:creator"),
        pub_date_gmt: published,
        modified: gmt(&e.line("post_modified_gmt")).or_else(|| gmt(&e.line("post_modified"))),
        slug: e.line("post_name"),
        status: e.line("status"),
        parent: e.number("post_parent"),
        menu_order: e.number("menu_order"),
        password: e.line("post_password"),
        is_sticky: e.number("is_sticky") == 1,
        comment_status: e.line("comment_status"),
        ping_status: e.line("ping_status"),
        content: first_of(&mut e, &["content:encoded", "encoded", "content"]),
        excerpt: first_of(&mut e, &["excerpt:encoded", "excerpt"]),
        attachment_url: e.line("attachment_url"),
        terms: terms(&mut e),
        meta: meta(&mut e, "postmeta"),
        comments: e.children.extract_if(.., |child| child.name == "comment").map(comment).collect(),
    }
}

fn first_of(e: &mut Element, names: &[&str]) -> String {
    names.iter().map(|name| e.take(name)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// `<category domain="post_tag" nicename="slug">Name</category>`. Exports before 1.0 write a category a second time
/// without a slug; that one is left out.
fn terms(e: &mut Element) -> Vec<ItemTerm> {
    let mut list: Vec<ItemTerm> = Vec::new();
    for child in e.children.iter_mut().filter(|child| child.name == "category") {
        let (domain, slug) = (child.attr("domain").to_owned(), child.attr("nicename").to_owned());
        let taxonomy = match domain.as_str() {
            "" => "category".to_owned(),
            "tag" => "post_tag".to_owned(),
            _ => domain,
        };
        let term = ItemTerm { taxonomy, slug, name: child.text.trim().to_owned() };
        let known = list.iter().any(|have| {
            have.taxonomy == term.taxonomy
                && if term.slug.is_empty() { have.name == term.name } else { have.slug == term.slug }
        });
        let is_named = !term.name.is_empty() || !term.slug.is_empty();
        if is_named && !known {
            list.push(term);
        }
    }
    list
}

fn meta(e: &mut Element, name: &str) -> Vec<(String, String)> {
    let pairs = e.children.iter_mut().filter(|child| child.name == name);
    pairs.map(|pair| (pair.line("meta_key"), pair.take("meta_value"))).filter(|(key, _)| !key.is_empty()).collect()
}

fn comment(mut e: Element) -> Comment {
    Comment {
        wp_id: e.number("comment_id"),
        author: e.line("comment_author"),
        email: e.line("comment_author_email"),
        url: e.line("comment_author_url"),
        ip: first_of(&mut e, &["comment_author_IP", "comment_author_ip"]).trim().to_owned(),
        date_gmt: gmt(&e.line("comment_date_gmt")).or_else(|| gmt(&e.line("comment_date"))),
        content: e.take("comment_content"),
        approved: e.line("comment_approved"),
        kind: e.line("comment_type"),
        parent: e.number("comment_parent"),
        user_id: e.number("comment_user_id"),
        meta: meta(&mut e, "commentmeta"),
    }
}

/// `2013-04-09 13:37:45`; `None` for zeros and nonsense.
fn gmt(text: &str) -> Option<Timestamp> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    Some(Timestamp(time.and_utc().timestamp_millis()))
}

fn rfc2822(text: &str) -> Option<Timestamp> {
    // Drafts carry "Mon, 30 Nov -0001 00:00:00 +0000", which does not parse.
    DateTime::parse_from_rfc2822(text).ok().map(|time| Timestamp(time.timestamp_millis()))
}

fn has_zeros(e: &Element, name: &str) -> bool {
    e.child(name).is_some_and(|child| child.text.trim().starts_with("0000"))
}
