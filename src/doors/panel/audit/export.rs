//! The audit log as a table for other programs (RFC 4180), row by row as it is read.

use actix_web::HttpResponse;
use actix_web::http::header;
use bytes::Bytes;
use freehold_base::Result;
use freehold_platform::audit::{self, Row};
use freehold_store::Tx;

use super::{Asked, Names};
use crate::panel::csv;
use crate::panel::ctx::Ctx;
use crate::panel::failure::Reply;

/// Rows of one read.
const PART: i64 = 500;
const HEAD: &str = "time,person,email,actor,action,object,detail,address,site,chain,position,hash\r\n";

/// Where an export stands.
struct Export {
    ctx: Ctx,
    asked: Asked,
    /// The head was sent.
    begun: bool,
    over: bool,
}

/// The file, with the filters of the page.
pub async fn send(ctx: Ctx) -> Reply {
    let asked = Asked { before: 0, ..Asked::of(&ctx) };
    // The first part is read before the answer begins: a refusal is a page, not half a file.
    let mut export = Export { ctx, asked, begun: false, over: false };
    let first = export.part().await?;
    let rest = futures_util::stream::unfold(export, |mut export| async move {
        if export.over {
            return None;
        }
        let part = export.part().await.map_err(|e| {
            tracing::error!("exporting the audit log: {e}");
            actix_web::error::ErrorInternalServerError("the export broke off")
        });
        export.over |= part.is_err();
        Some((part, export))
    });
    let first = futures_util::stream::once(async move { Ok::<_, actix_web::Error>(first) });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""))
        .streaming(Box::pin(futures_util::StreamExt::chain(first, rest))))
}

impl Export {
    async fn part(&mut self) -> Result<Bytes> {
        let asked = self.asked.clone();
        let (text, last) = self.ctx.read(move |tx| part(tx, &asked)).await?;
        self.over = last == 0;
        self.asked.before = last;
        let head = if self.begun { "" } else { HEAD };
        self.begun = true;
        Ok(Bytes::from(format!("{head}{text}")))
    }
}

/// The next rows, and the number of the last one; 0 where there are no more.
fn part(tx: &mut Tx<'_>, asked: &Asked) -> Result<(String, i64)> {
    let filter = asked.filter(tx)?;
    let rows = audit::list(tx, asked.site, &filter, asked.before, PART)?;
    let last = if rows.len() < PART as usize { 0 } else { rows.last().map_or(0, |r| r.id) };
    let (mut names, mut text) = (Names::default(), String::new());
    for row in rows {
        let (name, email) = names.of(tx, &row)?;
        text.push_str(&line(&row, &name, &email));
    }
    Ok((text, last))
}

fn line(row: &Row, name: &str, email: &str) -> String {
    let (time, site, position) = (row.acted_at.rfc3339(), row.site_id.to_string(), row.position.to_string());
    let cells = [
        time.as_str(),
        name,
        email,
        &row.actor,
        &row.action,
        &row.object,
        &row.detail,
        &row.address,
        &site,
        &row.chain,
        &position,
        &row.hash,
    ];
    csv::line(&cells)
}
