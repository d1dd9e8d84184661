//! YAML, as far as workflows use it.

use saphyr_parser::{Event, Parser};

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Yaml {
    Text(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    /// The only document of a text.
    pub(crate) fn parse(text: &str) -> Self {
        let mut events = Parser::new_from_str(text)
            .map(|event| event.unwrap_or_else(|error| panic!("{error}: {text}")).0)
            .filter(|event| {
                !matches!(event, Event::StreamStart | Event::DocumentStart(_) | Event::Nothing)
            });
        let first = events.next().expect("there is a document");
        Self::read(first, &mut events)
    }

    fn read<'a>(event: Event<'a>, events: &mut impl Iterator<Item = Event<'a>>) -> Self {
        match event {
            Event::Scalar(text, ..) => Self::Text(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match events.next().expect("the list has an end") {
                        Event::SequenceEnd => return Self::List(items),
                        event => items.push(Self::read(event, events)),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut fields: Vec<(String, Self)> = Vec::new();
                loop {
                    let key = match events.next().expect("the map has an end") {
                        Event::MappingEnd => return Self::Map(fields),
                        Event::Scalar(key, ..) => key.into_owned(),
                        event => panic!("a key is a text: {event:?}"),
                    };
                    assert!(fields.iter().all(|(known, _)| *known != key), "`{key}` twice");
                    let value = events.next().expect("the key has a value");
                    fields.push((key, Self::read(value, events)));
                }
            }
            event => panic!("workflows have no such thing: {event:?}"),
        }
    }

    /// A field of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(fields) = self else { return None };
        fields.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// The values of a map.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Self> {
        let fields = if let Self::Map(fields) = self { fields.as_slice() } else { &[] };
        fields.iter().map(|(_, value)| value)
    }
}
