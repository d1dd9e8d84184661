//! Clouds, and memory, as the library knows them.

#[cfg(feature = "cloud")]
use std::time::Duration;

use opendal::{Operator, services::Memory};
use provider_core::{Error, ErrorKind};

use crate::{failure, place::Cloud, settings::Settings};

/// How often a request that fails for a moment is made again.
#[cfg(feature = "cloud")]
const AGAIN: usize = 3;
/// How long the first pause is; each further one is twice as long, with some chance.
#[cfg(feature = "cloud")]
const PAUSE: Duration = Duration::from_millis(50);
/// How long the longest pause is.
#[cfg(feature = "cloud")]
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long a connection that nobody uses stays open.
#[cfg(feature = "cloud")]
const IDLE: Duration = Duration::from_secs(30);

/// A store in memory, which is gone with the link.
pub(crate) fn memory() -> Result<Operator, Error> {
    Operator::new(Memory::default()).map_err(|error| failure::store(&error))
}

/// A cloud's bucket, with connections of its own.
#[cfg(not(feature = "cloud"))]
pub(crate) fn operator(
    _settings: &Settings,
    (cloud, ..): (Cloud, &str, &str),
) -> Result<Operator, Error> {
    Err(absent(cloud))
}

/// A cloud's bucket, with connections of its own.
#[cfg(feature = "cloud")]
pub(crate) fn operator(
    settings: &Settings,
    (cloud, bucket, prefix): (Cloud, &str, &str),
) -> Result<Operator, Error> {
    use opendal::{
        HttpTransporter,
        layers::{RetryLayer, TimeoutLayer},
    };
    use opendal_http_transport_reqwest::ReqwestTransport;

    let operator = match cloud {
        #[cfg(feature = "s3")]
        Cloud::S3 => Operator::new(s3(settings, bucket, prefix)),
        #[cfg(feature = "gcs")]
        Cloud::Gcs => Operator::new(gcs(settings, bucket, prefix)),
        #[cfg(feature = "azure")]
        Cloud::Azure => Operator::new(azure(settings, bucket, prefix)?),
        #[cfg(not(all(feature = "s3", feature = "gcs", feature = "azure")))]
        other => return Err(absent(other)),
    };
    let operator = operator.map_err(|error| failure::store(&error))?;
    let client = reqwest::Client::builder()
        .connect_timeout(settings.timeout / 2)
        .pool_idle_timeout(IDLE)
        .build()
        .map_err(|error| Error::with_source(ErrorKind::Failed, error))?;
    let transport = HttpTransporter::new(ReqwestTransport::new(client));
    let context = operator.base_context().with_http_transport(transport);
    let timeout =
        TimeoutLayer::new().with_timeout(settings.timeout / 2).with_io_timeout(settings.timeout);
    let retry = RetryLayer::new()
        .with_max_times(AGAIN)
        .with_min_delay(PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .with_jitter();
    Ok(operator.with_context(context).layer(timeout).layer(retry))
}

#[cfg(not(all(feature = "s3", feature = "gcs", feature = "azure")))]
fn absent(cloud: Cloud) -> Error {
    let text = format!("this provider was built without `{}://`", cloud.scheme());
    Error::new(ErrorKind::BadRequest, text)
}

#[cfg(feature = "s3")]
fn s3(settings: &Settings, bucket: &str, prefix: &str) -> opendal::services::S3 {
    let mut builder = opendal::services::S3::default().bucket(bucket).root(prefix);
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.endpoint(endpoint);
    }
    if let Some(region) = &settings.region {
        builder = builder.region(region);
    } else if ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().all(|key| std::env::var(key).is_err()) {
        builder = builder.region("us-east-1");
    }
    if let Some(name) = &settings.access_key_id {
        builder = builder.access_key_id(name);
    }
    if let Some(key) = &settings.secret_access_key {
        builder = builder.secret_access_key(key.expose());
    }
    if let Some(token) = &settings.session_token {
        builder = builder.session_token(token.expose());
    }
    if settings.access_key_id.is_some() {
        // The link says it: nothing else may be taken for its own.
        builder = builder.disable_config_load().disable_ec2_metadata();
    }
    if settings.anonymous { builder.skip_signature() } else { builder }
}

#[cfg(feature = "gcs")]
fn gcs(settings: &Settings, bucket: &str, prefix: &str) -> opendal::services::Gcs {
    let mut builder = opendal::services::Gcs::default().bucket(bucket).root(prefix);
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.endpoint(endpoint);
    }
    if let Some(credential) = &settings.credential {
        builder =
            builder.credential(credential.expose()).disable_config_load().disable_vm_metadata();
    }
    if settings.anonymous { builder.skip_signature() } else { builder }
}

#[cfg(feature = "azure")]
fn azure(
    settings: &Settings,
    bucket: &str,
    prefix: &str,
) -> Result<opendal::services::Azblob, Error> {
    let mut builder = opendal::services::Azblob::default().container(bucket).root(prefix);
    let account = settings.account_name.clone();
    let account = account.or_else(|| std::env::var("AZBLOB_ACCOUNT_NAME").ok());
    match (&settings.endpoint, &account) {
        (Some(endpoint), _) => builder = builder.endpoint(endpoint),
        (None, Some(account)) => {
            builder = builder.endpoint(&format!("https://{account}.blob.core.windows.net"));
        }
        (None, None) => {
            let text = "the link has neither `ACCOUNT_NAME` nor `ENDPOINT`";
            return Err(Error::new(ErrorKind::BadRequest, text));
        }
    }
    if let Some(account) = &account {
        builder = builder.account_name(account);
    }
    if let Some(key) = &settings.account_key {
        builder = builder.account_key(key.expose());
    }
    if let Some(token) = &settings.sas_token {
        builder = builder.sas_token(token.expose());
    }
    Ok(builder)
}
