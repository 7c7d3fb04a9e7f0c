//! Statements written by hand that are prepared once for each connection. diesel prepares `sql_query` anew at every
//! call; for what a public page asks that took longer than the answer.

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, HasSqlType, Text, Untyped};
use diesel::{QueryResult, RunQueryDsl};

/// A statement with `?` for each parameter, in the order of the values. The text is part of the program, never made
/// from what somebody sent (security rule A3).
pub(crate) struct Statement<'a> {
    parts: &'static [&'static str],
    values: Vec<Value<'a>>,
}

/// A value of a statement.
pub(crate) enum Value<'a> {
    Number(i64),
    Text(&'a str),
    Flag(bool),
    MaybeText(Option<&'a str>),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(value: &'a Option<String>) -> Self {
        Self::MaybeText(value.as_deref())
    }
}

/// `INSERT INTO table (columns) VALUES (?, …)` as a [`Statement`], with further words at its end where there are some:
/// for rows of every save, whose text diesel would build anew each time.
macro_rules! insert_row {
    ($table:literal, { $first:ident: $value:expr $(, $column:ident: $more:expr)* $(,)? } $(, $end:literal)?) => {
        $crate::cached::Statement::new(const {
            &[concat!(
                "INSERT INTO ", $table, " (", stringify!($first) $(, ", ", stringify!($column))*,
                ") VALUES (?" $(, $crate::cached::insert_row!(@mark $column))*, ")" $(, " ", $end)?
            )]
        })
        .value($value)
        $(.value($more))*
    };
    (@mark $column:ident) => { ", ?" };
}
pub(crate) use insert_row;

impl<'a> Statement<'a> {
    /// A statement of these parts, one after the other, without values yet.
    pub fn new(parts: &'static [&'static str]) -> Self {
        Self { parts, values: Vec::new() }
    }
    /// The next value: a number.
    pub fn number(self, value: i64) -> Self {
        self.value(value)
    }
    /// The next value: a text.
    pub fn text(self, value: &'a str) -> Self {
        self.value(value)
    }
    /// The next value.
    pub fn value(mut self, value: impl Into<Value<'a>>) -> Self {
        self.values.push(value.into());
        self
    }
}

impl<DB> QueryFragment<DB> for Statement<'_>
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Bool> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    bool: ToSql<Bool, DB>,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let mut values = self.values.iter();
        for (n, text) in self.parts.iter().flat_map(|part| part.split('?').enumerate()) {
            if n > 0 {
                match values.next() {
                    Some(Value::Number(value)) => out.push_bind_param::<BigInt, _>(value)?,
                    Some(Value::Flag(value)) => out.push_bind_param::<Bool, _>(value)?,
                    Some(Value::Text(value) | Value::MaybeText(Some(value))) => {
                        out.push_bind_param::<Text, str>(value)?;
                    }
                    Some(Value::MaybeText(None)) => out.push_sql("NULL"),
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
