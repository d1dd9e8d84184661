//! A struct is read from a link's values, and what is wrong with them is told all at once.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    path::PathBuf,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use provider_core::{
    Actor, Adapter, CapabilityProvider, NullDispatcher, ValueSchema, codec,
    ops::{CapabilityConfiguration, OP_BIND_ACTOR, SYSTEM_ACTOR},
    prelude::*,
};

/// How loud something is.
#[derive(Debug, PartialEq)]
enum Level {
    Quiet,
    Loud,
}

#[derive(Debug)]
struct NoLevel(String);

impl fmt::Display for NoLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is neither quiet nor loud", self.0)
    }
}

impl FromStr for Level {
    type Err = NoLevel;

    fn from_str(text: &str) -> Result<Self, NoLevel> {
        match text {
            "quiet" => Ok(Self::Quiet),
            "loud" => Ok(Self::Loud),
            other => Err(NoLevel(other.to_owned())),
        }
    }
}

#[derive(LinkValues)]
struct Settings {
    /// Where the server is.
    ///
    /// With its port.
    address: SocketAddr,
    #[value(default = 8, range = 1..=64)]
    connections: u8,
    #[value(default = true)]
    tls: bool,
    #[value(default = "30s")]
    timeout: Duration,
    password: Secret,
    pins: Option<Vec<Secret<u16>>>,
    #[value(secret)]
    token: Option<u32>,
    #[value(name = "TOPICS", default = "a,b")]
    subjects: Vec<String>,
    level: Option<Level>,
    r#type: Option<char>,
    ca_file: Option<PathBuf>,
    #[value(default = -1.5, expected = "how much brighter it gets")]
    gain: f64,
}

fn values(values: &[(&str, &str)]) -> HashMap<String, String> {
    values.iter().map(|(key, value)| (String::from(*key), String::from(*value))).collect()
}

fn read<T: LinkValues>(given: &[(&str, &str)]) -> Result<T, Error> {
    let actor = Actor::new("MACTOR", Arc::new(NullDispatcher));
    LinkConfig::new(actor, values(given)).read()
}

fn refused<T: LinkValues>(given: &[(&str, &str)]) -> String {
    let error = read::<T>(given).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::BadRequest, "{error}");
    error.message().to_owned()
}

const NEEDED: [(&str, &str); 2] = [("ADDRESS", "127.0.0.1:6379"), ("PASSWORD", "hunter2")];

