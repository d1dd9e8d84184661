//! A capability provider of the contract `{{ contract }}`.

pub mod contract;

use provider_core::prelude::*;

use crate::contract::{{ operations }};

/// What the provider is, and where it keeps what it keeps.
#[derive(Debug, Default)]
pub struct {{ provider }};

/// The values of a link: each field is one, its key is the field's name in capitals.
#[derive(Debug, LinkValues)]
struct Settings {}

/// What is kept for a linked actor: a connection, for example.
#[derive(Debug)]
pub struct Link;

impl {{ lifecycle }} for {{ provider }} {
    type Link = Link;

    const LINK: LinkSchema = Settings::SCHEMA;

    /// An actor is linked. After an error it is not, and the host learns why.
    {{ function }} link(&self, config: &LinkConfig) -> Result<Link, BoxError> {
        let Settings {} = config.read()?;
        Ok(Link)
    }
}

#[capability_provider]
impl {{ operations }} for {{ provider }} {
    {{ function }} example(&self, _cx: Cx<'_, Self>, _argument: String) -> OpResult<String> {
        Err("`Example` is not there yet".into())
    }
}

#[cfg(test)]
mod tests {
    use provider_core::{DirectCalls, contract_of};

    use super::*;
    use crate::contract::{{ trait_name }}Client;

    #[test]
    fn an_operation_that_is_not_there_yet_says_so() -> Result<(), Error> {
        let contract = contract_of!({{ provider }}: {{ operations }});
        let adapter = provider_core::{{ adapter }}::new({{ provider }}, contract);
        let provider = DirectCalls(adapter);
        provider.bind("MACTOR", [("", ""); 0])?;
        let client = {{ trait_name }}Client::new(provider, "MACTOR");
        let error = client.example("argument".into()).unwrap_err();
        assert_eq!(error.message(), "`Example` is not there yet");
        Ok(())
    }
}
