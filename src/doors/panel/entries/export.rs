//! A list as a table for spreadsheets.

use actix_web::HttpResponse;
use freehold_base::{Page, PageSize, Result, Timestamp};
use freehold_publishing::content::{self, CardRow, Label};

use super::asked::Asked;
use super::list::editing;
use super::{shown_title, status_word};
use crate::panel::build_frame::Moment;
use crate::panel::csv;
use crate::panel::ctx::Ctx;

/// Rows of an export.
const EXPORTED: usize = 10_000;
/// All that the list shows, as CSV.
pub(super) async fn export(ctx: &Ctx, asked: Asked) -> Result<HttpResponse> {
    let (app, site, noun) = (ctx.app.clone(), ctx.site, asked.noun);
    let text = ctx
        .read(move |tx| {
            let origin = app.origin_of(tx, site)?;
            let now = Moment::at(tx, site)?;
            let editing = editing(tx, site)?;
            let filter = asked.filter(tx, site, now, &editing)?;
            let mut out = String::from("Title,Status,Author,Categories,Tags,Address,Published,Updated\r\n");
            let (mut after, mut many) = (None, 0);
            loop {
                let page = Page { size: PageSize::new(PageSize::MAX), after: after.take() };
                let rows = content::lists::list(tx, site, &filter, &asked.text, asked.sort(), &page)?;
                many += rows.len();
                let full = rows.len() == usize::from(PageSize::MAX);
                after = rows.last().map(|(row, _)| asked.sort().place(row));
                rows.iter().for_each(|(row, terms)| out.push_str(&line_of(row, terms, &origin)));
                if !full || many >= EXPORTED {
                    return Ok(out);
                }
            }
        })
        .await?;
    let name = format!("attachment; filename=\"{}.csv\"", noun.plural.replace('/', "-"));
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", name))
        .body(text))
}

fn line_of((card, author, _): &CardRow, terms: &[Label], origin: &str) -> String {
    let named = |taxonomy: &str| -> String {
        terms.iter().filter(|t| t.taxonomy == taxonomy).map(|t| t.name.as_str()).collect::<Vec<_>>().join("; ")
    };
    let time = |at: Timestamp| if at.ms() > 0 { at.rfc3339() } else { String::new() };
    let address = card.path.as_ref().map(|path| format!("{origin}{path}")).unwrap_or_default();
    let cells = [
        shown_title(&card.title),
        status_word(&card.status, &card.visibility).0.to_owned(),
        author.name.clone(),
        named("category"),
        named("tag"),
        address,
        time(card.published_at),
        time(card.updated_at),
    ];
    csv::line(&cells)
}
