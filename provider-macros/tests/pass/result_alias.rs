//! A return type may have any name: traits look at it, not letters.

use provider_core::{DirectCalls, NullDispatcher, prelude::*};

type Answer = Result<u8, std::num::ParseIntError>;
type Fallible<E> = Result<(), E>;

#[contract("example:aliases")]
pub trait Aliases {
    fn answer(&self, cx: Cx<'_, Self>, text: String) -> Answer;
    fn fallible(&self, cx: Cx<'_, Self>) -> Fallible<std::fmt::Error>;
    fn text(&self, cx: Cx<'_, Self>) -> Result<String, String>;
    fn infallible(&self, cx: Cx<'_, Self>) -> Result<Vec<u8>, std::convert::Infallible>;
}

fn main() {
    let client = AliasesClient::new(NullDispatcher, "MACTOR");
    let _: Result<u8, Error> = client.answer(String::new());
    let _: Result<(), Error> = client.fallible();
    let _: Result<String, Error> = client.text();
    let _: fn(&AliasesClient<DirectCalls<NoProvider>>) -> Result<Vec<u8>, Error> =
        AliasesClient::infallible;
}

type NoProvider = provider_core::Adapter<Nothing>;

#[derive(Default)]
pub struct Nothing;

impl Provider for Nothing {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}
