//! Forms as they come: names and values, several values of one name allowed.

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use freehold_base::{OrInternal as _, Result};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::failure::Failure;
use crate::panel::app::App;
use crate::web::limits::{BodyRules, read_body};

/// A decoded `application/x-www-form-urlencoded` body.
#[derive(Clone, Debug, Default)]
pub struct Form(Arc<Vec<(String, String)>>);

/// The one field of a form that was kept on the server until its person showed that it is them: its name there.
pub const HELD: &str = "__held";

impl Form {
    /// The first value of a name; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }
    /// Whether the name is there at all (checkboxes).
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }
    /// All values of a name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect()
    }
    /// What a script sent as one JSON object: lists are several values of a name, trees stay JSON text.
    pub fn of_json(object: &serde_json::Map<String, serde_json::Value>) -> Self {
        use serde_json::Value;
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let mut pairs = Vec::new();
        for (name, value) in object {
            match value {
                Value::Array(all) => pairs.extend(all.iter().map(|v| (name.clone(), text(v)))),
                one => pairs.push((name.clone(), text(one))),
            }
        }
        Self(Arc::new(pairs))
    }
    /// As [`Form::of_json`] reads it again.
    pub fn to_json(&self) -> String {
        use serde_json::Value;
        let mut object = serde_json::Map::new();
        for (name, value) in self.0.iter() {
            let value = Value::String(value.clone());
            match object.get_mut(name) {
                Some(Value::Array(all)) => all.push(value),
                Some(one) => *one = Value::Array(vec![one.take(), value]),
                None => drop(object.insert(name.clone(), value)),
            }
        }
        Value::Object(object).to_string()
    }
    /// A value as a number; 0 where it is none.
    pub fn number(&self, name: &str) -> i64 {
        self.get(name).parse().unwrap_or(0)
    }
}

/// The largest body of a form or of JSON, as configured.
fn body_bytes(request: &HttpRequest) -> u64 {
    request.app_data::<Data<App>>().map_or(0, |app| app.config.limits.body_kb.saturating_mul(1000))
}

impl FromRequest for Form {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self, Failure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let rules = BodyRules::up_to(body_bytes(request));
        let body = read_body(payload.take(), rules);
        let request = request.clone();
        Box::pin(async move {
            let bytes = body.await.map_err(Failure)?;
            let pairs =
                form_urlencoded::parse(&bytes).take(5000).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
            let sent = Self(Arc::new(pairs));
            let form = match sent.0.as_slice() {
                [(name, held)] if name == HELD => take_held(&request, held).await.map_err(Failure)?,
                _ => sent,
            };
            // The guard keeps it where the person must show first that it is them.
            request.extensions_mut().insert(form.clone());
            Ok(form)
        })
    }
}

/// The form that was kept under this name for the session that asks, as it was sent.
async fn take_held(request: &HttpRequest, name: &str) -> Result<Form> {
    let ctx = super::ctx::look(request).await?;
    let (accounts, name, path) = (ctx.app.accounts.clone(), name.to_owned(), request.path().to_owned());
    let text = ctx.write(move |tx| accounts.take_held(tx, &name, &path)).await?;
    let object = serde_json::from_str(text.reveal_text()).or_internal("reading a form that waited")?;
    Ok(Form::of_json(&object))
}
