//! A node loses its connections while the server has no free one: the node reports that, and recovers when there is
//! one.

use kassa_testkit::eventually_blocking;
use kassa_testkit::processes::KilledOnDrop;
use serde_json::json;

use super::nodes::Cluster;
use super::postgres::Postgres;

/// A server with few connections, of which some are reserved for the superuser.
const SETTINGS: &str = "max_connections = 20\nsuperuser_reserved_connections = 5";

/// The number of connections for everybody else.
const FOR_EVERYBODY: usize = 15;

/// The query of the other client's connections.
const ITS_QUESTION: &str = "select pg_sleep(300)";

/// Another client that uses every connection. They are closed when this value is dropped.
struct Greedy {
    _connections: Vec<KilledOnDrop>,
}

impl Greedy {
    fn on(postgres: &Postgres) -> Self {
        let asked = format!("select count(*) from pg_stat_activity where query = '{ITS_QUESTION}'");
        let mut taken = Vec::new();
        eventually_blocking("a client with every connection", || {
            let has = postgres.ask(&asked).parse::<usize>().unwrap();
            // The server refuses a connection beyond the limit, and the client tries again, because a closed connection
            // is freed late.
            if has < FOR_EVERYBODY {
                taken.push(postgres.asked_by("kassa", ITS_QUESTION));
            }
            has == FOR_EVERYBODY
        });
        Self { _connections: taken }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_waits_for_a_connection_when_the_server_has_none_left() {
    let postgres = Postgres::start_with(SETTINGS, None);
    let cluster = Cluster::start(&postgres.url(), 1).await;
    let session = cluster.merchant().page_session(&json!({}), &json!({})).await;
    let load = cluster.load();
    load.wait_for(200).await;
    // The node is stopped, because otherwise it would get a connection before the other client.
    cluster.nodes[0].signal("STOP");
    postgres.ask("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'kassa'");
    let left = "select count(*) from pg_stat_activity where usename = 'kassa'";
    eventually_blocking("a node without connections", || postgres.ask(left) == "0");
    let greedy = Greedy::on(&postgres);
    cluster.nodes[0].signal("CONT");
    cluster.assert_is_unavailable(&cluster.nodes[0], &session).await;
    cluster.assert_answers_many_callers(&cluster.nodes[0]).await;
    drop(greedy);
    // The server notices a closed connection only when it next sends something.
    postgres.ask(&format!(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where query = '{ITS_QUESTION}'"
    ));
    cluster.becomes_ready(&cluster.nodes[0]).await;
    load.wait_for(300).await;
    cluster.prove(load, &postgres).await.assert_failures_are_among(&["503"]);
}
