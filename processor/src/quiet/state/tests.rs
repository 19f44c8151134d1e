//! Messages that go out, are held back, and follow later.

use engine::query::Query;
use engine::rules::{Alert, Level, Said, Settings};
use engine::{Cause, MessageKey};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(second)
}

fn plan() -> Arc<Plan> {
    let alert = Alert { by: vec!["host".into()], crit: Some(Level::new(Query::ALL)), ..Alert::new("busy", Query::ALL) };
    Arc::new(Plan::new(vec![alert], Settings::default()))
}

/// The engine's messages at their seconds, and what went out.
struct Line {
    quiet: Quiet,
    out: Vec<String>,
}

impl Line {
    fn new() -> Self {
        let mut quiet = Quiet::default();
        quiet.set_rules(plan(), Vec::new(), at(0));
        Self { quiet, out: Vec::new() }
    }

    fn silence(&mut self, second: i64, where_: &str, until: i64) -> String {
        let wish = Wish { where_: where_.to_owned(), until: Some(at(until).to_string()), ..Wish::default() };
        match self.quiet.silence(wish, at(second)).unwrap() {
            Done::Silenced(id) => id,
            other => panic!("{other:?}"),
        }
    }

    fn say(&mut self, second: i64, host: &str, level: State, change: Change) {
        self.tick(second);
        let key = MessageKey { notifier: "log", rule: "busy", instance: host, level, since: at(second) };
        let message = Message { key, change, host: Some(host), text: "", said: Said::NOTHING, value: None };
        match self.quiet.message(&message, at(second)) {
            Verdict::Send => self.out.push(shown(&message)),
            Verdict::SendOpened => self.out.push(shown(&Message { change: Change::Opened, ..message })),
            Verdict::Hold => {}
        }
    }

    fn tick(&mut self, second: i64) {
        let out = &mut self.out;
        self.quiet.tick(at(second), |message| out.push(format!("{second}s: {}", shown(message))));
    }

    #[track_caller]
    fn check(&self, expected: &[&str]) {
        assert_eq!(self.out, expected);
    }
}

fn shown(message: &Message<'_>) -> String {
    format!("{} {} {:?}", message.key.instance, message.key.level.as_str(), message.change)
}

#[test]
fn what_is_open_at_the_end_is_told_then_and_what_came_and_went_is_not() {
    let mut line = Line::new();
    line.silence(1, "alert = \"busy\"", 60);
    line.say(10, "n1", State::Critical, Change::Opened);
    line.say(11, "n2", State::Critical, Change::Opened);
    line.say(12, "n2", State::Ok, Change::Resolved);
    line.say(13, "n1", State::Warning, Change::Fell);
    line.tick(59);
    line.check(&[]);
    line.tick(60);
    line.check(&["60s: n1 warning Opened"]);
    line.say(70, "n1", State::Ok, Change::Resolved);
    line.check(&["60s: n1 warning Opened", "n1 ok Resolved"]);
}

#[test]
fn only_what_the_query_means_is_held_back() {
    let mut line = Line::new();
    line.silence(1, "host = \"n1\" and service = \"alert/busy\"", 60);
    line.say(10, "n1", State::Critical, Change::Opened);
    line.say(10, "n2", State::Critical, Change::Opened);
    line.check(&["n2 critical Opened"]);
}

#[test]
fn the_end_of_what_was_told_before_is_told_after() {
    let mut line = Line::new();
    line.say(1, "n1", State::Critical, Change::Opened);
    line.silence(5, "true", 60);
    line.say(10, "n1", State::Ok, Change::Resolved);
    line.tick(60);
    line.check(&["n1 critical Opened", "60s: n1 ok Resolved"]);
}

#[test]
fn one_that_rises_out_of_the_query_is_told_as_an_opening() {
    let mut line = Line::new();
    line.silence(1, "state = \"warning\"", 60);
    line.say(10, "n1", State::Warning, Change::Opened);
    line.say(20, "n1", State::Critical, Change::Rose);
    line.say(30, "n1", State::Ok, Change::Resolved);
    line.tick(60);
    line.check(&["n1 critical Opened", "n1 ok Resolved"]);
}

#[test]
fn a_silence_that_is_ended_lets_go_at_the_next_tick() {
    let mut line = Line::new();
    let id = line.silence(1, "true", 6000);
    line.say(10, "n1", State::Critical, Change::Opened);
    assert_eq!(line.quiet.end("7", at(20)), Err(QuietError::Unknown("7".into())));
    assert_eq!(line.quiet.end(&id, at(20)), Ok(Done::Ended));
    assert_eq!(line.quiet.next_due(), Some(at(20)));
    line.tick(20);
    line.check(&["20s: n1 critical Opened"]);
}

