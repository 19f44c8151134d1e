//! `SELECT …`.

use super::{MAX_PARTS, Parser};
use crate::influxql::ast::{Column, Expr, Fill, Found, Select, Source};
use crate::influxql::check;
use crate::influxql::lexer::Kind;

impl Parser {
    /// What stands behind `SELECT`.
    pub(super) fn select(&mut self) -> Result<Select, String> {
        let mut select = Select { columns: vec![self.column()?], zone: self.zone.clone(), ..Select::default() };
        while self.symbol(",") {
            if select.columns.len() == MAX_PARTS {
                return self.expected("at most 100 columns");
            }
            select.columns.push(self.column()?);
        }
        self.need_word("FROM")?;
        select.from = self.sources(true)?;
        if self.word("WHERE") {
            let condition = self.condition()?;
            select.condition = check::without_time(condition, &mut select.start, &mut select.end)?;
        }
        if self.word("GROUP") {
            self.need_word("BY")?;
            self.group(&mut select)?;
        }
        self.tail(&mut select)?;
        check::check(&select)?;
        Ok(select)
    }

    /// Measurements, and queries where they may stand.
    pub(super) fn sources(&mut self, may_query: bool) -> Result<Vec<Source>, String> {
        let mut sources = Vec::new();
        loop {
            if sources.len() == MAX_PARTS {
                return self.expected("at most 100 measurements");
            }
            sources.push(self.a_source(may_query)?);
            if !self.symbol(",") {
                return Ok(sources);
            }
        }
    }

    fn a_source(&mut self, may_query: bool) -> Result<Source, String> {
        if may_query && self.symbol("(") {
            self.deeper()?;
            self.need_word("SELECT")?;
            let select = self.select()?;
            self.depth -= 1;
            self.need(")")?;
            return Ok(Source::Query(Box::new(select)));
        }
        if matches!(self.peek(), Kind::Regex(_)) {
            return Ok(Source::Matching(self.regex()?));
        }
        // Of `database.policy.measurement` the last; there is one database with one policy.
        let mut name = self.name("a measurement, or a query in parentheses")?;
        while self.symbol(".") {
            if self.is_symbol(".") {
                continue;
            }
            if matches!(self.peek(), Kind::Regex(_)) {
                return Ok(Source::Matching(self.regex()?));
            }
            name = self.name("a measurement")?;
        }
        Ok(Source::Named(name))
    }

    fn column(&mut self) -> Result<Column, String> {
        let expr = self.sum()?;
        let mut parts = Vec::new();
        expr.walk(&mut |found| {
            parts.push(match found {
                Found::Name(name) => name.to_owned(),
                Found::Call(call) => call.function.name().to_owned(),
            });
        });
        if parts.is_empty() && !matches!(expr, Expr::All) {
            return self.expected("a field or a function in each column");
        }
        let name = if self.word("AS") { self.name("the column's name")? } else { parts.join("_") };
        Ok(Column { expr, name })
    }

    fn group(&mut self, select: &mut Select) -> Result<(), String> {
        loop {
            if self.symbol("*") {
                select.all_tags = true;
            } else if self.word("time") {
                self.need("(")?;
                select.step = Some(self.duration()?);
                if self.symbol(",") {
                    let sign = if self.symbol("-") { -1 } else { 1 };
                    select.shift = sign * self.duration()?;
                }
                self.need(")")?;
            } else {
                if select.tags.len() == MAX_PARTS {
                    return self.expected("at most 100 tags");
                }
                let name = self.name("time(…), a tag or `*`")?;
                self.cast()?;
                select.tags.push(name);
            }
            if !self.symbol(",") {
                return Ok(());
            }
        }
    }

    fn tail(&mut self, select: &mut Select) -> Result<(), String> {
        if self.word("fill") {
            self.need("(")?;
            select.fill = self.fill()?;
            self.need(")")?;
        }
        if self.word("ORDER") {
            self.need_word("BY")?;
            self.need_word("time")?;
            select.descending = self.word("DESC");
            if !select.descending {
                self.word("ASC");
            }
        }
        if self.word("LIMIT") {
            select.limit = Some(self.count()?).filter(|n| *n > 0);
        }
        if self.word("OFFSET") {
            select.offset = self.count()?;
        }
        if self.word("SLIMIT") {
            select.slimit = Some(self.count()?).filter(|n| *n > 0);
        }
        if self.word("SOFFSET") {
            select.soffset = self.count()?;
        }
        if self.word("tz") {
            self.need("(")?;
            if !matches!(self.peek(), Kind::Text(_)) {
                return self.expected("a time zone in single quotes");
            }
            self.next += 1;
            self.need(")")?;
        }
        Ok(())
    }

    fn fill(&mut self) -> Result<Fill, String> {
        for (word, fill) in [("null", Fill::Null), ("none", Fill::Skip), ("previous", Fill::Previous), ("linear", Fill::Linear)] {
            if self.word(word) {
                return Ok(fill);
            }
        }
        Ok(Fill::Number(self.number().or_else(|_| self.expected("null, none, previous, linear or a number"))?))
    }
}
