use provider_core::prelude::*;

pub struct Settings {
    pub url: String,
}

fn connect(config: &LinkConfig) -> Result<String, Error> {
    let settings: Settings = config.read()?;
    Ok(settings.url)
}

fn main() {}
