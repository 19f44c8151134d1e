//! `SHOW …`.

use super::Parser;
use crate::influxql::ast::{Keys, Statement, TagValues};
use crate::influxql::lexer::Kind;

impl Parser {
    /// What stands behind `SHOW`.
    pub(super) fn show(&mut self) -> Result<Statement, String> {
        if self.word("DATABASES") {
            Ok(Statement::Databases)
        } else if self.word("MEASUREMENTS") {
            Ok(Statement::Measurements)
        } else if self.word("RETENTION") {
            self.need_word("POLICIES")?;
            self.database()?;
            Ok(Statement::Policies)
        } else if self.word("TAG") {
            if self.word("VALUES") {
                return Ok(Statement::TagValues(self.tag_values()?));
            }
            self.need_word("KEYS")?;
            Ok(Statement::TagKeys(self.source()?))
        } else if self.word("FIELD") {
            self.need_word("KEYS")?;
            Ok(Statement::FieldKeys(self.source()?))
        } else {
            self.expected("DATABASES, MEASUREMENTS, RETENTION POLICIES, TAG KEYS, TAG VALUES or FIELD KEYS")
        }
    }

    /// There is one database, whatever it is called.
    fn database(&mut self) -> Result<(), String> {
        if self.word("ON") {
            self.name("a database")?;
        }
        Ok(())
    }

    fn source(&mut self) -> Result<Option<String>, String> {
        self.database()?;
        if self.word("FROM") { Ok(Some(self.name("a measurement")?)) } else { Ok(None) }
    }

    fn tag_values(&mut self) -> Result<TagValues, String> {
        let from = self.source()?;
        self.need_word("WITH")?;
        self.need_word("KEY")?;
        let keys = self.keys()?;
        let mut condition = None;
        if self.word("WHERE") {
            // Tags are kept without times.
            condition = self.conditions(&mut None, &mut None)?;
        }
        let limit = if self.word("LIMIT") { Some(self.count()?).filter(|n| *n > 0) } else { None };
        Ok(TagValues { from, keys, condition, limit })
    }

    fn keys(&mut self) -> Result<Keys, String> {
        if self.symbol("=") {
            return Ok(Keys::Named(vec![self.name("a tag")?]));
        }
        if self.word("IN") {
            self.need("(")?;
            let mut names = vec![self.name("a tag")?];
            while self.symbol(",") {
                names.push(self.name("a tag")?);
            }
            self.need(")")?;
            return Ok(Keys::Named(names));
        }
        if !self.symbol("=~") {
            return self.expected("=, IN or =~");
        }
        match self.peek().clone() {
            Kind::Regex(text) => match regex::Regex::new(&text) {
                Ok(regex) => {
                    self.next += 1;
                    Ok(Keys::Matching(regex))
                }
                Err(_) => self.expected("a regular expression that can be read"),
            },
            _ => self.expected("a regular expression as /…/"),
        }
    }
}
