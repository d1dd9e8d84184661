//! The contract's operations.

use std::sync::LazyLock;

use provider_contracts::keyvalue::{
    AddResponse, ClearResponse, DelResponse, GetResponse, Holds, KeyValueAsync, ListRangeResponse,
    ListResponse, Refusal, SetOperationResponse, SetQueryResponse, SetResponse,
};
#[cfg(feature = "export")]
use provider_core::capability_provider;
use provider_core::{AsyncContext, Cx, Error, ErrorKind, OpResult};
use redis::{Cmd, Script, ServerError, Value, cmd};

use crate::{Link, RedisKv, failure, reply};

/// How much of a key an error repeats.
const SHOWN_KEY: usize = 128;

/// `Add`, which Redis has no command for: its own has 64 bits and stops at fewer strings.
static ADD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("add.lua")));

impl Link {
    /// The server's name for a key.
    fn key(&self, key: &str) -> Result<String, Error> {
        let name = self.namespace.key(key);
        self.check(&name, "the key")?;
        Ok(name)
    }

    /// Refuses what the server would end the connection for.
    fn check(&self, text: &str, what: &str) -> Result<(), Error> {
        let (length, most) = (text.len(), self.max_value_bytes);
        if length <= most {
            return Ok(());
        }
        let message = format!("{what} has {length} bytes, {most} are the most (`MAX_VALUE_BYTES`)");
        Err(Error::new(ErrorKind::TooLarge, message))
    }

    /// What the server answers to a command about `key`, which should hold what `wanted` says.
    async fn ask(&self, command: &Cmd, key: &str, wanted: Holds) -> Result<Value, Error> {
        match self.connection.ask(command).await? {
            Ok(reply) => Ok(reply),
            Err(said) if is_wrong_type(&said) => Err(self.other_type(key, wanted).await?),
            Err(said) => Err(failure::refused(&said)),
        }
    }

    /// Like [`ask`](Self::ask), for commands that do not mind what the key holds.
    async fn tell(&self, command: &Cmd) -> Result<Value, Error> {
        self.connection.ask(command).await?.map_err(|said| failure::refused(&said))
    }

    /// The error that says what `key` holds instead of what is wanted.
    async fn other_type(&self, key: &str, wanted: Holds) -> Result<Error, Error> {
        let held = self.holds(key).await?;
        Ok(other_type(key, &held, wanted))
    }

    /// The server's word for what a key holds.
    async fn holds(&self, key: &str) -> Result<String, Error> {
        match self.tell(cmd("TYPE").arg(self.key(key)?)).await? {
            Value::SimpleString(held) => Ok(held),
            other => Err(reply::unexpected(&other)),
        }
    }

    /// The members of a union or an intersection, sorted.
    async fn combined(&self, command: &str, keys: &[String]) -> Result<SetQueryResponse, Error> {
        if keys.is_empty() {
            return Ok(SetQueryResponse::default());
        }
        let mut asked = cmd(command);
        for key in keys {
            asked.arg(self.key(key)?);
        }
        match self.connection.ask(&asked).await? {
            Ok(members) => {
                let found = reply::strings(members, "one of the sets")?;
                // Servers before 7.0 look at no key behind a missing one.
                if found.is_empty() && command == "SINTER" {
                    self.all_sets(keys).await?;
                }
                Ok(sorted(found))
            }
            Err(said) if is_wrong_type(&said) => {
                self.all_sets(keys).await?;
                // It was deleted or became a set meanwhile.
                Err(failure::refused(&said))
            }
            Err(said) => Err(failure::refused(&said)),
        }
    }

    /// Refuses the first key that holds something else than a set.
    async fn all_sets(&self, keys: &[String]) -> Result<(), Error> {
        for key in keys {
            let held = self.holds(key).await?;
            if held != "set" && held != "none" {
                return Err(other_type(key, &held, Holds::Set));
            }
        }
        Ok(())
    }

    /// A member's coming or going.
    async fn change_set(
        &self,
        command: &str,
        key: &str,
        value: &str,
    ) -> Result<SetOperationResponse, Error> {
        self.check(value, "the value")?;
        let name = self.key(key)?;
        let changed = self.ask(cmd(command).arg(name).arg(value), key, Holds::Set).await?;
        Ok(SetOperationResponse { new_count: reply::count(&changed)? })
    }
}

fn is_wrong_type(said: &ServerError) -> bool {
    said.code() == "WRONGTYPE"
}

/// The contract's words for what `TYPE` says, and like ones for what only other programs store.
fn other_type(key: &str, held: &str, wanted: Holds) -> Error {
    let held = match held {
        "string" => Holds::String,
        "list" => Holds::List,
        "set" => Holds::Set,
        other => {
            let key = &key[..key.floor_char_boundary(SHOWN_KEY)];
            let message = format!("key `{key}` holds a value of type `{other}`, not {wanted}");
            return Error::new(ErrorKind::Failed, message);
        }
    };
    Refusal::OtherType { held, wanted }.of(key)
}

fn sorted(mut values: Vec<String>) -> SetQueryResponse {
    values.sort_unstable();
    SetQueryResponse { values }
}

