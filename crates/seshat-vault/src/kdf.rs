//! Argon2id (RFC 9106) and the bounds within which it is ever run.
//!
//! **Invariant:** parameters below the floor, above the ceiling or below what this device has pinned are
//! refused before a single byte is allocated for them. No function outside tests can get around the check.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use seshat_protocol::{Bytes16, FieldReader, FieldWriter, FieldsError, KdfDescription};
use zeroize::Zeroize;

use crate::key::Key;
use crate::{Entropy, EntropyError, Password};

/// How costly it is to try one password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KdfParams {
    /// m: memory in KiB.
    pub memory_kib: u32,
    /// t: passes over that memory.
    pub passes: u32,
    /// p: lanes, computed in parallel.
    pub lanes: u32,
}

/// Parameters that are not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KdfError {
    /// Below [`KdfParams::FLOOR`].
    #[error("the key derivation is weaker than Seshat accepts")]
    TooWeak,
    /// Below what this device has seen for this vault before.
    #[error("the key derivation is weaker than it was before")]
    WeakerThanPinned,
    /// Above [`KdfParams::CEILING`].
    #[error("the key derivation asks for more memory or time than Seshat gives")]
    TooHeavy,
    /// The machine has not the memory that the parameters, within bounds, ask for.
    #[error("there is not enough free memory to check the password")]
    NoMemory,
}

impl KdfParams {
    /// Where nothing was measured: 256 MiB, 3 passes, 4 lanes.
    pub const DEFAULT: Self = Self { memory_kib: 256 * 1024, passes: 3, lanes: 4 };
    /// RFC 9106, section 4, second recommended option: 64 MiB, 3 passes, 4 lanes.
    pub const FLOOR: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
    /// What a hostile blob can make a laptop spend: 1 GiB, 10 passes, 4 lanes.
    pub const CEILING: Self = Self { memory_kib: 1024 * 1024, passes: 10, lanes: 4 };

    /// The most memory that a calibration chooses: a laptop that joins later may have less than this one.
    const CALIBRATED_MEMORY: u32 = 512 * 1024;
    /// What a calibration aims at, in milliseconds: between half a second and a second.
    const AIM_MS: u64 = 750;

    /// The parameters that take about three quarters of a second on this machine, if [`Self::FLOOR`] takes
    /// `floor_ms` milliseconds on it: first more memory, up to 512 MiB, then more passes.
    #[must_use]
    pub fn calibrated(floor_ms: u64) -> Self {
        const STEP_KIB: u64 = 16 * 1024;
        let floor = Self::FLOOR;
        let floor_ms = floor_ms.max(1);
        let memory = u64::from(floor.memory_kib) * Self::AIM_MS / floor_ms / STEP_KIB * STEP_KIB;
        let memory = memory.clamp(floor.memory_kib.into(), Self::CALIBRATED_MEMORY.into());
        let memory_ms = floor_ms * memory / u64::from(floor.memory_kib);
        let passes = u64::from(floor.passes) * Self::AIM_MS / memory_ms.max(1);
        let passes = passes.clamp(floor.passes.into(), Self::CEILING.passes.into());
        let number = |number: u64| u32::try_from(number).expect("clamped to what fits");
        Self { memory_kib: number(memory), passes: number(passes), lanes: floor.lanes }
    }

    /// Each of the three as large as in the larger of both: never weaker than what is in use.
    #[must_use]
    pub fn at_least(self, other: Self) -> Self {
        Self {
            memory_kib: self.memory_kib.max(other.memory_kib),
            passes: self.passes.max(other.passes),
            lanes: self.lanes.max(other.lanes),
        }
    }

    /// Runs one derivation of nothing with these parameters, so that the caller can take the time.
    ///
    /// # Errors
    /// [`KdfError`]: out of bounds, or no memory.
    pub fn probe(self) -> Result<(), KdfError> {
        let Self { memory_kib, passes, lanes } = self;
        let kdf = KdfDescription { memory_kib, passes, lanes, salt: Bytes16([0; 16]) };
        stretch(&Password::new(String::new()), &kdf, None).map(drop)
    }

