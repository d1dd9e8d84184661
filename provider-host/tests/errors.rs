//! What an author returns with `?` is what the caller sees, through the C ABI and back: the kind, the
//! message, and the messages of what it was made from.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{error, fmt, fs, io, num::ParseIntError, sync::OnceLock};

use provider_core::{NullDispatcher, ProviderEntry, prelude::*, provider_entry};
use provider_host::{Library, Running};

const ACTOR: &str = "MACTOR";

#[contract("test:failures")]
trait Failures {
    fn standard(&self, cx: Cx<'_, Self>) -> OpResult<u16>;
    fn of_the_system(&self, cx: Cx<'_, Self>) -> io::Result<String>;
    fn text(&self, cx: Cx<'_, Self>, words: String) -> Result<(), String>;
    fn own(&self, cx: Cx<'_, Self>, which: u8) -> Result<(), OrderError>;
    fn boxed(&self, cx: Cx<'_, Self>, which: u8) -> OpResult<()>;
    fn with_context(&self, cx: Cx<'_, Self>, which: u8) -> Result<(), Wrapped>;
    fn of_the_sdk(&self, cx: Cx<'_, Self>, number: u16) -> Result<(), Error>;
    fn kind_alone(&self, cx: Cx<'_, Self>) -> Result<(), ErrorKind>;
}

/// An author's own errors, which say of what kind they are.
#[derive(Debug)]
enum OrderError {
    Number(ParseIntError),
    SoldOut,
    NoAnswer(io::Error),
    Refused(Error),
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(_) => f.write_str("the order has no number"),
            Self::SoldOut => f.write_str("sold out"),
            Self::NoAnswer(error) => write!(f, "the stock does not answer: {error}"),
            Self::Refused(_) => f.write_str("the bank refused"),
        }
    }
}

impl error::Error for OrderError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Number(error) => Some(error),
            Self::SoldOut => Some(&ErrorKind::Contract(1404)),
            Self::NoAnswer(_) => Some(&ErrorKind::Timeout),
            Self::Refused(error) => Some(error),
        }
    }
}

impl OrderError {
    fn of(which: u8) -> Self {
        match which {
            0 => Self::Number("x".parse::<u8>().unwrap_err()),
            1 => Self::SoldOut,
            2 => Self::NoAnswer(io::ErrorKind::ConnectionReset.into()),
            _ => Self::Refused(Error::new(ErrorKind::Denied, "no credit")),
        }
    }
}

/// An error with words around it, as crates for errors make them.
#[derive(Debug)]
struct Wrapped {
    context: &'static str,
    inner: BoxError,
}

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.context)
    }
}

impl error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&*self.inner)
    }
}

#[derive(Default)]
struct Shop;

impl Provider for Shop {
    type Link = ();

    fn link(&self, config: &LinkConfig) -> Result<(), BoxError> {
        match config.get("FAIL") {
            Some(which) => Err(OrderError::of(which.parse()?))?,
            None => Ok(()),
        }
    }
}

impl Failures for Shop {
    fn standard(&self, _cx: Cx<'_, Self>) -> OpResult<u16> {
        Ok("x".parse()?)
    }

    fn of_the_system(&self, _cx: Cx<'_, Self>) -> io::Result<String> {
        fs::read_to_string("no/such/file")
    }

    fn text(&self, _cx: Cx<'_, Self>, words: String) -> Result<(), String> {
        Err(words)
    }

    fn own(&self, _cx: Cx<'_, Self>, which: u8) -> Result<(), OrderError> {
        Err(OrderError::of(which))
    }

    fn boxed(&self, _cx: Cx<'_, Self>, which: u8) -> OpResult<()> {
        Err(OrderError::of(which))?
    }

    fn with_context(&self, _cx: Cx<'_, Self>, which: u8) -> Result<(), Wrapped> {
        let inner = Wrapped { context: "order 7", inner: OrderError::of(which).into() };
        Err(Wrapped { context: "the shop", inner: inner.into() })
    }

