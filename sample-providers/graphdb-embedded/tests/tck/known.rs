//! What the engine is known to play otherwise than the kit has it.

/// How many scenarios a feature has that `gherkin` 0.16 cannot read.
pub(crate) fn unreadable(feature: &str) -> Option<usize> {
    (feature == "Literals6").then_some(13)
}

/// The numbers of the scenarios of a feature.
pub(crate) fn of(feature: &str) -> &'static [&'static str] {
    match feature {
        // A million numbers, of which all but 3000 are dropped, are above the 128 MiB that a query may keep.
        "Aggregation3" => &["2"],
        // Durations between the years -999999999 and 999999999.
        "Temporal10" => &["9", "10"],
        _ => &[],
    }
}
