//! All problems of the files that were read, printed for people or as JSON for editors.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level as Shown, Renderer, Snippet};
use engine::Mistake;
use engine::query::Parsed;
use event::Timestamp;

use super::services;
use super::settings::SecretFiles;
use super::source::{Place, Sources};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It does what it says, which is hardly what is wanted.
    Warning,
    /// It cannot be used.
    Error,
}

/// Something that is wrong in a file.
#[derive(Clone, Debug)]
pub struct Problem {
    /// How bad it is.
    pub level: Level,
    /// Where; `None` for what concerns no text, such as a file that cannot be read.
    pub place: Option<Place>,
    /// The file, where there is no place.
    pub file: String,
    /// What is wrong.
    pub message: String,
    /// What stands beside the carets.
    pub label: String,
    /// What to write.
    pub help: Option<String>,
    /// Another place that matters, and what it is.
    pub second: Option<(Place, String)>,
}

impl Problem {
    /// Adds what to write.
    pub(super) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what stands beside the carets.
    pub(super) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Adds a second place.
    pub(super) fn second(&mut self, place: &Place, label: impl Into<String>) -> &mut Self {
        self.second = Some((place.clone(), label.into()));
        self
    }
}

/// The problems of all files that were read together, and the texts they point into.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub(super) sources: Sources,
    /// Names of `processor.forward` that rules use.
    pub(super) forwards: Vec<(String, Place)>,
    /// Files of secrets that notifiers name.
    pub(super) secret_files: Vec<(String, Place)>,
    /// When the files are read, where somebody looked at a clock.
    pub(super) now: Option<Timestamp>,
    problems: Vec<Problem>,
}