#[test]
fn it_goes_on_from_a_snapshot() {
    let mut line = Line::new();
    line.silence(1, "true", 60);
    line.say(10, "n1", State::Critical, Change::Opened);
    line.quiet.acknowledge(&Acknowledge { note: "on it".into(), ..ack() }, vec![("n2".into(), State::Warning)], at(11)).unwrap();
    line.quiet = Quiet::restore(&line.quiet.save().make(), at(12));
    line.quiet.set_rules(plan(), Vec::new(), at(12));
    assert_eq!(line.quiet.ack("busy", "n2").unwrap().note, "on it");
    assert_eq!(line.silence(13, "false", 99), "2");
    line.tick(60);
    line.check(&["60s: n1 critical Opened"]);
}

#[test]
fn a_disabled_rule_tells_nothing_until_it_is_enabled_over_a_restart_too() {
    let mut line = Line::new();
    let wish = Disable { alert: "busy".into(), why: "too loud".into(), author: "ann".into() };
    assert_eq!(line.quiet.disable(wish.clone(), at(1)), Ok(Done::Silenced("1".into())));
    assert_eq!(line.quiet.disable(wish, at(2)), Err(QuietError::Disabled("busy".into())));
    line.say(10, "n1", State::Critical, Change::Opened);
    line.quiet = Quiet::restore(&line.quiet.save().make(), at(12));
    line.quiet.set_rules(plan(), Vec::new(), at(12));
    let by = line.quiet.disabled("busy").unwrap();
    assert_eq!((by.since, by.wish.why.as_str(), by.wish.author.as_str()), (Some(at(1)), "too loud", "ann"));
    line.say(1_000_000, "n2", State::Critical, Change::Opened);
    line.check(&[]);
    assert_eq!(line.quiet.enable("busy", at(1_000_001)), Ok(Done::Ended));
    assert_eq!(line.quiet.enable("busy", at(1_000_002)), Err(QuietError::NotDisabled("busy".into())));
    line.tick(1_000_001);
    line.check(&["1000001s: n1 critical Opened", "1000001s: n2 critical Opened"]);
}

#[test]
fn there_are_not_more_than_so_many_and_those_that_are_over_make_room() {
    let mut line = Line::new();
    for n in 0..MAX_SILENCES {
        line.silence(1, "true", 60 + n as i64);
    }
    let wish = Wish { where_: "true".into(), until: Some(at(9999).to_string()), ..Wish::default() };
    assert_eq!(line.quiet.silence(wish.clone(), at(2)), Err(QuietError::TooMany(MAX_SILENCES)));
    assert_eq!(line.quiet.silence(wish, at(60)), Ok(Done::Silenced("1001".into())));
}

fn ack() -> Acknowledge {
    Acknowledge { alert: "busy".into(), ..Acknowledge::default() }
}

#[test]
fn an_acknowledgement_lasts_until_the_alert_ends_or_rises() {
    let mut line = Line::new();
    let transition = |to: State| Transition {
        rule: "busy",
        instance: "n1",
        host: None,
        service: "alert/busy",
        from: State::Warning,
        to,
        since: at(20),
        value: None,
        message: "",
        cause: Cause::Level,
    };
    for (to, stays) in [(State::Info, true), (State::Warning, true), (State::Critical, false), (State::Ok, false), (State::Expired, false)]
    {
        line.quiet.acknowledge(&ack(), vec![("n1".into(), State::Warning)], at(10)).unwrap();
        line.quiet.transition(&transition(to));
        assert_eq!(line.quiet.ack("busy", "n1").is_some(), stays, "{to:?}");
    }
    assert_eq!(line.quiet.acknowledge(&ack(), Vec::new(), at(30)), Err(QuietError::NotOpen("busy".into())));
}

#[test]
fn after_a_restart_with_other_rules_nothing_is_told_of_what_is_gone() {
    let mut line = Line::new();
    line.say(1, "n2", State::Critical, Change::Opened);
    line.silence(2, "true", 60);
    line.say(10, "n1", State::Critical, Change::Opened);
    line.say(11, "n2", State::Ok, Change::Resolved);
    line.quiet.acknowledge(&ack(), vec![("n1".into(), State::Critical)], at(12)).unwrap();
    let restart = |line: &mut Line, plan: Arc<Plan>| {
        line.quiet = Quiet::restore(&line.quiet.save().make(), at(13));
        line.quiet.set_rules(plan.clone(), Vec::new(), at(13));
        // Nothing is open in this one.
        line.quiet.retain_open(&Engine::new(plan, engine::Limits::default()));
    };
    restart(&mut line, plan());
    assert_eq!(line.quiet.ack("busy", "n1"), None);
    assert_eq!(["n1", "n2"].map(|host| line.quiet.holds_end("busy", host)), [false, true]);
    restart(&mut line, plan());
    line.tick(60);
    line.check(&["n2 critical Opened", "60s: n2 ok Resolved"]);
    // A rule that is gone says nothing at all.
    line.silence(61, "true", 90);
    line.say(70, "n3", State::Critical, Change::Rose);
    line.say(71, "n3", State::Ok, Change::Resolved);
    restart(&mut line, Arc::new(Plan::new(Vec::new(), Settings::default())));
    line.tick(90);
    line.check(&["n2 critical Opened", "60s: n2 ok Resolved"]);
}
