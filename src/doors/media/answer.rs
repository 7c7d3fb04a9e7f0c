//! A file as an answer: tags, parts, headers that keep it from being taken for something else (security rule B8).

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use actix_web::body::SizedStream;
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use bytes::Bytes;
use freehold_base::{OrInternal as _, Result};
use freehold_publishing::media::ServedAs;
use futures_util::stream;

use super::range::{Part, part};

/// Files up to this size are read at once, larger ones as they are taken.
const AT_ONCE: u64 = 512 << 10;
/// Bytes read at a time of a larger file.
const CHUNK: u64 = 128 << 10;

/// How a file is answered.
#[derive(Clone, Debug)]
pub struct How {
    /// Type, whether it is an attachment, policy.
    pub served: ServedAs,
    /// Name for downloads: ASCII without quotes.
    pub name: String,
    /// Tag of exactly these bytes, without its quotes.
    pub tag: String,
    /// `Cache-Control`.
    pub keep: &'static str,
    /// `Vary`.
    pub vary: Option<&'static str>,
}

/// Answers with a file: 304 where the client has it, a part where one is asked for.
///
/// # Errors
/// `Internal` where it cannot be read.
pub async fn file(request: &HttpRequest, file: File, how: &How) -> Result<HttpResponse> {
    let text = |name| request.headers().get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
    let tag = format!("\"{}\"", how.tag);
    let known = text(header::IF_NONE_MATCH)
        .is_some_and(|all| all.trim() == "*" || all.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    if known {
        let mut answer = HttpResponse::build(StatusCode::NOT_MODIFIED);
        answer.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, how.keep));
        return Ok(answer.finish());
    }
    let len = file.metadata().or_internal("looking at a file")?.len();
    let same = text(header::IF_RANGE).is_none_or(|known| known == tag);
    let range = text(header::RANGE).filter(|_| same && *request.method() == Method::GET);
    match part(range, len) {
        Part::Whole => body(head(StatusCode::OK, how, &tag), file, 0, len).await,
        Part::Bytes(first, last) => {
            let mut answer = head(StatusCode::PARTIAL_CONTENT, how, &tag);
            answer.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{len}")));
            body(answer, file, first, last + 1 - first).await
        }
        Part::Beyond => Ok(HttpResponse::build(StatusCode::RANGE_NOT_SATISFIABLE)
            .insert_header((header::CONTENT_RANGE, format!("bytes */{len}")))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .finish()),
    }
}

fn head(status: StatusCode, how: &How, tag: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((header::CONTENT_TYPE, how.served.content_type))
        .insert_header((header::CACHE_CONTROL, how.keep))
        .insert_header((header::ETAG, tag))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    let disposition = if how.served.attachment { "attachment" } else { "inline" };
    answer.insert_header((header::CONTENT_DISPOSITION, format!("{disposition}; filename=\"{}\"", how.name)));
    if let Some(vary) = how.vary {
        answer.insert_header((header::VARY, vary));
    }
    if let Some(policy) = how.served.csp {
        answer.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    }
    answer
}

async fn body(mut answer: HttpResponseBuilder, mut file: File, from: u64, len: u64) -> Result<HttpResponse> {
    if len <= AT_ONCE {
        let bytes = read(file, from, len).await?.1;
        return Ok(answer.body(bytes));
    }
    file.seek(SeekFrom::Start(from)).or_internal("reading a file")?;
    let chunks = stream::try_unfold((file, len), |(file, left)| async move {
        if left == 0 {
            return Ok::<_, actix_web::Error>(None);
        }
        let taken = web::block(move || next(file, left.min(CHUNK))).await?;
        let (file, bytes) = taken?;
        let left = left - bytes.len() as u64;
        Ok(Some((bytes, (file, left))))
    });
    Ok(answer.body(SizedStream::new(len, Box::pin(chunks))))
}

async fn read(mut file: File, from: u64, len: u64) -> Result<(File, Bytes)> {
    let read = web::block(move || {
        file.seek(SeekFrom::Start(from))?;
        next(file, len)
    });
    read.await.or_internal("reading a file")?.or_internal("reading a file")
}

/// Exactly `len` bytes from where the file stands.
fn next(mut file: File, len: u64) -> std::io::Result<(File, Bytes)> {
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
    file.read_exact(&mut bytes)?;
    Ok((file, Bytes::from(bytes)))
}
