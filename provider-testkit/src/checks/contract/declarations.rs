//! What a provider of a known contract declares, and what it does with the rest of the contract.

use provider_core::ErrorKind;
use provider_host::Direction;

use super::{call, fresh_name};
use crate::{
    Check, Scope,
    lab::{Lab, Outcome, each, skip},
    nearest,
    protocol::Failure,
    wasmcloud::{self, Contract},
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "contract::declares",
            title: "only the contract's operations are declared",
            rule: "Names and bytes are those of the interface crates published in 2021, so that \
                   the actors of that time work unchanged.",
            source: "the contracts, \"Operations\"",
            why: "An actor calls the contract's names. Under another name an operation is never \
                  called, and under another direction nobody knows who is to answer: messages \
                  vanish and nobody is told.",
            what: "compares the operations that the library declares with those of its contract, \
                   by name and by who calls",
            causes: &[
                "an operation's name on the wire drifted from the contract's",
                "an operation that actors answer is declared as one that they call",
            ],
            fix: "declare the contract's own names; `#[op(name = \"..\")]` gives a method the \
                  contract's spelling",
            example: include_str!("../examples/contract-declares.md"),
            scope: Scope::KnownContract,
            run: declares,
            ..Check::BLANK
        },
        Check {
            id: "contract::undeclared",
            title: "what is not declared is not known",
            rule: "CP_UNKNOWN_OPERATION: the provider has no operation of this name",
            source: super::super::HEADER,
            why: "A host tells actors what a provider can do by what it declares. One that answers \
                  more than that is used for what nobody may rely on, and gone with its next \
                  version.",
            what: "calls each operation of the contract that the library does not declare, with a \
                   valid request",
            causes: &[
                "the operation is in the dispatch and not in the declaration",
                "operations that are not known are answered with Ok or another error",
            ],
            fix: "declare the operation, or answer it as unknown",
            example: include_str!("../examples/contract-undeclared.md"),
            scope: Scope::KnownContract,
            needs: &["links::bind", "contract::declares"],
            run: undeclared,
            ..Check::BLANK
        },
    ]
}

fn known(contract: &str) -> Outcome<&'static Contract> {
    wasmcloud::contract(contract)
        .ok_or_else(|| skip(format!("`{contract}` is not known to the testkit")))
}

fn declares(lab: &mut Lab) -> Outcome {
    let library = lab.load()?;
    let description = library.description();
    let contract = known(&description.contract)?;
    for op in &description.ops {
        let Some(known) = contract.op(&op.name) else {
            let names = contract.ops.iter().map(|known| known.name);
            let all: Vec<String> = names.clone().map(|name| format!("`{name}`")).collect();
            let summary = format!("`{}` is no operation of `{}`", op.name, contract.id);
            let failure =
                Failure::new(summary).expected(all.join(", ")).got(format!("`{}`", op.name));
            return Err(match nearest(&op.name, names) {
                Some(nearest) => failure.likely(format!("`{nearest}` is meant")),
                None => failure,
            }
            .into());
        };
        let who = |calls: bool| if calls { "an actor calls it" } else { "an actor answers it" };
        let calls = op.direction == Direction::ActorToProvider;
        if calls != known.actor_to_provider {
            return Err(Failure::new(format!("`{}` is declared the wrong way round", op.name))
                .expected(who(known.actor_to_provider))
                .got(who(calls))
                .into());
        }
    }
    Ok(())
}

fn undeclared(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let library = provider.library();
    let description = library.description();
    let contract = known(&description.contract)?;
    let declared = |name: &str| description.ops.iter().any(|op| op.name == name);
    let others: Vec<_> = contract.ops.iter().filter(|known| !declared(known.name)).collect();
    let name = fresh_name(lab);
    each(&lab.reporter, others, |_, known| {
        let answer = call(&provider, &actor, known.name, &(known.request)(&name));
        if answer.kind() == Some(ErrorKind::UnknownOperation) {
            return Ok(());
        }
        answer.refused(&format!("`{}`, which is not declared,", known.name))?;
        Err(Failure::new(format!("`{}` is not declared and is refused as if it was", known.name))
            .expected(format!("Err({})", ErrorKind::UnknownOperation))
            .got(answer.shown())
            .into())
    })
}
