//! Services that are scaled, updated, and crash.

use crate::lab::Lab;

pub(crate) fn scaled(lab: &Lab) {
    lab.docker(&["service", "scale", "--detach", "apps_www=3"]);
    lab.until_happened("apps_www", "service_update", "replicas 2 to 3");
    lab.until_number("docker_swarm/apps_www/tasks_desired", 3.0);
    lab.until_number("docker_swarm/apps_www/tasks_running", 3.0);
    let newest = "SELECT last(tasks_running) FROM docker_swarm WHERE swarm_service = 'apps_www'";
    lab.until("InfluxDB has three tasks", || lab.influx.value(newest).as_f64() == Some(3.0));
    beyond_its_room(lab);
}

/// Each task takes a port of its node, so a sixth finds no node.
fn beyond_its_room(lab: &Lab) {
    lab.docker(&["service", "scale", "--detach", "apps_www=6"]);
    lab.until_alert("service-short/apps_www", "swarm", "warning");
    lab.until_number("docker_swarm/apps_www/tasks_running", 5.0);
    lab.until("it is told", || lab.posts.tells_of("service-short", "apps_www", "opened"));
    let level = "SELECT last(level) FROM alert WHERE \"name\" = 'service-short' AND swarm_service = 'apps_www'";
    lab.until("InfluxDB has the alert", || lab.influx.value(level).as_f64() == Some(2.0));
    lab.docker(&["service", "scale", "--detach", "apps_www=3"]);
    lab.until_alert("service-short/apps_www", "swarm", "ok");
    lab.until("its end is told", || lab.posts.tells_of("service-short", "apps_www", "resolved"));
}

pub(crate) fn updated(lab: &Lab) {
    lab.docker(&["service", "update", "--detach", "--env-add", "VERSION=2", "apps_redis"]);
    lab.until_happened("apps_redis", "service_update", "");
    lab.until("the update is completed", || {
        lab.index("service = \"docker_swarm/apps_redis/update_state\"").iter().any(|event| event["state"] == "completed")
    });
    lab.until_number("docker_swarm/apps_redis/tasks_running", 1.0);
    let states = "SELECT update_state FROM docker_swarm WHERE swarm_service = 'apps_redis'";
    lab.until("InfluxDB has the update", || lab.influx.texts(states).contains("completed"));
}

/// An update whose tasks end at once: it stops half-way, its tasks fail again and again.
pub(crate) fn crashes(lab: &Lab) {
    lab.docker(&["service", "update", "--detach", "--args", "/bin/busybox false", "--restart-delay", "1s", "apps_mongo"]);
    lab.until_happened("apps_mongo", "task_failed", "non-zero exit (1)");
    lab.until_alert("restart-loop/apps_mongo", "swarm", "warning");
    lab.until_alert("service-update-paused/apps_mongo", "swarm", "warning");
    lab.until("it is told", || lab.posts.tells("restart-loop", "opened") && lab.posts.tells("service-update-paused", "opened"));
    for alert in ["restart-loop", "service-update-paused"] {
        let levels = format!("SELECT level FROM alert WHERE \"name\" = '{alert}' AND swarm_service = 'apps_mongo' AND level = 2");
        lab.until(&format!("InfluxDB has {alert}"), || !lab.influx.rows(&levels).is_empty());
    }
    for action in ["die", "task_failed"] {
        let events = format!("SELECT * FROM docker_event WHERE swarm_service = 'apps_mongo' AND action = '{action}'");
        lab.until(&format!("InfluxDB has events {action}"), || lab.influx.rows(&events).len() >= 2);
    }
    lab.docker(&["service", "rollback", "--detach", "apps_mongo"]);
    lab.until_alert("service-update-paused/apps_mongo", "swarm", "ok");
    lab.until_number("docker_swarm/apps_mongo/tasks_running", 1.0);
}
