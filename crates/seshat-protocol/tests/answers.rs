//! Programs of different years: what a server answers may say more than a laptop knows, what a server is sent may not.
#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use seshat_protocol::{
    AccountCreated, AccountId, AskToJoin, Blob, Bytes16, Bytes32, Bytes64, Capabilities,
    ChallengeReply, ChallengeRequest, ChangedRecord, Changes, DeviceEntry, DeviceId, Devices,
    Digest, ErrorBody, ErrorCode, Head, JoinAsked, JoinGrant, JoinId, JoinOffer, JoinProgress,
    JoinReveal, KdfDescription, ListedDevice, OpenJoin, OpenJoins, PushOutcome, PushRequest,
    PushResponse, PushResult, Receipt, RecordId, Registration, SignInKey, SignInReply,
    SignInRequest, VaultReply, VaultUpdate, VaultUpdated,
};

/// A value with a field that nobody knows yet, in the object itself.
fn of_a_later_year(value: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(value).unwrap();
    let fields = value.as_object_mut().unwrap();
    fields.insert("of_a_later_year".to_owned(), json!({ "unknown": [1, 2, 3] }));
    value
}

/// Whether what a later server says is read as what is known of it.
fn is_read<T: Serialize + DeserializeOwned>(answer: &T) -> bool {
    let read: Result<T, _> = serde_json::from_value(of_a_later_year(answer));
    let known = serde_json::to_value(answer).unwrap();
    read.is_ok_and(|read| serde_json::to_value(read).unwrap() == known)
}

fn is_refused<T: Serialize + DeserializeOwned>(request: &T) -> bool {
    let same: Result<T, _> = serde_json::from_value(serde_json::to_value(request).unwrap());
    assert!(same.is_ok(), "it is refused without the field too");
    serde_json::from_value::<T>(of_a_later_year(request)).is_err()
}

fn receipt() -> Receipt {
    Receipt { registered_at: 1, server_key: Bytes32([2; 32]), signature: Bytes64([3; 64]) }
}

fn device() -> DeviceEntry {
    DeviceEntry {
        id: DeviceId([1; 16]),
        signing_key: Bytes32([2; 32]),
        exchange_key: Bytes32([3; 32]),
        certificate: Bytes64([4; 64]),
    }
}

fn listed() -> ListedDevice {
    ListedDevice {
        device: device(),
        receipt: receipt(),
        revoked_at: Some(1),
        seen_at: Some(2),
        cursor: Some(3),
    }
}

fn open_join() -> OpenJoin {
    OpenJoin {
        join: JoinId([1; 16]),
        commitment: Bytes32([2; 32]),
        asked_at: 3,
        offered: true,
        reveal: Some(Blob(vec![4])),
    }
}

fn kdf() -> KdfDescription {
    KdfDescription { memory_kib: 65_536, passes: 3, lanes: 1, salt: Bytes16([1; 16]) }
}

fn challenge() -> ChallengeReply {
    ChallengeReply {
        account: AccountId([1; 16]),
        kdf: kdf(),
        account_code: false,
        challenge: Bytes32([2; 32]),
    }
}

fn capabilities() -> Capabilities {
    Capabilities {
        service: "seshat".to_owned(),
        version: "9.0.0".to_owned(),
        protocols: vec![1, 2],
        max_records: 100,
        max_batch_bytes: 1,
        max_record_bytes: 1,
        server_key: Bytes32([1; 32]),
        registration: Registration::Open,
    }
}

fn changes() -> Changes {
    Changes {
        records: Vec::<ChangedRecord>::new(),
        next: 1,
        has_more: false,
        head: 1,
        epoch: "one".to_owned(),
        digest: Digest { count: 0, xor: Bytes32([0; 32]) },
    }
}

fn pushed() -> PushResponse {
    let result = PushResult { id: RecordId([1; 16]), outcome: PushOutcome::Stored };
    PushResponse { results: vec![result], head: 1, epoch: "one".to_owned() }
}

#[test]
fn an_answer_that_says_more_than_a_laptop_knows_is_read_all_the_same() {
    let read = [
        ("capabilities", is_read(&capabilities())),
        ("account made", is_read(&AccountCreated { receipt: receipt() })),
        ("receipt", is_read(&receipt())),
        ("challenge", is_read(&challenge())),
        ("session", is_read(&SignInReply { token: "t".to_owned(), expires_in: 9 })),
        ("vault", is_read(&VaultReply { revision: "r".to_owned(), vault: Blob(vec![1]) })),
        (
            "vault put",
            is_read(&VaultUpdated { revision: "r".to_owned(), receipt: Some(receipt()) }),
        ),
        ("push", is_read(&pushed())),
        ("one result of a push", is_read(&pushed().results[0])),
        ("changes", is_read(&changes())),
        ("head", is_read(&Head { head: 1, epoch: "one".to_owned() })),
        ("devices", is_read(&Devices { devices: vec![listed()] })),
        ("device", is_read(&listed())),
        ("asked", is_read(&JoinAsked { join: JoinId([1; 16]), token: "t".to_owned() })),
        (
            "progress",
            is_read(&JoinProgress { offer: Some(Blob(vec![1])), ..JoinProgress::default() }),
        ),
        ("joins", is_read(&OpenJoins { joins: vec![open_join()] })),
        ("one that asks", is_read(&open_join())),
        ("refusal", is_read(&ErrorBody { code: ErrorCode::Full, message: "m".to_owned() })),
    ];
    for (answer, is_read) in read {
        assert!(is_read, "{answer}");
    }
}

#[test]
fn what_a_server_is_sent_it_takes_only_as_it_knows_it() {
    let email = "ada@example.org".to_owned();
    let update = VaultUpdate { vault: Blob(vec![1]), sign_in: None, device: None, revoke: vec![] };
    let sign_in = SignInRequest {
        account: AccountId([1; 16]),
        challenge: Bytes32([2; 32]),
        key: SignInKey::Password,
        signature: Bytes64([3; 64]),
    };
    let refused = [
        ("push", is_refused(&PushRequest { records: vec![] })),
        ("vault", is_refused(&update)),
        ("device", is_refused(&device())),
        ("how a password is stretched", is_refused(&kdf())),
        ("challenge", is_refused(&ChallengeRequest { email: Some(email.clone()), account: None })),
        ("sign-in", is_refused(&sign_in)),
        ("asking", is_refused(&AskToJoin { email, commitment: Bytes32([2; 32]) })),
        ("reveal", is_refused(&JoinReveal { reveal: Blob(vec![1]) })),
        ("offer", is_refused(&JoinOffer { offer: Blob(vec![1]) })),
        ("grant", is_refused(&JoinGrant { grant: Blob(vec![1]) })),
    ];
    for (request, is_refused) in refused {
        assert!(is_refused, "{request}");
    }
}
