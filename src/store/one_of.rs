//! `column IN (…)` whose statement is prepared once. diesel's `eq_any` makes a text of its own for every number of
//! values, and keeps none of them prepared.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, HasSqlType};
use diesel::{QueryResult, sql_types::SqlType};

use crate::cached::Statement;

/// True where a column has one of the values. Where there are none, it is true of nothing.
pub(crate) fn one_of<C>(column: C, values: &[i64]) -> OneOf<C> {
    let mut values = values.to_vec();
    // Filled up to a power of two with the last one again: few texts, whatever is asked.
    if let Some(last) = values.last().copied() {
        values.resize(values.len().next_power_of_two(), last);
    }
    OneOf { column, values }
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
    values: Vec<i64>,
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

impl<C> QueryId for OneOf<C> {
    type QueryId = ();
    // Kept by its text, which tells how many values there are.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB, C> QueryFragment<DB> for OneOf<C>
where
    DB: Backend + HasSqlType<BigInt>,
    C: QueryFragment<DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some((first, rest)) = self.values.split_first() else {
            out.push_sql("1 = 0");
            return Ok(());
        };
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        out.push_bind_param::<BigInt, _>(first)?;
        for value in rest {
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(value)?;
        }
        out.push_sql(")");
        Ok(())
    }
}
