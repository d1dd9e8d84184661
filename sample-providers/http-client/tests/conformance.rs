//! The rules of every capability provider, each a test, with a server that answers the sample.

use std::{
    error::Error,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use provider_testkit::{Options, Sample, harness::Preparation};
use serde_json::json;

fn prepare(options: &mut Options) -> Result<Preparation, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/", listener.local_addr()?);
    // It ends with the program.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(&stream));
        }
    });
    options.samples.insert("Request".into(), sample(&url));
    Ok(Preparation::ready(()))
}

fn sample(url: &str) -> Sample {
    let nothing = json!({"$bytes": ""});
    Sample {
        request: json!({"method": "GET", "url": url, "headers": {}, "body": nothing}),
        response: Some(
            json!({"statusCode": 204, "status": "No Content", "header": {}, "body": nothing}),
        ),
    }
}

fn serve(mut stream: &TcpStream) {
    let mut lines = BufReader::new(stream).lines();
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() && stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").is_err() {
            return;
        }
    }
}

provider_testkit::main!(prepare);
