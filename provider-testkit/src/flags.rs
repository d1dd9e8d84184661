//! Flags and versions as people and reports write them: `["unloadable"]`, `{"major": 1, "minor": 0}`.

use provider_core::abi::{descriptor_flags, op_flags};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A set of bits whose names are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names(&'static [(u32, &'static str)]);

/// The flags of a descriptor.
pub(crate) const DESCRIPTOR: Names = Names(&[
    (descriptor_flags::UNLOADABLE, "unloadable"),
    (descriptor_flags::SINGLE_INSTANCE, "single instance"),
    (descriptor_flags::PANIC_ABORTS, "panic aborts"),
]);
/// The flags of an operation.
pub(crate) const OPERATION: Names =
    Names(&[(op_flags::IDEMPOTENT, "idempotent"), (op_flags::DEPRECATED, "deprecated")]);

impl Names {
    /// The names of the bits that are set; one without a name is its number.
    pub(crate) fn of(self, bits: u32) -> Vec<String> {
        (0..u32::BITS)
            .map(|bit| 1 << bit)
            .filter(|bit| bits & bit != 0)
            .map(|bit| {
                let name = self.0.iter().find(|(known, _)| *known == bit);
                name.map_or_else(|| format!("{bit:#x}"), |(_, name)| (*name).to_owned())
            })
            .collect()
    }

    /// The bits that `names` stand for; nothing when one of them is no name.
    fn bits(self, names: &[String]) -> Option<u32> {
        let bit = |name: &String| {
            let known = self.0.iter().find(|(_, known)| known == name).map(|(bit, _)| *bit);
            known.or_else(|| u32::from_str_radix(name.strip_prefix("0x")?, 16).ok())
        };
        names.iter().try_fold(0, |bits, name| Some(bits | bit(name)?))
    }
}

/// Flags in JSON, of an operation or of a descriptor.
pub(crate) struct Named<const OPERATION: bool>;

impl<const OPERATION: bool> Named<OPERATION> {
    const NAMES: Names = if OPERATION { self::OPERATION } else { DESCRIPTOR };

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde has a reference")]
    pub(crate) fn serialize<S: Serializer>(bits: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        Self::NAMES.of(*bits).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let names = Vec::deserialize(deserializer)?;
        Self::NAMES.bits(&names).ok_or_else(|| D::Error::custom("flags are expected"))
    }
}

/// The version of an ABI in JSON.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct AbiVersion {
    major: u32,
    minor: u32,
}

impl AbiVersion {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde has a reference")]
    pub(crate) fn serialize<S: Serializer>(
        version: &(u32, u32),
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let (major, minor) = *version;
        Serialize::serialize(&Self { major, minor }, serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<(u32, u32), D::Error> {
        let Self { major, minor } = Deserialize::deserialize(deserializer)?;
        Ok((major, minor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_without_a_name_is_its_number_and_all_of_them_come_back() {
        let bits = descriptor_flags::UNLOADABLE | 0x100;
        let names = DESCRIPTOR.of(bits);
        assert_eq!(names, ["unloadable", "0x100"]);
        assert_eq!(DESCRIPTOR.bits(&names), Some(bits));
        assert_eq!(DESCRIPTOR.bits(&DESCRIPTOR.of(u32::MAX)), Some(u32::MAX));
        assert_eq!(DESCRIPTOR.bits(&["no flag".to_owned()]), None);
    }
}
