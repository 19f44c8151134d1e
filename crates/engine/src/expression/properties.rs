//! Any expression gives what a naive evaluator gives, however it is written.

use event::Metric;
use proptest::prelude::*;

use super::Expression;
use crate::query::Field;

/// An expression as a tree.
#[derive(Clone, Debug)]
enum Tree {
    Whole(i64),
    Float(f64),
    Field(usize),
    Minus(Box<Tree>),
    One(&'static str, Box<Tree>),
    Two(char, Box<Tree>, Box<Tree>),
    Many(&'static str, Vec<Tree>),
}

const FIELDS: [&str; 4] = ["metric", "ttl", "x-share", "gone"];

fn trees() -> impl Strategy<Value = Tree> {
    let wholes = prop_oneof![0..10_i64, any::<u32>().prop_map(i64::from), Just(i64::MAX), 0..i64::MAX];
    let leaf = prop_oneof![
        3 => wholes.prop_map(Tree::Whole),
        2 => prop_oneof![0.0..100.0, 0.0..1e300].prop_map(Tree::Float),
        4 => prop_oneof![10 => 0..3_usize, 1 => Just(3)].prop_map(Tree::Field),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            1 => boxed().prop_map(Tree::Minus),
            1 => (prop::sample::select(&["abs", "round", "floor", "ceil"][..]), boxed()).prop_map(|(name, of)| Tree::One(name, of)),
            5 => (prop::sample::select(&['+', '-', '*', '/', '%'][..]), boxed(), boxed()).prop_map(|(sign, a, b)| Tree::Two(sign, a, b)),
            1 => (prop::sample::select(&["min", "max"][..]), prop::collection::vec(inner, 2..4)).prop_map(|(name, of)| Tree::Many(name, of)),
        ]
    })
}

/// With parentheses where the meaning needs them, or around everything.
fn write(tree: &Tree, least: u8, all: bool, space: &str, out: &mut String) {
    let strength = match tree {
        Tree::Two('+' | '-', ..) => 1,
        Tree::Two(..) => 2,
        Tree::Minus(_) => 3,
        Tree::Whole(_) | Tree::Float(_) | Tree::Field(_) | Tree::One(..) | Tree::Many(..) => 4,
    };
    let parens = strength < least || (all && strength < 4);
    if parens {
        out.push('(');
    }
    match tree {
        Tree::Whole(whole) => out.push_str(&whole.to_string()),
        Tree::Float(float) => out.push_str(&format!("{float:?}")),
        Tree::Field(field) => out.push_str(FIELDS[*field]),
        Tree::Minus(of) => {
            out.push('-');
            write(of, 3, all, space, out);
        }
        Tree::One(name, of) => {
            out.push_str(name);
            out.push('(');
            write(of, 0, all, space, out);
            out.push(')');
        }
        Tree::Two(sign, a, b) => {
            write(a, strength, all, space, out);
            // A minus behind a name needs them.
            let space = if *sign == '-' { " " } else { space };
            out.push_str(space);
            out.push(*sign);
            out.push_str(space);
            write(b, strength + 1, all, space, out);
        }
        Tree::Many(name, of) => {
            out.push_str(name);
            for (at, of) in of.iter().enumerate() {
                out.push(if at == 0 { '(' } else { ',' });
                write(of, 0, all, space, out);
            }
            out.push(')');
        }
    }
    if parens {
        out.push(')');
    }
}

