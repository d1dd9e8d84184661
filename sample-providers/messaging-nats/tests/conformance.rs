//! The rules of every capability provider, each a test, beside a server of its own.

use std::error::Error;

use provider_testkit::{Options, harness::Preparation};
use test_servers::Program;

fn prepare(options: &mut Options) -> Result<Preparation, Box<dyn Error>> {
    test_servers::prepare(Program::Nats, options, |server, options| {
        options.link_values.insert("URL".into(), server.url());
    })
}

provider_testkit::main!(prepare);
