//! A server, as a link describes it.

use std::{fmt, fs, path::Path, sync::Arc, time::Duration};

use provider_core::{Error, ErrorKind};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ProtocolVersion, PushInfo,
    PushKind, TlsCertificates, Value, aio::MultiplexedConnection, cmd, io::tcp::TcpSettings,
};
use tokio::{sync::Notify, time::timeout};

use crate::{Settings, failure};

/// How many requests are on their way at once; others wait for their turn.
const IN_FLIGHT: usize = 4096;

/// Where a server is, who asks it, and how long it may take.
pub(crate) struct Server {
    client: Client,
    connect_timeout: Duration,
    response_timeout: Duration,
    ping_interval: Duration,
}

/// A connection that was made, and what tells when it is lost.
pub(crate) struct Connected {
    pub(crate) connection: MultiplexedConnection,
    pub(crate) lost: Arc<Notify>,
}

impl Server {
    /// The server that `settings` describe.
    pub(crate) fn new(settings: Settings) -> Result<Self, Error> {
        let info: ConnectionInfo = settings.url.into_exposed();
        // The third version tells when a connection is lost while nobody asks.
        let mut redis = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        if let Some(user) = settings.username {
            redis = redis.set_username(user);
        }
        if let Some(password) = settings.password {
            redis = redis.set_password(password.expose());
        }
        if let Some(database) = settings.database {
            redis = redis.set_db(database.into());
        }
        for (key, value) in [
            ("CONNECT_TIMEOUT", settings.connect_timeout),
            ("RESPONSE_TIMEOUT", settings.response_timeout),
            ("PING_INTERVAL", settings.ping_interval),
        ] {
            if value.is_zero() {
                let message = format!("link value `{key}` is no time at all");
                return Err(Error::new(ErrorKind::BadRequest, message));
            }
        }
        // A small request is not held back until there is more to send.
        let tcp = TcpSettings::default().set_nodelay(true);
        let info = info.set_redis_settings(redis).set_tcp_settings(tcp);
        Ok(Self {
            client: client(info, settings.ca_file.as_deref())?,
            connect_timeout: settings.connect_timeout,
            response_timeout: settings.response_timeout,
            ping_interval: settings.ping_interval,
        })
    }

    /// A connection on which the server has answered.
    pub(crate) async fn connect(&self) -> Result<Connected, Error> {
        let connecting = async {
            let lost = Arc::new(Notify::new());
            let teller = Arc::clone(&lost);
            let config = AsyncConnectionConfig::new()
                // Here and in `ask`, around more than the library's own.
                .set_connection_timeout(None)
                .set_response_timeout(None)
                .set_concurrency_limit(IN_FLIGHT)
                .set_push_sender(move |push: PushInfo| {
                    if push.kind == PushKind::Disconnection {
                        teller.notify_one();
                    }
                    Ok::<(), ()>(())
                });
            let made = self.client.get_multiplexed_async_connection_with_config(&config).await;
            let connection = made.map_err(failure::broken)?;
            Ok(Connected { connection, lost })
        };
        let connected = timeout(self.connect_timeout, connecting).await;
        let connected = connected.unwrap_or_else(|_| Err(silent(self.connect_timeout)))?;
        // One that reads its data, or lost its master, accepts connections all the same.
        self.ping(&connected.connection).await?;
        Ok(connected)
    }

    /// Whether the server answers.
    pub(crate) async fn ping(&self, connection: &MultiplexedConnection) -> Result<(), Error> {
        self.ask(connection, &cmd("PING")).await?.map(drop).map_err(|said| failure::refused(&said))
    }

    /// What the server answers to a command: a reply, or why it refuses.
    ///
    /// # Errors
    ///
    /// When there is no answer. Whether the command was run is not known then.
    pub(crate) async fn ask(
        &self,
        connection: &MultiplexedConnection,
        command: &redis::Cmd,
    ) -> Result<Result<Value, redis::ServerError>, Error> {
        let mut connection = connection.clone();
        let answer = timeout(self.response_timeout, connection.send_packed_command(command)).await;
        match answer.map_err(|_| silent(self.response_timeout))? {
            Ok(Value::ServerError(said)) => Ok(Err(said)),
            Ok(reply) => Ok(Ok(reply)),
            Err(error) => Err(failure::broken(error)),
        }
    }

    /// How often to ask whether it is there.
    pub(crate) fn ping_interval(&self) -> Duration {
        self.ping_interval
    }

    /// The longest that a call waits for a connection that is being made.
    pub(crate) fn patience(&self) -> Duration {
        self.connect_timeout.saturating_add(self.response_timeout)
    }
}

/// The client, which trusts the certificates in `ca_file` if there is one.
fn client(info: ConnectionInfo, ca_file: Option<&Path>) -> Result<Client, Error> {
    let with_tls = matches!(info.addr(), ConnectionAddr::TcpTls { .. });
    if with_tls {
        // Of this library's own `rustls`. It is there already from the second link on.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let Some(path) = ca_file else {
        return Client::open(info).map_err(failure::broken);
    };
    let wrong = |why: &dyn fmt::Display| {
        let path = path.display();
        Error::new(ErrorKind::BadRequest, format!("link value `CA_FILE` is `{path}`: {why}"))
    };
    if !with_tls {
        return Err(wrong(&"the server's `URL` is one without TLS"));
    }
    let root_cert = fs::read(path).map_err(|error| wrong(&error))?;
    let trusted = TlsCertificates { client_tls: None, root_cert: Some(root_cert) };
    Client::build_with_tls(info, trusted).map_err(|error| wrong(&error))
}

fn silent(after: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("the server did not answer within {after:?}"))
}

/// Its address, without user and password.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.get_connection_info().addr().fmt(f)
    }
}
