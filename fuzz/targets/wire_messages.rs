//! Every message of the protocol from JSON bytes. The first byte says which; what parses must survive being
//! written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use seshat_protocol as wire;

fn there_and_back<T: DeserializeOwned + Serialize>(json: &[u8]) {
    let Ok(message) = serde_json::from_slice::<T>(json) else { return };
    let written = serde_json::to_vec(&message).expect("a message is written");
    let again: T = serde_json::from_slice(&written).expect("a written message is read");
    assert_eq!(serde_json::to_vec(&again).expect("a message is written"), written);
}

macro_rules! messages {
    ($($number:literal => $message:ty),+ $(,)?) => {
        fn one(which: u8, json: &[u8]) {
            match which {
                $($number => there_and_back::<$message>(json),)+
                _ => {}
            }
        }
    };
}

messages! {
    b'a' => wire::Capabilities,
    b'b' => wire::PushRequest,
    b'c' => wire::PushResponse,
    b'd' => wire::Changes,
    b'e' => wire::VaultReply,
    b'f' => wire::VaultUpdate,
    b'g' => wire::VaultUpdated,
    b'h' => wire::ErrorBody,
    b'i' => wire::AccountCreated,
    b'j' => wire::Devices,
    b'k' => wire::Receipt,
    b'l' => wire::AskToJoin,
    b'm' => wire::JoinAsked,
    b'n' => wire::JoinGrant,
    b'o' => wire::JoinOffer,
    b'p' => wire::JoinProgress,
    b'q' => wire::JoinReveal,
    b'r' => wire::OpenJoins,
    b's' => wire::Record,
    b't' => wire::ChallengeReply,
    b'u' => wire::ChallengeRequest,
    b'v' => wire::CreateAccount,
    b'w' => wire::SignInReply,
    b'x' => wire::SignInRequest,
    b'y' => wire::PushResult,
    b'z' => wire::ListedDevice,
}

fuzz_target!(|data: &[u8]| {
    if let Some((&which, json)) = data.split_first() {
        one(which, json);
    }
});
