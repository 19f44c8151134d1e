//! A subset of InfluxQL over the embedded store, so that Grafana's InfluxDB data source reads skep. Nothing here does IO.

mod ast;
mod lexer;
mod parser;
mod run;

#[cfg(test)]
mod tests;

pub(crate) use ast::{Select, Statement, TagValues};
pub(crate) use parser::parse;
pub(crate) use run::{MAX_VALUES, Row, fields, filters, run, selects};
