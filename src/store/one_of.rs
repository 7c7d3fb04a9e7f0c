//! `column IN (…)` whose statement is prepared once. diesel's `eq_any` makes a text of its own for every number of
//! values, and keeps none of them prepared.

use std::fmt::Write as _;
use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, Text};
use diesel::{QueryResult, sql_types::SqlType};

use crate::Tx;
use crate::cached::Statement;

/// True where a column has one of the values; of nothing where there are none. The values are one parameter, so that
/// the statement's text is the same for any number of them.
pub(crate) fn one_of<C>(tx: &mut Tx<'_>, column: C, values: &[i64]) -> OneOf<C> {
    let is_sqlite = tx.conn().is_sqlite();
    let (open, close) = if is_sqlite { ('[', ']') } else { ('{', '}') };
    let mut list = String::with_capacity(2 + 8 * values.len());
    list.push(open);
    for (n, value) in values.iter().enumerate() {
        let comma = if n > 0 { "," } else { "" };
        let _ = write!(list, "{comma}{value}"); // writing to a String does not fail
    }
    list.push(close);
    OneOf { column, list, is_sqlite }
}

/// True where a column has one of the values that a statement gives. `Name` stands for the statement's text: what
/// diesel builds around it is built once, and only values may differ from call to call.
pub(crate) fn one_of_these<Name, C>(column: C, statement: Statement<'_>) -> OneOfThese<'_, C, Name> {
    OneOfThese { column, statement, name: PhantomData }
}

/// See [`one_of_these`].
pub(crate) struct OneOfThese<'a, C, Name> {
    column: C,
    statement: Statement<'a>,
    name: PhantomData<Name>,
}

impl<C: QueryId, Name: 'static> QueryId for OneOfThese<'_, C, Name> {
    type QueryId = OneOfThese<'static, C::QueryId, Name>;
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<DB, C, Name> QueryFragment<DB> for OneOfThese<'_, C, Name>
where
    DB: Backend,
    C: QueryFragment<DB>,
    for<'a> Statement<'a>: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        self.statement.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// See [`one_of`].
#[derive(Debug, Clone)]
pub(crate) struct OneOf<C> {
    column: C,
    /// A JSON array for SQLite, the text of an array for PostgreSQL.
    list: String,
    is_sqlite: bool,
}

/// What diesel wants of a condition on a column.
macro_rules! condition {
    ($name:ident $(, $life:lifetime, $more:ident)?) => {
        impl<$($life,)? C $(, $more)?> Expression for $name<$($life,)? C $(, $more)?>
        where
            C: Expression,
            C::SqlType: SqlType,
        {
            type SqlType = Bool;
        }

        impl<$($life,)? C $(, $more)?, Q> AppearsOnTable<Q> for $name<$($life,)? C $(, $more)?>
        where
            C: AppearsOnTable<Q>,
            Self: Expression,
        {
        }

        impl<$($life,)? C $(, $more)?, Q> SelectableExpression<Q> for $name<$($life,)? C $(, $more)?>
        where
            C: SelectableExpression<Q>,
            Self: AppearsOnTable<Q>,
        {
        }

        impl<$($life,)? C $(, $more)?, G> ValidGrouping<G> for $name<$($life,)? C $(, $more)?> {
            type IsAggregate = is_aggregate::No;
        }
    };
}

condition!(OneOf);
condition!(OneOfThese, 'a, Name);

impl<C: QueryId> QueryId for OneOf<C> {
    type QueryId = OneOf<C::QueryId>;
    // A connection is of one kind all its life, and only its own statements are kept by this.
    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<DB, C> QueryFragment<DB> for OneOf<C>
where
    DB: Backend + HasSqlType<Text>,
    C: QueryFragment<DB>,
    str: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let (before, after) = if self.is_sqlite {
            (" IN (SELECT value FROM json_each(", "))")
        } else {
            (" = ANY(CAST(", " AS bigint[]))")
        };
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(before);
        out.push_bind_param::<Text, str>(&self.list)?;
        out.push_sql(after);
        Ok(())
    }
}