    /// For tests, where the cost itself is not what is tested.
    #[cfg(test)]
    pub(crate) const CHEAP: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    /// Whether these parameters may be used where `pinned` was used before.
    ///
    /// # Errors
    /// [`KdfError::TooWeak`], [`KdfError::TooHeavy`] or [`KdfError::WeakerThanPinned`].
    pub fn check(self, pinned: Option<Self>) -> Result<(), KdfError> {
        if self.exceeds(Self::CEILING) {
            return Err(KdfError::TooHeavy);
        }
        if Self::FLOOR.exceeds(self) && !self.is_for_tests() {
            return Err(KdfError::TooWeak);
        }
        if pinned.is_some_and(|pinned| pinned.exceeds(self)) {
            return Err(KdfError::WeakerThanPinned);
        }
        Ok(())
    }

    /// Whether any of the three is larger here.
    fn exceeds(self, other: Self) -> bool {
        self.memory_kib > other.memory_kib || self.passes > other.passes || self.lanes > other.lanes
    }

    #[cfg(test)]
    fn is_for_tests(self) -> bool {
        self == Self::CHEAP
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "its twin for tests looks at the parameters")]
    fn is_for_tests(self) -> bool {
        false
    }
}

impl From<&KdfDescription> for KdfParams {
    fn from(kdf: &KdfDescription) -> Self {
        Self { memory_kib: kdf.memory_kib, passes: kdf.passes, lanes: kdf.lanes }
    }
}

/// Parameters with a fresh salt.
pub(crate) fn make_kdf(
    params: KdfParams,
    entropy: &mut dyn Entropy,
) -> Result<KdfDescription, EntropyError> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt)?;
    let KdfParams { memory_kib, passes, lanes } = params;
    Ok(KdfDescription { memory_kib, passes, lanes, salt: Bytes16(salt) })
}

/// As [`KdfParams::probe`].
///
/// # Errors
/// [`KdfError`]: out of bounds, or no memory.
pub fn probe(params: KdfParams) -> Result<(), KdfError> {
    params.probe()
}

/// The fields `argon2id, memory, passes, lanes, salt`, as a slot stores and binds them.
pub(crate) fn encode_kdf(kdf: &KdfDescription) -> Vec<u8> {
    FieldWriter::new()
        .text("argon2id")
        .u32(kdf.memory_kib)
        .u32(kdf.passes)
        .u32(kdf.lanes)
        .bytes(&kdf.salt.0)
        .finish()
}

/// Reads what [`encode_kdf`] wrote; judges nothing.
pub(crate) fn parse_kdf(encoded: &[u8]) -> Result<KdfDescription, FieldsError> {
    let mut fields = FieldReader::new(encoded);
    if fields.text()? != "argon2id" {
        return Err(FieldsError);
    }
    let kdf = KdfDescription {
        memory_kib: fields.u32()?,
        passes: fields.u32()?,
        lanes: fields.u32()?,
        salt: Bytes16(fields.array()?),
    };
    fields.finish()?;
    Ok(kdf)
}

/// Stretches a password. Checks before it allocates, and wipes the memory that it worked in.
pub(crate) fn stretch(
    password: &Password,
    kdf: &KdfDescription,
    pinned: Option<KdfParams>,
) -> Result<Key, KdfError> {
    KdfParams::from(kdf).check(pinned)?;
    let params = Params::new(kdf.memory_kib, kdf.passes, kdf.lanes, Some(32))
        .map_err(|_| KdfError::TooWeak)?;
    let mut memory = WorkMemory::allocate(params.block_count())?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(Key::derive(|out| {
        argon2
            .hash_password_into_with_memory(password.expose(), &kdf.salt.0, out, &mut memory.0[..])
            .expect("lengths are fixed and the memory was allocated for these parameters");
    }))
}

/// Argon2's memory. The crate's own allocation is not wiped when it is given back.
struct WorkMemory(Vec<Block>);

impl WorkMemory {
    fn allocate(blocks: usize) -> Result<Self, KdfError> {
        #[cfg(test)]
        tests::ALLOCATED.with(|allocated| allocated.set(allocated.get() + blocks));
        let mut memory = Vec::new();
        memory.try_reserve_exact(blocks).map_err(|_| KdfError::NoMemory)?;
        memory.resize(blocks, Block::new());
        Ok(Self(memory))
    }
}

