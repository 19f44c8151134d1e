//! Consul, as `skep registrar` finds it.

use crate::metric::{Group, Metric, Pace, Unit};

const PACE: Pace = Pace::Seconds(10);
const AGENT_OF: Group = Group { measurement: "consul_agent", attributes: &[], pace: PACE };
const WHOLE: Group = Group { measurement: "consul", attributes: &[], pace: PACE };
const MEMBER_OF: Group = Group { measurement: "consul_member", attributes: &["node", "role"], pace: PACE };
const CHECK: Group = Group { measurement: "consul_health_checks", attributes: &["node", "check_id", "service_name"], pace: PACE };

/// The agent beside a registrar.
pub(crate) const AGENT: &[Metric] = &[
    AGENT_OF.gauge("up", Unit::Flag, "Whether the agent answers."),
    AGENT_OF.gauge("has_leader", Unit::Flag, "Whether it answers and knows of a leader of Consul's servers."),
];

/// The data centre.
pub(crate) const CONSUL: &[Metric] = &[
    WHOLE.gauge("peers", Unit::Number, "Servers that vote."),
    WHOLE.gauge("members", Unit::Number, "Agents of the data centre that have not left on purpose."),
    WHOLE.gauge("members_alive", Unit::Number, "Agents that the others hear of."),
    WHOLE.gauge("members_failed", Unit::Number, "Agents that went without leaving."),
    WHOLE.gauge("checks_passing", Unit::Number, "Checks of nodes and services that pass."),
    WHOLE.gauge("checks_warning", Unit::Number, "Checks that warn."),
    WHOLE.gauge("checks_critical", Unit::Number, "Checks that fail."),
];

/// Each agent of the data centre.
pub(crate) const MEMBER: &[Metric] = &[
    MEMBER_OF.gauge("alive", Unit::Flag, "Whether the others hear of it."),
    MEMBER_OF.gauge("failed", Unit::Flag, "Whether it went without leaving."),
    MEMBER_OF.text("serf_status", "Serf's word for it: alive, leaving, left, failed or none."),
];

/// Each check, as Telegraf names it.
pub(crate) const CHECKS: &[Metric] = &[
    CHECK.gauge("passing", Unit::Flag, "Whether it passes."),
    CHECK.gauge("warning", Unit::Flag, "Whether it warns."),
    CHECK.gauge("critical", Unit::Flag, "Whether it fails."),
];
