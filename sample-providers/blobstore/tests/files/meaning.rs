//! The contract's pinned meaning.

use std::collections::BTreeMap;

use provider_contracts::blobstore::scenario::{Subject, pinned};

use crate::linked::Provider;

/// The transcripts of all scenarios, each with a store of its own.
fn transcripts(url: impl Fn(&str) -> String) -> BTreeMap<&'static str, Vec<String>> {
    let played = pinned().into_iter().map(|scenario| {
        let provider = Provider::linked([("URL", &url(scenario.slug()))]);
        let received = provider.received("MALICE");
        let transcript = scenario
            .run(&mut Subject::new(provider.running(), "MALICE", &received))
            .unwrap_or_else(|failure| panic!("{}: {failure}", scenario.slug()));
        provider.stop();
        (scenario.slug(), transcript)
    });
    played.collect()
}

pub(crate) fn files_and_memory_keep_every_pinned_rule_and_give_the_same_transcript() {
    let folder = tempfile::tempdir().unwrap();
    let files = transcripts(|slug| format!("file://{}/{slug}", folder.path().display()));
    let memory = transcripts(|_| "memory://".into());
    assert_eq!(files, memory);
    assert!(files.values().all(|transcript| transcript.len() > 4));
}
