//! Lives of providers: well-formed calls in an order that nobody thought of.

use super::{Act, Facts, Kind, Known, Script, chance::Chance, script::ACTORS};

/// How many lives are thorough, and how many there are at least.
const LIVES: usize = 60;
const FEWEST: usize = 40;
/// How many one worker tells of.
const MOST: usize = 1000;

/// The lives that a seed makes, one after the other.
pub(super) fn script(facts: &Facts) -> Script {
    let mut chance = Chance::new(facts.seed);
    let known = facts.ops.iter().filter(|(_, known)| !matches!(known, Known::Nothing));
    let ops: Vec<&String> = known.map(|(op, _)| op).collect();
    let mut acts = Vec::new();
    for number in 0..facts.times(LIVES, MOST).max(FEWEST) {
        if number > 0 {
            acts.push(Act::New);
        }
        live(&mut acts, &ops, &mut chance);
    }
    Script { kind: Kind::Life, acts }
}

/// One life.
fn live(acts: &mut Vec<Act>, ops: &[&String], chance: &mut Chance) {
    // Few actors meet more often.
    let actors = (1 + chance.below(usize::from(ACTORS))).min(1 + chance.below(usize::from(ACTORS)));
    let mut linked = [false; ACTORS as usize];
    for _ in 0..8 + chance.below(32) {
        let index = chance.below(actors);
        // There are four.
        let actor = u8::try_from(index).unwrap_or_default();
        acts.push(match chance.below(100) {
            0..30 => {
                linked[index] = true;
                Act::Bind(actor)
            }
            30..48 => {
                let act = if linked[index] { Act::Change(actor) } else { Act::Bind(actor) };
                linked[index] = true;
                act
            }
            48..70 => {
                linked[index] = false;
                Act::Remove(actor)
            }
            70..84 => Act::Health,
            84..90 => Act::Unknown(actor),
            _ => match chance.pick(ops) {
                Some(op) => Act::Call(actor, (*op).clone()),
                None => Act::Health,
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::cases;

    fn facts(seed: u64) -> Facts {
        let known = Known::Author(crate::Sample::default());
        Facts { ops: vec![("Echo".into(), known)], keys: Vec::new(), seed, effort: 0.1 }
    }

    #[test]
    fn lives_differ_by_seed_and_have_all_kinds_of_calls() {
        let script = script(&facts(1));
        assert_ne!(script, super::script(&facts(2)));
        let counts = cases(&script.acts);
        for op in ["BindActor", "RemoveActor", "HealthRequest", "(unknown)", "Echo"] {
            assert!(counts[op] > 5, "{counts:?}");
        }
        assert_eq!(script.acts.iter().filter(|act| **act == Act::New).count(), FEWEST - 1);
        assert_eq!(script.to_string().parse::<Script>().unwrap(), script);
    }

    /// Whether a link that was changed and ended is made again in one life.
    fn changed_removed_bound(acts: &[Act]) -> bool {
        acts.split(|act| *act == Act::New).any(|life| {
            (0..ACTORS).any(|actor| {
                let mut state = 0;
                for act in life {
                    state = match (state, act) {
                        (0, Act::Change(a)) if *a == actor => 1,
                        (1, Act::Remove(a)) if *a == actor => 2,
                        (2, Act::Bind(a)) if *a == actor => return true,
                        (state, _) => state,
                    };
                }
                false
            })
        })
    }

    /// Whether there is a sign of life when all links are gone, after one that was changed.
    fn health_after_changed(acts: &[Act]) -> bool {
        acts.split(|act| *act == Act::New).any(|life| {
            let (mut linked, mut changed) = ([false; ACTORS as usize], false);
            for act in life {
                match act {
                    Act::Bind(actor) => linked[usize::from(*actor)] = true,
                    Act::Change(_) => changed = true,
                    Act::Remove(actor) => linked[usize::from(*actor)] = false,
                    Act::Health if changed && linked == [false; ACTORS as usize] => return true,
                    _ => {}
                }
            }
            false
        })
    }

    #[test]
    fn few_lives_are_enough_for_what_takes_four_calls() {
        for met in [changed_removed_bound, health_after_changed] {
            let misses = (0..1000).filter(|seed| !met(&script(&facts(*seed)).acts));
            assert_eq!(misses.count(), 0);
        }
    }
}
