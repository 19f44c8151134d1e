//! `SHOW …`.

use super::Parser;
use crate::influxql::ast::{Names, Show, Statement, Subject};
use crate::influxql::check;
use crate::influxql::lexer::Kind;

impl Parser {
    /// What stands behind `SHOW`.
    pub(super) fn show(&mut self) -> Result<Statement, String> {
        let subject = self.subject()?;
        let mut show = Show { subject, from: Vec::new(), with: None, condition: None, limit: None, offset: 0 };
        // There is one database, whatever it is called.
        if self.word("ON") {
            self.name("a database")?;
        }
        if matches!(subject, Subject::Databases | Subject::Policies) {
            return Ok(Statement::Show(show));
        }
        if subject != Subject::Measurements && self.word("FROM") {
            show.from = self.sources(false)?;
        }
        if subject == Subject::Measurements && self.word("WITH") {
            self.need_word("MEASUREMENT")?;
            show.with = Some(self.names("a measurement")?);
        }
        if subject == Subject::TagValues {
            self.need_word("WITH")?;
            self.need_word("KEY")?;
            show.with = Some(self.names("a tag")?);
        }
        if self.word("WHERE") {
            // Tags are kept without times.
            let condition = self.condition()?;
            show.condition = check::without_time(condition, &mut None, &mut None)?;
        }
        if self.word("LIMIT") {
            show.limit = Some(self.count()?).filter(|n| *n > 0);
        }
        if self.word("OFFSET") {
            show.offset = self.count()?;
        }
        Ok(Statement::Show(show))
    }

    /// `CREATE DATABASE NAME [WITH …]`: clients that write make sure of theirs, and any name is that of ours.
    pub(super) fn create(&mut self) -> Result<Statement, String> {
        self.need_word("DATABASE")?;
        self.name("a database")?;
        if self.word("WITH") {
            while !self.is_symbol(";") && self.peek() != &Kind::End {
                self.next += 1;
            }
        }
        Ok(Statement::Create)
    }

    fn subject(&mut self) -> Result<Subject, String> {
        if self.word("DATABASES") {
            return Ok(Subject::Databases);
        }
        if self.word("MEASUREMENTS") {
            return Ok(Subject::Measurements);
        }
        if self.word("RETENTION") {
            self.need_word("POLICIES")?;
            return Ok(Subject::Policies);
        }
        if self.word("SERIES") {
            let is_exact = self.word("EXACT");
            return Ok(if self.word("CARDINALITY") { Subject::SeriesCardinality { is_exact } } else { Subject::Series });
        }
        if self.word("MEASUREMENT") {
            let is_exact = self.word("EXACT");
            self.need_word("CARDINALITY")?;
            return Ok(Subject::MeasurementCardinality { is_exact });
        }
        if self.word("TAG") {
            if self.word("VALUES") {
                return Ok(Subject::TagValues);
            }
            self.need_word("KEYS")?;
            return Ok(Subject::TagKeys);
        }
        if self.word("FIELD") {
            self.need_word("KEYS")?;
            return Ok(Subject::FieldKeys);
        }
        self.expected(
            "DATABASES, MEASUREMENTS, RETENTION POLICIES, SERIES, TAG KEYS, TAG VALUES, FIELD KEYS, SERIES CARDINALITY or MEASUREMENT CARDINALITY",
        )
    }

    fn names(&mut self, what: &str) -> Result<Names, String> {
        if self.symbol("=") {
            return Ok(Names::Of(vec![self.name(what)?]));
        }
        if self.symbol("!=") {
            return Ok(Names::Not(self.name(what)?));
        }
        if self.symbol("=~") {
            return Ok(Names::Matching(self.regex()?));
        }
        if self.symbol("!~") {
            return Ok(Names::MatchingNot(self.regex()?));
        }
        if !self.word("IN") {
            return self.expected("=, !=, =~, !~ or IN");
        }
        self.need("(")?;
        let mut names = vec![self.name(what)?];
        while self.symbol(",") {
            names.push(self.name(what)?);
        }
        self.need(")")?;
        Ok(Names::Of(names))
    }
}