#[test]
fn every_field_is_read_from_its_key() {
    let settings: Settings = read(&[
        ("ADDRESS", "[::1]:80"),
        ("CONNECTIONS", "64"),
        ("TLS", "false"),
        ("TIMEOUT", "250ms"),
        ("PASSWORD", ""),
        ("PINS", "4711, 815"),
        ("TOKEN", "7"),
        ("TOPICS", "x"),
        ("LEVEL", "loud"),
        ("TYPE", "ü"),
        ("CA_FILE", "/etc/ca.pem"),
        ("GAIN", "3"),
        ("__wasmcloud_issuer", "ACCOUNT"),
    ])
    .unwrap();
    assert_eq!(settings.address, "[::1]:80".parse().unwrap());
    assert_eq!((settings.connections, settings.tls), (64, false));
    assert_eq!(settings.timeout, Duration::from_millis(250));
    assert_eq!(settings.password.expose(), "");
    let pins: Vec<_> = settings.pins.iter().flatten().map(|pin| *pin.expose()).collect();
    assert_eq!((pins, settings.token), (vec![4711, 815], Some(7)));
    assert_eq!(settings.subjects, ["x"]);
    assert_eq!((settings.level, settings.r#type), (Some(Level::Loud), Some('ü')));
    assert_eq!(settings.ca_file, Some(PathBuf::from("/etc/ca.pem")));
    assert!((settings.gain - 3.0).abs() < f64::EPSILON);
}

#[test]
fn a_link_may_leave_out_what_has_a_default_or_is_an_option() {
    let settings: Settings = read(&NEEDED).unwrap();
    assert_eq!((settings.connections, settings.tls), (8, true));
    assert_eq!(settings.timeout, Duration::from_secs(30));
    assert_eq!(settings.subjects, ["a", "b"]);
    assert!(settings.pins.is_none() && settings.level.is_none() && settings.r#type.is_none());
    assert!((settings.gain + 1.5).abs() < f64::EPSILON);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_fields() {
    let message = refused::<Settings>(&[
        ("CONNECTIONS", "65"),
        ("TLS", "yes"),
        ("TIMEOUT", "30"),
        ("PASWORD", "hunter2"),
        ("PINS", "4711,x815"),
        ("TOKEN", "s3cret"),
        ("LEVEL", "medium"),
        ("TYPE", ""),
        ("GAIN", "much\nmore"),
    ]);
    let expected = "\
link value `ADDRESS` is required, expected an IP address and a port, such as `127.0.0.1:80`
link value `CONNECTIONS` is `65`, expected a whole number from 1 to 64
link value `TLS` is `yes`, expected `true` or `false`
link value `TIMEOUT` is `30`, expected a duration such as `30s`
link value `PASSWORD` is required, expected text; the link has `PASWORD`
link value `PINS` cannot be read, expected values with commas between them, each a whole number from 0 to 65535
link value `TOKEN` cannot be read, expected a whole number from 0 to 4294967295
link value `LEVEL` is `medium`, expected a value of `Level`: `medium` is neither quiet nor loud
link value `TYPE` is empty, expected one character
link value `GAIN` is `much\\nmore`, expected how much brighter it gets: invalid float literal";
    assert_eq!(message, expected);
}

#[test]
fn a_long_value_is_cut() {
    let long = "ü".repeat(70_000);
    let message = refused::<Settings>(&[NEEDED[0], NEEDED[1], ("TLS", &long)]);
    assert!(message.len() < 300 && message.contains("ü..`"), "{message}");
}

#[test]
fn a_key_in_other_letters_is_recognised_and_one_that_is_known_or_far_is_not() {
    #[derive(LinkValues)]
    #[expect(dead_code, reason = "the link never has all of it")]
    struct Two {
        host: String,
        hosts: Option<String>,
        client_id: String,
    }

    let hint = |given: &[(&str, &str)]| refused::<Two>(given);
    assert!(hint(&[("host", ""), ("CLIENT_ID", "")]).ends_with("; the link has `host`"));
    assert!(hint(&[("HOST", ""), ("CLIENTID", "")]).ends_with("; the link has `CLIENTID`"));
    assert!(hint(&[("HOST", ""), ("ClientId", "")]).ends_with("; the link has `ClientId`"));
    // `HOSTS` is near `HOST`, but is what it is.
    assert!(!hint(&[("HOSTS", ""), ("CLIENT_ID", "")]).contains("the link has"));
    assert!(!hint(&[("TITLE", ""), ("CLIENT_ID", "")]).contains("the link has"));
}

#[test]
fn the_schema_has_everything_that_is_known_of_a_value() {
    let all = Settings::SCHEMA.values().unwrap();
    let keys: Vec<_> = all.iter().map(ValueSchema::key).collect();
    let expected =
        "ADDRESS CONNECTIONS TLS TIMEOUT PASSWORD PINS TOKEN TOPICS LEVEL TYPE CA_FILE GAIN";
    assert_eq!(keys.join(" "), expected);
    let required: Vec<_> =
        all.iter().filter(|value| value.is_required()).map(ValueSchema::key).collect();
    assert_eq!(required, ["ADDRESS", "PASSWORD"]);
}

#[test]
fn a_schema_tells_required_secret_default_and_documentation() {
    let all = Settings::SCHEMA.values().unwrap();
    let of = |key| all.iter().find(|value| value.key() == key).unwrap();
    assert!(of("ADDRESS").is_required() && of("PASSWORD").is_required());
    assert!(!of("TLS").is_required() && !of("PINS").is_required());
    let secrets: Vec<_> =
        all.iter().filter(|value| value.is_secret()).map(ValueSchema::key).collect();
    assert_eq!(secrets, ["PASSWORD", "PINS", "TOKEN"]);
    assert_eq!(of("ADDRESS").doc(), "Where the server is.\n\nWith its port.");
    assert_eq!((of("GAIN").default(), of("TLS").default()), (Some("-1.5"), Some("true")));
    assert_eq!(of("CONNECTIONS").expected(), "a whole number from 1 to 64");
    assert!(LinkSchema::UNTYPED.values().is_none());
    LinkSchema::UNTYPED.check(&values(&[("ANY", "thing")])).unwrap();
}

#[test]
fn a_schema_is_told_without_the_default_of_a_secret() {
    #[derive(LinkValues)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Account {
        /// Who.
        #[value(default = "guest")]
        user: String,
        #[value(default = "hunter2")]
        password: Secret,
    }

    let told = serde_json::to_value(Account::SCHEMA).unwrap();
    let expected = serde_json::json!([
        {"key": "USER", "doc": "Who.", "type": "text", "required": false, "default": "guest", "secret": false},
        {"key": "PASSWORD", "doc": "", "type": "text", "required": false, "secret": true},
    ]);
    assert_eq!(told, expected);
    assert!(serde_json::to_value(LinkSchema::UNTYPED).unwrap().is_null());
}

#[test]
fn a_default_that_is_wrong_is_the_providers_mistake_whatever_the_link_has() {
    #[derive(LinkValues)]
    #[expect(dead_code, reason = "it cannot be read")]
    struct Wrong {
        #[value(default = "medium")]
        level: Level,
    }

    let error = read::<Wrong>(&[("LEVEL", "loud")]).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(
        error.message(),
        "the default of link value `LEVEL` is `medium`, expected a value of `Level`: `medium` is neither quiet nor loud"
    );
}

/// How often a link was made.
#[derive(Default)]
struct Counting(AtomicU32);

impl Provider for Counting {
    type Link = ();
    const LINK: LinkSchema = Settings::SCHEMA;

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        self.0.fetch_add(1, Relaxed);
        Ok(())
    }
}

#[contract("example:counting")]
trait Nothing {
    fn nothing(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

impl Nothing for Counting {
    fn nothing(&self, _: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }
}

#[test]
fn an_actor_with_wrong_values_is_refused_before_the_provider_is_asked() {
    let adapter = Adapter::new(Counting::default(), provider_core::contract_of!(Counting: Nothing));
    let bind = |given: &[(&str, &str)]| {
        let module = String::from("MACTOR");
        let configuration = CapabilityConfiguration { module, values: values(given) };
        let message = codec::encode(&configuration).unwrap();
        adapter.handle_call(SYSTEM_ACTOR, OP_BIND_ACTOR, &message).map_err(Error::from_boxed)
    };
    let error = bind(&[("TLS", "no"), NEEDED[1]]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert!(error.message().contains("`ADDRESS`") && error.message().contains("`TLS`"), "{error}");
    assert!(adapter.links().is_empty());
    assert_eq!(adapter.provider().0.load(Relaxed), 0);
    bind(&NEEDED).unwrap();
    assert_eq!(adapter.provider().0.load(Relaxed), 1);
    // A linked actor stays linked as it is, whatever comes.
    bind(&[]).unwrap();
    assert_eq!(adapter.links().len(), 1);
}
