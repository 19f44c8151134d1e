//! What a look at Consul found, as samples. What concerns the whole has the data centre's name as host, so that the registrar beside
//! the next leader goes on with the same series.

use std::collections::{HashMap, HashSet};

use super::cluster::{Checked, Cluster, Look, Member, Outcome, Standing};
use crate::Samples;
use crate::rows::{Rows, Value};

/// The series that are being told.
#[derive(Debug)]
pub struct Teller {
    agent: Rows,
    whole: Rows,
    /// The data centre that was told of last.
    told: Option<String>,
    /// By node.
    members: HashMap<String, Rows>,
    /// By node and check.
    checks: HashMap<(String, String), Rows>,
}

impl Default for Teller {
    fn default() -> Self {
        Self {
            agent: Rows::new("consul_agent", None, &[]),
            whole: Rows::new("consul", None, &[]),
            told: None,
            members: HashMap::new(),
            checks: HashMap::new(),
        }
    }
}

impl Teller {
    /// Puts one look, and the end of what is no more. Where the whole is not this node's to tell any more, its series are left to
    /// whoever tells it now.
    pub fn tell(&mut self, look: &Look, out: &mut Samples) {
        let host = out.host().to_owned();
        self.agent.put(&host, "up", look.is_up.into(), out);
        self.agent.put(&host, "has_leader", look.has_leader.into(), out);
        match &look.cluster {
            Some(cluster) => {
                if self.told.as_ref() != Some(&cluster.datacenter) {
                    self.forget();
                    self.told = Some(cluster.datacenter.clone());
                }
                self.cluster(cluster, out);
            }
            None => self.forget(),
        }
    }

    fn forget(&mut self) {
        self.told = None;
        self.members.clear();
        self.checks.clear();
    }

    fn cluster(&mut self, cluster: &Cluster, out: &mut Samples) {
        self.expire(cluster, out);
        let host = &cluster.datacenter;
        let members = |is: fn(&Member) -> bool| Value::count(cluster.members.iter().filter(|member| is(member)).count() as u64);
        let checks = |outcome| Value::count(cluster.checks.iter().filter(|check| check.outcome == outcome).count() as u64);
        let values = [
            ("peers", Value::count(cluster.peers)),
            ("members", members(|member| member.standing != Standing::Left)),
            ("members_alive", members(|member| member.standing == Standing::Alive)),
            ("members_failed", members(|member| member.standing == Standing::Failed)),
            ("checks_passing", checks(Outcome::Passing)),
            ("checks_warning", checks(Outcome::Warning)),
            ("checks_critical", checks(Outcome::Critical)),
        ];
        for (field, value) in values {
            self.whole.put(host, field, value, out);
        }
        cluster.members.iter().for_each(|member| self.member(host, member, out));
        cluster.checks.iter().for_each(|check| self.check(host, check, out));
    }

    fn member(&mut self, host: &str, member: &Member, out: &mut Samples) {
        let attributes = [("node", member.name.as_str()), ("role", member.role)];
        let rows = self.members.entry(member.name.clone()).or_insert_with(|| Rows::new("consul_member", Some(&member.name), &attributes));
        if !rows.has(&attributes) {
            *rows = Rows::new("consul_member", Some(&member.name), &attributes);
        }
        rows.put(host, "alive", (member.standing == Standing::Alive).into(), out);
        rows.put(host, "failed", (member.standing == Standing::Failed).into(), out);
        rows.put(host, "serf_status", Value::Text(member.standing.as_str()), out);
    }

    fn check(&mut self, host: &str, check: &Checked, out: &mut Samples) {
        let always = [("node", check.node.as_str()), ("check_id", &check.id)];
        let service = check.service.as_deref().map(|service| ("service_name", service));
        let attributes: Vec<(&str, &str)> = always.into_iter().chain(service).collect();
        let made = || Rows::new("consul_health_checks", Some(&format!("{}:{}", check.node, check.id)), &attributes);
        let rows = self.checks.entry((check.node.clone(), check.id.clone())).or_insert_with(made);
        if !rows.has(&attributes) {
            *rows = made();
        }
        for (field, outcome) in [("passing", Outcome::Passing), ("warning", Outcome::Warning), ("critical", Outcome::Critical)] {
            rows.put(host, field, (check.outcome == outcome).into(), out);
        }
    }

