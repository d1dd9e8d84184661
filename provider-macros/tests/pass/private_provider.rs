//! The export does not depend on what is visible to whom.

mod inner {
    use provider_core::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Private(u8);

    #[contract("example:private")]
    trait Hidden {
        fn hidden(&self, cx: Cx<'_, Self>, value: Private) -> Result<Private, Wrong>;
    }

    #[derive(Debug)]
    struct Wrong;

    impl std::fmt::Display for Wrong {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("wrong")
        }
    }

    impl std::error::Error for Wrong {}

    #[derive(Default)]
    struct Secret;

    impl Provider for Secret {
        type Link = ();

        fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
            Ok(())
        }
    }

    #[capability_provider]
    impl Hidden for Secret {
        fn hidden(&self, _cx: Cx<'_, Self>, value: Private) -> Result<Private, Wrong> {
            if value.0 == 0 { Err(Wrong) } else { Ok(value) }
        }
    }
}

fn main() {}
