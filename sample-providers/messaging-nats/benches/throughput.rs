//! What the provider costs beside a plain client, in one run with one server: ratios of the medians of
//! several rounds, in which both take turns.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a benchmark prints, and fails loudly"
)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use async_nats::Client;
use futures_util::StreamExt;
use messaging_nats::ENTRY;
use provider_contracts::messaging::MessagingClient;
use provider_core::{BoxError, Dispatcher};
use provider_host::{Library, Running};
use test_servers::{Program, Server};
use tokio::runtime::Runtime;

const ROUNDS: usize = 7;
const CALLERS: usize = 64;

/// Counts what reaches the actor.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Dispatcher for Counting {
    fn dispatch(&self, _: &str, _: &str, _: &[u8]) -> Result<Vec<u8>, BoxError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(vec![0xc0])
    }
}

struct Bench {
    runtime: Runtime,
    client: Client,
    provider: Running,
    counting: Counting,
}

/// How many a second.
fn rate(count: usize, act: impl FnOnce()) -> f64 {
    let began = Instant::now();
    act();
    count as f64 / began.elapsed().as_secs_f64()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn compare(what: &str, mut ours: impl FnMut() -> f64, mut plain: impl FnMut() -> f64) {
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        one.push(ours());
        other.push(plain());
    }
    let (ours, plain) = (median(one), median(other));
    println!("{what:<58} {ours:>9.0}/s {plain:>9.0}/s {:>6.2}", ours / plain);
}

impl Bench {
    fn publish(&self, count: usize, callers: usize) -> f64 {
        rate(count, || {
            thread::scope(|scope| {
                for _ in 0..callers {
                    scope.spawn(|| {
                        let client = MessagingClient::new(&self.provider, "MP");
                        for _ in 0..count / callers {
                            let body = vec![b'x'; 128].into();
                            client.publish("nobody".into(), String::new(), body).unwrap();
                        }
                    });
                }
            });
        })
    }

    /// A plain client that knows as much: a round trip after each message.
    fn publish_and_ask(&self, count: usize, callers: usize) -> f64 {
        rate(count, || {
            self.runtime.block_on(async {
                let mut tasks = Vec::new();
                for _ in 0..callers {
                    let client = self.client.clone();
                    tasks.push(tokio::spawn(async move {
                        let inbox = client.new_inbox();
                        let mut sign = client.subscribe(inbox.clone()).await.unwrap();
                        for _ in 0..count / callers {
                            client.publish("nobody", vec![b'x'; 128].into()).await.unwrap();
                            client.publish(inbox.clone(), Vec::new().into()).await.unwrap();
                            sign.next().await.unwrap();
                        }
                    }));
                }
                for task in tasks {
                    task.await.unwrap();
                }
            });
        })
    }

    /// A plain client that knows nothing: a flush to the socket after each message.
    fn publish_and_flush(&self, count: usize, callers: usize) -> f64 {
        rate(count, || {
            self.runtime.block_on(async {
                let mut tasks = Vec::new();
                for _ in 0..callers {
                    let client = self.client.clone();
                    tasks.push(tokio::spawn(async move {
                        for _ in 0..count / callers {
                            client.publish("nobody", vec![b'x'; 128].into()).await.unwrap();
                            client.flush().await.unwrap();
                        }
                    }));
                }
                for task in tasks {
                    task.await.unwrap();
                }
            });
        })
    }

    /// Messages of the plain client, until the last one has come.
    fn send(&self, subject: &'static str, count: usize) {
        self.runtime.block_on(async {
            for _ in 0..count {
                self.client.publish(subject, vec![b'x'; 128].into()).await.unwrap();
            }
            self.client.flush().await.unwrap();
        });
    }

    fn delivered(&self, count: usize) -> f64 {
        let before = self.counting.0.load(Ordering::SeqCst);
        rate(count, || {
            self.send("actor", count);
            while self.counting.0.load(Ordering::SeqCst) < before + count {
                thread::sleep(Duration::from_micros(50));
            }
        })
    }

    fn received(&self, count: usize) -> f64 {
        let mut subscriber = self.runtime.block_on(self.client.subscribe("plain")).unwrap();
        rate(count, || {
            self.send("plain", count);
            self.runtime.block_on(async {
                for _ in 0..count {
                    subscriber.next().await.unwrap();
                }
            });
        })
    }

    fn requests(&self, count: usize) -> f64 {
        let client = MessagingClient::new(&self.provider, "MP");
        rate(count, || {
            for _ in 0..count {
                client.request("echo".into(), vec![b'x'; 128].into(), 5000).unwrap();
            }
        })
    }

    fn plain_requests(&self, count: usize) -> f64 {
        rate(count, || {
            self.runtime.block_on(async {
                for _ in 0..count {
                    self.client.request("echo", vec![b'x'; 128].into()).await.unwrap();
                }
            });
        })
    }
}

fn main() {
    let server = match Server::start(Program::Nats) {
        Ok(server) => server,
        Err(error) => return println!("not measured: {error}"),
    };
    let counting = Counting::default();
    let created = Library::linked(&ENTRY).unwrap().create().unwrap();
    let provider = created.configure(counting.clone()).unwrap();
    let url = server.url();
    provider.bind("MP", [("URL", url.as_str())]).unwrap();
    let values = [("URL", url.as_str()), ("SUBSCRIPTION", "actor"), ("MAX_PENDING", "65536")];
    provider.bind("MS", values).unwrap();
    let runtime = Runtime::new().unwrap();
    let client = runtime.block_on(async_nats::connect(&url)).unwrap();
    let echo = runtime.block_on(async_nats::connect(&url)).unwrap();
    let mut asked = runtime.block_on(echo.subscribe("echo")).unwrap();
    runtime.block_on(echo.flush()).unwrap();
    runtime.spawn(async move {
        while let Some(message) = asked.next().await {
            echo.publish(message.reply.unwrap(), message.payload).await.unwrap();
        }
    });
    let bench = Bench { runtime, client, provider, counting };
    println!(
        "{:<58} {:>11} {:>11} {:>6}",
        "bodies of 128 bytes", "provider", "async-nats", "ratio"
    );
    compare(
        "publish, one caller; async-nats asks as well",
        || bench.publish(2000, 1),
        || bench.publish_and_ask(2000, 1),
    );
    compare(
        "publish, 64 callers; async-nats asks as well",
        || bench.publish(32_000, CALLERS),
        || bench.publish_and_ask(32_000, CALLERS),
    );
    compare(
        "publish, 64 callers; async-nats flushes and knows nothing",
        || bench.publish(32_000, CALLERS),
        || bench.publish_and_flush(32_000, CALLERS),
    );
    compare(
        "messages to an actor, one after the other",
        || bench.delivered(20_000),
        || bench.received(20_000),
    );
    compare(
        "request and answer, one caller",
        || bench.requests(2000),
        || bench.plain_requests(2000),
    );
    bench.provider.stop().unwrap().destroy().unwrap();
}
