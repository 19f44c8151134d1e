//! One line of statsd: `name[,key=value…]:value[:value…]|type[|@rate][|#key:value,…]`.

/// A name with its tags is no longer than that, in bytes.
const MAX_NAME: usize = 512;

/// A name has no more tags.
const MAX_TAGS: usize = 16;

/// What a line's values mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `c`: added up.
    Counter,
    /// `g`: the last one counts; a sign adds to it.
    Gauge,
    /// `ms`, `h`, `d`: timed.
    Timer,
    /// `s`: how many different ones.
    Set,
}

/// A line taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line<'a> {
    /// What is counted, as it was sent.
    pub(super) name: &'a str,
    /// By key; no key twice, no empty key or value.
    pub(super) tags: Vec<(&'a str, &'a str)>,
    pub(super) kind: Kind,
    /// Joined by `:`; not looked at yet.
    values: &'a str,
    /// Above 0 and at most 1.
    pub(super) rate: f64,
}

impl<'a> Line<'a> {
    /// `None` for what is no line of statsd, DogStatsD's events and service checks included.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (head, values) = text.split_once('|').and_then(|(counted, _)| counted.split_once(':'))?;
        let is_of_dogstatsd = head.starts_with("_e{") || head == "_sc";
        let mut parts = text.split('|').skip(1);
        let kind = match parts.next()? {
            "c" => Kind::Counter,
            "g" => Kind::Gauge,
            "ms" | "h" | "d" => Kind::Timer,
            "s" => Kind::Set,
            _ => return None,
        };
        let (name, influx_tags) = head.split_once(',').unwrap_or((head, ""));
        let mut line = Self { name, tags: tags(influx_tags, '='), kind, values, rate: 1.0 };
        for part in parts {
            if let Some(rate) = part.strip_prefix('@') {
                line.rate = rate.parse().ok().filter(|rate| *rate > 0.0 && *rate <= 1.0)?;
            } else if let Some(dog_tags) = part.strip_prefix('#') {
                line.tags.append(&mut tags(dog_tags, ':'));
            }
            // Whatever else DogStatsD appends (`c:CONTAINER`, `T1656581400`) says nothing that is told.
        }
        line.tags.sort_by_key(|(key, _)| *key);
        line.tags.dedup_by_key(|(key, _)| *key);
        let is_sound = !name.is_empty() && head.len() <= MAX_NAME && line.tags.len() <= MAX_TAGS && !text.contains(char::is_control);
        let length = line.tags.iter().fold(name.len(), |sum, (key, value)| sum + key.len() + value.len() + 2);
        (is_sound && length <= MAX_NAME && !is_of_dogstatsd).then_some(line)
    }

    /// The values, as they were sent.
    pub(super) fn values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.values.split(':')
    }
}

/// `key=value,key=value`; a key without value is `true`, as DogStatsD's senders mean it.
fn tags(text: &str, between: char) -> Vec<(&str, &str)> {
    let pair = |tag: &'_ str| -> (usize, bool) { tag.find(between).map_or((tag.len(), false), |at| (at, true)) };
    text.split(',')
        .filter(|tag| !tag.is_empty())
        .map(|tag| match pair(tag) {
            (at, true) => (tag.get(..at).unwrap_or_default(), tag.get(at + between.len_utf8()..).unwrap_or_default()),
            (_, false) => (tag, "true"),
        })
        .filter(|(key, value)| !key.is_empty() && !value.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, tags: &[(&str, &str)], kind: Kind, values: &[&str], rate: f64) {
        let line = Line::parse(text).expect("a line");
        assert_eq!((line.name, line.tags.as_slice(), line.kind, line.rate), (name, tags, kind, rate));
        assert_eq!(line.values().collect::<Vec<_>>(), values);
    }

    #[test]
    fn lines_of_all_types_are_read() {
        check("gorets:1|c", "gorets", &[], Kind::Counter, &["1"], 1.0);
        check("gorets:1|c|@0.1", "gorets", &[], Kind::Counter, &["1"], 0.1);
        check("glork:320|ms|@0.5", "glork", &[], Kind::Timer, &["320"], 0.5);
        check("gaugor:-10|g", "gaugor", &[], Kind::Gauge, &["-10"], 1.0);
        check("uniques:765|s", "uniques", &[], Kind::Set, &["765"], 1.0);
        check("song.length:240:250|h", "song.length", &[], Kind::Timer, &["240", "250"], 1.0);
    }

    #[test]
    fn tags_stand_after_the_name_or_at_the_end_in_any_order() {
        let tags = [("code", "200"), ("route", "/a=b")];
        check("hits,route=/a=b,code=200:1|c", "hits", &tags, Kind::Counter, &["1"], 1.0);
        check("hits:1|c|#route:/a=b,code:200", "hits", &tags, Kind::Counter, &["1"], 1.0);
        check("hits:1|c|@0.5|#live|c:83c0a99c|T1656581400", "hits", &[("live", "true")], Kind::Counter, &["1"], 0.5);
    }

    #[test]
    fn what_is_no_line_is_none() {
        let long = format!("{}:1|c", "n".repeat(600));
        let many = format!("n:1|c|#{}", (0..20).map(|n| format!("k{n}:v")).collect::<Vec<_>>().join(","));
        let lines = ["", ":", "a", "a:1", "a|c", ":1|c", "a:1|x", "a:1|c|@0", "a:1|c|@2", "a:1|c|@x", "a\t:1|c", &long, &many];
        for text in lines.into_iter().chain(["_e{5,4}:title|text", "_sc:Redis|0", "_e{1,1}:a|c"]) {
            assert_eq!(Line::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_line_or_none(text in "\\PC{0,60}|[a-z.,=:|@#0-9-]{0,60}") {
            if let Some(line) = Line::parse(&text) {
                prop_assert!(!line.name.is_empty() && line.rate > 0.0 && line.tags.len() <= MAX_TAGS);
            }
        }
    }
}
