//! A subset of InfluxQL over the embedded store, so that Grafana's InfluxDB data source reads skep. Nothing here does IO.

mod ast;
mod check;
mod lexer;
mod parser;
mod plan;
mod run;

#[cfg(test)]
mod tests;

pub(crate) use ast::{Select, Show, Source, Statement, Subject};
pub(crate) use parser::parse;
pub(crate) use plan::{Plan, plan};
#[cfg(test)]
pub(crate) use run::ADVICE;
pub(crate) use run::{Budget, MAX_HELD, MAX_VALUES, Row, Stored, Value, fits, run};
