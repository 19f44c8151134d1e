//! What the build leaves out of the pages' scripts, and what it must not touch.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]

#[path = "../shorten.rs"]
mod shorten;

use shorten::shorten;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shorten("a.js", text).unwrap(), expected);
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = shorten("a.js", text).unwrap_err();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn comments_and_indentation_go() {
    check("// What it is for.\n// @ts-check\nexport {};\n", "export {};\n");
    check("/**\n * A class.\n */\nclass A {\n\n  /** @type {string} */\n  b = '';\n}\n", "class A {\nb = '';\n}\n");
    check("/* one */ a();\n", "a();\n");
    check("/* one\n * two */ a {\n  color: red;\n}\n", "a {\ncolor: red;\n}\n");
    check("const a = /** @type {HTMLElement} */ (b);\n", "const a = (b);\n");
    check("const a = `${b[/** @type {string} */ (c)]} d`;\n", "const a = `${b[ (c)]} d`;\n");
    check("f((/** @type {string} */ a, /** @type {number} */ b) => a + b);\n", "f(( a, b) => a + b);\n");
}

#[test]
fn what_only_looks_like_a_comment_stays() {
    check("const url = 'http://a'; // said\n", "const url = 'http://a'; // said\n");
    check("const glob = 'a/*.js', either = /[^/]*/;\n", "const glob = 'a/*.js', either = /[^/]*/;\n");
    check("const text = `a ${b} // c`;\n", "const text = `a ${b} // c`;\n");
}

#[test]
fn what_cannot_be_told_apart_stops_the_build_with_its_place_and_a_way_out() {
    refused("a();\nconst text = `one\n// two`;\n", "a.js:2: a text in backticks must end in its line");
    refused("const text = 'a /** b';\n", "a.js:1: `/**` may be part of a text here");
    refused("const text = `a /** b`;\n", "a.js:1: `/**` may be part of a text here");
    refused("a();\n/* b\n", "a comment has no end");
}