impl Report {
    /// Of what is read at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { now: Some(now), ..Self::default() }
    }

    /// A warning that concerns a whole file or folder.
    pub(super) fn file_warning(&mut self, file: impl Into<String>, message: impl Into<String>) -> &mut Problem {
        self.add(Level::Warning, None, file.into(), message.into())
    }

    /// Tells of names that rules send events on to and the settings do not have.
    pub fn check_forwards(&mut self, known: &[&str]) {
        for (name, place) in std::mem::take(&mut self.forwards) {
            if known.contains(&name.as_str()) {
                continue;
            }
            let nearest = catalogue::nearest(&name, known.iter().copied());
            let problem = self.error(&place, format!("`forward: {name}`: the settings have no such place in `processor.forward`"));
            match nearest {
                Some(nearest) => problem.help(format!("did you mean `{nearest}`?")),
                None => problem.help(format!("write into skep.yaml: `processor: {{forward: {{{name}: {{to: HOST:5555}}}}}}`")),
            };
        }
        self.sort();
    }

    /// Tells of secrets of notifiers that cannot be read: an error where the rules are about to run, else a warning.
    pub(super) fn check_secrets(&mut self, secrets: &SecretFiles<'_>) {
        for (path, place) in std::mem::take(&mut self.secret_files) {
            secrets.read_path(&path, &place, self);
        }
        self.sort();
    }

    /// Every problem, in the order of files and places.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The files that the places are in.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// How many problems are errors.
    pub fn n_errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.level == Level::Error).count()
    }

    /// How many problems are warnings.
    pub fn n_warnings(&self) -> usize {
        self.problems.len() - self.n_errors()
    }

    /// The first error in one line: `rules/cpu.yaml:3:5: unknown key`.
    pub fn first_error(&self) -> Option<String> {
        let problem = self.problems.iter().find(|problem| problem.level == Level::Error)?;
        Some(match &problem.place {
            Some(place) => {
                let (line, column) = self.sources.line_and_column(place);
                format!("{}:{line}:{column}: {}", self.sources.file(place), problem.message)
            }
            None => format!("{}: {}", problem.file, problem.message),
        })
    }

    /// Each problem as one sentence, with what to write.
    pub fn sentences(&self) -> Vec<String> {
        let sentence = |problem: &Problem| match &problem.help {
            Some(help) => format!("{} ({help})", problem.message),
            None => problem.message.clone(),
        };
        self.problems.iter().map(sentence).collect()
    }

    pub(super) fn error(&mut self, place: &Place, message: impl Into<String>) -> &mut Problem {
        self.add(Level::Error, Some(place.clone()), String::new(), message.into())
    }

    pub(super) fn warning(&mut self, place: &Place, message: impl Into<String>) -> &mut Problem {
        self.add(Level::Warning, Some(place.clone()), String::new(), message.into())
    }

    /// An error that concerns a whole file or folder.
    pub(super) fn file_error(&mut self, file: impl Into<String>, message: impl Into<String>) -> &mut Problem {
        self.add(Level::Error, None, file.into(), message.into())
    }

    /// The problem that was told last.
    pub(super) fn last_mut(&mut self) -> Option<&mut Problem> {
        self.problems.last_mut()
    }

    fn add(&mut self, level: Level, place: Option<Place>, file: String, message: String) -> &mut Problem {
        let problem = Problem { level, place, file, message, label: String::new(), help: None, second: None };
        self.problems.push_mut(problem)
    }

    /// Puts the problems in the order of files and places; those of whole files come first.
    pub(super) fn sort(&mut self) {
        self.problems.sort_by_key(|problem| problem.place.as_ref().map(|place| (place.file, place.span.start)));
    }

    /// As people read it, each problem with its line and carets; colours are ANSI escapes.
    pub fn text(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii);
        let mut text = String::new();
        for problem in &self.problems {
            text += &renderer.render(&[self.group(problem)]);
            text += "\n\n";
        }
        text
    }

    fn group<'a>(&'a self, problem: &'a Problem) -> Group<'a> {
        let level = match problem.level {
            Level::Error => Shown::ERROR,
            Level::Warning => Shown::WARNING,
        };
        let Some(place) = &problem.place else {
            let title = level.primary_title(format!("{}: {}", problem.file, problem.message));
            return with_help(Group::with_title(title), problem);
        };
        let mut group = Group::with_title(level.primary_title(&*problem.message));
        let mut snippet = self.snippet(place).annotation(annotation(AnnotationKind::Primary, self.shown(place), &problem.label));
        if let Some((second, label)) = &problem.second {
            let other = annotation(AnnotationKind::Context, self.shown(second), label);
            if second.file == place.file {
                snippet = snippet.annotation(other);
            } else {
                group = group.element(snippet);
                snippet = self.snippet(second).annotation(other);
            }
        }
        with_help(group.element(snippet), problem)
    }

    fn snippet<'a, T: Clone>(&'a self, place: &Place) -> Snippet<'a, T> {
        let source = self.sources.get(place.file);
        let (name, text) = source.map_or(("", ""), |source| (source.name.as_str(), &*source.text));
        Snippet::source(text).path(name)
    }

    /// What of a place is underlined: its first line.
    fn shown(&self, place: &Place) -> Range<usize> {
        let first = self.sources.text(place).lines().next().unwrap_or_default();
        place.span.start..place.span.start + first.trim_end().len()
    }

    /// `[{file, line, column, level, message, help}]`; lines and columns from 1, in characters; 1 and 1 where there is no place.
    pub fn json(&self) -> String {
        let problems: Vec<_> = self.problems.iter().map(|problem| self.json_of(problem)).collect();
        serde_json::Value::Array(problems).to_string()
    }

    fn json_of(&self, problem: &Problem) -> serde_json::Value {
        let (file, (line, column)) = match &problem.place {
            Some(place) => (self.sources.file(place), self.sources.line_and_column(place)),
            None => (problem.file.as_str(), (1, 1)),
        };
        let level = match problem.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        serde_json::json!({
            "file": file, "line": line, "column": column, "level": level, "message": problem.message, "help": problem.help,
        })
    }
}

/// The mistakes of a query that a person typed: a sentence, then each as `error: …` with its caret and help.
pub fn report_query(text: &str, mistakes: &[Mistake]) -> String {
    let mut report = Report::default();
    let file = report.sources.add("query", text);
    for mistake in mistakes {
        let place = Place { file, span: mistake.span.clone() };
        let problem = report.error(&place, mistake.message.as_str());
        problem.help.clone_from(&mistake.help);
    }
    format!("the query cannot be used\n\n{}", report.text(false).trim_end())
}

/// What is hardly meant in a query that a person typed: words without quotes behind `=`.
pub fn doubt_query(text: &str) -> Report {
    let mut report = Report::default();
    let file = report.sources.add("query", text);
    if let Ok(parsed) = Parsed::parse(text) {
        services::bare_words(&parsed, text, |span| Place { file, span: span.clone() }, &mut report);
    }
    report
}

fn annotation<'a>(kind: AnnotationKind, span: Range<usize>, label: &'a str) -> annotate_snippets::Annotation<'a> {
    let annotation = kind.span(span);
    if label.is_empty() { annotation } else { annotation.label(label) }
}

fn with_help<'a>(group: Group<'a>, problem: &'a Problem) -> Group<'a> {
    match &problem.help {
        Some(help) => group.element(Shown::HELP.message(&**help)),
        None => group,
    }
}
