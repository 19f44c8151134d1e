//! The screens of `skep top`, drawn from what a server says.

use engine::query::Query;
use event::{Duration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::{Value, json};

use super::model::{Key, Model, News, QUERIES};
use super::row::Frame;
use super::view::{self, Theme};

fn snapshot(query: &str, rows: &[Value]) -> News {
    let columns = ["id", "state", "metric", "time", "host", "service", "measurement", "instance", "field", "attributes"];
    News::Frame(Frame::Snapshot(json!({"s": query, "columns": columns, "rows": rows})))
}

fn now() -> Timestamp {
    Timestamp::parse("2026-12-01T08:00:00Z").unwrap()
}

/// One node that is heard of, one that is not, and an alert.
fn model() -> Model {
    let mut model = Model::new("http://n1:5556", now());
    let since = json!({"alert": "cpu-high", "since": "2026-12-01T07:58:30Z", "message": "n1 is busy"});
    let nodes = [
        json!([1, null, 97.25, 0, "n1", "cpu/usage_active", "cpu", null, "usage_active", {}]),
        json!([2, null, 1, 0, "swarm", "docker_node/n2/ready", "docker_node", "n2", "ready", {"node": "n2", "role": "worker"}]),
    ];
    for (query, _) in QUERIES {
        model.take(snapshot(query, &[]), now());
    }
    model.take(snapshot("nodes", &nodes), now());
    model.take(snapshot("alerts", &[json!([3, "critical", 97.25, 0, "n1", "alert/cpu-high", null, null, null, since])]), now());
    model
}

fn screen(model: &mut Model) -> String {
    let mut terminal = Terminal::new(TestBackend::new(80, 7)).unwrap();
    let theme = Theme { colours: true };
    terminal.draw(|frame| view::draw(model, frame.area(), frame.buffer_mut(), theme)).unwrap();
    view::text_of(terminal.backend().buffer())
}

#[test]
fn a_screen_has_title_tabs_heads_lines_and_keys_and_says_when_the_server_is_gone() {
    let mut model = model();
    insta::assert_snapshot!(screen(&mut model), @r"
    skep top  http://n1:5556                                                ● live
     1 Nodes 1/2   2 Services 0/0   3 Containers 0   4 Alerts ■ 1

    Node    State ↓       Role        CPU    Memory    Fullest disk    Load
    n1      ■ critical             97.3 %         –               –       –
    n2      ○ silent      worker        –         –               –       –
    ? help  s sort  r reverse  / filter  Enter open  Esc back  1-4 lists  q quit
    ");
    model.key(Key::Char('4'));
    model.take(News::Lost("it was ended".to_owned()), now() + Duration::from_secs(5));
    model.tick(now() + Duration::from_secs(30));
    insta::assert_snapshot!(screen(&mut model), @r"
    skep top  http://n1… ■ connection lost, since 08:00:05 UTC (25s): it was ended
     1 Nodes 1/2   2 Services 0/0   3 Containers 0   4 Alerts ■ 1

    Level ↓     Alert     Where      Value    Since  Message
    ■ critical  cpu-high  n1         97.25       2m  n1 is busy

    ? help  s sort  r reverse  / filter  Enter open  Esc back  1-4 lists  q quit
    ");
}

#[test]
fn what_is_silenced_is_listed_and_not_counted() {
    let mut model = model();
    let quiet = json!({"alert": "disk-full", "since": "2026-12-01T07:50:00Z", "message": "/ of n2 is full", "silenced": "3"});
    model.take(snapshot("alerts", &[json!([4, "critical", 99, 0, "n2", "alert/disk-full", null, null, null, quiet])]), now());
    model.key(Key::Char('4'));
    insta::assert_snapshot!(screen(&mut model), @r"
    skep top  http://n1:5556                                                ● live
     1 Nodes 1/2   2 Services 0/0   3 Containers 0   4 Alerts 0

    Level ↓               Alert      Where      Value    Since  Message
    ■ critical, silenced  disk-full  n2            99      10m  / of n2 is full

    ? help  s sort  r reverse  / filter  Enter open  Esc back  1-4 lists  q quit
    ");
}

#[test]
fn the_queries_are_those_of_the_first_page_so_that_they_share_their_cost() {
    const PAGES: [(&str, &str); 2] =
        [("nodes", include_str!("../../processor/web/nodes.js")), ("containers", include_str!("../../processor/web/containers.js"))];
    for (name, query) in QUERIES {
        assert!(Query::parse(query).is_ok(), "{name}: {query}");
        let Some((_, page)) = PAGES.iter().find(|(page, _)| *page == name) else { continue };
        let list = page.split("= [").nth(1).and_then(|rest| rest.split("].join(' or ')").next()).unwrap();
        let conditions: Vec<&str> = list.split('\'').skip(1).step_by(2).collect();
        assert_eq!(query.split(" or ").map(str::trim).collect::<Vec<_>>(), conditions, "{name}");
    }
}
