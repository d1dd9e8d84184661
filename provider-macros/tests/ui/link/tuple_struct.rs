use provider_core::prelude::*;

#[derive(LinkValues)]
pub struct Url(String);

fn connect(config: &LinkConfig) -> Result<String, Error> {
    let Url(url) = config.read()?;
    Ok(url)
}

fn main() {}
