//! Clients of others: curl, and nghttp2's `nghttp` and `h2load` (Debian: `curl`, `nghttp2-client`). Where one is
//! not installed its test is ignored, and in continuous integration (`CI=true`) it fails.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

#[path = "../serving/host.rs"]
mod host;

use std::process::{Command, ExitCode, Stdio};

use host::{Host, echo};
use libtest_mimic::{Arguments, Failed, Trial};

const ACTOR: &str = "MACTOR";

type Run = fn(&Host) -> Result<(), Failed>;

fn main() -> ExitCode {
    let tests: [(&str, &str, Run); 5] = [
        ("curl", "curl_speaks_http_1", curl_speaks_http_1),
        ("curl", "curl_speaks_http_2_with_prior_knowledge", curl_speaks_http_2),
        ("curl", "curl_negotiates_http_2_with_tls", curl_negotiates_http_2),
        ("nghttp", "nghttp_asks_ten_times_at_once", nghttp_asks_ten_times_at_once),
        ("h2load", "h2load_gets_every_reply", h2load_gets_every_reply),
    ];
    let trials = tests.map(|(program, name, run)| {
        let is_absent = Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_err();
        let is_ignored = is_absent && !std::env::var("CI").is_ok_and(|ci| ci == "true");
        let kind = if is_absent { format!("no {program}") } else { String::new() };
        Trial::test(name, move || run(&Host::new())).with_kind(kind).with_ignored_flag(is_ignored)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// What a program says on its standard output, if it ends well.
fn said(program: &str, arguments: &[&str]) -> Result<String, Failed> {
    let output = Command::new(program).args(arguments).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let error = String::from_utf8_lossy(&output.stderr);
    Err(format!("{program} {arguments:?} ended with {}: {error}{said}", output.status).into())
}

/// Sends a body that comes back, and returns the version of HTTP that curl says it spoke.
fn curl(url: &str, more: &[&str]) -> Result<String, Failed> {
    let body = "x".repeat(100_000);
    let common =
        ["-sS", "--max-time", "20", "-d", &body, "-w", " %{http_version} %{http_code}", url];
    let said = said("curl", &[&common, more].concat())?;
    let rest = said.strip_prefix(&body).ok_or("the body did not come back")?;
    let version = rest.trim().strip_suffix(" 200").ok_or_else(|| rest.to_owned())?;
    Ok(version.to_owned())
}

fn curl_speaks_http_1(host: &Host) -> Result<(), Failed> {
    let address = host.serve(ACTOR, &[], echo);
    assert_eq!(curl(&format!("http://{address}/"), &["--http1.1"])?, "1.1");
    Ok(())
}

fn curl_speaks_http_2(host: &Host) -> Result<(), Failed> {
    let address = host.serve(ACTOR, &[], echo);
    assert_eq!(curl(&format!("http://{address}/"), &["--http2-prior-knowledge"])?, "2");
    Ok(())
}

fn curl_negotiates_http_2(host: &Host) -> Result<(), Failed> {
    let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let folder = tempfile::tempdir()?;
    let certificate = folder.path().join("certificate.pem");
    std::fs::write(&certificate, identity.cert.pem())?;
    let certificate = certificate.to_str().unwrap();
    let key = identity.signing_key.serialize_pem();
    let values = [("TLS_CERTIFICATE", certificate), ("TLS_KEY", &*key)];
    let port = host.serve(ACTOR, &values, echo).port();
    let url = format!("https://localhost:{port}/");
    let resolve = format!("localhost:{port}:127.0.0.1");
    let trust = ["--cacert", certificate, "--resolve", &*resolve];
    assert_eq!(curl(&url, &trust)?, "2");
    assert_eq!(curl(&url, &[&trust[..], &["--http1.1"]].concat())?, "1.1");
    Ok(())
}

fn nghttp_asks_ten_times_at_once(host: &Host) -> Result<(), Failed> {
    let address = host.serve(ACTOR, &[], echo);
    let url = format!("http://{address}/");
    let said = said("nghttp", &["-v", "-n", "-t", "20", "-m", "10", &url])?;
    let replies = said.matches(":status: 200").count();
    assert_eq!(replies, 10, "{said}");
    Ok(())
}

fn h2load_gets_every_reply(host: &Host) -> Result<(), Failed> {
    let address = host.serve(ACTOR, &[("TIMEOUT_MS", "20000")], echo);
    let url = format!("http://{address}/");
    for version in ["--h1", "--npn-list=h2c"] {
        let said = said("h2load", &["-n", "2000", "-c", "50", version, &url])?;
        assert!(said.contains("2000 succeeded, 0 failed, 0 errored, 0 timeout"), "{said}");
        assert!(said.contains("status codes: 2000 2xx"), "{said}");
    }
    Ok(())
}
