//! Sealing, signing, checking and opening records, and the caches that stay on this device.
//!
//! ```text
//! header = header-key epoch u32 | sealed(kind u8, novel, document, novel-key epoch u32, written at u64)
//! body   = sealed(padded payload)
//! ```
//!
//! **Invariant:** a body opens only for the place that the caller names; what the header claims is compared
//! with it and never used instead of it.

use seshat_protocol::{
    Bytes32, Bytes64, DocumentId, FieldReader, FieldWriter, NovelId, Record, RecordId, Sealed,
    limits,
};
use zeroize::Zeroizing;

use crate::context::{Context, Kind, Place};
use crate::device::{Device, DeviceState};
use crate::padding::{Compress, pad, unpad};
use crate::signing::verifies;
use crate::{Entropy, OpenError, OpenVault, RecordError, SealError, envelope};

/// A record that is about to be sealed.
pub struct Draft<'a> {
    /// 16 random bytes.
    pub id: RecordId,
    /// Where it belongs.
    pub place: Place,
    /// One more than the device's previous record; 1 for its first.
    pub sequence: u64,
    /// The hash of the device's previous record: [`Record::hash`].
    pub previous: Bytes32,
    /// When it was written, in milliseconds since 1970, by the device's clock.
    pub written_at: u64,
    /// Records whose content this one contains.
    pub replaces: Vec<RecordId>,
    /// The sealed images that the content shows, by their hashes.
    pub blobs: Vec<Bytes32>,
    /// The content, 64 MiB at most.
    pub payload: &'a [u8],
}

/// What a record's header says, once it has been opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Where the record belongs.
    pub place: Place,
    /// The epoch of the novel key that seals its body.
    pub epoch: u32,
    /// When it was written, in milliseconds since 1970, by the writer's clock.
    pub written_at: u64,
}

impl Header {
    fn encode(&self) -> Vec<u8> {
        FieldWriter::with_capacity(65)
            .bytes(&[self.place.kind.code()])
            .bytes(self.place.novel.as_bytes())
            .bytes(self.place.document.as_bytes())
            .u32(self.epoch)
            .u64(self.written_at)
            .finish()
    }

    fn parse(encoded: &[u8]) -> Result<Self, OpenError> {
        let tampered = |_| OpenError::Tampered;
        let mut fields = FieldReader::new(encoded);
        let [code] = fields.array().map_err(tampered)?;
        let kind = Kind::from_code(code).ok_or(OpenError::Newer)?;
        if kind.is_local() {
            return Err(OpenError::Tampered);
        }
        let novel = NovelId(fields.array().map_err(tampered)?);
        let document = DocumentId(fields.array().map_err(tampered)?);
        let epoch = fields.u32().map_err(tampered)?;
        let written_at = fields.u64().map_err(tampered)?;
        fields.finish().map_err(tampered)?;
        Ok(Self { place: Place { kind, novel, document }, epoch, written_at })
    }
}

/// Binds `context` to a record's identity and position.
fn bind<'a>(mut context: Context<'a>, record: &'a Record, epoch: u32) -> Vec<u8> {
    context.record = Some(record.id);
    context.epoch = Some(epoch);
    context.device = Some(record.device);
    context.sequence = Some(record.sequence);
    context.replaces = &record.replaces;
    context.bytes()
}