    fn of_the_sdk(&self, _cx: Cx<'_, Self>, number: u16) -> Result<(), Error> {
        Err(Error::new(ErrorKind::Contract(number), "in the contract's own way")
            .context("the shop"))
    }

    fn kind_alone(&self, _cx: Cx<'_, Self>) -> Result<(), ErrorKind> {
        Err(ErrorKind::Unavailable)
    }
}

static ENTRY: ProviderEntry = provider_entry!(Shop: Failures);

fn shop() -> &'static Running {
    static RUNNING: OnceLock<Running> = OnceLock::new();
    RUNNING.get_or_init(|| {
        let library = Library::linked(&ENTRY).unwrap();
        let running = library.create().unwrap().configure(NullDispatcher).unwrap();
        running.bind(ACTOR, [("A", "B")]).unwrap();
        running
    })
}

fn client() -> FailuresClient<&'static Running> {
    FailuresClient::new(shop(), ACTOR)
}

fn seen<T: fmt::Debug>(outcome: Result<T, Error>) -> (ErrorKind, String) {
    let error = outcome.unwrap_err();
    (error.kind(), error.message().to_owned())
}

fn failed(message: &str) -> (ErrorKind, String) {
    (ErrorKind::Failed, message.to_owned())
}

#[test]
fn an_error_of_the_standard_library_arrives_with_its_words() {
    assert_eq!(seen(client().standard()), failed("invalid digit found in string"));
    let (kind, message) = seen(client().of_the_system());
    assert_eq!(kind, ErrorKind::Failed);
    assert!(message.starts_with("No such file or directory"), "{message}");
    assert_eq!(seen(client().text("anything".into())), failed("anything"));
}

#[test]
fn an_own_error_arrives_with_its_sources_and_the_kind_among_them() {
    for ask in [FailuresClient::own, FailuresClient::boxed] {
        let seen = |which| seen(ask(&client(), which));
        assert_eq!(seen(0), failed("the order has no number: invalid digit found in string"));
        assert_eq!(seen(1), (ErrorKind::Contract(1404), "sold out".into()));
        let message = "the stock does not answer: connection reset";
        assert_eq!(seen(2), (ErrorKind::Timeout, message.into()));
        assert_eq!(seen(3), (ErrorKind::Denied, "the bank refused: no credit".into()));
    }
}

#[test]
fn a_kind_is_found_behind_whatever_stands_before_it() {
    let seen = |which| seen(client().with_context(which));
    assert_eq!(
        seen(0),
        failed("the shop: order 7: the order has no number: invalid digit found in string")
    );
    let sold_out = "the shop: order 7: sold out";
    assert_eq!(seen(1), (ErrorKind::Contract(1404), sold_out.into()));
    let refused = "the shop: order 7: the bank refused: no credit";
    assert_eq!(seen(3), (ErrorKind::Denied, refused.into()));
}

#[test]
fn an_error_of_the_sdk_and_a_kind_alone_arrive_as_they_are() {
    let message = "the shop: in the contract's own way";
    assert_eq!(seen(client().of_the_sdk(1999)), (ErrorKind::Contract(1999), message.into()));
    assert_eq!(seen(client().of_the_sdk(7)), (ErrorKind::Failed, message.into()));
    assert_eq!(seen(client().kind_alone()), (ErrorKind::Unavailable, "unavailable".into()));
}

#[test]
fn why_an_actor_cannot_be_linked_arrives_in_the_same_way() {
    let library = Library::linked(&ENTRY).unwrap();
    let running = library.create().unwrap().configure(NullDispatcher).unwrap();
    let link = |which| seen(running.bind("MOTHER", [("FAIL", which)]));
    assert_eq!(link("1"), (ErrorKind::Contract(1404), "sold out".into()));
    assert_eq!(link("3"), (ErrorKind::Denied, "the bank refused: no credit".into()));
    assert_eq!(link("x"), failed("invalid digit found in string"));
}
