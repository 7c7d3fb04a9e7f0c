//! Statements written by hand that are prepared once for each connection. diesel prepares `sql_query` anew at every
//! call; for what a public page asks that took longer than the answer.

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, HasSqlType, Text, Untyped};
use diesel::{QueryResult, RunQueryDsl};

/// A statement with `?` for each parameter, in the order of the values. The text is part of the program, never made
/// from what somebody sent (security rule A3).
pub(crate) struct Statement<'a> {
    parts: &'static [&'static str],
    values: Vec<Value<'a>>,
}

enum Value<'a> {
    Number(i64),
    Text(&'a str),
}

impl<'a> Statement<'a> {
    /// A statement of these parts, one after the other, without values yet.
    pub fn new(parts: &'static [&'static str]) -> Self {
        Self { parts, values: Vec::new() }
    }
    /// The next value: a number.
    pub fn number(mut self, value: i64) -> Self {
        self.values.push(Value::Number(value));
        self
    }
    /// The next value: a text.
    pub fn text(mut self, value: &'a str) -> Self {
        self.values.push(Value::Text(value));
        self
    }
}

impl<DB> QueryFragment<DB> for Statement<'_>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (n, text) in self.parts.iter().flat_map(|part| part.split('?').enumerate()) {
            if n > 0 {
                match values.next() {
                    Some(Value::Number(value)) => out.push_bind_param::<BigInt, _>(value)?,
                    Some(Value::Text(value)) => out.push_bind_param::<Text, str>(value)?,
                    None => return Err(diesel::result::Error::QueryBuilderError("a value is missing".into())),
                }
            }
            out.push_sql(text);
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    // Kept by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

impl<C> RunQueryDsl<C> for Statement<'_> {}