    fn expire(&mut self, cluster: &Cluster, out: &mut Samples) {
        let host = &cluster.datacenter;
        let members: HashSet<&str> = cluster.members.iter().map(|member| member.name.as_str()).collect();
        let checks: HashSet<(&str, &str)> = cluster.checks.iter().map(|check| (check.node.as_str(), check.id.as_str())).collect();
        let mut keep = |is_there: bool, rows: &Rows| {
            if !is_there {
                rows.expire(host, out);
            }
            is_there
        };
        self.members.retain(|name, rows| keep(members.contains(name.as_str()), rows));
        self.checks.retain(|(node, id), rows| keep(checks.contains(&(node.as_str(), id.as_str())), rows));
    }
}

#[cfg(test)]
mod tests {
    use event::{Duration, Event, Metric, Name, Timestamp, msg};

    use super::*;

    fn look(members: &[(&str, Standing)], checks: &[(&str, Option<&str>, Outcome)]) -> Look {
        let member = |(name, standing): &(&str, Standing)| Member { name: (*name).into(), role: "server", standing: *standing };
        let check = |(id, service, outcome): &(&str, Option<&str>, Outcome)| Checked {
            node: "n1".into(),
            id: (*id).into(),
            service: service.map(Into::into),
            outcome: *outcome,
        };
        let cluster = Cluster {
            datacenter: "dc1".into(),
            peers: 1,
            members: members.iter().map(member).collect(),
            checks: checks.iter().map(check).collect(),
        };
        Look { is_up: true, has_leader: true, cluster: Some(cluster) }
    }

    /// What is told, as lines.
    fn told(teller: &mut Teller, look: &Look) -> Vec<String> {
        let mut samples = Samples::new("w1");
        samples.begin(Timestamp::from_secs(60));
        samples.every(Duration::from_secs(10));
        teller.tell(look, &mut samples);
        let line = |event: Event| {
            let value = match event.metric {
                Some(Metric::Int(number)) => number.to_string(),
                _ => event.state.clone().unwrap_or_default(),
            };
            format!("{} {} {value}", event.host.unwrap(), event.service.unwrap())
        };
        samples.messages().flat_map(msg::events).map(|view| line(Event::from(&view))).collect()
    }

    #[test]
    fn the_whole_has_the_data_centre_as_host_and_the_agent_its_node() {
        let checks = [("serfHealth", None, Outcome::Passing), ("service:web", Some("web"), Outcome::Critical)];
        let told =
            told(&mut Teller::default(), &look(&[("n1", Standing::Alive), ("n2", Standing::Failed), ("n3", Standing::Left)], &checks));
        let expected = [
            "w1 consul_agent/up 1",
            "w1 consul_agent/has_leader 1",
            "dc1 consul/peers 1",
            "dc1 consul/members 2",
            "dc1 consul/members_alive 1",
            "dc1 consul/members_failed 1",
            "dc1 consul/checks_passing 1",
            "dc1 consul/checks_warning 0",
            "dc1 consul/checks_critical 1",
            "dc1 consul_member/n1/alive 1",
            "dc1 consul_member/n1/failed 0",
            "dc1 consul_member/n1/serf_status alive",
        ];
        assert_eq!(told[..expected.len()], expected);
        assert!(told.contains(&"dc1 consul_member/n2/failed 1".to_owned()), "{told:?}");
        assert!(told.contains(&"dc1 consul_health_checks/n1:service:web/critical 1".to_owned()), "{told:?}");
        let name = |line: &String| line.split(' ').nth(1).unwrap().to_owned();
        for service in told.iter().map(name) {
            let name = Name::split(&service).unwrap();
            assert!(catalogue::find(name.measurement, name.field).is_some(), "{service} is not in the catalogue: add it there");
        }
    }

    #[test]
    fn what_is_no_more_ends_and_what_another_tells_now_does_not() {
        let mut teller = Teller::default();
        let both = look(&[("n1", Standing::Alive), ("n2", Standing::Alive)], &[("service:web", Some("web"), Outcome::Passing)]);
        told(&mut teller, &both);
        let after = told(&mut teller, &look(&[("n1", Standing::Alive)], &[]));
        let ended: Vec<&String> = after.iter().filter(|line| line.ends_with(" expired")).collect();
        assert_eq!(ended.len(), 6, "{after:?}");
        assert!(ended.iter().all(|line| line.contains("/n2/") || line.contains("/n1:service:web/")), "{ended:?}");
        told(&mut teller, &both);
        assert_eq!(told(&mut teller, &Look { cluster: None, ..both.clone() }), ["w1 consul_agent/up 1", "w1 consul_agent/has_leader 1"]);
        assert!(!told(&mut teller, &look(&[], &[])).iter().any(|line| line.ends_with(" expired")));
    }
}
