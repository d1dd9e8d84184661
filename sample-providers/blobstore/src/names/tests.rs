use std::path::{Component, Path};

use proptest::prelude::*;

use super::*;

const BOTH: [Slash; 2] = [Slash::Kept, Slash::Escaped];

/// Ids that lead somewhere, or look like it.
fn ids() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("..".to_owned()),
        Just(".".to_owned()),
        Just("/".to_owned()),
        Just("//".to_owned()),
        Just("\0".to_owned()),
        Just("%".to_owned()),
        Just("%2e%2e".to_owned()),
        Just("\\".to_owned()),
        Just("etc".to_owned()),
        "\\PC{0,6}",
        any::<String>(),
    ];
    prop::collection::vec(part, 1..8).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn a_name_is_relative_and_goes_nowhere_up(id in ids()) {
        for slash in BOTH {
            let Ok(name) = Name::object(&id, slash) else { continue };
            let path = Path::new(name.as_str());
            let parts: Vec<_> = path.components().collect();
            prop_assert!(!parts.is_empty());
            prop_assert!(parts.iter().all(|part| matches!(part, Component::Normal(_))), "{parts:?}");
            // As it is written, and not put right on the way.
            prop_assert_eq!(parts.iter().collect::<std::path::PathBuf>(), path);
            prop_assert!(!name.as_str().contains(['\0', '\\']));
            prop_assert!(!name.as_str().split('/').any(|part| part.starts_with('.')));
            if slash == Slash::Escaped {
                prop_assert_eq!(parts.len(), 1);
            }
        }
    }

    #[test]
    fn an_id_comes_back_from_its_name(id in ids()) {
        for slash in BOTH {
            if let Ok(name) = Name::object(&id, slash) {
                prop_assert_eq!(super::id(name.as_str(), slash), Some(id.clone()));
            }
        }
    }

    #[test]
    fn ids_that_differ_have_names_that_differ(one in ids(), other in ids()) {
        for slash in BOTH {
            if let (Ok(first), Ok(second)) = (Name::object(&one, slash), Name::object(&other, slash)) {
                prop_assert_eq!(one == other, first == second);
            }
        }
    }

    #[test]
    fn whatever_is_stored_has_at_most_one_id(name in "[a%/.2F0]{0,12}") {
        for slash in BOTH {
            if let Some(id) = super::id(&name, slash) {
                let written = Name::object(&id, slash).unwrap();
                prop_assert_eq!(written.as_str(), name.as_str());
            }
        }
    }
}

#[test]
fn names_are_what_other_programs_see() {
    let cases = [
        ("a.txt", "a.txt", "a.txt"),
        ("photos/2021/a.jpg", "photos/2021/a.jpg", "photos%2F2021%2Fa.jpg"),
        ("../../etc/passwd", "%2E./%2E./etc/passwd", "%2E.%2F%2E.%2Fetc%2Fpasswd"),
        ("/abs", "%2Fabs", "%2Fabs"),
        ("a//b", "a%2F%2Fb", "a%2F%2Fb"),
        ("a/", "a%2F", "a%2F"),
        ("50%", "50%25", "50%25"),
        ("n\0l", "n%00l", "n%00l"),
        ("größe", "größe", "größe"),
        (" ", "%20", "%20"),
    ];
    for (id, kept, escaped) in cases {
        assert_eq!(Name::object(id, Slash::Kept).unwrap().as_str(), kept);
        assert_eq!(Name::object(id, Slash::Escaped).unwrap().as_str(), escaped);
    }
}

#[test]
fn an_id_that_cannot_be_kept_is_refused_with_its_length() {
    for (id, reason) in [
        (String::new(), "the id of the object is empty"),
        ("x".repeat(4096), "the id of the object has 4096 bytes; as it is stored it may have 600"),
        ("/".repeat(201), "the id of the object has 201 bytes; as it is stored it may have 600"),
    ] {
        let error = Name::object(&id, Slash::Kept).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::BadRequest, reason));
    }
    // What the contract promises.
    Name::object(&"a/".repeat(127), Slash::Escaped).unwrap();
    Name::container(&"a/".repeat(31)).unwrap();
    Name::container(&"a".repeat(201)).unwrap_err();
}