impl Drop for WorkMemory {
    fn drop(&mut self) {
        for block in &mut self.0 {
            block.zeroize();
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        /// Blocks of 1 KiB that this thread has asked for.
        pub(crate) static ALLOCATED: Cell<usize> = const { Cell::new(0) };
    }

    fn kdf(memory_kib: u32, passes: u32, lanes: u32) -> KdfDescription {
        KdfDescription { memory_kib, passes, lanes, salt: Bytes16([3; 16]) }
    }

    #[test]
    fn what_is_out_of_bounds_is_refused_before_memory_is_asked_for() {
        let password = Password::new("a quiet harbour at dusk".into());
        let before = ALLOCATED.get();
        for (memory, passes, lanes, error) in [
            (8, 1, 1, None),
            (64 * 1024 - 1, 3, 4, Some(KdfError::TooWeak)),
            (64 * 1024, 2, 4, Some(KdfError::TooWeak)),
            (64 * 1024, 3, 3, Some(KdfError::TooWeak)),
            (0, 0, 0, Some(KdfError::TooWeak)),
            (16 * 1024 * 1024, 3, 4, Some(KdfError::TooHeavy)),
            (u32::MAX, 3, 4, Some(KdfError::TooHeavy)),
            (64 * 1024, 1_000_000, 4, Some(KdfError::TooHeavy)),
            (64 * 1024, 3, 0xFF_FFFF, Some(KdfError::TooHeavy)),
        ] {
            let Some(error) = error else { continue };
            let refused = stretch(&password, &kdf(memory, passes, lanes), None).err();
            assert_eq!(refused, Some(error), "{memory} KiB, {passes} passes, {lanes} lanes");
        }
        assert_eq!(ALLOCATED.get(), before, "memory was asked for before the check");
        stretch(&password, &kdf(8, 1, 1), None).unwrap_or_else(|_| panic!("cheap is for tests"));
        assert_eq!(ALLOCATED.get(), before + 8, "the counter does not count");
    }

    #[test]
    fn nothing_weaker_than_the_pinned_parameters_is_taken() {
        let pinned = Some(KdfParams::DEFAULT);
        assert_eq!(KdfParams::DEFAULT.check(pinned), Ok(()));
        assert_eq!(KdfParams::CEILING.check(pinned), Ok(()));
        assert_eq!(KdfParams::FLOOR.check(pinned), Err(KdfError::WeakerThanPinned));
        let minus_one = KdfParams { memory_kib: 256 * 1024 - 1, ..KdfParams::DEFAULT };
        assert_eq!(minus_one.check(pinned), Err(KdfError::WeakerThanPinned));
        assert_eq!(KdfParams::FLOOR.check(None), Ok(()));
    }

    #[test]
    fn a_calibration_takes_memory_first_and_stays_within_its_bounds() {
        let chosen = |floor_ms| {
            let params = KdfParams::calibrated(floor_ms);
            assert_eq!(params.check(None), Ok(()), "{floor_ms} ms");
            (params.memory_kib / 1024, params.passes)
        };
        assert_eq!(chosen(750), (64, 3), "as slow as wanted already");
        assert_eq!(chosen(60_000), (64, 3), "never below the floor");
        assert_eq!(chosen(250), (192, 3));
        assert_eq!(chosen(100), (480, 3));
        assert_eq!(chosen(50), (512, 5), "then passes");
        assert_eq!(chosen(0), (512, 10), "never above the ceiling");
        for floor_ms in 47..375 {
            let params = KdfParams::calibrated(floor_ms);
            let cost = u64::from(params.memory_kib / 1024) * u64::from(params.passes);
            let expected_ms = floor_ms * cost / (64 * 3);
            assert!((500..=1000).contains(&expected_ms), "{floor_ms}: {expected_ms} ms");
        }
        let mixed = KdfParams { memory_kib: 1, passes: 9, lanes: 1 }.at_least(KdfParams::FLOOR);
        assert_eq!(mixed, KdfParams { passes: 9, ..KdfParams::FLOOR });
    }

    #[test]
    fn a_probe_does_the_work_and_keeps_to_the_bounds() {
        let before = ALLOCATED.get();
        assert_eq!(KdfParams::CHEAP.probe(), Ok(()));
        assert_eq!(ALLOCATED.get(), before + 8);
        let heavy = KdfParams { passes: 11, ..KdfParams::FLOOR };
        assert_eq!(heavy.probe(), Err(KdfError::TooHeavy));
    }

    #[test]
    fn the_parameters_survive_their_encoding_and_no_cut_does() {
        let encoded = encode_kdf(&kdf(1, 2, 3));
        assert_eq!(parse_kdf(&encoded), Ok(kdf(1, 2, 3)));
        for end in 0..encoded.len() {
            assert!(parse_kdf(&encoded[..end]).is_err(), "cut at {end}");
        }
    }
}
