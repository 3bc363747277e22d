//! Writes that nobody reads before the commit. They run together, because each call of the database costs more than the
//! write itself: it wakes the thread of the connection and waits for it.

use sqlx::{
    Arguments, AssertSqlSafe, Encode, Sqlite, SqliteConnection, Type, sqlite::SqliteArguments,
};

use crate::failure::{Failure, Result};

/// The number of statements after which [`Deferred::run_if_full`] runs them, so that large commits have few different
/// texts, and the database keeps them prepared.
const STATEMENTS_MAX: usize = 16;

/// Statements that run later, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Deferred {
    sql: String,
    statements: usize,
    arguments: SqliteArguments,
}

impl Deferred {
    /// Adds a statement. Its parameters are written `?` and follow with [`Self::bind`].
    pub fn push(&mut self, statement: &str) -> &mut Self {
        self.sql.push_str(statement);
        self.sql.push(';');
        self.statements += 1;
        self
    }

    /// Adds the next parameter of the last statement.
    ///
    /// # Errors
    /// When the value has no form in the database.
    pub fn bind<'v, T: Encode<'v, Sqlite> + Type<Sqlite>>(
        &mut self,
        value: T,
    ) -> Result<&mut Self> {
        self.arguments.add(value).map_err(Failure::Broken)?;
        Ok(self)
    }

    /// Runs the statements if they are many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_if_full(&mut self, conn: &mut SqliteConnection) -> Result<()> {
        if self.statements < STATEMENTS_MAX {
            return Ok(());
        }
        std::mem::take(self).run(conn).await
    }

    /// Runs the statements.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(self, conn: &mut SqliteConnection) -> Result<()> {
        if self.statements > 0 {
            // Safe, because callers push statements of this program, and bind all values.
            let statements = sqlx::query_with(AssertSqlSafe(self.sql), self.arguments);
            statements.execute(conn).await?;
        }
        Ok(())
    }
}
