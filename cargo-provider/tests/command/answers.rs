//! What `list` and `explain` answer.

use std::collections::HashSet;

use crate::command::run;

#[test]
fn the_list_names_every_check_once_with_its_level_and_title() {
    let list = run(["list", "--json"]).ended_with(0).json();
    assert_eq!(list["schema_version"], 1);
    let checks = list["checks"].as_array().unwrap();
    let table = run(["list"]).ended_with(0).out;
    assert_eq!(table.lines().count(), checks.len());
    let mut seen = HashSet::new();
    for (check, line) in checks.iter().zip(table.lines()) {
        let id = check["id"].as_str().unwrap();
        assert!(seen.insert(id), "{id}");
        assert!(["must", "should", "perf"].contains(&check["level"].as_str().unwrap()));
        assert!(line.starts_with(id), "{line}");
        assert!(line.ends_with(check["title"].as_str().unwrap()), "{line}");
    }
    assert!(seen.contains("links::bind"), "{seen:?}");
}

#[test]
fn each_check_is_explained_with_its_rule_causes_and_remedy() {
    let list = run(["list", "--json"]).ended_with(0).json();
    for check in list["checks"].as_array().unwrap() {
        let id = check["id"].as_str().unwrap();
        let page = run(["explain", id]).ended_with(0).out;
        for part in [
            id,
            "\nRule (",
            "\nWhy\n",
            "\nWhat is done\n",
            "\nUsual causes of a failure\n  - ",
            "\nHow to mend it\n",
            "\nAn example\n",
            "  docs/src/checks/",
        ] {
            assert!(page.contains(part), "{id} lacks {part:?}:\n{page}");
        }
        assert!(!page.contains("```") && !page.contains(" # use "), "{id}:\n{page}");
    }
}

#[test]
fn an_unknown_id_is_refused_also_when_it_holds_control_characters() {
    let ran = run(["explain", "links::\u{1b}[31m\n"]).ended_with(2);
    assert!(!ran.line().contains('\u{1b}'));
}
