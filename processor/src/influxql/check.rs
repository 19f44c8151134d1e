//! Which statements have a meaning.

use super::ast::{Call, Expr, Function, Of, Op, Select};

fn wrong<T>(text: &str) -> Result<T, String> {
    Err(format!("error parsing query: {text}"))
}

/// Moves comparisons of `time`, which must all hold, from a condition to the bounds.
pub(super) fn without_time(condition: Expr, start: &mut Option<i64>, end: &mut Option<i64>) -> Result<Option<Expr>, String> {
    match condition {
        Expr::Time(from, to) => {
            *start = [*start, from].into_iter().flatten().max();
            *end = [*end, to].into_iter().flatten().min();
            Ok(None)
        }
        Expr::Binary(Op::And, left, right) => {
            let left = without_time(*left, start, end)?;
            let right = without_time(*right, start, end)?;
            Ok(match (left, right) {
                (Some(left), Some(right)) => Some(Expr::Binary(Op::And, Box::new(left), Box::new(right))),
                (one, None) | (None, one) => one,
            })
        }
        Expr::Binary(Op::Or, left, right) => {
            if has_time(&left) || has_time(&right) {
                return wrong("cannot use OR with time conditions; skep reads one stretch of time");
            }
            Ok(Some(Expr::Binary(Op::Or, left, right)))
        }
        other => match other.calls().first() {
            Some(call) => wrong(&format!("{}(…) stands in WHERE, where only fields, tags and time may", call.function.name())),
            None => Ok(Some(other)),
        },
    }
}

fn has_time(expr: &Expr) -> bool {
    match expr {
        Expr::Time(..) => true,
        Expr::Binary(_, left, right) => has_time(left) || has_time(right),
        _ => false,
    }
}

/// Refuses what InfluxDB refuses, and what skep does not do.
pub(super) fn check(select: &Select) -> Result<(), String> {
    let calls: Vec<&Call> = select.columns.iter().flat_map(|column| column.expr.calls()).collect();
    let bare = select.columns.iter().any(|column| !column.expr.bare().is_empty() || matches!(column.expr, Expr::All));
    calls.iter().try_for_each(|call| check_call(call, select))?;
    if calls.is_empty() {
        return if select.step.is_some() { wrong("GROUP BY requires at least one aggregate function") } else { Ok(()) };
    }
    let is_many = |call: &&&Call| call.function.is_top() || call.function == Function::Distinct;
    if let Some(many) = calls.iter().find(is_many) {
        let alone = select.columns.iter().filter(|column| !column.expr.calls().is_empty()).count() == 1 && calls.len() == 1;
        let is_whole = select.columns.iter().all(|column| !matches!(column.expr, Expr::Binary(..)));
        if !alone || !is_whole || (bare && many.function == Function::Distinct) {
            return wrong(&format!("{}() cannot be combined with other functions", many.function.name()));
        }
        return Ok(());
    }
    let may_have_bare = calls.len() == 1 && calls.iter().all(|call| call.function.is_selector());
    if bare && !may_have_bare {
        return wrong("mixing aggregate and non-aggregate queries is not supported");
    }
    Ok(())
}

fn check_call(call: &Call, select: &Select) -> Result<(), String> {
    let name = call.function.name();
    let Of::Call(inner) = &call.of else {
        if call.function.is_transformation() && select.step.is_some() {
            return wrong(&format!("aggregate function required inside the call to {name}"));
        }
        return Ok(());
    };
    if call.function == Function::Count && inner.function == Function::Distinct && matches!(inner.of, Of::Field(_) | Of::All) {
        return Ok(());
    }
    if !call.function.is_transformation() {
        return wrong(&format!("expected field argument in {name}()"));
    }
    if inner.function.is_transformation() || inner.function.is_top() || inner.function == Function::Distinct {
        return wrong(&format!("skep reads one aggregate such as max(FIELD) in {name}()"));
    }
    if select.step.is_none() {
        return wrong(&format!("{name} aggregate requires a GROUP BY interval"));
    }
    check_call(inner, select)
}