#[cfg_attr(feature = "export", capability_provider)]
impl KeyValueAsync for RedisKv {
    async fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        let link = cx.link();
        let held = link.ask(cmd("GET").arg(link.key(&key)?), &key, Holds::String).await?;
        let string = reply::string(held, &key)?;
        Ok(GetResponse { exists: string.is_some(), value: string.unwrap_or_default() })
    }

    async fn add(&self, cx: Cx<'_, Self>, key: String, value: i32) -> OpResult<AddResponse> {
        let link = cx.link();
        let name = link.key(&key)?;
        let run = |how: &str, script: &str| {
            let mut run = cmd(how);
            run.arg(script).arg(1).arg(&name).arg(value);
            run
        };
        let script = &*ADD;
        let mut answer = link.connection.ask(&run("EVALSHA", script.get_hash())).await?;
        if matches!(&answer, Err(said) if said.code() == "NOSCRIPT") {
            // The server was started again, or somebody emptied its scripts. This brings it along.
            answer = link.connection.ask(&run("EVAL", include_str!("add.lua"))).await?;
        }
        let refused = match answer.map_err(|said| failure::refused(&said))? {
            Value::Int(total) => match i32::try_from(total) {
                Ok(value) => return Ok(AddResponse { value }),
                Err(_) => Refusal::Overflow.of(&key),
            },
            Value::SimpleString(word) => match word.as_str() {
                "nan" => Refusal::NotANumber.of(&key),
                "overflow" => Refusal::Overflow.of(&key),
                held => other_type(&key, held, Holds::String),
            },
            other => reply::unexpected(&other),
        };
        Err(refused.into())
    }

    async fn set(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
        expires: i32,
    ) -> OpResult<SetResponse> {
        let link = cx.link();
        link.check(&value, "the value")?;
        let mut set = cmd("SET");
        set.arg(link.key(&key)?).arg(&value);
        if expires > 0 {
            set.arg("EX").arg(expires);
        }
        link.tell(&set).await?;
        Ok(SetResponse { value })
    }

    async fn del(&self, cx: Cx<'_, Self>, key: String) -> OpResult<DelResponse> {
        let link = cx.link();
        // Frees a long list's memory later: nobody waits for it.
        link.tell(cmd("UNLINK").arg(link.key(&key)?)).await?;
        Ok(DelResponse { key })
    }

    async fn clear(&self, cx: Cx<'_, Self>, key: String) -> OpResult<ClearResponse> {
        let link = cx.link();
        // Keeps what lies between a start and a stop that comes before it: nothing.
        link.ask(cmd("LTRIM").arg(link.key(&key)?).arg(1).arg(0), &key, Holds::List).await?;
        Ok(ClearResponse { key })
    }

    async fn range(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        start: i32,
        stop: i32,
    ) -> OpResult<ListRangeResponse> {
        let link = cx.link();
        let name = link.key(&key)?;
        let items =
            link.ask(cmd("LRANGE").arg(name).arg(start).arg(stop), &key, Holds::List).await?;
        Ok(ListRangeResponse { values: reply::strings(items, &key)? })
    }

    async fn push(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<ListResponse> {
        let link = cx.link();
        link.check(&value, "the value")?;
        let name = link.key(&key)?;
        let length = link.ask(cmd("LPUSH").arg(name).arg(&value), &key, Holds::List).await?;
        Ok(ListResponse { new_count: reply::count(&length)? })
    }

    async fn list_item_delete(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<ListResponse> {
        let link = cx.link();
        link.check(&value, "the value")?;
        let name = link.key(&key)?;
        let gone = link.ask(cmd("LREM").arg(name).arg(0).arg(&value), &key, Holds::List).await?;
        Ok(ListResponse { new_count: reply::count(&gone)? })
    }

    async fn set_add(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        Ok(cx.link().change_set("SADD", &key, &value).await?)
    }

    async fn set_remove(
        &self,
        cx: Cx<'_, Self>,
        key: String,
        value: String,
    ) -> OpResult<SetOperationResponse> {
        Ok(cx.link().change_set("SREM", &key, &value).await?)
    }

    async fn set_union(&self, cx: Cx<'_, Self>, keys: Vec<String>) -> OpResult<SetQueryResponse> {
        Ok(cx.link().combined("SUNION", &keys).await?)
    }

    async fn set_intersection(
        &self,
        cx: Cx<'_, Self>,
        keys: Vec<String>,
    ) -> OpResult<SetQueryResponse> {
        Ok(cx.link().combined("SINTER", &keys).await?)
    }

    async fn set_query(&self, cx: Cx<'_, Self>, key: String) -> OpResult<SetQueryResponse> {
        let link = cx.link();
        let members = link.ask(cmd("SMEMBERS").arg(link.key(&key)?), &key, Holds::Set).await?;
        Ok(sorted(reply::strings(members, &key)?))
    }

    async fn key_exists(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse> {
        let link = cx.link();
        let count = link.tell(cmd("EXISTS").arg(link.key(&key)?)).await?;
        Ok(GetResponse { value: String::new(), exists: reply::count(&count)? > 0 })
    }
}