impl OpenVault {
    /// Seals a record under the newest keys and signs it as `device`.
    ///
    /// # Errors
    /// [`SealError`]: a novel without a key or a device that is not listed, a payload or a list of replaced
    /// records or of images above the limits, no random bytes.
    pub fn seal_record(
        &self,
        device: &Device,
        draft: Draft<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Record, SealError> {
        if !self.body.devices.contains_key(&device.id()) {
            return Err(SealError::UnknownDevice);
        }
        if draft.place.kind.is_local() {
            return Err(SealError::StaysHere);
        }
        if draft.replaces.len() > limits::REPLACES || draft.blobs.len() > limits::BLOBS {
            return Err(SealError::TooLarge);
        }
        let Draft { id, place, sequence, previous, written_at, replaces, blobs, payload } = draft;
        let (epoch, novel_key) = self.newest_novel_key(place.novel)?;
        let newest = self.body.account_keys.newest();
        let (header_epoch, header_key) = newest.expect("every vault has a header key");
        let padded = pad(payload, Compress::WhereItHelps).map_err(|_| SealError::TooLarge)?;
        let mut record = Record {
            id,
            device: device.id(),
            sequence,
            previous,
            header: Sealed(header_epoch.to_be_bytes().to_vec()),
            body: Sealed(Vec::new()),
            replaces,
            blobs,
            signature: Bytes64([0; 64]),
        };
        let context = bind(Context::new("record-header", self.account), &record, header_epoch);
        let header = Header { place, epoch, written_at }.encode();
        let header = envelope::seal(header_key.expose(), &context, &header, entropy)?;
        record.header.0.extend_from_slice(&header.0);
        let context = bind(Context::at(&place, self.account), &record, epoch);
        record.body = envelope::seal(novel_key.expose(), &context, &padded, entropy)?;
        if record.stored_len() > limits::RECORD_BYTES {
            return Err(SealError::TooLarge);
        }
        record.signature = device.sign(&record.signed_bytes(self.account));
        Ok(record)
    }

    /// Says where a record belongs.
    ///
    /// # Errors
    /// [`OpenError::Tampered`] when it does not open (also under a key that this vault does not have yet),
    /// [`OpenError::Newer`] when it opens and is of a kind that this release does not know.
    pub fn open_header(&self, record: &Record) -> Result<Header, OpenError> {
        let (epoch, sealed) =
            record.header.0.split_first_chunk::<4>().ok_or(OpenError::Tampered)?;
        let epoch = u32::from_be_bytes(*epoch);
        let context = bind(Context::new("record-header", self.account), record, epoch);
        let keys = self.body.account_keys.of_epoch(epoch);
        let opened = keys
            .iter()
            .find_map(|key| envelope::open(key.expose(), &context, sealed).ok())
            .ok_or(OpenError::Tampered)?;
        Header::parse(&opened)
    }

    /// Whether a device of this account wrote this record. A revoked device's records stay valid up to the
    /// last one that was known when it was revoked.
    ///
    /// # Errors
    /// [`RecordError`] says which of the three it is.
    pub fn verify_record(&self, record: &Record) -> Result<(), RecordError> {
        let device = self.body.devices.get(&record.device).ok_or(RecordError::UnknownDevice)?;
        let message = record.signed_bytes(self.account);
        if !verifies(&device.entry.signing_key, &message, &record.signature) {
            return Err(RecordError::BadSignature);
        }
        match device.state {
            DeviceState::Revoked { last_sequence } if record.sequence > last_sequence => {
                Err(RecordError::RevokedDevice)
            }
            DeviceState::Active | DeviceState::Revoked { .. } => Ok(()),
        }
    }

    /// Opens a record's content, which must have been sealed for `place`.
    ///
    /// # Errors
    /// [`OpenError::Tampered`] when place, position, key or a single bit is wrong.
    pub fn open_body(
        &self,
        record: &Record,
        place: &Place,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let header = self.open_header(record)?;
        if header.place != *place {
            return Err(OpenError::Tampered);
        }
        let context = bind(Context::at(place, self.account), record, header.epoch);
        let mut keys = self.keys_of(place.novel).filter(|(epoch, _)| *epoch == header.epoch);
        let opened =
            keys.find_map(|(_, key)| envelope::open(key.expose(), &context, &record.body.0).ok());
        if opened.is_none() && self.is_locked(place.novel) {
            return Err(OpenError::Locked);
        }
        unpad(&opened.ok_or(OpenError::Tampered)?)
    }

    /// Seals a cache that never leaves this device, under the newest key of its novel; under that of the record
    /// headers where the novel has none.
    ///
    /// # Errors
    /// [`SealError::LockedNovel`], [`SealError::TooLarge`] above 64 MiB, [`SealError::Entropy`].
    pub fn seal_local(
        &self,
        place: &Place,
        bytes: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Sealed, SealError> {
        let padded = pad(bytes, Compress::WhereItHelps).map_err(|_| SealError::TooLarge)?;
        let context = Context::at(place, self.account).bytes();
        let key = match self.newest_novel_key(place.novel) {
            Ok((_, key)) => key,
            Err(SealError::UnknownNovel) => {
                self.body.account_keys.newest().expect("every vault has a header key").1
            }
            Err(error) => return Err(error),
        };
        Ok(envelope::seal(key.expose(), &context, &padded, entropy)?)
    }

    /// Opens what [`OpenVault::seal_local`] sealed for this place, under whichever epoch.
    ///
    /// # Errors
    /// [`OpenError::Locked`] for a locked novel, [`OpenError::Tampered`] for anything else.
    pub fn open_local(
        &self,
        place: &Place,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let context = Context::at(place, self.account).bytes();
        let mut keys = self.keys_of(place.novel).chain(self.body.account_keys.iter().rev());
        let opened =
            keys.find_map(|(_, key)| envelope::open(key.expose(), &context, &sealed.0).ok());
        if opened.is_none() && self.is_locked(place.novel) {
            return Err(OpenError::Locked);
        }
        unpad(&opened.ok_or(OpenError::Tampered)?)
    }
}
