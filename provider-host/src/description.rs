//! What a library says of itself, copied and checked.

use std::collections::HashSet;

use provider_core::{
    abi::{self, op_flags},
    description,
    ops::STANDARD_OPS,
};

/// What a library says of itself: a copy that needs the library no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The ABI's major and minor version that it was built with.
    pub abi: (u32, u32),
    /// Bits of [`abi::descriptor_flags`].
    pub flags: u32,
    /// Counts releases of the provider, zero when they are not counted.
    pub revision: u32,
    /// Contract id, `vendor:name`.
    pub contract: String,
    /// Vendor of the provider.
    pub vendor: String,
    /// Name of the provider.
    pub name: String,
    /// Version of the provider, semver.
    pub version: String,
    /// Compiler, SDK and target.
    pub build: String,
    /// The contract's operations, in the provider's order.
    pub ops: Vec<Operation>,
}

/// One operation of a provider's contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// Its documentation, Markdown.
    pub doc: String,
    /// Bits of [`op_flags`].
    pub flags: u32,
    /// Who calls whom.
    pub direction: Direction,
}

impl Operation {
    /// Whether it may be sent again when it is not known whether it was done.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.flags & op_flags::IDEMPOTENT != 0
    }

    /// Whether new actors should not use it.
    #[must_use]
    pub fn is_deprecated(&self) -> bool {
        self.flags & op_flags::DEPRECATED != 0
    }
}

/// Who calls whom with an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// An actor calls the provider.
    ActorToProvider,
    /// The provider calls an actor.
    ProviderToActor,
    /// A number that ABI 1.0 does not know.
    Unknown(u32),
}

impl From<u32> for Direction {
    fn from(number: u32) -> Self {
        match number {
            abi::direction::ACTOR_TO_PROVIDER => Self::ActorToProvider,
            abi::direction::PROVIDER_TO_ACTOR => Self::ProviderToActor,
            other => Self::Unknown(other),
        }
    }
}

/// An operation's name, with its position in the provider's table when that is known: then the
/// provider need not look the name up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpRef<'a> {
    pub(crate) id: u32,
    /// The address of the table that `id` is a position in: in another one it means nothing.
    pub(crate) table: usize,
    pub(crate) name: &'a str,
}

impl<'a> OpRef<'a> {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.name
    }
}

impl<'a> From<&'a str> for OpRef<'a> {
    fn from(name: &'a str) -> Self {
        Self { id: abi::NO_OP_ID, table: 0, name }
    }
}

impl<'a> From<&'a String> for OpRef<'a> {
    fn from(name: &'a String) -> Self {
        name.as_str().into()
    }
}

impl Description {
    /// The operation `name`, with its position.
    #[must_use]
    pub fn op(&self, name: &str) -> Option<OpRef<'_>> {
        let id = self.ops.iter().position(|op| op.name == name)?;
        Some(OpRef { id: u32::try_from(id).ok()?, table: self.table(), name: &self.ops[id].name })
    }

    /// What tells this table of operations from any other.
    pub(crate) fn table(&self) -> usize {
        self.ops.as_ptr().addr()
    }

    /// Where a library's JSON document is about something else than its descriptor.
    pub(crate) fn disagrees(&self, document: &description::Description) -> Option<String> {
        let name = |text: &str| text.escape_debug().to_string();
        if document.contract != self.contract {
            return Some(format!(
                "it describes the contract \"{}\", the descriptor has \"{}\"",
                name(&document.contract),
                name(&self.contract)
            ));
        }
        let here: HashSet<&str> = self.ops.iter().map(|op| &*op.name).collect();
        let there: HashSet<&str> = document.operations.iter().map(|op| &*op.name).collect();
        if let Some(op) = there.difference(&here).min() {
            return Some(format!(
                "it describes the operation \"{}\", which the descriptor does not list",
                name(op)
            ));
        }
        let missing = here.difference(&there).min()?;
        Some(format!(
            "it does not describe the operation \"{}\", which the descriptor lists",
            name(missing)
        ))
    }

    /// What is wrong with it besides what [`Library::open`](crate::Library::open) refuses: each
    /// problem names its place.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !is_contract_id(&self.contract) {
            problems.push(format!(
                "contract \"{}\" is not `vendor:name` (letters, digits, `-`, `_` and `.` on both sides)",
                self.contract.escape_debug()
            ));
        }
        if self.name.is_empty() {
            problems.push(String::from("name is empty"));
        }
        if let Err(error) = semver::Version::parse(&self.version) {
            problems.push(format!(
                "version \"{}\" is not a semantic version: {error}",
                self.version.escape_debug()
            ));
        }
        let mut seen = HashSet::new();
        for (index, op) in self.ops.iter().enumerate() {
            let name = op.name.escape_debug();
            if op.name.is_empty() {
                problems.push(format!("ops[{index}].name is empty"));
            } else if STANDARD_OPS.contains(&op.name.as_str()) {
                problems.push(format!(
                    "ops[{index}].name \"{name}\" is reserved: every provider answers it"
                ));
            } else if !seen.insert(&op.name) {
                problems.push(format!("ops[{index}].name \"{name}\" is there twice"));
            }
            if let Direction::Unknown(number) = op.direction {
                problems.push(format!("ops[{index}].direction {number} is neither 0 nor 1"));
            }
        }
        problems
    }
}

/// Whether `id` is `vendor:name`.
fn is_contract_id(id: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    id.split_once(':').is_some_and(|(vendor, name)| part(vendor) && part(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(name: &str) -> Operation {
        Operation { name: name.into(), doc: String::new(), flags: 0, direction: 0.into() }
    }

    fn description() -> Description {
        Description {
            abi: (1, 0),
            flags: 0,
            revision: 0,
            contract: "wasmcloud:keyvalue".into(),
            vendor: "v".into(),
            name: "n".into(),
            version: "0.1.0".into(),
            build: "b".into(),
            ops: vec![op("Get"), op("Set")],
        }
    }

    #[test]
    fn a_right_description_has_no_problems_and_finds_its_operations() {
        let description = description();
        assert_eq!(description.problems(), Vec::<String>::new());
        assert_eq!(description.op("Set").map(|op| (op.id, op.name)), Some((1, "Set")));
        assert_eq!(description.op("Del"), None);
    }

    #[test]
    fn each_problem_names_its_place() {
        let wrong = Description {
            contract: "keyvalue".into(),
            name: String::new(),
            version: "one".into(),
            ops: vec![
                op("Get"),
                op("Get"),
                op("BindActor"),
                op(""),
                Operation { direction: 7.into(), ..op("X") },
            ],
            ..description()
        };
        let problems = wrong.problems();
        for (problem, place) in problems.iter().zip([
            "contract \"keyvalue\"",
            "name is empty",
            "version \"one\"",
            "ops[1].name \"Get\" is there twice",
            "ops[2].name \"BindActor\" is reserved",
            "ops[3].name is empty",
            "ops[4].direction 7",
        ]) {
            assert!(problem.starts_with(place), "{problem}");
        }
        assert_eq!(problems.len(), 7);
    }
}
