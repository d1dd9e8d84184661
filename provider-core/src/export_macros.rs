//! The macros that export a provider from a library, or make its entry for a host that links it in.

/// Exports a provider from a library: the two functions that a host looks for.
///
/// `#[capability_provider]` does it by itself. By hand:
///
/// - `export_provider!(Redis: KeyValue)` for a [`Provider`](crate::Provider) that implements a
///   contract and [`Default`]; `export_provider!(Redis: KeyValue, Redis::connect)` names another
///   constructor;
/// - `export_provider!(Legacy, Legacy::new)` for the specification's own
///   [`CapabilityProvider`](crate::CapabilityProvider). Its contract and its operations are known
///   only to its code, so they are said here:
///   `export_provider!(Legacy, Legacy::new, contract = "vendor:name", ops = ["Get", "Set"])`.
///   Without them the contract is `unnamed:` and the package's name, and no operation is listed;
/// - `export_provider!(Fast as Service, Fast::new, contract = "vendor:name", ops = [..])` for a
///   [`Service`](crate::Service), which writes its replies into the caller's memory and has neither
///   links nor a contract kept for it.
///
/// ```
/// use provider_core::{BoxError, CapabilityProvider, Dispatcher, Error, ErrorKind};
///
/// #[derive(Clone)]
/// struct Echo;
///
/// impl CapabilityProvider for Echo {
///     fn configure_dispatch(&self, _: Box<dyn Dispatcher>) -> Result<(), BoxError> {
///         Ok(())
///     }
///     fn handle_call(&self, _actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
///         match op {
///             "Echo" => Ok(msg.to_vec()),
///             _ => Err(Error::new(ErrorKind::UnknownOperation, op).into()),
///         }
///     }
///     fn stop(&self) {}
/// }
///
/// provider_core::export_provider!(Echo, || Echo, contract = "example:echo", ops = ["Echo"]);
/// # fn main() {}
/// ```
///
/// A provider must be built with `panic = "unwind"`, which is the default: a library that aborts on
/// a panic takes its host with it.
#[macro_export]
macro_rules! export_provider {
    ($($entry:tt)+) => {
        const _: () = {
            #[cfg(panic = "abort")]
            ::core::compile_error!(
                "a capability provider needs `panic = \"unwind\"`: with `abort` its panics end the host"
            );

            static ENTRY: $crate::ProviderEntry = $crate::provider_entry!($($entry)+);

            #[unsafe(no_mangle)]
            extern "C" fn __capability_provider_describe() -> *const $crate::abi::Descriptor {
                (ENTRY.describe())()
            }

            #[unsafe(no_mangle)]
            extern "C" fn __capability_provider_create() -> *mut $crate::abi::Provider {
                (ENTRY.create())()
            }
        };
    };
}

/// The [`ProviderEntry`](crate::ProviderEntry) of a provider, for a host that links it in instead of loading it. Takes what
/// [`export_provider!`] takes, and exports nothing: any number of providers fit into one binary.
#[macro_export]
macro_rules! provider_entry {
    ($provider:ty : $contract:path $(,)?) => {
        $crate::provider_entry!($provider: $contract, <$provider as ::core::default::Default>::default)
    };
    ($provider:ty : $contract:path, $construct:expr $(,)?) => {
        $crate::provider_entry! {
            @implements $provider, $contract, __declared_with_contract_attribute, $construct
        }
    };
    // What needs the lifecycle is asked of any implementation of the contract, whose supertrait it is, and
    // the provider is named once: one without it is complained about once.
    (@implements $provider:ty, $contract:path, $declared:ident, $construct:expr) => {{
        const fn served<P: $contract>(
            describe_json: $crate::abi::DescribeJsonFn,
        ) -> $crate::__private::Served<P> {
            let contract = <P as $contract>::$declared;
            let package = $crate::__package!();
            $crate::__private::Served {
                descriptor: $crate::__private::describe_contract(contract, package, describe_json),
                describe: describe::<P>,
                create: create::<P>,
            }
        }
        /// # Safety
        ///
        /// As in `describe_json`.
        unsafe fn describe<P: $contract>(reply: *mut $crate::abi::Sink) -> $crate::abi::Status {
            // SAFETY: the caller's promise.
            unsafe {
                $crate::__private::describe_json(
                    <P as $contract>::$declared,
                    <P as $contract>::$declared.__form::<P>(),
                    reply,
                )
            }
        }
        fn create<P: $contract>(construct: fn() -> P) -> *mut $crate::abi::Provider {
            let form = <P as $contract>::$declared.__form::<P>();
            (form.create)(construct, <P as $contract>::$declared)
        }
        static SERVED: $crate::__private::Served<$provider> = served::<$provider>(describe_json);
        unsafe extern "C" fn describe_json(reply: *mut $crate::abi::Sink) -> $crate::abi::Status {
            // SAFETY: the caller's promise.
            unsafe { (SERVED.describe)(reply) }
        }
        extern "C" fn described() -> *const $crate::abi::Descriptor {
            &raw const SERVED.descriptor
        }
        extern "C" fn created() -> *mut $crate::abi::Provider {
            (SERVED.create)(|| ($construct)())
        }
        // SAFETY: both are made here, by the SDK's own functions.
        unsafe { $crate::ProviderEntry::__new(described, created) }
    }};
    ($provider:ty as Service, $construct:expr, contract = $contract:expr, ops = [$($op:expr),* $(,)?] $(,)?) => {
        $crate::provider_entry! {
            @by_hand $provider, $crate::__private::create::<$provider>(|| ($construct)()), $contract, [$($op),*]
        }
    };
    ($provider:ty, $construct:expr $(,)?) => {
        $crate::provider_entry! {
            $provider,
            $construct,
            contract = ::core::concat!("unnamed:", ::core::env!("CARGO_PKG_NAME")),
            ops = []
        }
    };
    ($provider:ty, $construct:expr, contract = $contract:expr $(,)?) => {
        $crate::provider_entry! { $provider, $construct, contract = $contract, ops = [] }
    };
    ($provider:ty, $construct:expr, contract = $contract:expr, ops = [$($op:expr),* $(,)?] $(,)?) => {
        $crate::provider_entry! {
            @by_hand $provider, $crate::__private::create_by_hand::<$provider>(|| ($construct)()), $contract, [$($op),*]
        }
    };
    (@by_hand $provider:ty, $create:expr, $contract:expr, [$($op:expr),*]) => {{
        static OPS: &[$crate::abi::Op] = &[$($crate::__private::op_by_hand($op)),*];
        static DESCRIPTOR: $crate::abi::Descriptor =
            $crate::__private::describe_by_hand($contract, $crate::__package!(), OPS);
        extern "C" fn describe() -> *const $crate::abi::Descriptor {
            &raw const DESCRIPTOR
        }
        extern "C" fn create() -> *mut $crate::abi::Provider {
            $create
        }
        // SAFETY: both are made here, by the SDK's own functions.
        unsafe { $crate::ProviderEntry::__new(describe, create) }
    }};
}

/// What the package that is being compiled says of itself.
#[doc(hidden)]
#[macro_export]
macro_rules! __package {
    () => {
        $crate::__private::Package {
            vendor: ::core::env!("CARGO_PKG_AUTHORS"),
            name: ::core::env!("CARGO_PKG_NAME"),
            version: ::core::env!("CARGO_PKG_VERSION"),
        }
    };
}

/// What `#[capability_provider]` emits.
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    (provider: $provider:ty, implements: $contract:path, declared: $declared:ident, new: $construct:expr $(,)?) => {
        $crate::export_provider! { @implements $provider, $contract, $declared, $construct }
    };
}