/// By the book, over numbers of 128 bits where whole, so that no overflow hides.
fn naive(tree: &Tree, fields: &[Option<Metric>]) -> Option<Metric> {
    let exact = |whole: i128, float: f64| i64::try_from(whole).map(Metric::Int).ok().or_else(|| Metric::float(float));
    match tree {
        Tree::Whole(whole) => Some(Metric::Int(*whole)),
        Tree::Float(float) => Metric::float(*float),
        Tree::Field(field) => fields[*field],
        Tree::Minus(of) => match naive(of, fields)? {
            Metric::Int(whole) => exact(-i128::from(whole), -(whole as f64)),
            Metric::Float(float) => Metric::float(-float),
        },
        Tree::One(name, of) => match (*name, naive(of, fields)?) {
            ("abs", Metric::Int(whole)) => exact(i128::from(whole).abs(), (whole as f64).abs()),
            ("abs", Metric::Float(float)) => Metric::float(float.abs()),
            (_, Metric::Int(whole)) => Some(Metric::Int(whole)),
            (name, Metric::Float(float)) => {
                let even = match name {
                    "round" => float.round(),
                    "floor" => float.floor(),
                    _ => float.ceil(),
                };
                // `as` stops at the bounds of 128 bits, far beyond those of 64.
                exact(even as i128, even)
            }
        },
        Tree::Two(sign, a, b) => {
            let (left, right) = (naive(a, fields)?, naive(b, fields)?);
            let (x, y) = (left.as_f64(), right.as_f64());
            let wholes = match (left, right) {
                (Metric::Int(a), Metric::Int(b)) => Some((i128::from(a), i128::from(b))),
                _ => None,
            };
            match (sign, wholes) {
                ('/' | '%', _) if y == 0.0 => None,
                ('+', Some((a, b))) => exact(a + b, x + y),
                ('-', Some((a, b))) => exact(a - b, x - y),
                ('*', Some((a, b))) => exact(a * b, x * y),
                ('/', Some((a, b))) if a % b == 0 => exact(a / b, x / y),
                // The least whole number by -1 leaves nothing, as a float.
                ('%', Some((a, b))) if (a, b) != (i128::from(i64::MIN), -1) => exact(a % b, x % y),
                ('+', None) => Metric::float(x + y),
                ('-', None) => Metric::float(x - y),
                ('*', None) => Metric::float(x * y),
                ('/', _) => Metric::float(x / y),
                _ => Metric::float(x % y),
            }
        }
        Tree::Many(name, of) => {
            let values: Vec<Metric> = of.iter().map(|of| naive(of, fields)).collect::<Option<_>>()?;
            let better = |new: &Metric, old: &Metric| match (*name, new, old) {
                ("min", Metric::Int(new), Metric::Int(old)) => new < old,
                ("min", new, old) => new.as_f64() < old.as_f64(),
                (_, Metric::Int(new), Metric::Int(old)) => new > old,
                (_, new, old) => new.as_f64() > old.as_f64(),
            };
            values.into_iter().reduce(|old, new| if better(&new, &old) { new } else { old })
        }
    }
}

fn divides_by_a_literal_zero(messages: &[crate::Mistake]) -> bool {
    messages.iter().all(|mistake| mistake.message.ends_with("by zero gives no number"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_expression_gives_what_a_naive_evaluator_gives(
        tree in trees(),
        whole in any::<i64>(),
        ttl in 0.0..1e9,
        share in -1.0..1.0,
        all in any::<bool>(),
        space in prop::sample::select(&["", " ", "\n "][..]),
    ) {
        let fields = [Some(Metric::Int(whole)), Metric::float(ttl), Metric::float(share), None];
        let mut text = String::new();
        write(&tree, 0, all, space, &mut text);
        match Expression::parse(&text) {
            Ok(expression) => {
                let value = |field: &Field| FIELDS.iter().position(|name| *name == field.name()).and_then(|at| fields[at]);
                prop_assert_eq!(expression.evaluate(value), naive(&tree, &fields), "{}", text);
            }
            Err(mistakes) => {
                prop_assert!(divides_by_a_literal_zero(&mistakes), "{}: {:?}", text, mistakes);
                prop_assert_eq!(naive(&tree, &fields), None, "{}", text);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic_and_every_place_is_in_the_text(text in "[-+*/%(),.`\"' a1e_é><{}]{0,30}") {
        if let Err(mistakes) = Expression::parse(&text) {
            prop_assert!(!mistakes.is_empty());
            for mistake in mistakes {
                prop_assert!(text.get(mistake.span).is_some());
            }
        }
    }

    #[test]
    fn nesting_has_an_end(depth in 0..200_usize, open in prop::sample::select(&["(", "-", "min(1,", "1+2*("][..])) {
        let close = if open.ends_with(['(', ',']) { ")" } else { "" };
        let text = format!("{}metric{}", open.repeat(depth), close.repeat(depth));
        let parsed = Expression::parse(&text);
        prop_assert_eq!(parsed.is_ok(), depth <= super::MAX_DEPTH, "{}", text);
        if let Ok(expression) = parsed {
            prop_assert!(expression.evaluate(|_| Some(Metric::Int(1))).is_some());
        }
    }
}
