//! Which template draws which page: names in the order they are asked for, the most special first.

/// What a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question<'a> {
    /// The list of the newest entries.
    Home,
    /// The page chosen as the site's front, if it is an entry of this type and slug.
    Front {
        /// Its content type.
        kind: &'a str,
        /// Its slug.
        slug: &'a str,
    },
    /// One entry.
    Entry {
        /// Its content type.
        kind: &'a str,
        /// Its slug.
        slug: &'a str,
        /// The template its editor chose (`wide` for `custom/wide.html`); empty for none.
        template: &'a str,
    },
    /// The entries of a term.
    Term {
        /// Its taxonomy.
        taxonomy: &'a str,
        /// Its slug.
        slug: &'a str,
        /// The template its editor chose; empty for none.
        template: &'a str,
    },
    /// The entries of an author.
    Author {
        /// The author's slug.
        slug: &'a str,
    },
    /// The entries of a year, month or day.
    Date,
    /// The entries of a content type.
    Archive {
        /// The content type.
        kind: &'a str,
    },
    /// Found entries.
    Search,
    /// Nothing is here.
    NotFound,
    /// Something went wrong.
    Error,
}

/// The templates to try, first to last, with their folder's path: `entry-post.html`. The last one always exists.
pub fn candidates(question: Question<'_>) -> Vec<String> {
    let mut names: Vec<String> = match question {
        Question::Home => vec!["home".into()],
        Question::Front { kind, slug } => {
            let mut names = vec!["front-page".to_owned()];
            names.extend(of_entry(kind, slug, ""));
            names
        }
        Question::Entry { kind, slug, template } => of_entry(kind, slug, template),
        Question::Term { taxonomy, slug, template } => {
            let mut names = vec![format!("term-{taxonomy}-{slug}"), format!("term-{taxonomy}"), "term".into()];
            if matches!(taxonomy, "category" | "tag") {
                // the short names that writers of WordPress themes look for
                names.splice(1..1, [format!("{taxonomy}-{slug}")]);
                names.insert(3, taxonomy.to_owned());
            }
            if !template.is_empty() {
                names.insert(0, chosen(template));
            }
            names.push("archive".into());
            names
        }
        Question::Author { slug } => vec![format!("author-{slug}"), "author".into(), "archive".into()],
        Question::Date => vec!["date".into(), "archive".into()],
        Question::Archive { kind } => vec![format!("archive-{kind}"), "archive".into()],
        Question::Search => vec!["search".into()],
        Question::NotFound => vec!["404".into()],
        Question::Error => vec!["error".into()],
    };
    names.push("index".into());
    for name in &mut names {
        name.push_str(".html");
    }
    names
}

/// The template that an editor chose.
fn chosen(template: &str) -> String {
    format!("custom/{}", template.strip_prefix("custom/").unwrap_or(template))
}

fn of_entry(kind: &str, slug: &str, template: &str) -> Vec<String> {
    let mut names = Vec::with_capacity(7);
    if !template.is_empty() {
        names.push(chosen(template));
    }
    names.push(format!("entry-{kind}-{slug}"));
    if matches!(kind, "page" | "post") {
        names.push(format!("{kind}-{slug}"));
    }
    names.push(format!("entry-{kind}"));
    if matches!(kind, "page" | "post") {
        names.push(kind.to_owned());
    }
    names.push("entry".into());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_by_choice_then_slug_then_type() {
        let names = candidates(Question::Entry { kind: "page", slug: "about", template: "wide" });
        let expected = [
            "custom/wide.html",
            "entry-page-about.html",
            "page-about.html",
            "entry-page.html",
            "page.html",
            "entry.html",
            "index.html",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn every_question_ends_with_the_one_template_that_always_exists() {
        let questions = [
            Question::Home,
            Question::Front { kind: "page", slug: "start" },
            Question::Term { taxonomy: "category", slug: "boats", template: "" },
            Question::Author { slug: "ida" },
            Question::Date,
            Question::Archive { kind: "product" },
            Question::Search,
            Question::NotFound,
            Question::Error,
        ];
        for question in questions {
            assert_eq!(candidates(question).last().map(String::as_str), Some("index.html"), "{question:?}");
        }
    }
}
