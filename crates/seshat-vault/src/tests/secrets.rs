//! No type with a secret in it can be copied, compared, printed or serialized. Checked by the compiler: if one
//! of them had the trait, the call below would be ambiguous.

macro_rules! has_not {
    ($test:ident, $trait:path: $($type:ty),+ $(,)?) => {
        #[test]
        fn $test() {
            trait Ambiguous<Which> {
                fn look() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct HasIt;
            impl<T: ?Sized + $trait> Ambiguous<HasIt> for T {}
            $(<$type as Ambiguous<_>>::look();)+
        }
    };
}

macro_rules! secrets_have_not {
    ($($test:ident, $trait:path;)+) => {
        $(has_not!($test, $trait:
            crate::Password, crate::AccountCode, crate::RecoveryPhrase, crate::Device,
            crate::OpenVault, crate::Created, crate::SignIn, crate::Kit, crate::key::Key,
            crate::root::SecretKeys, crate::RememberKey, crate::NovelSecret, crate::Joining, crate::Joined, crate::body::Body, crate::keys_by_epoch::KeysByEpoch,
        );)+
    };
}

secrets_have_not! {
    no_secret_can_be_copied, Clone;
    no_secret_can_be_printed, std::fmt::Debug;
    no_secret_can_be_displayed, std::fmt::Display;
    no_secret_can_be_compared, PartialEq;
    no_secret_can_be_serialized, serde::Serialize;
}

#[test]
fn errors_are_sentences_without_a_secret() {
    use std::error::Error;
    let errors: [&dyn Error; 6] = [
        &crate::OpenError::Tampered,
        &crate::UnlockError::WrongSecret,
        &crate::SealError::UnknownNovel,
        &crate::KdfError::TooHeavy,
        &crate::AccountCodeError,
        &crate::VaultError::Entropy(crate::EntropyError),
    ];
    for error in errors {
        assert!(error.to_string().len() > 15, "{error:?} says nothing");
    }
    assert!(errors[5].source().is_some());
}
