//! YAML text to a tree whose every node knows its place. No other module names the parser.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::scalar;
use super::source::Place;

/// How deep lists and maps may nest; building and reading recurse so deep and no deeper.
const MAX_DEPTH: usize = 32;
/// Nodes of one file, those that aliases repeat included, so that a few lines cannot stand for millions.
const MAX_NODES: usize = 100_000;

/// A part of a file.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    Scalar(Scalar),
    List(Vec<Node>),
    /// Keys and values in the order of the file; a key may stand there twice.
    Map(Vec<(Node, Node)>),
}

/// A text, a number, a word.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    /// Not between quotes.
    pub(super) is_plain: bool,
    /// The place in the file of each byte of `text`; `None` where that cannot be told.
    places: Option<Vec<usize>>,
}

impl Node {
    /// The place of a part of the scalar's text; the whole scalar where that cannot be told.
    pub(super) fn part(&self, span: &Range<usize>) -> Place {
        let Kind::Scalar(scalar) = &self.kind else { return self.place.clone() };
        let stretch = scalar.places.as_deref().and_then(|places| scalar::stretch(places, span));
        match stretch {
            Some(stretch) => {
                let start = self.place.span.start;
                Place { file: self.place.file, span: start + stretch.start..start + stretch.end }
            }
            None => self.place.clone(),
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(&scalar.text),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }
}

/// Why a text is no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotYaml {
    /// Where, in bytes.
    pub(super) at: usize,
    /// In the parser's words, or ours.
    pub(super) why: String,
}

/// The tree of the first document of a text; nothing at all is [`Kind::Null`].
pub(super) fn parse(file: usize, text: &str) -> Result<Node, NotYaml> {
    let mut builder =
        Builder { file, text, offsets: offsets(text), parser: Parser::new_from_str(text), n_nodes: 0, anchors: HashMap::new() };
    let mut root = None;
    loop {
        let (event, span) = builder.next()?;
        match event {
            Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
            _ if root.is_some() => return Err(NotYaml { at: span.start, why: "a file holds one document".to_owned() }),
            event => root = Some(builder.node(event, span, 0)?),
        }
    }
    Ok(root.unwrap_or(Node { place: Place { file, span: 0..0 }, kind: Kind::Null }))
}

/// Byte offset of every character, and of the end: the parser counts characters.
fn offsets(text: &str) -> Vec<usize> {
    text.char_indices().map(|(offset, _)| offset).chain([text.len()]).collect()
}

struct Builder<'a> {
    file: usize,
    text: &'a str,
    offsets: Vec<usize>,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    n_nodes: usize,
    anchors: HashMap<usize, Node>,
}

impl<'a> Builder<'a> {
    fn offset(&self, chars: usize) -> usize {
        self.offsets.get(chars).copied().unwrap_or(self.text.len())
    }

    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), NotYaml> {
        match self.parser.next() {
            None => Ok((Event::StreamEnd, self.text.len()..self.text.len())),
            Some(Ok((event, span))) => Ok((event, self.offset(span.start.index())..self.offset(span.end.index()))),
            Some(Err(error)) => Err(self.not_yaml(&error)),
        }
    }

    fn not_yaml(&self, error: &ScanError) -> NotYaml {
        NotYaml { at: self.offset(error.marker().index()), why: error.info().to_owned() }
    }

    fn node(&mut self, event: Event<'a>, span: Range<usize>, depth: usize) -> Result<Node, NotYaml> {
        let too = |why: String| Err(NotYaml { at: span.start, why });
        self.n_nodes += 1;
        if self.n_nodes > MAX_NODES {
            return too(format!("a file holds at most {MAX_NODES} values"));
        }
        if depth > MAX_DEPTH {
            return too(format!("lists and maps nest at most {MAX_DEPTH} deep"));
        }
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let node = self.scalar(&text, style, span);
                Ok(self.keep(anchor, node))
            }
            Event::SequenceStart(anchor, _) => self.list(anchor, span, depth),
            Event::MappingStart(anchor, _) => self.map(anchor, span, depth),
            Event::Alias(anchor) => self.alias(anchor, span),
            _ => too("a value was expected here".to_owned()),
        }
    }

    fn keep(&mut self, anchor: usize, node: Node) -> Node {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        node
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: Range<usize>) -> Node {
        let is_plain = style == ScalarStyle::Plain;
        // A value that is not there has the place of what comes next.
        let span = if is_plain && text.is_empty() { span.start..span.start } else { span };
        let place = Place { file: self.file, span: span.clone() };
        if is_plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
            return Node { place, kind: Kind::Null };
        }
        let places = self.text.get(span).and_then(|raw| scalar::places(raw, text));
        Node { place, kind: Kind::Scalar(Scalar { text: text.to_owned(), is_plain, places }) }
    }

    fn list(&mut self, anchor: usize, start: Range<usize>, depth: usize) -> Result<Node, NotYaml> {
        let mut nodes = Vec::new();
        let end = loop {
            match self.next()? {
                (Event::SequenceEnd, span) => break span,
                (event, span) => nodes.push(self.node(event, span, depth + 1)?),
            }
        };
        let last = nodes.last().map(|node: &Node| node.place.span.end);
        let place = self.collection(start, end, last);
        Ok(self.keep(anchor, Node { place, kind: Kind::List(nodes) }))
    }

    fn map(&mut self, anchor: usize, start: Range<usize>, depth: usize) -> Result<Node, NotYaml> {
        let mut entries = Vec::new();
        let end = loop {
            let key = match self.next()? {
                (Event::MappingEnd, span) => break span,
                (event, span) => self.node(event, span, depth + 1)?,
            };
            let (event, span) = self.next()?;
            entries.push((key, self.node(event, span, depth + 1)?));
        };
        let last = entries.last().map(|(key, value): &(Node, Node)| key.place.span.end.max(value.place.span.end));
        let place = self.collection(start, end, last);
        Ok(self.keep(anchor, Node { place, kind: Kind::Map(entries) }))
    }

    /// Between brackets to the closing one, else to the end of the last value: the parser's end is where the next line begins.
    fn collection(&self, start: Range<usize>, end: Range<usize>, last: Option<usize>) -> Place {
        let end = if end.is_empty() { last.unwrap_or(start.end) } else { end.end };
        Place { file: self.file, span: start.start..end.max(start.end) }
    }

    fn alias(&mut self, anchor: usize, span: Range<usize>) -> Result<Node, NotYaml> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return Err(NotYaml { at: span.start, why: "this alias stands for nothing".to_owned() });
        };
        self.n_nodes += n_nodes(&node);
        Ok(node)
    }
}

fn n_nodes(node: &Node) -> usize {
    match &node.kind {
        Kind::Null | Kind::Scalar(_) => 1,
        Kind::List(nodes) => nodes.iter().map(n_nodes).sum::<usize>() + 1,
        Kind::Map(entries) => entries.iter().map(|(key, value)| n_nodes(key) + n_nodes(value)).sum::<usize>() + 1,
    }
}
